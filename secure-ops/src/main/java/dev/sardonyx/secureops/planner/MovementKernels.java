package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import java.util.ArrayList;
import java.util.List;

/** Rearrangement of elements; nothing is looked at and nothing is sent. */
final class MovementKernels {
    private MovementKernels() {
    }

    static Draft move(Kernel.Request request, Op.Movement movement) {
        Moves moves = request.builder().moves();
        return switch (movement) {
            case Op.Concat concat -> concat(request, concat);
            case Op.Pad pad -> pad(request, pad);
            case Op.Reshape reshape -> moves.move(reshape, request.shape(), request.value(0));
            case Op.Transpose transpose -> moves.move(transpose, request.shape(), request.value(0));
            case Op.Slice slice -> moves.move(slice, request.shape(), request.value(0));
            case Op.Expand expand -> moves.expand(request.value(0), request.shape());
            case Op.Pick pick -> moves.move(pick, request.shape(), request.value(0));
        };
    }

    private static Draft concat(Kernel.Request request, Op.Concat concat) {
        PlanBuilder builder = request.builder();
        var parts = new ArrayList<Draft>();
        Draft partner = null;
        for (Term term : request.inputs()) {
            if (term instanceof Term.Computed computed) {
                partner = computed.draft();
            }
        }
        for (Term term : request.inputs()) {
            if (term.shape().dim(concat.axis()) > 0) {
                parts.add(partner == null || partner.isBits() ? Terms.value(builder, term) : Terms.aligned(builder, term, partner));
            }
        }
        if (parts.isEmpty()) {
            return Terms.value(builder, request.input(0));
        }
        Draft joined = builder.moves().concat(parts, concat.axis());
        request.inputs().forEach(term -> Terms.requireDigits(builder, term, joined));
        return joined;
    }

    private static Draft pad(Kernel.Request request, Op.Pad pad) {
        PlanBuilder builder = request.builder();
        Draft x = request.value(0);
        Op.Pad zeros = new Op.Pad(pad.before(), pad.after(), 0);
        Draft padded = builder.moves().move(zeros, request.shape(), x);
        if (pad.value() == 0) {
            return padded;
        }
        double value = Scales.clampMask(pad.value());
        double[] border = new double[request.shape().size()];
        Shape inner = x.shape();
        int[] strides = request.shape().strides();
        for (int i = 0; i < border.length; i++) {
            boolean inside = true;
            for (int axis = 0; axis < inner.rank(); axis++) {
                int position = i / strides[axis] % request.shape().dim(axis) - pad.before().get(axis);
                inside &= position >= 0 && position < inner.dim(axis);
            }
            border[i] = inside ? 0 : value;
        }
        if (x.isBits()) {
            throw builder.unsupported("pads booleans with " + pad.value() + "; only false is supported");
        }
        Draft sum = builder.add(padded, builder.sources().literal(request.shape(), border, padded.fractionBits()));
        Terms.requireDigits(builder, request.input(0), sum);
        return builder.within(sum, x.range().union(Interval.point(value)));
    }
}
