package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue.Kind;
import dev.sardonyx.secureops.plan.Visibility;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Emits the steps that rearrange elements, of numbers and of bits alike. A move that would change nothing is not emitted. */
final class Moves {
    private final Scales scales;
    private final StepLog log;
    private final Rescaling rescaling;

    Moves(Scales scales, StepLog log, Rescaling rescaling) {
        this.scales = scales;
        this.log = log;
        this.rescaling = rescaling;
    }

    /** A movement of one value; padding adds zero to its range. */
    Draft move(Op.Movement movement, Shape shape, Draft a) {
        if (movement instanceof Op.Reshape && shape.equals(a.shape())) {
            return a;
        }
        boolean pads = movement instanceof Op.Pad || movement instanceof Op.Pick;
        Interval range = pads ? a.range().union(Interval.point(0)) : a.range();
        return log.number(new Instruction.Move(movement), List.of(a), a.kind(), a.visibility(), shape, a.fractionBits(), range);
    }

    Draft reshape(Draft a, Shape shape) {
        return move(new Op.Reshape(shape), shape, a);
    }

    Draft expand(Draft a, Shape shape) {
        return a.shape().equals(shape) ? a : move(new Op.Expand(shape), shape, a);
    }

    /** Elements {@code start, start + step, …} ({@code size} of them) along an axis. */
    Draft slice(Draft a, int axis, int start, int step, int size) {
        if (start == 0 && step == 1 && size == a.shape().dim(axis)) {
            return a;
        }
        var starts = new ArrayList<>(Collections.nCopies(a.shape().rank(), 0));
        var strides = new ArrayList<>(Collections.nCopies(a.shape().rank(), 1));
        var sizes = new ArrayList<>(a.shape().dims());
        starts.set(axis, start);
        strides.set(axis, step);
        sizes.set(axis, size);
        return move(new Op.Slice(starts, strides, sizes), a.shape().with(axis, size), a);
    }

    /** Several values of one kind joined along an axis, at the finest of their scales. */
    Draft concat(List<Draft> parts, int axis) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        Draft first = parts.getFirst();
        int extent = parts.stream().mapToInt(part -> part.shape().dim(axis)).sum();
        Visibility visibility = StepLog.joined(parts);
        if (first.isBits()) {
            return log.number(new Instruction.Move(new Op.Concat(axis)), parts, Kind.BITS, visibility, first.shape().with(axis, extent), 0,
                    Interval.UNIT);
        }
        Interval range = parts.stream().map(Draft::range).reduce(first.range(), Interval::union);
        int finest = parts.stream().mapToInt(Draft::fractionBits).max().orElse(0);
        int scale = Math.min(finest, scales.finest(range));
        List<Draft> aligned = parts.stream().map(part -> rescaling.rescale(part, scale)).toList();
        return log.number(new Instruction.Move(new Op.Concat(axis)), aligned, Kind.NUMBER, visibility, first.shape().with(axis, extent), scale,
                range);
    }
}
