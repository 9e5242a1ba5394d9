package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import java.util.Optional;

/** Hyperbolic functions, their inverses and softsign: by pieces where the range is small, else from exponentials and logarithms. */
final class HyperbolicKernels {
    private HyperbolicKernels() {
    }

    static Draft sinh(PlanBuilder builder, Draft x) {
        return byPieces(builder, Elementary.SINH, x)
                .orElseGet(() -> builder.scaleBy(builder.subtract(exp(builder, x), exp(builder, builder.negate(x))), 0.5));
    }

    static Draft cosh(PlanBuilder builder, Draft x) {
        return byPieces(builder, Elementary.COSH, x)
                .orElseGet(() -> builder.scaleBy(builder.add(exp(builder, x), exp(builder, builder.negate(x))), 0.5));
    }

    static Draft asinh(PlanBuilder builder, Draft x) {
        return byPieces(builder, Elementary.ASINH, x).orElseGet(() -> farAsinh(builder, x));
    }

    /** x / (1 + |x|). */
    static Draft softsign(PlanBuilder builder, Draft x) {
        return byPieces(builder, Elementary.SOFTSIGN, x).orElseGet(() -> farSoftsign(builder, x));
    }

    private static Optional<Draft> byPieces(PlanBuilder builder, Elementary function, Draft x) {
        return PiecewiseKernel.attempt(builder, function, Curve.smooth(Evaluator.function(function)), x, x.range().covering());
    }

    private static Draft exp(PlanBuilder builder, Draft x) {
        return ExponentialKernels.exp(builder, x);
    }

    /** log(|x| + √(x² + 1)) with the sign of x. */
    private static Draft farAsinh(PlanBuilder builder, Draft x) {
        Draft narrow = builder.narrow(x);
        Draft positive = builder.bits().atLeast(narrow, 0, 0);
        Draft size = Signs.magnitude(builder, positive, narrow);
        Draft root = RootKernels.sqrt(builder, builder.addConstant(builder.product(narrow, narrow), 1));
        Draft value = RootKernels.log(builder, builder.add(size, root));
        return Signs.turned(builder, positive, value);
    }

    /** log(x + √((x − 1)·(x + 1))): no cancellation next to 1. */
    static Draft acosh(PlanBuilder builder, Draft x) {
        Interval range = x.range().intersect(new Interval(1, Double.MAX_VALUE));
        Draft above = builder.within(builder.addConstant(x, -1), new Interval(Math.max(0, range.low() - 1), Math.max(0, range.high() - 1)));
        Draft plus = builder.addConstant(x, 1);
        Interval product = above.range().times(plus.range());
        // Both factors as fine as the product allows: next to 1 the root makes much of little.
        int half = Math.min(above.fractionBits(), builder.scales().finest(product) / 2);
        Draft wide = builder.multiplyWide(builder.rescale(above, half), builder.rescale(plus, half));
        Draft root = RootKernels.sqrt(builder, wide);
        Draft sum = builder.add(builder.rescale(x, Math.min(x.fractionBits(), root.fractionBits())), root);
        return RootKernels.log(builder, builder.within(sum, new Interval(1, Math.max(1, sum.range().high()))));
    }

    /** (log(1 + x) − log(1 − x)) / 2. */
    static Draft atanh(PlanBuilder builder, Draft x) {
        Draft above = RootKernels.log(builder, builder.addConstant(x, 1));
        Draft below = RootKernels.log(builder, builder.subtractFrom(1, x));
        return builder.scaleBy(builder.subtract(above, below), 0.5);
    }

    private static Draft farSoftsign(PlanBuilder builder, Draft x) {
        Draft narrow = builder.narrow(x);
        Draft size = Signs.magnitude(builder, builder.bits().atLeast(narrow, 0, 0), narrow);
        Draft quotient = builder.product(narrow, RootKernels.reciprocal(builder, builder.addConstant(size, 1)));
        return builder.within(quotient, Interval.symmetric(1.01));
    }
}
