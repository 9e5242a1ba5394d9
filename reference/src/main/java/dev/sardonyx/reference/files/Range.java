package dev.sardonyx.reference.files;

import dev.sardonyx.graph.Tensor;

/** Bounds of an input's numbers, both inclusive. */
public record Range(double low, double high) {
    /** Numbers whose magnitude is below this are not told from zero. */
    private static final int LEAST_EXPONENT = -40;

    public Range {
        if (!(low <= high) || Double.isInfinite(low) || Double.isInfinite(high)) {
            throw new IllegalArgumentException("range " + low + " to " + high + "; expected finite bounds, the lower one first");
        }
    }

    /** The least range whose ends are zero or a power of two with a sign and that holds all elements; [0, 0] of none. */
    public static Range around(Tensor tensor) {
        if (tensor.size() == 0) {
            return new Range(0, 0);
        }
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < tensor.size(); i++) {
            double value = tensor.getDouble(i);
            least = Math.min(least, value);
            greatest = Math.max(greatest, value);
        }
        return new Range(0.0 - up(-least), up(greatest));
    }

    /** The least range that holds both. */
    public Range or(Range other) {
        return new Range(Math.min(low, other.low), Math.max(high, other.high));
    }

    /** The least of zero and the signed powers of two that is not below {@code value}. */
    private static double up(double value) {
        if (value == 0) {
            return 0;
        }
        int exponent = Math.getExponent(value);
        if (value < 0) {
            return exponent < LEAST_EXPONENT ? 0 : -Math.scalb(1.0, exponent);
        }
        if (exponent < LEAST_EXPONENT) {
            return Math.scalb(1.0, LEAST_EXPONENT);
        }
        double power = Math.scalb(1.0, exponent);
        return power < value ? 2 * power : power;
    }

    @Override
    public String toString() {
        return "[" + low + ", " + high + "]";
    }
}
