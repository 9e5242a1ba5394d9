package dev.sardonyx.secureops.ring;

import java.util.Arrays;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Bit transposition by the steps of {@link BitTranspose}: those at a distance of a vector or more are between vectors, those below
 * between lanes of one vector. Where only the lower 2^s planes are wanted, the step of distance 2^s and all before it need only
 * their lower results, so the work falls with the width.
 */
final class VectorBits {
    /** Blocks transposed before their words go to the planes, so that a plane takes a cache line at a time. */
    private static final int GROUP = 8;
    private static final int LANE_STEPS = Integer.numberOfTrailingZeros(Lanes.COUNT);
    private static final VectorShuffle<Long>[] EXCHANGE = exchanges();
    private static final long[] KEEP = keepMasks();
    private static final long[] ROTATION = rotations();

    private VectorBits() {}

    /** For step s within a vector: each lane's partner, 2^s lanes away. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static VectorShuffle<Long>[] exchanges() {
        var shuffles = new VectorShuffle[LANE_STEPS];
        for (int step = 0; step < LANE_STEPS; step++) {
            int distance = 1 << step;
            shuffles[step] = VectorShuffle.fromOp(Lanes.LONGS, lane -> lane ^ distance);
        }
        return shuffles;
    }

    private static long[] keepMasks() {
        long[] masks = new long[Math.max(1, LANE_STEPS) * Lanes.COUNT];
        for (int step = 0; step < LANE_STEPS; step++) {
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                boolean lower = (lane >> step & 1) == 0;
                masks[step * Lanes.COUNT + lane] = lower ? BitTranspose.LOWER[step] : ~BitTranspose.LOWER[step];
            }
        }
        return masks;
    }

    /** Left rotations that bring the partner's half into place: 2^s for the lower lane of a pair, 64 - 2^s for the upper. */
    private static long[] rotations() {
        long[] rotations = new long[Math.max(1, LANE_STEPS) * Lanes.COUNT];
        for (int step = 0; step < LANE_STEPS; step++) {
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                boolean lower = (lane >> step & 1) == 0;
                rotations[step * Lanes.COUNT + lane] = lower ? 1 << step : 64 - (1 << step);
            }
        }
        return rotations;
    }

    /** Transposes {@code block} in place. */
    static void transpose(long[] block) {
        for (int step = 5; step >= LANE_STEPS; step--) {
            between(block, 0, step, 64);
        }
        for (int step = LANE_STEPS - 1; step >= 0; step--) {
            within(block, 0, step, 64);
        }
    }

    static long[][] toPlanes(long[] values, int lowBit, int bits) {
        int words = (values.length + 63) / 64;
        long[][] planes = new long[bits][words];
        if (bits == 0) {
            return planes;
        }
        int wanted = wanted(bits);
        long[] blocks = new long[64 * GROUP];
        for (int j = 0; j < words; j += GROUP) {
            int present = Math.min(GROUP, words - j);
            for (int b = 0; b < present; b++) {
                int at = 64 * (j + b);
                if (at + 64 <= values.length) {
                    split(values, at, lowBit, blocks, 64 * b, wanted);
                } else {
                    long[] last = Arrays.copyOf(Arrays.copyOfRange(values, at, values.length), 64);
                    split(last, 0, lowBit, blocks, 64 * b, wanted);
                }
            }
            for (int p = 0; p < bits; p++) {
                long[] plane = planes[p];
                for (int b = 0; b < present; b++) {
                    plane[j + b] = blocks[64 * b + p];
                }
            }
        }
        return planes;
    }

    /** The number of words to compute: the planes wanted, rounded up to a power of two and a vector. */
    private static int wanted(int bits) {
        return Math.max(Lanes.COUNT, Integer.highestOneBit(2 * bits - 1));
    }

    /** One block's planes, the first {@code wanted} of them, to {@code block} from {@code to} on. */
    private static void split(long[] values, int at, int lowBit, long[] block, int to, int wanted) {
        takeFirst(values, at, lowBit, block, to, wanted);
        for (int step = 4; step >= LANE_STEPS; step--) {
            if (wanted <= 1 << step) {
                keepLower(block, to, step);
            } else {
                between(block, to, step, wanted);
            }
        }
        for (int step = LANE_STEPS - 1; step >= 0; step--) {
            within(block, to, step, wanted);
        }
    }

    /** The step of distance 32, read from shifted values. */
    private static void takeFirst(long[] values, int at, int lowBit, long[] block, int to, int wanted) {
        for (int i = 0; i < 32; i += Lanes.COUNT) {
            LongVector a = LongVector.fromArray(Lanes.LONGS, values, at + i).lanewise(VectorOperators.LSHR, lowBit);
            LongVector b = LongVector.fromArray(Lanes.LONGS, values, at + i + 32).lanewise(VectorOperators.LSHR, lowBit);
            a.and(0xFFFFFFFFL).or(b.lanewise(VectorOperators.LSHL, 32)).intoArray(block, to + i);
            if (wanted > 32) {
                a.lanewise(VectorOperators.LSHR, 32).or(b.and(0xFFFFFFFF00000000L)).intoArray(block, to + i + 32);
            }
        }
    }

    /** The lower results of the step of distance 2^step over the first 2^(step + 1) words. */
    private static void keepLower(long[] block, int base, int step) {
        int distance = 1 << step;
        long lower = BitTranspose.LOWER[step];
        for (int i = base; i < base + distance; i += Lanes.COUNT) {
            LongVector a = LongVector.fromArray(Lanes.LONGS, block, i).and(lower);
            LongVector b = LongVector.fromArray(Lanes.LONGS, block, i + distance).and(lower);
            a.or(b.lanewise(VectorOperators.LSHL, distance)).intoArray(block, i);
        }
    }

    static long[] fromPlanes(long[][] planes, int lowBit, int count) {
        long[] values = new long[count];
        int bits = planes.length;
        if (bits == 0) {
            return values;
        }
        int wanted = wanted(bits);
        int words = (count + 63) / 64;
        long[] blocks = new long[64 * GROUP];
        for (int j = 0; j < words; j += GROUP) {
            int present = Math.min(GROUP, words - j);
            for (int p = 0; p < bits; p++) {
                long[] plane = planes[p];
                for (int b = 0; b < present; b++) {
                    blocks[64 * b + p] = plane[j + b];
                }
            }
            for (int b = 0; b < present; b++) {
                Arrays.fill(blocks, 64 * b + bits, 64 * b + wanted, 0);
                int at = 64 * (j + b);
                if (at + 64 <= count) {
                    join(blocks, 64 * b, wanted, lowBit, values, at);
                } else {
                    long[] last = new long[64];
                    join(blocks, 64 * b, wanted, lowBit, last, 0);
                    System.arraycopy(last, 0, values, at, count - at);
                }
            }
        }
        return values;
    }

    /** The steps of {@link #split}, from the last to the first; they act on different bits of the indices, so they commute. */
    private static void join(long[] block, int from, int wanted, int lowBit, long[] values, int at) {
        for (int step = 0; step < LANE_STEPS; step++) {
            within(block, from, step, wanted);
        }
        for (int step = LANE_STEPS; step < 5; step++) {
            if (wanted <= 1 << step) {
                spread(block, from, step);
            } else {
                between(block, from, step, wanted);
            }
        }
        giveLast(block, from, wanted, lowBit, values, at);
    }

    /** The step of distance 2^step over words of which the upper 2^step are zero, whatever the array holds there. */
    private static void spread(long[] block, int base, int step) {
        int distance = 1 << step;
        long lower = BitTranspose.LOWER[step];
        for (int i = base; i < base + distance; i += Lanes.COUNT) {
            LongVector a = LongVector.fromArray(Lanes.LONGS, block, i);
            a.and(lower).intoArray(block, i);
            a.lanewise(VectorOperators.LSHR, distance).and(lower).intoArray(block, i + distance);
        }
    }

    /** The step of distance 32, written as shifted values. */
    private static void giveLast(long[] block, int from, int wanted, int lowBit, long[] values, int at) {
        if (wanted <= 32) {
            giveLower(block, from, lowBit, values, at);
            return;
        }
        for (int i = 0; i < 32; i += Lanes.COUNT) {
            LongVector a = LongVector.fromArray(Lanes.LONGS, block, from + i);
            LongVector b = LongVector.fromArray(Lanes.LONGS, block, from + i + 32);
            LongVector low = a.and(0xFFFFFFFFL).or(b.lanewise(VectorOperators.LSHL, 32));
            LongVector high = a.lanewise(VectorOperators.LSHR, 32).or(b.and(0xFFFFFFFF00000000L));
            low.lanewise(VectorOperators.LSHL, lowBit).intoArray(values, at + i);
            high.lanewise(VectorOperators.LSHL, lowBit).intoArray(values, at + i + 32);
        }
    }

    /** {@link #giveLast} where the upper 32 words are zero. (A vector that is one or another by a condition would be allocated.) */
    private static void giveLower(long[] block, int from, int lowBit, long[] values, int at) {
        for (int i = 0; i < 32; i += Lanes.COUNT) {
            LongVector a = LongVector.fromArray(Lanes.LONGS, block, from + i);
            a.and(0xFFFFFFFFL).lanewise(VectorOperators.LSHL, lowBit).intoArray(values, at + i);
            a.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.LSHL, lowBit).intoArray(values, at + i + 32);
        }
    }

    /** The step of distance 2^step between words a vector or more apart, over {@code count} words. */
    private static void between(long[] block, int from, int step, int count) {
        int distance = 1 << step;
        long lower = BitTranspose.LOWER[step];
        for (int base = from; base < from + count; base += 2 * distance) {
            for (int i = base; i < base + distance; i += Lanes.COUNT) {
                LongVector a = LongVector.fromArray(Lanes.LONGS, block, i);
                LongVector b = LongVector.fromArray(Lanes.LONGS, block, i + distance);
                LongVector swap = a.lanewise(VectorOperators.LSHR, distance).lanewise(VectorOperators.XOR, b).and(lower);
                a.lanewise(VectorOperators.XOR, swap.lanewise(VectorOperators.LSHL, distance)).intoArray(block, i);
                b.lanewise(VectorOperators.XOR, swap).intoArray(block, i + distance);
            }
        }
    }

    /** The step of distance 2^step between lanes, over {@code count} words. */
    private static void within(long[] block, int from, int step, int count) {
        VectorShuffle<Long> exchange = EXCHANGE[step];
        LongVector keep = LongVector.fromArray(Lanes.LONGS, KEEP, step * Lanes.COUNT);
        LongVector rotation = LongVector.fromArray(Lanes.LONGS, ROTATION, step * Lanes.COUNT);
        for (int i = from; i < from + count; i += Lanes.COUNT) {
            LongVector a = LongVector.fromArray(Lanes.LONGS, block, i);
            LongVector moved = a.rearrange(exchange).lanewise(VectorOperators.ROL, rotation);
            a.and(keep).or(moved.lanewise(VectorOperators.AND_NOT, keep)).intoArray(block, i);
        }
    }
}
