package dev.sardonyx.secureops.ring;

import jdk.incubator.vector.LongVector;

/**
 * Tiles by {@link LongVector#mul}, for machines that have a 64-bit vector multiplication (AVX-512DQ's vpmullq). Sixteen
 * accumulators, two vectors of the right operand and one broadcast element of the left one fill the 32 registers' better half.
 */
final class NativeTiles implements TileKernel {
    @Override
    public int maxRows() {
        return 8;
    }

    @Override
    public int leftWords() {
        return 1;
    }

    @Override
    public int maxDepth() {
        return 512;
    }

    @Override
    public void putLeft(long[] panel, int at, long value) {
        panel[at] = value;
    }

    @Override
    public long getLeft(long[] panel, int at) {
        return panel[at];
    }

    @Override
    public void multiply(int rows, int depth, long[] left, int leftAt, long[] right, int rightAt, long[] out, int outAt,
            int outStride) {
        switch (rows) {
            case 8 -> multiply8(depth, left, leftAt, right, rightAt, out, outAt, outStride);
            case 4 -> multiply4(depth, left, leftAt, right, rightAt, out, outAt, outStride);
            case 2 -> multiply2(depth, left, leftAt, right, rightAt, out, outAt, outStride);
            case 1 -> multiply1(depth, left, leftAt, right, rightAt, out, outAt, outStride);
            default -> throw new IllegalArgumentException("tile of " + rows + " rows; allowed: 1, 2, 4, 8");
        }
    }

