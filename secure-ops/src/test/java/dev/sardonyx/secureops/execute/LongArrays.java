package dev.sardonyx.secureops.execute;

import java.util.Arrays;

/** Arrays for tests. */
final class LongArrays {
    private LongArrays() {
    }

    static long[] filled(int length, long value) {
        long[] values = new long[length];
        Arrays.fill(values, value);
        return values;
    }
}
