package dev.sardonyx.secureops.planner;

/** A closed interval of real numbers that holds every element of a tensor. */
public record Interval(double low, double high) {
    public static final Interval UNIT = new Interval(0, 1);

    public Interval {
        if (!(low <= high) || Double.isInfinite(low) || Double.isInfinite(high)) {
            throw new IllegalArgumentException("interval [" + low + ", " + high + "]; expected finite bounds in order");
        }
    }

    public static Interval point(double value) {
        return new Interval(value, value);
    }

    /** [-bound, bound]. */
    public static Interval symmetric(double bound) {
        return new Interval(-bound, bound);
    }

    public double magnitude() {
        return Math.max(Math.abs(low), Math.abs(high));
    }

    public boolean isNonNegative() {
        return low >= 0;
    }

    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    public Interval plus(Interval other) {
        return new Interval(low + other.low, high + other.high);
    }

    public Interval minus(Interval other) {
        return new Interval(low - other.high, high - other.low);
    }

    public Interval negated() {
        return new Interval(-high, -low);
    }

    public Interval times(Interval other) {
        double a = low * other.low;
        double b = low * other.high;
        double c = high * other.low;
        double d = high * other.high;
        return new Interval(Math.min(Math.min(a, b), Math.min(c, d)), Math.max(Math.max(a, b), Math.max(c, d)));
    }

    public Interval times(double factor) {
        return times(point(factor));
    }

    /** The square: tighter than {@code times(this)}. */
    public Interval squared() {
        double high = magnitude() * magnitude();
        double low = contains(0) ? 0 : Math.min(this.low * this.low, this.high * this.high);
        return new Interval(low, high);
    }

    public Interval union(Interval other) {
        return new Interval(Math.min(low, other.low), Math.max(high, other.high));
    }

    /** The common part, or the nearer end of this interval if there is none. */
    public Interval intersect(Interval other) {
        double low = Math.clamp(other.low, this.low, this.high);
        double high = Math.clamp(other.high, this.low, this.high);
        return new Interval(low, high);
    }

    public Interval max(Interval other) {
        return new Interval(Math.max(low, other.low), Math.max(high, other.high));
    }

    public Interval min(Interval other) {
        return new Interval(Math.min(low, other.low), Math.min(high, other.high));
    }

    /** This interval grown by {@code slack} on both sides, a side at zero excepted. */
    public Interval widened(double slack) {
        return new Interval(low - slack, high + slack);
    }

    /** Bounds rounded away from zero to powers of two (zero stays), so that a plan tells no more than their order. */
    public Interval outward() {
        return new Interval(powerOfTwo(low), powerOfTwo(high));
    }

    /** The least interval whose bounds are zero or powers of two, up to their signs, and that holds this one. */
    public Interval covering() {
        return new Interval(low > 0 ? towardsZero(low) : powerOfTwo(low), high < 0 ? towardsZero(high) : powerOfTwo(high));
    }

    private static double towardsZero(double value) {
        return Math.copySign(Math.scalb(1.0, Math.getExponent(Math.abs(value))), value);
    }

    private static double powerOfTwo(double value) {
        if (value == 0) {
            return 0;
        }
        double magnitude = Math.abs(value);
        double power = Math.scalb(1.0, Math.getExponent(magnitude));
        return Math.copySign(power == magnitude ? power : 2 * power, value);
    }

    /** The least r with |x| ≤ 2^r for every element; -60 for a tensor of zeros. */
    public int magnitudeExponent() {
        double magnitude = magnitude();
        if (magnitude < 0x1p-60) {
            return -60;
        }
        int exponent = Math.getExponent(magnitude);
        return Math.scalb(1.0, exponent) == magnitude ? exponent : exponent + 1;
    }
}
