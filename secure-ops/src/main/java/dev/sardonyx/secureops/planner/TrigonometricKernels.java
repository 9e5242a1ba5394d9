package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.approx.Polynomial;
import dev.sardonyx.secureops.approx.PolynomialFit;

/** Sine, cosine, tangent and their inverses; absolute errors of about 2^-14, the tangent's relative where it is large. */
final class TrigonometricKernels {
    private static final double TURN = 2 * Math.PI;
    /** Numbers up to here need no reduction. */
    private static final double UNREDUCED = 8;
    private static final double REDUCTION_MARGIN = 0x1p-5;

    /** sin(w)/w of w² in [0, (π/2)²], relative. */
    private static final Polynomial SINC = PolynomialFit
            .relative(u -> u < 1e-12 ? 1 : Math.sin(Math.sqrt(u)) / Math.sqrt(u), 0, Math.PI * Math.PI / 4 + REDUCTION_MARGIN)
            .within(0x1p-17, 1.25, PublicPolynomial.MAX_DEGREE);

    /** acos(a)/√(1 − a) for a in [0, 1], after Abramowitz and Stegun 4.4.45. */
    private static final Polynomial ARC = PolynomialFit
            .absolute(a -> 1 - a < 1e-12 ? Math.sqrt(2) : Math.acos(a) / Math.sqrt(1 - a), 0, 1)
            .within(0x1p-17, 0.5, PublicPolynomial.MAX_DEGREE);

    private TrigonometricKernels() {
    }

    static Draft sin(PlanBuilder builder, Draft x) {
        return x.range().magnitude() <= UNREDUCED ? PiecewiseKernel.apply(builder, "sin", Curve.smooth(Math::sin), x)
                : sinWithin(builder, reduce(builder, x, TURN));
    }

    static Draft cos(PlanBuilder builder, Draft x) {
        if (x.range().magnitude() <= UNREDUCED) {
            return PiecewiseKernel.apply(builder, "cos", Curve.smooth(Math::cos), x);
        }
        Draft reduced = reduce(builder, x, TURN);
        return PiecewiseKernel.attempt(builder, "cos", Curve.smooth(Math::cos), reduced, reduced.range()).orElseThrow();
    }

    private static Draft sinWithin(PlanBuilder builder, Draft x) {
        return PiecewiseKernel.attempt(builder, "sin", Curve.smooth(Math::sin), x, x.range()).orElseThrow();
    }

    /**
     * x less a whole number of periods, between minus one period and one: truncating x / period may end on either side.
     */
    private static Draft reduce(PlanBuilder builder, Draft x, double period) {
        double magnitude = x.range().magnitude();
        int factorBits = 10 + Math.max(0, Math.getExponent(magnitude) + 1);
        Draft operand = builder.rescale(x, Math.min(x.fractionBits(), Scales.WORKING_BITS));
        Draft turns = builder.multiplyWide(operand, builder.sources().literal(Shape.SCALAR, 1 / period, factorBits));
        Draft whole = builder.rescale(turns, 0);
        int periodBits = Math.min(40, StepLog.MAX_MAGNITUDE_BITS - 3 - Math.getExponent(magnitude));
        Draft back = builder.multiplyWide(whole, builder.sources().literal(Shape.SCALAR, period, periodBits));
        Draft rest = builder.subtract(builder.rescale(x, periodBits), back);
        return builder.within(rest, Interval.symmetric(period + REDUCTION_MARGIN));
    }

