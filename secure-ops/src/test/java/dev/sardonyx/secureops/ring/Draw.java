package dev.sardonyx.secureops.ring;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Test values from a seed: uniform words with the ring's extreme values strewn in. */
final class Draw {
    private static final long[] EXTREMES = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0xFFFFFFFFL, 0x100000000L, 0xFFFFFFFF00000000L,
        0x8000000080000000L};
    private final RandomGenerator random;

    Draw(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    int between(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    int oneOf(int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    boolean flip() {
        return random.nextBoolean();
    }

    long word() {
        return random.nextInt(8) == 0 ? EXTREMES[random.nextInt(EXTREMES.length)] : random.nextLong();
    }

    long[] words(int n) {
        long[] words = new long[n];
        for (int i = 0; i < n; i++) {
            words[i] = word();
        }
        return words;
    }

    byte[] bytes(int n) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        return bytes;
    }
}
