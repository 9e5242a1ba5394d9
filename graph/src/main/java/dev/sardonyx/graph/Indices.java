package dev.sardonyx.graph;

import java.util.Arrays;

/** An immutable array of public flat indices; equal if all indices are. */
public final class Indices {
    private final int[] values;

    private Indices(int[] values) {
        this.values = values;
    }

    public static Indices of(int... values) {
        return new Indices(values.clone());
    }

    public int length() {
        return values.length;
    }

    public int get(int position) {
        return values[position];
    }

    public int[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Indices indices && Arrays.equals(values, indices.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "Indices[" + values.length + "]";
    }
}
