package dev.sardonyx.secureops.planner;

import java.util.List;

/**
 * Softmax and its logarithm along an axis: exponentials of the distances from the maximum, which are at most 1, and the reciprocal of
 * their sum, which is at least 1. Rows may be of any length and hold masked entries: what is far below the maximum becomes exactly 0.
 */
final class SoftmaxKernels {
    /** Rows whose elements lie this close together need no maximum: their exponentials fit beside each other. */
    private static final double NARROW = 4;
    /** What all vanishing terms of a row together may add up to, beside a sum of at least 1. */
    private static final double VANISHING = 0x1p-15;

    private SoftmaxKernels() {
    }

    static Draft softmax(PlanBuilder builder, Draft x, int axis) {
        int n = x.shape().dim(axis);
        if (n == 1) {
            Draft one = builder.addConstant(ReductionKernels.zero(builder, x), 1);
            return builder.rescale(one, builder.scales().working(Interval.UNIT));
        }
        Draft terms = terms(builder, builder.narrow(x), axis);
        Draft inverse = RootKernels.reciprocal(builder, total(builder, terms, axis));
        Draft result = builder.narrow(builder.within(builder.product(terms, inverse), Interval.UNIT));
        return builder.within(builder.rescale(result, Math.min(result.fractionBits(), Scales.WORKING_BITS)), Interval.UNIT);
    }

    static Draft logSoftmax(PlanBuilder builder, Draft x, int axis) {
        if (x.shape().dim(axis) == 1) {
            return builder.rescale(ReductionKernels.zero(builder, x), builder.scales().working(Interval.UNIT));
        }
        Draft narrow = builder.narrow(x);
        Draft distance = distance(builder, narrow, axis);
        Draft total = total(builder, exponentials(builder, distance, axis), axis);
        Draft result = builder.subtract(distance, RootKernels.log(builder, total));
        return builder.within(result, new Interval(Math.min(result.range().low(), 0), 0x1p-10));
    }

    private static Draft terms(PlanBuilder builder, Draft x, int axis) {
        return exponentials(builder, distance(builder, x, axis), axis);
    }

    /** x minus the row's maximum; where the range is small, minus the greatest value that it may have. */
    private static Draft distance(PlanBuilder builder, Draft x, int axis) {
        double span = x.range().high() - x.range().low();
        if (span <= NARROW) {
            return builder.addConstant(x, -(x.range().high() + x.range().low()) / 2);
        }
        Draft maximum = PoolKernels.maximumAlong(builder, x, axis);
        return builder.within(builder.subtract(x, maximum), new Interval(-span, 0));
    }

    /** Exponentials accurate enough that n of them may be added: what vanishes is small against 1/n. */
    private static Draft exponentials(PlanBuilder builder, Draft distance, int axis) {
        return ExponentialKernels.exp(builder, distance, VANISHING / distance.shape().dim(axis),
                ExponentialKernels.Precision.STANDARD);
    }

    private static Draft total(PlanBuilder builder, Draft terms, int axis) {
        int n = terms.shape().dim(axis);
        Draft sum = builder.sum(terms, List.of(axis));
        // The maximum's own term is 1 but for the polynomial's error.
        double least = terms.range().low() > 0 ? n * terms.range().low() : 1 - 0x1p-10;
        return builder.within(sum, new Interval(least, Math.max(least, n * terms.range().high())));
    }
}
