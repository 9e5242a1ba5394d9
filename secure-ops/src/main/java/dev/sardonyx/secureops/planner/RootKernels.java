package dev.sardonyx.secureops.planner;

import dev.sardonyx.secureops.approx.Polynomial;
import dev.sardonyx.secureops.approx.PolynomialFit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToDoubleFunction;

/**
 * Reciprocal, roots and logarithm of positive numbers: range reduction to an octave, a polynomial on [1, 2), and a factor (or summand)
 * for the octave. Errors are relative to the result, the logarithm's absolute: at most {@value #ERROR} by the polynomial, to which the
 * encodings of operand and result add half a unit of their scales.
 */
final class RootKernels {
    static final double ERROR = 0x1p-15;
    private static final double FINE_ERROR = 0x1p-20;
    /** How far down a range that reaches zero is followed: what is smaller is next to nothing (roots) or would lead beyond all bounds. */
    private static final int LEAST_ROOT_EXPONENT = -32;
    private static final int LEAST_RSQRT_EXPONENT = -24;
    private static final int LEAST_RECIPROCAL_EXPONENT = -16;
    private static final int LEAST_LOG_EXPONENT = -24;
    /** Significant bits of an octave's factor. */
    private static final int FACTOR_BITS = 18;
    private static final int VALUE_BITS = 20;
    /** Leaves room for logarithms of 2^±30 at the polynomial's scale. */
    private static final int LOG_COEFFICIENT_BITS = 14;
    private static final double CENTRE = 1.5;
    /** Fewer fraction bits than these of what is left to be scaled make a quotient coarser than the way by the reciprocal. */
    private static final int LEAST_QUOTIENT_BITS = 8;

    /** x to an exponent. */
    private record Root(double exponent) {
        static final Root RECIPROCAL = new Root(-1);
        static final Root SQRT = new Root(0.5);
        static final Root RSQRT = new Root(-0.5);

        double at(double x) {
            return Math.pow(x, exponent);
        }
    }

    private static final Map<Object, Polynomial> FITS = new ConcurrentHashMap<>();

    private RootKernels() {
    }

    /** 1 / x for x in a range of one sign or around zero; for |x| below the least that x's scale tells apart the result is bounded. */
    static Draft reciprocal(PlanBuilder builder, Draft x) {
        if (x.range().low() >= 0) {
            return positiveReciprocal(builder, x);
        }
        if (x.range().high() <= 0) {
            return builder.negate(positiveReciprocal(builder, builder.negate(x)));
        }
        Draft positive = builder.bits().atLeast(x, 0, 0);
        return Signs.turned(builder, positive, positiveReciprocal(builder, Signs.magnitude(builder, positive, x)));
    }

    private static Draft positiveReciprocal(PlanBuilder builder, Draft x) {
        return power(builder, x, LEAST_RECIPROCAL_EXPONENT, Root.RECIPROCAL);
    }

    /**
     * x / y as (x · 1/z) · 2^−e where y = z·2^e: as many products as by the reciprocal of y, none of which has to hold a small
     * reciprocal beside a large one. Nothing where the ring has no room for it.
     */
    static Optional<Draft> quotient(PlanBuilder builder, Draft x, Draft y) {
        if (y.range().low() >= 0) {
            return positiveQuotient(builder, x, y);
        }
        if (y.range().high() <= 0) {
            return positiveQuotient(builder, builder.negate(x), builder.negate(y));
        }
        Draft positive = builder.bits().atLeast(y, 0, 0);
        return positiveQuotient(builder, x, Signs.magnitude(builder, positive, y)).map(quotient -> Signs.turned(builder, positive, quotient));
    }

