package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Sums, extremes, products and indices along axes. */
final class ReductionKernels {
    private ReductionKernels() {
    }

    static Draft reduce(Kernel.Request request, Op.Reduce reduce) {
        PlanBuilder builder = request.builder();
        Draft x = request.number(0);
        Draft result = switch (reduce.function()) {
            case SUM -> builder.sum(x, reduce.axes());
            case MEAN -> mean(builder, x, reduce.axes());
            case MAX -> PoolKernels.maximumAlong(builder, x, reduce.axes());
            case MIN -> builder.negate(PoolKernels.maximumAlong(builder, builder.negate(x), reduce.axes()));
            case PRODUCT -> product(builder, x, reduce.axes());
        };
        Draft bounded = builder.within(result, request.bounded(result.range()));
        if (reduce.function() == Op.Reduce.Function.MAX) {
            builder.noteMaximum(bounded, x);
        }
        return bounded;
    }

    static Draft mean(PlanBuilder builder, Draft x, List<Integer> axes) {
        int count = axes.stream().map(axis -> x.shape().dim(axis)).reduce(1, Math::multiplyExact);
        if (count == 0) {
            throw builder.unsupported("mean over no elements");
        }
        return builder.within(builder.scaleBy(builder.sum(x, axes), 1.0 / count), x.range());
    }

    private static Draft product(PlanBuilder builder, Draft x, List<Integer> axes) {
        Draft rest = x;
        for (int axis : axes) {
            rest = productAlong(builder, rest, axis);
        }
        return rest;
    }

    /** Halves are multiplied in one step each; a slice that is left over joins last, so that it does not widen the others' range. */
    private static Draft productAlong(PlanBuilder builder, Draft x, int axis) {
        Moves moves = builder.moves();
        Draft rest = x;
        var leftOver = new ArrayList<Draft>();
        while (rest.shape().dim(axis) > 1) {
            int extent = rest.shape().dim(axis);
            int half = extent / 2;
            if (extent % 2 == 1) {
                leftOver.add(moves.slice(rest, axis, extent - 1, 1, 1));
            }
            rest = builder.narrow(builder.product(moves.slice(rest, axis, 0, 1, half), moves.slice(rest, axis, half, 1, half)));
        }
        for (Draft factor : leftOver) {
            rest = builder.narrow(builder.product(rest, factor));
        }
        return rest.shape().dim(axis) == 0 ? builder.sources().literal(x.shape().with(axis, 1), 1, x.fractionBits()) : rest;
    }

    /** Zero at scale 0, as visible as x: kernels that compare take no public values. */
    static Draft zero(PlanBuilder builder, Draft x) {
        Draft narrow = builder.narrow(x);
        return builder.within(builder.scaleBy(builder.subtract(narrow, narrow), Math.scalb(1.0, narrow.fractionBits())), Interval.point(0));
    }

    /**
     * Index of the greatest element along an axis by a tournament of neighbours; of equals the first (or last) wins. Who has won a round
     * stands for a run of elements, and runs stay in their order: so the first of equals is the one in front.
     */
    static Draft argMax(PlanBuilder builder, Draft x, Op.ArgMax argMax) {
        Moves moves = builder.moves();
        int axis = argMax.axis();
        int extent = x.shape().dim(axis);
        if (extent == 1) {
            return zero(builder, x);
        }
        var indexShape = new ArrayList<>(Collections.nCopies(x.shape().rank(), 1));
        indexShape.set(axis, extent);
        double[] numbers = new double[extent];
        for (int i = 0; i < extent; i++) {
            numbers[i] = i;
        }
        Draft values = x;
        Draft indices = moves.expand(builder.sources().literal(new Shape(indexShape), numbers, 0), x.shape());
        double unit = Math.scalb(1.0, -x.fractionBits());
        while (values.shape().dim(axis) > 1) {
            int count = values.shape().dim(axis);
            int half = count / 2;
            Draft laterValue = moves.slice(values, axis, 1, 2, half);
            Draft difference = builder.subtract(moves.slice(values, axis, 0, 2, half), laterValue);
            Draft first = builder.bits().atLeast(difference, argMax.lastIndex() ? unit : 0, 0);
            Draft laterIndex = moves.slice(indices, axis, 1, 2, half);
            Draft indexDifference = builder.subtract(moves.slice(indices, axis, 0, 2, half), laterIndex);
            Draft bestIndex = builder.within(builder.add(laterIndex, builder.bits().select(first, indexDifference)), new Interval(0, extent - 1));
            Draft bestValue = builder.within(builder.add(laterValue, builder.bits().select(first, difference)), x.range());
            if (count % 2 == 1) {
                bestValue = moves.concat(List.of(bestValue, moves.slice(values, axis, count - 1, 1, 1)), axis);
                bestIndex = moves.concat(List.of(bestIndex, moves.slice(indices, axis, count - 1, 1, 1)), axis);
            }
            values = bestValue;
            indices = bestIndex;
        }
        return indices;
    }
}
