package dev.sardonyx.secureops.ring;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Tiles for machines without a 64-bit vector multiplication (AVX2). With a = a1·2^32 + a0 and b likewise,
 * a·b mod 2^64 = a0·b0 + 2^32·(a0·b1 + a1·b0 mod 2^32). The first product is one 32×32→64 multiplication: both operands are masked
 * in plain sight, from which C2 emits vpmuludq. The other two are one 32-bit multiplication of twice as many lanes, the left
 * element's halves swapped, and are summed apart in those lanes; halves and sums meet once, after the inner dimension is walked.
 *
 * <p>The loops keep to few calls, and joining is a method of its own: past a number of nodes C2 stops inlining vector operations,
 * and then allocates one object each.
 */
final class SplitTiles implements TileKernel {
    private static final ThreadLocal<long[]> SUMS = ThreadLocal.withInitial(() -> new long[8 * Lanes.COUNT]);

    @Override
    public int maxRows() {
        return 2;
    }

    @Override
    public int leftWords() {
        return 2;
    }

    @Override
    public int maxDepth() {
        return 256;
    }

    @Override
    public void putLeft(long[] panel, int at, long value) {
        panel[at] = value;
        panel[at + 1] = Long.rotateLeft(value, 32);
    }

    @Override
    public long getLeft(long[] panel, int at) {
        return panel[at];
    }

    @Override
    public void multiply(int rows, int depth, long[] left, int leftAt, long[] right, int rightAt, long[] out, int outAt,
            int outStride) {
        long[] sums = SUMS.get();
        switch (rows) {
            case 2 -> multiply2(depth, left, leftAt, right, rightAt, sums);
            case 1 -> multiply1(depth, left, leftAt, right, rightAt, sums);
            default -> throw new IllegalArgumentException("tile of " + rows + " rows; allowed: 1, 2");
        }
        for (int i = 0; i < rows; i++) {
            join(sums, 4 * i * Lanes.COUNT, out, outAt + i * outStride);
            join(sums, (4 * i + 1) * Lanes.COUNT, out, outAt + i * outStride + Lanes.COUNT);
        }
    }

    /** The sum of low products at {@code at} plus 2^32 times both halves of the cross products two vectors further on. */
    private static void join(long[] sums, int at, long[] out, int outAt) {
        LongVector low = LongVector.fromArray(Lanes.LONGS, sums, at);
        LongVector cross = LongVector.fromArray(Lanes.LONGS, sums, at + 2 * Lanes.COUNT);
        LongVector both = cross.lanewise(VectorOperators.LSHL, 32).add(cross.and(0xFFFFFFFF00000000L));
        low.add(both).intoArray(out, outAt);
    }

    private static void multiply2(int depth, long[] left, int leftAt, long[] right, int rightAt, long[] sums) {
        LongVector low = LongVector.broadcast(Lanes.LONGS, 0xFFFFFFFFL);
        LongVector zero = LongVector.zero(Lanes.LONGS);
        IntVector none = IntVector.zero(Lanes.INTS);
        LongVector c00 = zero, c01 = zero;
        IntVector x00 = none, x01 = none;
        LongVector c10 = zero, c11 = zero;
        IntVector x10 = none, x11 = none;
        for (int p = 0; p < depth; p++) {
            LongVector b0 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT);
            LongVector b1 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT + Lanes.COUNT);
            IntVector limbs0 = b0.reinterpretAsInts();
            IntVector limbs1 = b1.reinterpretAsInts();
            b0 = b0.and(low);
            b1 = b1.and(low);
            LongVector a0 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 4]).and(low);
            IntVector swapped0 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 4 + 1]).reinterpretAsInts();
            c00 = c00.add(a0.mul(b0));
            c01 = c01.add(a0.mul(b1));
            x00 = x00.add(swapped0.mul(limbs0));
            x01 = x01.add(swapped0.mul(limbs1));
            LongVector a1 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 4 + 2]).and(low);
            IntVector swapped1 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 4 + 3]).reinterpretAsInts();
            c10 = c10.add(a1.mul(b0));
            c11 = c11.add(a1.mul(b1));
            x10 = x10.add(swapped1.mul(limbs0));
            x11 = x11.add(swapped1.mul(limbs1));
        }
        c00.intoArray(sums, 0);
        c01.intoArray(sums, Lanes.COUNT);
        x00.reinterpretAsLongs().intoArray(sums, 2 * Lanes.COUNT);
        x01.reinterpretAsLongs().intoArray(sums, 3 * Lanes.COUNT);
        c10.intoArray(sums, 4 * Lanes.COUNT);
        c11.intoArray(sums, 5 * Lanes.COUNT);
        x10.reinterpretAsLongs().intoArray(sums, 6 * Lanes.COUNT);
        x11.reinterpretAsLongs().intoArray(sums, 7 * Lanes.COUNT);
    }

    private static void multiply1(int depth, long[] left, int leftAt, long[] right, int rightAt, long[] sums) {
        LongVector low = LongVector.broadcast(Lanes.LONGS, 0xFFFFFFFFL);
        LongVector zero = LongVector.zero(Lanes.LONGS);
        IntVector none = IntVector.zero(Lanes.INTS);
        LongVector c00 = zero, c01 = zero;
        IntVector x00 = none, x01 = none;
        for (int p = 0; p < depth; p++) {
            LongVector b0 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT);
            LongVector b1 = LongVector.fromArray(Lanes.LONGS, right, rightAt + p * 2 * Lanes.COUNT + Lanes.COUNT);
            IntVector limbs0 = b0.reinterpretAsInts();
            IntVector limbs1 = b1.reinterpretAsInts();
            b0 = b0.and(low);
            b1 = b1.and(low);
            LongVector a0 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 2]).and(low);
            IntVector swapped0 = LongVector.broadcast(Lanes.LONGS, left[leftAt + p * 2 + 1]).reinterpretAsInts();
            c00 = c00.add(a0.mul(b0));
            c01 = c01.add(a0.mul(b1));
            x00 = x00.add(swapped0.mul(limbs0));
            x01 = x01.add(swapped0.mul(limbs1));
        }
        c00.intoArray(sums, 0);
        c01.intoArray(sums, Lanes.COUNT);
        x00.reinterpretAsLongs().intoArray(sums, 2 * Lanes.COUNT);
        x01.reinterpretAsLongs().intoArray(sums, 3 * Lanes.COUNT);
    }
}
