package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** ReLU, maxima and pooling. */
final class PoolKernels {
    private PoolKernels() {
    }

    static Draft relu(PlanBuilder builder, Draft x) {
        if (x.range().isNonNegative()) {
            return x;
        }
        Interval range = x.range().max(Interval.point(0));
        Draft kept = builder.options().enabled(PlanPass.PARALLEL_TRUNCATION) ? builder.narrow(x) : x;
        Draft positive = builder.bits().atLeast(x, 0, builder.scales().resolution(x.range()));
        return builder.within(builder.bits().select(positive, kept), range.union(Interval.point(0)));
    }

    /** Whether numbers in a range are all on one side of zero. */
    private static boolean decided(Interval range) {
        return range.isNonNegative() || range.high() <= 0;
    }

    /** The greater of two values of one shape. */
    static Draft maximum(PlanBuilder builder, Draft a, Draft b) {
        Draft difference = builder.subtract(a, b);
        if (difference.isPublic() && decided(difference.range())) {
            return difference.range().isNonNegative() ? a : b;
        }
        Draft first = builder.bits().atLeast(difference, 0, builder.scales().resolution(difference.range()));
        Draft result = builder.add(b, builder.bits().select(first, difference));
        return builder.within(result, a.range().max(b.range()));
    }

    /** The lesser of two values of one shape. */
    static Draft minimum(PlanBuilder builder, Draft a, Draft b) {
        Draft difference = builder.subtract(a, b);
        if (difference.isPublic() && decided(difference.range())) {
            return difference.range().isNonNegative() ? b : a;
        }
        Draft first = builder.bits().atLeast(difference, 0, builder.scales().resolution(difference.range()));
        Draft result = builder.subtract(a, builder.bits().select(first, difference));
        return builder.within(result, a.range().min(b.range()));
    }

    /** The maximum along an axis, which remains with extent 1; halves are compared in one step each. */
    static Draft maximumAlong(PlanBuilder builder, Draft x, int axis) {
        Moves moves = builder.moves();
        Draft rest = x;
        while (rest.shape().dim(axis) > 1) {
            int extent = rest.shape().dim(axis);
            int half = extent / 2;
            Draft best = maximum(builder, moves.slice(rest, axis, 0, 1, half), moves.slice(rest, axis, half, 1, half));
            rest = extent % 2 == 0 ? best : moves.concat(List.of(best, moves.slice(rest, axis, extent - 1, 1, 1)), axis);
        }
        return rest;
    }

    static Draft maximumAlong(PlanBuilder builder, Draft x, List<Integer> axes) {
        Draft result = x;
        for (int axis : axes) {
            result = maximumAlong(builder, result, axis);
        }
        return result;
    }

    static List<Draft> maxPool(Kernel.Request request, Op.MaxPool pool) {
        PlanBuilder builder = request.builder();
        Window window = pool.window();
        Draft x = request.number(0);
        double floor = new Interval(Math.min(0, x.range().low()), 0).outward().low();
        boolean pads = window.padsBegin().stream().anyMatch(pad -> pad > 0) || window.padsEnd().stream().anyMatch(pad -> pad > 0);
        Interval range = x.range();
        if (pads) {
            // Lifted to be non-negative, so that zero padding never beats an element.
            x = pad(builder, builder.addConstant(x, -floor), window);
        }
        // One axis after the other: windows that overlap share their comparisons.
        for (int axis = 0; axis < window.rank(); axis++) {
            x = maxAlongWindow(builder, x, axis, window);
        }
        return List.of(pads ? builder.within(builder.addConstant(x, floor), range) : x);
    }

    private static Draft pad(PlanBuilder builder, Draft x, Window window) {
        var before = new ArrayList<>(List.of(0, 0));
        var after = new ArrayList<>(List.of(0, 0));
        before.addAll(window.padsBegin());
        after.addAll(window.padsEnd());
        var dims = new ArrayList<Integer>();
        for (int axis = 0; axis < x.shape().rank(); axis++) {
            dims.add(x.shape().dim(axis) + before.get(axis) + after.get(axis));
        }
        return builder.moves().move(new Op.Pad(before, after, 0), new Shape(dims), x);
    }

    private static Draft maxAlongWindow(PlanBuilder builder, Draft x, int spatialAxis, Window window) {
        Moves moves = builder.moves();
        int axis = spatialAxis + 2;
        int kernel = window.kernel().get(spatialAxis);
        int stride = window.strides().get(spatialAxis);
        int dilation = window.dilations().get(spatialAxis);
        int extent = (x.shape().dim(axis) - dilation * (kernel - 1) - 1) / stride + 1;
        var taps = new ArrayList<Draft>();
        for (int tap = 0; tap < kernel; tap++) {
            taps.add(moves.slice(x, axis, tap * dilation, stride, extent));
        }
        while (taps.size() > 1) {
            int half = taps.size() / 2;
            Draft best = maximum(builder, moves.concat(taps.subList(0, half), axis), moves.concat(taps.subList(half, 2 * half), axis));
            var left = new ArrayList<Draft>();
            for (int i = 0; i < half; i++) {
                left.add(moves.slice(best, axis, i * extent, 1, extent));
            }
            if (taps.size() % 2 == 1) {
                left.add(taps.getLast());
            }
            taps = left;
        }
        return taps.getFirst();
    }

    static List<Draft> averagePool(Kernel.Request request, Op.AveragePool pool) {
        PlanBuilder builder = request.builder();
        Window window = pool.window();
        Draft x = request.number(0);
        Draft sum = builder.sumWindow(x, window, request.shape());
        double[] counts = counts(x.shape(), request.shape(), pool);
        boolean uniform = java.util.Arrays.stream(counts).allMatch(count -> count == counts[0]);
        Draft wide = builder.options().enabled(PlanPass.POOLING_DIVISION) ? sum : builder.narrow(sum);
        Interval range = x.range().union(Interval.point(0));
        if (uniform && counts.length > 0) {
            return List.of(builder.within(builder.scaleBy(wide, 1 / counts[0]), range));
        }
        double[] factors = java.util.Arrays.stream(counts).map(count -> 1 / count).toArray();
        var dims = new ArrayList<>(Collections.nCopies(2, 1));
        dims.addAll(request.shape().dims().subList(2, request.shape().rank()));
        Draft narrow = builder.narrow(wide);
        Draft literal = builder.sources().literal(new Shape(dims), factors, builder.scales().partnerScale(Interval.UNIT, narrow, narrow.range()));
        return List.of(builder.within(builder.multiply(narrow, literal), range));
    }

    /** The divisor at each output position of one channel. */
    private static double[] counts(Shape input, Shape output, Op.AveragePool pool) {
        Window window = pool.window();
        double[] counts = {1};
        for (int axis = 0; axis < window.rank(); axis++) {
            int extent = output.dim(axis + 2);
            double[] next = new double[counts.length * extent];
            for (int o = 0; o < extent; o++) {
                int start = o * window.strides().get(axis) - window.padsBegin().get(axis);
                int counted = 0;
                for (int tap = 0; tap < window.kernel().get(axis); tap++) {
                    int position = start + tap * window.dilations().get(axis);
                    int from = pool.countIncludePad() ? -window.padsBegin().get(axis) : 0;
                    int to = input.dim(axis + 2) + (pool.countIncludePad() ? pool.countedPadsEnd().get(axis) : 0);
                    counted += position >= from && position < to ? 1 : 0;
                }
                for (int i = 0; i < counts.length; i++) {
                    next[i * extent + o] = counts[i] * counted;
                }
            }
            counts = next;
        }
        return counts;
    }
}
