package dev.sardonyx.secureops.planner;

import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * A function as {@code gain·max(x, 0) + rest(x)}, where rest is smooth on either side of zero and may level off.
 *
 * @param gain slope of the part that is a ReLU; 0 for none
 * @param left the rest for x &lt; 0, and a little beyond
 * @param right the rest for x ≥ 0, and a little before
 * @param leftLimit what the rest tends to at −∞, if it does
 * @param rightLimit what the rest tends to at +∞, if it does
 * @param smooth whether left and right are one function, so that no threshold is needed at zero
 * @param kink whether left and right part quickly at zero, so that zero must be judged to the last bit
 */
record Curve(double gain, DoubleUnaryOperator left, DoubleUnaryOperator right, OptionalDouble leftLimit, OptionalDouble rightLimit,
        boolean smooth, boolean kink) {

    /** A smooth function without limits. */
    static Curve smooth(DoubleUnaryOperator function) {
        return new Curve(0, function, function, OptionalDouble.empty(), OptionalDouble.empty(), true, false);
    }

    /** A smooth function that levels off on both sides. */
    static Curve step(DoubleUnaryOperator function, double leftLimit, double rightLimit) {
        return new Curve(0, function, function, OptionalDouble.of(leftLimit), OptionalDouble.of(rightLimit), true, false);
    }

    /** A function that tends to 0 on the left and to gain·x on the right. */
    static Curve ramp(DoubleUnaryOperator function, double gain) {
        return new Curve(gain, function, x -> function.applyAsDouble(x) - gain * x, OptionalDouble.of(0), OptionalDouble.of(0), false,
                false);
    }

    /** A function that is {@code left} for x &lt; 0, levelling off, and gain·x for x ≥ 0. */
    static Curve hinge(DoubleUnaryOperator left, double leftLimit, double gain) {
        return new Curve(gain, left, x -> 0, OptionalDouble.of(leftLimit), OptionalDouble.of(0), false, true);
    }

    /** The rest at x. */
    double rest(double x) {
        return x < 0 ? left.applyAsDouble(x) : right.applyAsDouble(x);
    }

    /** The function at x. */
    double at(double x) {
        return gain * Math.max(x, 0) + rest(x);
    }
}
