/**
 * Rewritings of the operator graph that keep its meaning and make it cheaper to run on shares. None reads the value of a secret
 * constant to decide anything: what a pass does follows from structure, shapes and public constants alone.
 */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.graph.passes;