    private static Optional<Draft> positiveQuotient(PlanBuilder builder, Draft x, Draft y) {
        Root root = Root.RECIPROCAL;
        Octaves octaves = Octaves.of(builder, y, LEAST_RECIPROCAL_EXPONENT);
        Interval range = x.range().times(resultRange(y, octaves, root));
        // Powers of two down to the one of the highest octave are whole numbers at this scale.
        int factorScale = Math.max(0, octaves.highest());
        int room = builder.scales().finest(range) - factorScale;
        if (room < LEAST_QUOTIENT_BITS) {
            return Optional.empty();
        }
        var column = new Octaves.Column(e -> Math.scalb(1.0, -e), 1 / octaves.floor(), factorScale);
        Octaves.Reduced reduced = octaves.reduce(List.of(column));
        Draft inverse = mantissa(builder, reduced.z(), root);
        Interval scaled = x.range().times(inverse.range());
        Draft dividend = builder.rescale(x, Math.min(x.fractionBits(), builder.scales().finest(scaled) - inverse.fractionBits()));
        Draft wide = builder.sumOfProducts(List.of(dividend, inverse), scaled);
        int kept = Math.min(room, builder.scales().working(x.range()) + factorScale);
        return Optional.of(builder.sumOfProducts(List.of(builder.rescale(wide, Math.min(wide.fractionBits(), kept)), reduced.columns().getFirst()), range));
    }

    /** 1 / x with a relative error of about 2^-22: one step of Newton's iteration, r + r·(1 − x·r). */
    static Draft fineReciprocal(PlanBuilder builder, Draft x) {
        Draft rough = reciprocal(builder, x);
        // x·r is near 1; where x is below what its scale tells apart, r stays below four times the greatest reciprocal.
        Interval near = new Interval(-4, 4);
        Draft product = builder.fineProduct(x, rough, near);
        Draft rest = builder.within(builder.subtractFrom(1, product), near);
        Draft finer = builder.rescale(rough, Math.max(rough.fractionBits(), builder.scales().beforeRounding(rough.range())));
        Draft correction = builder.fineProduct(finer, rest, rough.range().union(rough.range().negated()));
        Draft result = builder.add(finer, correction);
        return builder.within(result, rough.range().times(new Interval(1, 2)));
    }

    static Draft sqrt(PlanBuilder builder, Draft x) {
        if (x.range().equals(Interval.point(0))) {
            return x;
        }
        return power(builder, x, LEAST_ROOT_EXPONENT, Root.SQRT);
    }

    /** 1 / √x. */
    static Draft rsqrt(PlanBuilder builder, Draft x) {
        return power(builder, x, LEAST_RSQRT_EXPONENT, Root.RSQRT);
    }

    /** x to a power between −1 and 1, for x ≥ 0. */
    static Draft power(PlanBuilder builder, Draft x, double exponent) {
        return power(builder, x, exponent > 0 ? LEAST_ROOT_EXPONENT : LEAST_RSQRT_EXPONENT, new Root(exponent));
    }

    /** f(x) = f(z)·f(2^e). */
    private static Draft power(PlanBuilder builder, Draft x, int leastExponent, Root root) {
        Octaves octaves = Octaves.of(builder, x, leastExponent);
        IntToDoubleFunction factor = e -> Math.pow(2, root.exponent * e);
        double atLowest = factor.applyAsDouble(octaves.lowest());
        double atHighest = factor.applyAsDouble(octaves.highest());
        boolean rising = root.exponent > 0;
        double least = Math.min(atLowest, atHighest);
        // Below the lowest octave a falling function keeps the value it has there, a root of (nearly) nothing is nothing.
        int scale = Math.max(0, FACTOR_BITS - Math.getExponent(least));
        // Below the lowest octave the polynomial reaches four times what it is in it.
        int beyond = !rising && x.range().low() <= 0 ? 3 : 1;
        int room = StepLog.MAX_MAGNITUDE_BITS - VALUE_BITS - 1 - beyond - Math.getExponent(Math.max(atLowest, atHighest));
        var column = new Octaves.Column(factor, rising ? 0 : atLowest, Math.min(scale, room));
        Octaves.Reduced reduced = octaves.reduce(List.of(column));
        Draft value = mantissa(builder, reduced.z(), root);
        Draft last = reduced.columns().getFirst();
        Interval range = resultRange(x, octaves, root);
        Draft product = builder.sumOfProducts(List.of(value, last), range);
        return builder.rescale(product, Math.min(product.fractionBits(), builder.scales().working(range)));
    }

