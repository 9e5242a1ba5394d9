/** Approximates real functions by polynomials and pieces of polynomials: fitted with EJML, deterministic, errors measured at fit time. */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.approx;
