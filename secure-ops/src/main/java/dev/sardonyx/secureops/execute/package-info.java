/** Runs a plan at one party, and all parties of an embedded run. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.execute;
