package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ElementType;

/** Rounding and whole-number division, exact to the last unit. */
final class IntegerKernels {
    private IntegerKernels() {
    }

    /** The greatest whole number not above x, at scale 0. */
    static Draft floor(PlanBuilder builder, Draft x) {
        if (x.fractionBits() == 0) {
            return x;
        }
        // Truncation may end one above; then the difference is negative, and one comparison of a few bits corrects it.
        Draft near = builder.rescale(x, 0);
        Draft back = builder.rescale(near, x.fractionBits());
        double unit = Math.scalb(1.0, -x.fractionBits());
        Draft difference = builder.rest(x, back, new Interval(-1, 1 - unit));
        Draft below = builder.bits().not(builder.bits().atLeast(difference, 0, 0));
        Draft exact = builder.subtract(near, builder.bits().toNumber(below));
        return builder.within(exact, new Interval(Math.floor(x.range().low()), Math.floor(x.range().high())));
    }

    /** How near a half a computed number counts as one: such halves come of exact ratios, and arithmetic blurs them by less. */
    private static final double BLUR = 0x1p-11;

    /**
     * The nearest whole number; halves go to the even one.
     *
     * @param exact whether x has no error of its own, so that only an exact half is one
     */
    static Draft roundHalfEven(PlanBuilder builder, Draft x, boolean exact) {
        if (x.fractionBits() == 0) {
            return x;
        }
        double blur = exact || x.fractionBits() < 12 ? 0 : BLUR;
        Draft up = floor(builder, builder.addConstant(x, 0.5 + blur));
        // A tie shows as up − x = 1/2 exactly; it goes down if up is odd: up − 2·floor(up / 2) = 1.
        double unit = Math.scalb(1.0, -x.fractionBits());
        Draft over = builder.subtract(builder.rescale(up, x.fractionBits()), x);
        over = builder.within(over, new Interval(-0.5, 0.5 + blur));
        Draft tie = builder.bits().atLeast(over, 0.5 - blur - unit / 2, 0);
        Draft half = builder.scaleBy(up, 0.5);
        Draft odd = builder.subtract(up, builder.scaleBy(floor(builder, half), 2));
        odd = builder.within(builder.rescale(odd, 0), Interval.UNIT);
        Draft result = builder.subtract(up, builder.bits().select(tie, odd));
        return builder.within(result, new Interval(Math.rint(x.range().low()), Math.rint(x.range().high())));
    }

    /** The whole part, towards zero. */
    static Draft truncateTowardsZero(PlanBuilder builder, Draft x) {
        if (x.fractionBits() == 0) {
            return x;
        }
        if (x.range().isNonNegative()) {
            return floor(builder, x);
        }
        // floor(x), plus one where x is negative and not whole: floor(x) + [x < 0] = -floor(-x) there, so choose by sign.
        Draft positive = builder.bits().atLeast(x, 0, 0);
        Draft whole = floor(builder, Signs.magnitude(builder, positive, x));
        return builder.within(Signs.turned(builder, positive, whole), Interval.symmetric(Math.floor(x.range().magnitude())));
    }

    /**
     * Modulo 2^bits into the range of an integer type of at most 32 bits, as its arithmetic wraps; x itself where its range says that it
     * cannot leave the type.
     */
    static Draft wrapped(PlanBuilder builder, Draft x, ElementType type) {
        double low = type.minimum();
        double turn = type.maximum() - low + 1;
        if (x.range().low() >= low && x.range().high() <= type.maximum()) {
            return x;
        }
        Draft lifted = builder.addConstant(round(builder, x), -low);
        if (lifted.fractionBits() < 0) {
            throw builder.outOfRange("a whole number in ±2^" + x.range().magnitudeExponent() + " is taken modulo " + type + "; its last bits do not fit the ring");
        }
        Draft turns = floor(builder, builder.scaleBy(lifted, 1 / turn));
        Draft rest = builder.rest(lifted, builder.rescale(builder.scaleBy(turns, turn), 0), new Interval(0, turn - 1));
        return builder.addConstant(rest, low);
    }

    /** The nearest whole number, halves upwards. */
    static Draft round(PlanBuilder builder, Draft x) {
        // Whole numbers have no bit for a half, which would count as one.
        return x.fractionBits() == 0 ? x : floor(builder, builder.addConstant(x, 0.5));
    }
}
