package dev.sardonyx.secureops.plan;

import java.util.Arrays;

/** Public numbers of a plan in raw ring units. Immutable; a single element may stand for a whole tensor of equal ones. */
public final class RingData {
    private final long[] values;

    private RingData(long[] values) {
        this.values = values;
    }

    public static RingData of(long... values) {
        return new RingData(values.clone());
    }

    public int length() {
        return values.length;
    }

    public long[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RingData data && Arrays.equals(values, data.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    /** All numbers: they are public and part of the plan's hash. */
    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}