    private static Interval resultRange(Draft x, Octaves octaves, Root root) {
        double low = Math.max(x.range().low(), octaves.floor());
        double atLow = root.at(low);
        double atHigh = root.at(x.range().high());
        boolean bottom = x.range().low() <= 0;
        // The polynomial at z = 0, which the lowest octave of a range around zero meets, stays below four times its value at 1.
        double top = bottom && atLow > atHigh ? 4 * atLow : Math.max(atLow, atHigh);
        double least = bottom && atLow < atHigh ? 0 : Math.min(atLow, atHigh);
        return new Interval(least * (1 - 2 * ERROR), top * (1 + 2 * ERROR));
    }

    /** f(z) for z in [1, 2), truncated. */
    private static Draft mantissa(PlanBuilder builder, Draft z, Root root) {
        Polynomial fit = FITS.computeIfAbsent(root, key -> PolynomialFit
                .relative(root::at, Octaves.MANTISSA.low(), Octaves.MANTISSA.high()).within(ERROR, CENTRE, PublicPolynomial.MAX_DEGREE));
        Draft t = builder.addConstant(z, -CENTRE);
        return builder.rescale(PublicPolynomial.wide(builder, t, fit, PublicPolynomial.COEFFICIENT_BITS, bounds(fit, z.range())), VALUE_BITS);
    }

    private static Interval bounds(Polynomial fit, Interval z) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i <= 64; i++) {
            double value = fit.at(z.low() + (z.high() - z.low()) * i / 64);
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        double margin = (high - low) / 8;
        return new Interval(low - margin, high + margin);
    }

    /** The natural logarithm; below the least x that is told apart the result is bounded. */
    static Draft log(PlanBuilder builder, Draft x) {
        Draft wide = wideLog(builder, x, ERROR);
        return builder.rescale(wide, Math.min(wide.fractionBits(), builder.scales().working(wide.range())));
    }

    /** The natural logarithm with an error of about 2^-19, wide: for products that raise its error to a power. */
    static Draft fineLog(PlanBuilder builder, Draft x) {
        return wideLog(builder, x, FINE_ERROR);
    }

    private static Draft wideLog(PlanBuilder builder, Draft x, double error) {
        Octaves octaves = Octaves.of(builder, x, LEAST_LOG_EXPONENT);
        Polynomial fit = FITS.computeIfAbsent("log within " + error, key -> PolynomialFit
                .absolute(Math::log, Octaves.MANTISSA.low(), Octaves.MANTISSA.high()).within(error, CENTRE, PublicPolynomial.MAX_DEGREE));
        int scale = PublicPolynomial.wideScale(fit.degree(), LOG_COEFFICIENT_BITS);
        var column = new Octaves.Column(e -> e * Math.log(2), octaves.lowest() * Math.log(2), scale);
        Octaves.Reduced reduced = octaves.reduce(List.of(column));
        Draft t = builder.addConstant(reduced.z(), -CENTRE);
        Draft wide = PublicPolynomial.wide(builder, t, fit, LOG_COEFFICIENT_BITS, bounds(fit, reduced.z().range()));
        double high = Math.log(x.range().high());
        double low = x.range().low() > 0 ? Math.log(x.range().low()) : Math.log(octaves.floor()) + fit.at(0) - 1;
        Interval range = new Interval(low - 2 * ERROR, Math.max(low, high) + 2 * ERROR);
        return builder.addWide(wide, reduced.columns().getFirst(), range);
    }
}
