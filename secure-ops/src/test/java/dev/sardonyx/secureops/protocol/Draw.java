package dev.sardonyx.secureops.protocol;

import dev.sardonyx.secureops.plan.CarryTree;
import java.util.ArrayList;
import java.util.Random;

/** Test values from a seed. */
final class Draw {
    /** Lengths around the word of a bit plane. */
    private static final int[] LENGTHS = {0, 1, 2, 63, 64, 65, 127, 200};

    private final Random random;

    Draw(long seed) {
        this.random = new Random(seed);
    }

    int length() {
        return LENGTHS[random.nextInt(LENGTHS.length)];
    }

    /** A number from {@code low} to {@code high}, both included. */
    int between(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    boolean coin() {
        return random.nextBoolean();
    }

    long word() {
        return random.nextLong();
    }

    long[] words(int count) {
        return random.longs(count).toArray();
    }

    /** Numbers with |x| &lt; 2^bits: uniform, small, and next to the bounds, in equal parts. */
    long[] signed(int count, int bits) {
        var values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = signed(bits);
        }
        return values;
    }

    long signed(int bits) {
        if (bits == 0) {
            return 0;
        }
        long bound = (1L << bits) - 1;
        long near = Math.min(random.nextInt(3), bound);
        return switch (random.nextInt(4)) {
            case 0 -> Math.clamp(random.nextLong() >> 63 - bits, -bound, bound);
            case 1 -> random.nextBoolean() ? near : -near;
            case 2 -> bound - near;
            default -> near - bound;
        };
    }

    /** Any tree of a width. */
    CarryTree tree(int width) {
        int firstGroup = between(1, 4);
        var radices = new ArrayList<Integer>();
        for (int groups = (width - 1 + firstGroup - 1) / firstGroup; groups > 1;) {
            int radix = between(2, 4);
            radices.add(radix);
            groups = (groups + radix - 1) / radix;
        }
        return new CarryTree(width, firstGroup, radices);
    }
}
