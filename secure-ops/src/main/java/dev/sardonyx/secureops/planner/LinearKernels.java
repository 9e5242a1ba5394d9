package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.planner.Rescaling.Factors;
import java.util.List;

/** Matrix products and convolutions. Where an operand is a constant, the output's range comes from its rows. */
final class LinearKernels {
    private LinearKernels() {
    }

    static List<Draft> matmul(Kernel.Request request) {
        PlanBuilder builder = request.builder();
        Term left = request.input(0);
        Term right = request.input(1);
        Shape shape = request.shape();
        if (right instanceof Term.Fixed weights && left instanceof Term.Computed) {
            Draft x = builder.narrow(request.number(0));
            Interval range = request.bounded(productRange(builder, x.range(), weights, WeightRows.right(weights.shape())));
            x = makeRoom(builder, x, range);
            return List.of(builder.matmul(x, Terms.factor(builder, weights, x, range), shape, range));
        }
        if (left instanceof Term.Fixed weights && right instanceof Term.Computed) {
            Draft x = builder.narrow(request.number(1));
            Interval range = request.bounded(productRange(builder, x.range(), weights, WeightRows.left(weights.shape())));
            x = makeRoom(builder, x, range);
            return List.of(builder.matmul(Terms.factor(builder, weights, x, range), x, shape, range));
        }
        Draft a = request.number(0);
        Draft b = request.number(1);
        int depth = a.shape().dim(-1);
        // An average stays within what it averages; a sum of depth products may not.
        double weight = Math.min(request.rowSum().orElse(Double.MAX_VALUE), depth * a.range().magnitude());
        Interval reach = request.rowSum().isPresent() && a.range().isNonNegative()
                ? b.range().times(new Interval(0, weight)) : a.range().times(b.range()).times(Math.max(1, depth));
        Interval range = request.bounded(reach);
        Factors factors = builder.rescaling().fit(a, b, range);
        return List.of(builder.matmul(factors.left(), factors.right(), shape, range));
    }

    static List<Draft> convolve(Kernel.Request request, Op.Conv conv) {
        PlanBuilder builder = request.builder();
        var instruction = new Instruction.Convolve(conv.window(), conv.groups());
        boolean pads = conv.window().padsBegin().stream().anyMatch(pad -> pad > 0) || conv.window().padsEnd().stream().anyMatch(pad -> pad > 0);
        if (request.input(1) instanceof Term.Fixed weights && request.input(0) instanceof Term.Computed) {
            Draft x = builder.narrow(request.number(0));
            Interval input = pads ? x.range().union(Interval.point(0)) : x.range();
            Interval range = request.bounded(productRange(builder, input, weights, WeightRows.filters(weights.shape())));
            x = makeRoom(builder, x, range);
            return List.of(builder.convolve(x, Terms.factor(builder, weights, x, range), instruction, request.shape(), range));
        }
        Draft x = request.number(0);
        Draft w = request.number(1);
        Interval input = pads ? x.range().union(Interval.point(0)) : x.range();
        int depth = w.shape().size(1, w.shape().rank());
        Interval range = request.bounded(input.times(w.range()).times(Math.max(1, depth)));
        Factors factors = builder.rescaling().fit(x, w, range);
        return List.of(builder.convolve(factors.left(), factors.right(), instruction, request.shape(), range));
    }

    /** A factor this coarse says that its range is far too wide to plan by: real models do not reach 2^30. */
    static final int COARSEST_FACTOR = 12;

    /** Leaves at least a few fraction bits for the constant factor. */
    private static Draft makeRoom(PlanBuilder builder, Draft x, Interval range) {
        int room = builder.scales().finest(range);
        int wanted = Math.min(x.fractionBits(), Math.max(room / 2, room - Scales.WORKING_BITS - Scales.CONSTANT_EXTRA_BITS));
        boolean coarse = x.fractionBits() > 0 && x.fractionBits() < COARSEST_FACTOR && builder.options().fractionBits().isEmpty();
        if (room < Scales.WORKING_BITS || coarse) {
            int needed = StepLog.MAX_MAGNITUDE_BITS - Math.min(room, x.fractionBits()) + Scales.WORKING_BITS;
            throw builder.outOfRange("by interval analysis its input may reach 2^" + x.range().magnitudeExponent() + " and its result 2^"
                    + range.magnitudeExponent() + ": " + needed + " bits needed, " + StepLog.MAX_MAGNITUDE_BITS
                    + " available. Declare tighter --input-range or --calibrate with samples");
        }
        return wanted < x.fractionBits() ? builder.rescale(x, wanted) : x;
    }

    private static Interval productRange(PlanBuilder builder, Interval x, Term.Fixed weights, WeightRows rows) {
        return builder.scales().mayLookAt(weights)
                ? rows.product(weights.constant().tensor(), x)
                : builder.scales().declaredProduct(x, rows.depth());
    }
}
