package dev.sardonyx.secureops.protocol;

/**
 * A bilinear map on ring tensors whose shapes are fixed: element-wise product with broadcasting, matrix product or convolution.
 * Protocols apply it to components of shares without knowing which it is.
 */
public interface Bilinear {
    /** Elements of the result. */
    int outputSize();

    /** Brings a right operand into the layout that {@link #apply} wants; the array is not kept if the layout differs. */
    Prepared prepare(long[] right);

    /** out += left ∗ right, or out = left ∗ right if not {@code accumulate}; wraps modulo 2^64. */
    void apply(long[] left, Prepared right, long[] out, boolean accumulate);

    /** A right operand in its kernel's layout. */
    interface Prepared {
        /** The array that this was prepared from, in a fresh one. */
        long[] restored();
    }
}
