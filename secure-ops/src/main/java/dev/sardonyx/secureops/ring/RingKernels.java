package dev.sardonyx.secureops.ring;

/**
 * Arithmetic modulo 2^64 on flat row-major arrays. Implementations hold no state that a caller could see and may be used by many
 * threads at once.
 *
 * <p>All element-wise operations take arrays (or ranges) of equal length and allow {@code out} to be one of the operands (ranges of
 * one array must coincide or not overlap); no operation keeps a reference to an array after it returns. Lengths that do not fit together are an
 * {@link IllegalArgumentException}, ranges outside an array an {@link IndexOutOfBoundsException}.
 */
public sealed interface RingKernels permits ScalarKernels, VectorKernels {

    /**
     * The kernels for this machine, chosen once. The system property {@code sardonyx.kernels} (scalar, vector, vector128, vector256,
     * vector512) overrides the choice.
     */
    static RingKernels best() {
        return KernelChoice.BEST;
    }

    /** One line saying which kernels {@link #best()} gives and, where they are the plain loops, what is missing for better ones. */
    static String explanation() {
        return KernelChoice.explanation();
    }

    /** The name by which {@code -Dsardonyx.kernels=…} asks for these kernels and by which benchmarks report them. */
    String name();

    /** How many ring elements one vector of these kernels holds; 1 for the scalar ones. */
    int lanes();

    // Element-wise operations. Plain counted loops: C2 turns them into vector code on its own.

    /** out = a + b. */
    default void add(long[] a, long[] b, long[] out) {
        add(a, 0, b, 0, out, 0, ElementWise.sameLength(a, b, out));
    }

    /** out[outAt + i] = a[aAt + i] + b[bAt + i] for 0 ≤ i &lt; length. */
    default void add(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        ElementWise.add(a, aAt, b, bAt, out, outAt, length);
    }

    /** out = a - b. */
    default void sub(long[] a, long[] b, long[] out) {
        sub(a, 0, b, 0, out, 0, ElementWise.sameLength(a, b, out));
    }

    /** out[outAt + i] = a[aAt + i] - b[bAt + i] for 0 ≤ i &lt; length. */
    default void sub(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        ElementWise.sub(a, aAt, b, bAt, out, outAt, length);
    }

    /** out = a · b, element by element. */
    default void mul(long[] a, long[] b, long[] out) {
        mul(a, 0, b, 0, out, 0, ElementWise.sameLength(a, b, out));
    }

    /** out[outAt + i] = a[aAt + i] · b[bAt + i] for 0 ≤ i &lt; length. */
    default void mul(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        ElementWise.mul(a, aAt, b, bAt, out, outAt, length);
    }

    /** acc += a · b, element by element. */
    default void mulAdd(long[] a, long[] b, long[] acc) {
        mulAdd(a, 0, b, 0, acc, 0, ElementWise.sameLength(a, b, acc));
    }

    /** acc[accAt + i] += a[aAt + i] · b[bAt + i] for 0 ≤ i &lt; length. */
    default void mulAdd(long[] a, int aAt, long[] b, int bAt, long[] acc, int accAt, int length) {
        ElementWise.mulAdd(a, aAt, b, bAt, acc, accAt, length);
    }

    /** out = a xor b. */
    default void xor(long[] a, long[] b, long[] out) {
        xor(a, 0, b, 0, out, 0, ElementWise.sameLength(a, b, out));
    }

    /** out[outAt + i] = a[aAt + i] xor b[bAt + i] for 0 ≤ i &lt; length. */
    default void xor(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        ElementWise.xor(a, aAt, b, bAt, out, outAt, length);
    }

    /** out = a and b. */
    default void and(long[] a, long[] b, long[] out) {
        and(a, 0, b, 0, out, 0, ElementWise.sameLength(a, b, out));
    }

    /** out[outAt + i] = a[aAt + i] and b[bAt + i] for 0 ≤ i &lt; length. */
    default void and(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        ElementWise.and(a, aAt, b, bAt, out, outAt, length);
    }

    /** acc = acc xor (a and b): the boolean counterpart of {@link #mulAdd(long[], long[], long[])}. */
    default void andXor(long[] a, long[] b, long[] acc) {
        ElementWise.andXor(a, b, acc, ElementWise.sameLength(a, b, acc));
    }

    /**
     * out[outAt + i] = (a[aAt + i] and b[bAt + i]) xor c[cAt + i] for 0 ≤ i &lt; length; c and out may be the same range, which
     * accumulates.
     */
    default void andXor(long[] a, int aAt, long[] b, int bAt, long[] c, int cAt, long[] out, int outAt, int length) {
        ElementWise.andXor(a, aAt, b, bAt, c, cAt, out, outAt, length);
    }

    /** masks[i] = -1 where bit i mod 64 of bits[i / 64] is set, 0 where it is not, for all elements of {@code masks}. */
    default void spreadBits(long[] bits, long[] masks) {
        ElementWise.spreadBits(bits, masks);
    }

    /** out = -a. */
    default void negate(long[] a, long[] out) {
        ElementWise.negate(a, out, ElementWise.sameLength(a, out));
    }

