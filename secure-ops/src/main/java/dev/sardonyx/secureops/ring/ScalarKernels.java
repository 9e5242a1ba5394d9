package dev.sardonyx.secureops.ring;

/** Plain Java loops: the fallback where the Vector API is absent, and the oracle that the vector kernels are tested against. */
public final class ScalarKernels implements RingKernels {
    private static final String LAYOUT = "scalar";

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public PackedMatrix pack(long[] b, int k, int n) {
        Lengths.require("pack", "matrix", b, k, n);
        return new PackedMatrix(LAYOUT, k, n, b.clone());
    }

    @Override
    public PackedMatrix packTransposed(long[] b, int k, int n) {
        Lengths.require("packTransposed", "matrix", b, n, k);
        long[] transposed = new long[b.length];
        for (int p = 0; p < k; p++) {
            for (int j = 0; j < n; j++) {
                transposed[p * n + j] = b[j * k + p];
            }
        }
        return new PackedMatrix(LAYOUT, k, n, transposed);
    }

    @Override
    public long[] unpack(PackedMatrix packed) {
        return packed.data(LAYOUT).clone();
    }

    @Override
    public void gemmRows(long[] a, int from, int to, PackedMatrix b, long[] c, boolean accumulate) {
        long[] rows = b.data(LAYOUT);
        Lengths.requireRows("gemm", "left operand", a, from, to, b.k());
        Lengths.requireRows("gemm", "result", c, from, to, b.n());
        ScalarProducts.gemm(a, from, to, rows, c, b.k(), b.n(), accumulate);
    }

    @Override
    public void gemm(long[] a, long[] b, long[] c, int m, int k, int n, boolean accumulate) {
        Lengths.require("gemm", "left operand", a, m, k);
        Lengths.require("gemm", "right operand", b, k, n);
        Lengths.require("gemm", "result", c, m, n);
        ScalarProducts.gemm(a, 0, m, b, c, k, n, accumulate);
    }

    @Override
    public PackedFilter packFilter(long[] w, ConvShape shape) {
        Lengths.require("packFilter", "filter", w, shape.filterLength());
        return new PackedFilter(LAYOUT, shape, w.clone());
    }

    @Override
    public long[] unpackFilter(PackedFilter packed, ConvShape shape) {
        return packed.data(LAYOUT, shape).clone();
    }

    @Override
    public void conv(long[] x, PackedFilter w, ConvShape shape, long[] out, boolean accumulate) {
        Lengths.require("conv", "input", x, shape.inputLength());
        Lengths.require("conv", "output", out, shape.outputLength());
        ScalarProducts.conv(x, w.data(LAYOUT, shape), shape, out, accumulate);
    }

    @Override
    public void transpose64(long[] block) {
        Lengths.require("transpose64", "block", block, 64);
        BitTranspose.transpose(block);
    }

    @Override
    public long[][] toBitPlanes(long[] values, int lowBit, int bits) {
        Lengths.requireBits(lowBit, bits);
        return BitTranspose.toPlanes(values, lowBit, bits);
    }

    @Override
    public long[] fromBitPlanes(long[][] planes, int lowBit, int count) {
        Lengths.requireBits(lowBit, planes.length);
        return BitTranspose.fromPlanes(planes, lowBit, count);
    }

    @Override
    public String toString() {
        return name();
    }
}
