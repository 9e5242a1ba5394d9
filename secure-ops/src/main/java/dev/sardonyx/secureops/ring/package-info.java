/**
 * Arithmetic in the ring of integers modulo 2^64 on flat row-major {@code long[]} arrays: element-wise operations, matrix products,
 * convolutions, bit slicing and packing for the wire. Two's complement wrap-around is the ring's own arithmetic, so every
 * operation here wraps on purpose. Nothing in this package knows of shares, scales or protocols.
 */
@org.jspecify.annotations.NullMarked
package dev.sardonyx.secureops.ring;