    /** sin(r) / sin(π/2 − |r|) for r = x mod π. */
    static Draft tan(PlanBuilder builder, Draft x) {
        Draft r = x.range().magnitude() <= Math.PI ? x : reduce(builder, x, Math.PI);
        Draft sine = sinWithin(builder, r);
        Draft positive = builder.bits().atLeast(r, 0, 0);
        Draft size = Signs.magnitude(builder, positive, r);
        int bits = PublicPolynomial.COORDINATE_BITS;
        Draft angle = builder.rescale(builder.subtractFrom(Math.PI / 2, size), Math.min(size.fractionBits(), bits));
        angle = builder.rescale(angle, bits);
        Draft square = builder.rescale(builder.multiplyWide(angle, angle), bits);
        Draft t = builder.addConstant(square, -SINC.centre());
        Draft ratio = builder.rescale(PublicPolynomial.wide(builder, t, SINC, PublicPolynomial.COEFFICIENT_BITS, new Interval(0.5, 1.01)), bits);
        Draft cosine = builder.multiplyWide(angle, ratio);
        Draft inverse = RootKernels.reciprocal(builder, builder.within(cosine, Interval.symmetric(1.01)));
        return builder.product(sine, inverse);
    }

    /** acos(|x|) and whether x ≥ 0. */
    private record Arc(Draft angle, Draft positive) {
    }

    private static Arc arc(PlanBuilder builder, Draft x) {
        Draft positive = builder.bits().atLeast(x, 0, 0);
        Draft size = builder.within(Signs.magnitude(builder, positive, x), Interval.UNIT);
        Draft root = RootKernels.sqrt(builder, builder.within(builder.subtractFrom(1, size), Interval.UNIT));
        Draft near = builder.rescale(size, Math.min(size.fractionBits(), PublicPolynomial.COORDINATE_BITS));
        Draft t = builder.addConstant(builder.rescale(near, PublicPolynomial.COORDINATE_BITS), -ARC.centre());
        Draft factor = builder.rescale(PublicPolynomial.wide(builder, t, ARC, PublicPolynomial.COEFFICIENT_BITS, new Interval(1.3, 1.6)),
                PublicPolynomial.COORDINATE_BITS);
        Draft angle = builder.rescale(builder.multiplyWide(root, factor), Scales.WORKING_BITS);
        return new Arc(builder.within(angle, new Interval(-0x1p-10, Math.PI / 2 + 0x1p-10)), positive);
    }

    static Draft asin(PlanBuilder builder, Draft x) {
        Arc arc = arc(builder, x);
        return Signs.turned(builder, arc.positive(), builder.subtractFrom(Math.PI / 2, arc.angle()));
    }

    static Draft acos(PlanBuilder builder, Draft x) {
        Draft quarter = builder.sources().literal(x.shape(), Math.PI / 2, Scales.WORKING_BITS);
        return builder.subtract(quarter, asin(builder, x));
    }

    static Draft atan(PlanBuilder builder, Draft x) {
        return PiecewiseKernel.attempt(builder, "atan", Curve.step(Math::atan, -Math.PI / 2, Math.PI / 2), x, x.range().covering())
                .orElseGet(() -> farAtan(builder, x));
    }

    /** By atan(x) = π/2 − atan(1/x) for x > 1. */
    private static Draft farAtan(PlanBuilder builder, Draft x) {
        Draft narrow = builder.narrow(x);
        Draft positive = builder.bits().atLeast(narrow, 0, 0);
        Draft size = Signs.magnitude(builder, positive, narrow);
        Draft far = builder.bits().atLeast(size, 1, 0);
        Draft one = builder.sources().literal(size.shape(), 1, size.fractionBits());
        Draft inverse = RootKernels.reciprocal(builder, LogicKernels.choose(builder, far, builder.within(size, size.range().max(Interval.point(1))), one));
        Draft argument = LogicKernels.choose(builder, far, builder.rescale(inverse, Scales.WORKING_BITS), builder.rescale(size, Scales.WORKING_BITS));
        Draft angle = PiecewiseKernel.apply(builder, "atan", Curve.smooth(Math::atan), builder.within(argument, Interval.UNIT));
        Draft result = LogicKernels.choose(builder, far, builder.subtractFrom(Math.PI / 2, angle), angle);
        return Signs.turned(builder, positive, result);
    }
}
