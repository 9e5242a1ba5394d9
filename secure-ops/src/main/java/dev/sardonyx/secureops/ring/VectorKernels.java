package dev.sardonyx.secureops.ring;

/**
 * Kernels on the Vector API (module jdk.incubator.vector, an incubator module: Java must be started with
 * {@code --add-modules jdk.incubator.vector}). Element-wise operations with a constant are inherited: C2 vectorises those loops by
 * itself.
 */
public final class VectorKernels implements RingKernels {
    private final TileKernel tiles = Lanes.COUNT >= 8 ? new NativeTiles() : new SplitTiles();
    private final String name = "vector" + Lanes.LONGS.vectorBitSize();
    private final VectorGemm gemm = new VectorGemm(tiles);
    private final VectorConv conv = new VectorConv(tiles, gemm, name);

    @Override
    public String name() {
        return name;
    }

    @Override
    public int lanes() {
        return Lanes.COUNT;
    }

    @Override
    public void add(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        VectorRows.add(a, aAt, b, bAt, out, outAt, length);
    }

    @Override
    public void sub(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        VectorRows.sub(a, aAt, b, bAt, out, outAt, length);
    }

    @Override
    public void mul(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        VectorRows.mul(a, aAt, b, bAt, out, outAt, length);
    }

    @Override
    public void xor(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        VectorRows.xor(a, aAt, b, bAt, out, outAt, length);
    }

    @Override
    public void and(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        VectorRows.and(a, aAt, b, bAt, out, outAt, length);
    }

    @Override
    public void mulAdd(long[] a, int aAt, long[] b, int bAt, long[] acc, int accAt, int length) {
        VectorRows.mulAdd(a, aAt, b, bAt, acc, accAt, length);
    }

    @Override
    public void andXor(long[] a, int aAt, long[] b, int bAt, long[] c, int cAt, long[] out, int outAt, int length) {
        VectorRows.andXor(a, aAt, b, bAt, c, cAt, out, outAt, length);
    }

    @Override
    public void spreadBits(long[] bits, long[] masks) {
        VectorRows.spreadBits(bits, masks);
    }

    @Override
    public PackedMatrix pack(long[] b, int k, int n) {
        Lengths.require("pack", "matrix", b, k, n);
        long[] packed = new long[gemm.packedWords(k, n)];
        gemm.packRight(b, n, 1, k, n, packed);
        return new PackedMatrix(name, k, n, packed);
    }

    @Override
    public PackedMatrix packTransposed(long[] b, int k, int n) {
        Lengths.require("packTransposed", "matrix", b, n, k);
        long[] packed = new long[gemm.packedWords(k, n)];
        gemm.packRight(b, 1, k, k, n, packed);
        return new PackedMatrix(name, k, n, packed);
    }

    @Override
    public long[] unpack(PackedMatrix packed) {
        return gemm.unpackRight(packed.data(name), packed.k(), packed.n());
    }

    @Override
    public void gemmRows(long[] a, int from, int to, PackedMatrix b, long[] c, boolean accumulate) {
        long[] packed = b.data(name);
        Lengths.requireRows("gemm", "left operand", a, from, to, b.k());
        Lengths.requireRows("gemm", "result", c, from, to, b.n());
        gemm.multiply(a, from, to, packed, c, b.k(), b.n(), accumulate);
    }

    @Override
    public void gemm(long[] a, long[] b, long[] c, int m, int k, int n, boolean accumulate) {
        Lengths.require("gemm", "left operand", a, m, k);
        Lengths.require("gemm", "right operand", b, k, n);
        Lengths.require("gemm", "result", c, m, n);
        // Packing reads and writes b once; for one or two rows that is all the work there is.
        if (m <= 2) {
            gemm.multiplyUnpacked(a, m, b, c, k, n, accumulate);
        } else {
            gemmRows(a, 0, m, pack(b, k, n), c, accumulate);
        }
    }

    @Override
    public PackedFilter packFilter(long[] w, ConvShape shape) {
        Lengths.require("packFilter", "filter", w, shape.filterLength());
        return conv.pack(w, shape);
    }

    @Override
    public long[] unpackFilter(PackedFilter packed, ConvShape shape) {
        return conv.unpack(packed.data(name, shape), shape);
    }

    @Override
    public void conv(long[] x, PackedFilter w, ConvShape shape, long[] out, boolean accumulate) {
        Lengths.require("conv", "input", x, shape.inputLength());
        Lengths.require("conv", "output", out, shape.outputLength());
        conv.convolve(x, w, shape, out, accumulate);
    }

    @Override
    public void transpose64(long[] block) {
        Lengths.require("transpose64", "block", block, 64);
        VectorBits.transpose(block);
    }

    @Override
    public long[][] toBitPlanes(long[] values, int lowBit, int bits) {
        Lengths.requireBits(lowBit, bits);
        return VectorBits.toPlanes(values, lowBit, bits);
    }

    @Override
    public long[] fromBitPlanes(long[][] planes, int lowBit, int count) {
        Lengths.requireBits(lowBit, planes.length);
        return VectorBits.fromPlanes(planes, lowBit, count);
    }

    @Override
    public String toString() {
        return name;
    }
}
