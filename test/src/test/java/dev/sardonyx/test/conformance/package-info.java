/** Known models and cases: the operators' document, real exports, large and unsupported models. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.test.conformance;
