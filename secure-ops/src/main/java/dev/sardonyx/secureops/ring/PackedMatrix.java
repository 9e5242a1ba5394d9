package dev.sardonyx.secureops.ring;

/**
 * The right operand of a matrix product, {@code k} rows by {@code n} columns, copied into the order in which the kernels that
 * packed it read it. It is immutable, may be used by many threads at once, and is understood only by the {@link RingKernels} it
 * came from. The array that was packed belongs to the caller again as soon as the packing call returns.
 */
public final class PackedMatrix {
    private final String layout;
    private final int k;
    private final int n;
    private final long[] data;

    PackedMatrix(String layout, int k, int n, long[] data) {
        this.layout = layout;
        this.k = k;
        this.n = n;
        this.data = data;
    }

    /** The number of rows: the length of the products' inner dimension. */
    public int k() {
        return k;
    }

    /** The number of columns. */
    public int n() {
        return n;
    }

    /** Memory held, in bytes, padding included. */
    public long bytes() {
        return 8L * data.length;
    }

    /** The packed words, if they were packed in the asked layout. */
    long[] data(String expectedLayout) {
        if (!layout.equals(expectedLayout)) {
            throw new IllegalArgumentException("matrix packed for kernels '" + layout + "'; these are '" + expectedLayout + "'");
        }
        return data;
    }

    @Override
    public String toString() {
        return "PackedMatrix[" + k + "×" + n + ", " + layout + "]";
    }
}
