/** From an operator graph to a plan: ranges, scales, secure kernels, passes. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.planner;