    private static void multiply8(int depth, long[] left, int leftAt, long[] right, int rightAt, long[] out, int outAt,
            int outStride) {
        LongVector zero = LongVector.zero(Lanes.LONGS);
        LongVector c00 = zero, c01 = zero;
        LongVector c10 = zero, c11 = zero;
        LongVector c20 = zero, c21 = zero;
        LongVector c30 = zero, c31 = zero;
        LongVector c40 = zero, c41 = zero;
        LongVector c50 = zero, c51 = zero;
        LongVector c60 = zero, c61 = zero;
        LongVector c70 = zero, c71 = zero;
        for (int p = 0; p < depth; p++) {
            LongVector b0 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT);
            LongVector b1 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT + Lanes.COUNT);
            LongVector a0 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 8]);
            c00 = c00.add(a0.mul(b0));
            c01 = c01.add(a0.mul(b1));
            LongVector a1 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 8 + 1]);
            c10 = c10.add(a1.mul(b0));
            c11 = c11.add(a1.mul(b1));
            LongVector a2 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 8 + 2]);
            c20 = c20.add(a2.mul(b0));
            c21 = c21.add(a2.mul(b1));
            LongVector a3 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 8 + 3]);
            c30 = c30.add(a3.mul(b0));
            c31 = c31.add(a3.mul(b1));
            LongVector a4 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 8 + 4]);
            c40 = c40.add(a4.mul(b0));
            c41 = c41.add(a4.mul(b1));
            LongVector a5 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 8 + 5]);
            c50 = c50.add(a5.mul(b0));
            c51 = c51.add(a5.mul(b1));
            LongVector a6 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 8 + 6]);
            c60 = c60.add(a6.mul(b0));
            c61 = c61.add(a6.mul(b1));
            LongVector a7 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 8 + 7]);
            c70 = c70.add(a7.mul(b0));
            c71 = c71.add(a7.mul(b1));
        }
        c00.intoArray(out, outAt);
        c01.intoArray(out, outAt + Lanes.COUNT);
        c10.intoArray(out, outAt + outStride);
        c11.intoArray(out, outAt + outStride + Lanes.COUNT);
        c20.intoArray(out, outAt + 2 * outStride);
        c21.intoArray(out, outAt + 2 * outStride + Lanes.COUNT);
        c30.intoArray(out, outAt + 3 * outStride);
        c31.intoArray(out, outAt + 3 * outStride + Lanes.COUNT);
        c40.intoArray(out, outAt + 4 * outStride);
        c41.intoArray(out, outAt + 4 * outStride + Lanes.COUNT);
        c50.intoArray(out, outAt + 5 * outStride);
        c51.intoArray(out, outAt + 5 * outStride + Lanes.COUNT);
        c60.intoArray(out, outAt + 6 * outStride);
        c61.intoArray(out, outAt + 6 * outStride + Lanes.COUNT);
        c70.intoArray(out, outAt + 7 * outStride);
        c71.intoArray(out, outAt + 7 * outStride + Lanes.COUNT);
    }

    private static void multiply4(int depth, long[] left, int leftAt, long[] right, int rightAt, long[] out, int outAt,
            int outStride) {
        LongVector zero = LongVector.zero(Lanes.LONGS);
        LongVector c00 = zero, c01 = zero;
        LongVector c10 = zero, c11 = zero;
        LongVector c20 = zero, c21 = zero;
        LongVector c30 = zero, c31 = zero;
        for (int p = 0; p < depth; p++) {
            LongVector b0 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT);
            LongVector b1 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT + Lanes.COUNT);
            LongVector a0 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 4]);
            c00 = c00.add(a0.mul(b0));
            c01 = c01.add(a0.mul(b1));
            LongVector a1 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 4 + 1]);
            c10 = c10.add(a1.mul(b0));
            c11 = c11.add(a1.mul(b1));
            LongVector a2 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 4 + 2]);
            c20 = c20.add(a2.mul(b0));
            c21 = c21.add(a2.mul(b1));
            LongVector a3 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 4 + 3]);
            c30 = c30.add(a3.mul(b0));
            c31 = c31.add(a3.mul(b1));
        }
        c00.intoArray(out, outAt);
        c01.intoArray(out, outAt + Lanes.COUNT);
        c10.intoArray(out, outAt + outStride);
        c11.intoArray(out, outAt + outStride + Lanes.COUNT);
        c20.intoArray(out, outAt + 2 * outStride);
        c21.intoArray(out, outAt + 2 * outStride + Lanes.COUNT);
        c30.intoArray(out, outAt + 3 * outStride);
        c31.intoArray(out, outAt + 3 * outStride + Lanes.COUNT);
    }

    private static void multiply2(int depth, long[] left, int leftAt, long[] right, int rightAt, long[] out, int outAt,
            int outStride) {
        LongVector zero = LongVector.zero(Lanes.LONGS);
        LongVector c00 = zero, c01 = zero;
        LongVector c10 = zero, c11 = zero;
        for (int p = 0; p < depth; p++) {
            LongVector b0 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT);
            LongVector b1 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT + Lanes.COUNT);
            LongVector a0 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 2]);
            c00 = c00.add(a0.mul(b0));
            c01 = c01.add(a0.mul(b1));
            LongVector a1 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 2 + 1]);
            c10 = c10.add(a1.mul(b0));
            c11 = c11.add(a1.mul(b1));
        }
        c00.intoArray(out, outAt);
        c01.intoArray(out, outAt + Lanes.COUNT);
        c10.intoArray(out, outAt + outStride);
        c11.intoArray(out, outAt + outStride + Lanes.COUNT);
    }

    private static void multiply1(int depth, long[] left, int leftAt, long[] right, int rightAt, long[] out, int outAt,
            int outStride) {
        LongVector zero = LongVector.zero(Lanes.LONGS);
        LongVector c00 = zero, c01 = zero;
        for (int p = 0; p < depth; p++) {
            LongVector b0 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT);
            LongVector b1 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT + Lanes.COUNT);
            LongVector a0 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p]);
            c00 = c00.add(a0.mul(b0));
            c01 = c01.add(a0.mul(b1));
        }
        c00.intoArray(out, outAt);
        c01.intoArray(out, outAt + Lanes.COUNT);
    }
}
