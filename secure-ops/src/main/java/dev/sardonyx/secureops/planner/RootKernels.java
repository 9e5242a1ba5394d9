package dev.sardonyx.secureops.planner;

import dev.sardonyx.secureops.approx.Polynomial;
import dev.sardonyx.secureops.approx.PolynomialFit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/**
 * Reciprocal, roots and logarithm of positive numbers: range reduction to an octave, a polynomial on [1, 2), and a factor (or summand)
 * for the octave. Errors are relative to the result, the logarithm's absolute: at most {@value #ERROR} by the polynomial, to which the
 * encodings of operand and result add half a unit of their scales.
 */
final class RootKernels {
    static final double ERROR = 0x1p-15;
    /** Significant bits of an octave's factor. */
    private static final int FACTOR_BITS = 18;
    private static final int VALUE_BITS = 20;
    /** Leaves room for logarithms of 2^±30 at the polynomial's scale. */
    private static final int LOG_COEFFICIENT_BITS = 14;
    private static final double CENTRE = 1.5;
    private static final Map<String, Polynomial> FITS = new ConcurrentHashMap<>();

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
        Draft positive = builder.atLeast(x, 0, 0);
        Draft doubled = builder.scaleBy(builder.select(positive, x), 2);
        Draft magnitude = builder.within(builder.subtract(doubled, x), new Interval(0, x.range().magnitude()));
        Draft inverse = positiveReciprocal(builder, magnitude);
        Draft twice = builder.scaleBy(builder.select(positive, inverse), 2);
        return builder.within(builder.subtract(twice, inverse), Interval.symmetric(inverse.range().high()));
    }

    private static Draft positiveReciprocal(PlanBuilder builder, Draft x) {
        return power(builder, x, "reciprocal", z -> 1 / z, e -> Math.scalb(1.0, -e));
    }

    static Draft sqrt(PlanBuilder builder, Draft x) {
        return power(builder, x, "sqrt", Math::sqrt, e -> Math.pow(2, e / 2.0));
    }

    /** 1 / √x. */
    static Draft rsqrt(PlanBuilder builder, Draft x) {
        return power(builder, x, "rsqrt", z -> 1 / Math.sqrt(z), e -> Math.pow(2, -e / 2.0));
    }

    /** f(x) = f(z)·f(2^e). */
    private static Draft power(PlanBuilder builder, Draft x, String name, DoubleUnaryOperator f, IntToDoubleFunction factor) {
        Octaves octaves = Octaves.of(builder, x);
        double atLowest = factor.applyAsDouble(octaves.lowest());
        double atHighest = factor.applyAsDouble(octaves.highest());
        boolean rising = f.applyAsDouble(2) > f.applyAsDouble(1);
        double least = Math.min(atLowest, atHighest);
        // Below the lowest octave a falling function keeps the value it has there, a root of (nearly) nothing is nothing.
        int scale = Math.max(0, FACTOR_BITS - Math.getExponent(least));
        int room = PlanBuilder.MAX_MAGNITUDE_BITS - VALUE_BITS - 2 - Math.getExponent(Math.max(atLowest, atHighest));
        var column = new Octaves.Column(factor, rising ? 0 : atLowest, Math.min(scale, room));
        Octaves.Reduced reduced = octaves.reduce(List.of(column));
        Draft value = mantissa(builder, reduced.z(), name, f);
        Draft last = reduced.columns().getFirst();
        Interval range = resultRange(x, octaves, f);
        Draft product = builder.sumOfProducts(List.of(value, last), range);
        return builder.rescale(product, Math.min(product.fractionBits(), builder.scales().working(range)));
    }

    private static Interval resultRange(Draft x, Octaves octaves, DoubleUnaryOperator f) {
        double low = Math.max(x.range().low(), octaves.floor());
        double atLow = f.applyAsDouble(low);
        double atHigh = f.applyAsDouble(x.range().high());
        boolean bottom = x.range().low() <= 0;
        // The polynomial at z = 0, which the lowest octave of a range around zero meets, stays below four times its value at 1.
        double top = bottom && atLow > atHigh ? 4 * atLow : Math.max(atLow, atHigh);
        double least = bottom && atLow < atHigh ? 0 : Math.min(atLow, atHigh);
        return new Interval(least * (1 - 2 * ERROR), top * (1 + 2 * ERROR));
    }

    /** f(z) for z in [1, 2), truncated. */
    private static Draft mantissa(PlanBuilder builder, Draft z, String name, DoubleUnaryOperator f) {
        Polynomial fit = FITS.computeIfAbsent(name, key -> PolynomialFit
                .relative(f, Octaves.MANTISSA.low(), Octaves.MANTISSA.high()).within(ERROR, CENTRE, PublicPolynomial.MAX_DEGREE));
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
        Octaves octaves = Octaves.of(builder, x);
        Polynomial fit = FITS.computeIfAbsent("log", key -> PolynomialFit
                .absolute(Math::log, Octaves.MANTISSA.low(), Octaves.MANTISSA.high()).within(ERROR, CENTRE, PublicPolynomial.MAX_DEGREE));
        int scale = PublicPolynomial.wideScale(fit.degree(), LOG_COEFFICIENT_BITS);
        var column = new Octaves.Column(e -> e * Math.log(2), octaves.lowest() * Math.log(2), scale);
        Octaves.Reduced reduced = octaves.reduce(List.of(column));
        Draft t = builder.addConstant(reduced.z(), -CENTRE);
        Draft wide = PublicPolynomial.wide(builder, t, fit, LOG_COEFFICIENT_BITS, bounds(fit, reduced.z().range()));
        double high = Math.log(x.range().high());
        double low = x.range().low() > 0 ? Math.log(x.range().low()) : Math.log(octaves.floor()) + fit.at(0) - 1;
        Interval range = new Interval(low - 2 * ERROR, high + 2 * ERROR);
        Draft sum = builder.addWide(wide, reduced.columns().getFirst(), range);
        return builder.rescale(sum, builder.scales().working(range));
    }
}