    /** out = not a, bit by bit. */
    default void not(long[] a, long[] out) {
        ElementWise.xorConstant(a, -1L, out, ElementWise.sameLength(a, out));
    }

    /** out = a · constant. */
    default void scale(long[] a, long constant, long[] out) {
        ElementWise.scale(a, constant, out, ElementWise.sameLength(a, out));
    }

    /** acc += a · constant. */
    default void scaleAdd(long[] a, long constant, long[] acc) {
        ElementWise.scaleAdd(a, constant, acc, ElementWise.sameLength(a, acc));
    }

    /** out = a + constant. */
    default void addConstant(long[] a, long constant, long[] out) {
        ElementWise.addConstant(a, constant, out, ElementWise.sameLength(a, out));
    }

    /** out = a and mask, for example to reduce modulo a power of two. */
    default void andConstant(long[] a, long mask, long[] out) {
        ElementWise.andConstant(a, mask, out, ElementWise.sameLength(a, out));
    }

    /** out = a xor mask. */
    default void xorConstant(long[] a, long mask, long[] out) {
        ElementWise.xorConstant(a, mask, out, ElementWise.sameLength(a, out));
    }

    /** out = a shifted left by {@code bits}, 0 to 63. */
    default void shiftLeft(long[] a, int bits, long[] out) {
        ElementWise.shiftLeft(a, ElementWise.shiftDistance(bits), out, ElementWise.sameLength(a, out));
    }

    /** out = a shifted right by {@code bits}, 0 to 63, zeros coming in. */
    default void shiftRightLogical(long[] a, int bits, long[] out) {
        ElementWise.shiftRightLogical(a, ElementWise.shiftDistance(bits), out, ElementWise.sameLength(a, out));
    }

    /** out = a shifted right by {@code bits}, 0 to 63, copies of the sign coming in. */
    default void shiftRightArithmetic(long[] a, int bits, long[] out) {
        ElementWise.shiftRightArithmetic(a, ElementWise.shiftDistance(bits), out, ElementWise.sameLength(a, out));
    }

    // Matrix products.

    /** Packs the k×n matrix {@code b} (row-major) for use as a right operand. */
    PackedMatrix pack(long[] b, int k, int n);

    /** Packs the transpose of the n×k matrix {@code b} (row-major), so that the result is the same as packing a k×n matrix. */
    PackedMatrix packTransposed(long[] b, int k, int n);

    /** The k×n matrix (row-major) that was packed. */
    long[] unpack(PackedMatrix packed);

    /** c = a · b, or c += a · b where {@code accumulate}; a is m×k, b k×n, c m×n. {@code c} must not be {@code a}. */
    default void gemm(long[] a, int m, int k, PackedMatrix b, long[] c, int n, boolean accumulate) {
        if (b.k() != k || b.n() != n) {
            throw new IllegalArgumentException("gemm: right operand is " + b.k() + "×" + b.n() + "; expected " + k + "×" + n);
        }
        Lengths.require("gemm", "left operand", a, m, k);
        Lengths.require("gemm", "result", c, m, n);
        gemmRows(a, 0, m, b, c, accumulate);
    }

    /**
     * Rows {@code from} (inclusive) to {@code to} (exclusive) of the product, so that several threads may share one product: a is
     * (at least {@code to})×{@code b.k()}, c (at least {@code to})×{@code b.n()}.
     */
    void gemmRows(long[] a, int from, int to, PackedMatrix b, long[] c, boolean accumulate);

    /** As {@link #gemm(long[], int, int, PackedMatrix, long[], int, boolean)} with a right operand that is used once. */
    void gemm(long[] a, long[] b, long[] c, int m, int k, int n, boolean accumulate);

    // Convolution.

    /** Packs the filter {@code w}, [outChannels, inChannels / groups, kernel…]. */
    PackedFilter packFilter(long[] w, ConvShape shape);

    /** The filter that was packed for a shape with the same filter as {@code shape}. */
    long[] unpackFilter(PackedFilter packed, ConvShape shape);

    /**
     * out = convolution of x with w, or out += it where {@code accumulate} (cross-correlation, as ONNX Conv defines it). {@code x}
     * is [batch, inChannels, spatial…], {@code out} [batch, outChannels, outSpatial…] and must not be {@code x}.
     */
    void conv(long[] x, PackedFilter w, ConvShape shape, long[] out, boolean accumulate);

    // Bit slicing.

    /** Transposes a 64×64 bit matrix in place: afterwards bit i of word j is what bit j of word i was. */
    void transpose64(long[] block);

    /**
     * Bits {@code lowBit} to {@code lowBit + bits - 1} of all values as one plane a bit: bit i of word j of plane p is bit
     * {@code lowBit + p} of value 64·j + i. Each plane has ⌈n / 64⌉ words; bits past the last value are zero.
     */
    long[][] toBitPlanes(long[] values, int lowBit, int bits);

    /**
     * The inverse of {@link #toBitPlanes}: {@code count} values whose bits {@code lowBit + p} come from plane p and whose other
     * bits are zero.
     */
    long[] fromBitPlanes(long[][] planes, int lowBit, int count);
}
