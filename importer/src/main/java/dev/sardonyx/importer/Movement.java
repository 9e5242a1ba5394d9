package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that move elements to publicly known places. */
final class Movement {
    static final List<Operator> TABLE = List.of(
            core("Transpose").gives(Movement::transpose),
            core("Concat").gives(node -> node.ops().concat(node.axis(node.requiredInteger("axis"), node.shape(0).rank()), node.inputsFrom(0))),
            core("Split").versions(6, 13, 18).publicInputs(1).translates(Movement::split),
            core("Slice").versions(6, 10).publicInputs(1, 2, 3, 4).gives(Movement::slice),
            core("DynamicSlice").versions(1).publicInputs(1, 2, 3).note("as Slice since 10, which took its place").gives(Movement::slice),
            core("Pad").versions(6, 11, 18, 19).publicInputs(1, 3).gives(Movement::pad),
            core("Tile").publicInputs(1).gives(Movement::tile),
            core("DepthToSpace").versions(6, 11).gives(Movement::depthToSpace),
            core("SpaceToDepth").gives(Movement::spaceToDepth),
            core("Trilu").versions(14).publicInputs(1).gives(Movement::trilu),
            core("CenterCropPad").versions(18).publicInputs(1).gives(Movement::centerCropPad),
            core("ReverseSequence").versions(10).publicInputs(1).gives(Movement::reverseSequence),
            core("Compress").versions(9, 11).publicInputs(1).note("the condition decides the output's shape").gives(Movement::compress),
            core("Col2Im").versions(18).publicInputs(1, 2).gives(Movement::col2Im));

    private Movement() {
    }

    private static ValueId transpose(NodeContext node) {
        int rank = node.shape(0).rank();
        int[] reversed = IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray();
        return node.ops().transpose(node.input(0), node.integers("perm", reversed));
    }

    private static void split(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int axis = node.axis(node.integer("axis", 0), ops.rank(x));
        int[] sizes = splitSizes(node, ops.dim(x, axis));
        if (sizes.length != node.outputCount() || IntStream.of(sizes).sum() != ops.dim(x, axis)) {
            throw node.invalid("splits extent " + ops.dim(x, axis) + " of axis " + axis + " into " + Sliding.list(sizes) + " for "
                    + node.outputCount() + " outputs");
        }
        int start = 0;
        for (int i = 0; i < sizes.length; i++) {
            node.output(i, ops.slice(x, axis, start, sizes[i]));
            start += sizes[i];
        }
    }

    private static int[] splitSizes(NodeContext node, int extent) {
        if (node.opset() < 13 && node.hasAttribute("split")) {
            return node.integers("split", new int[0]);
        }
        if (node.opset() >= 13 && node.has(1)) {
            return node.openInts(1);
        }
        int parts = node.integer("num_outputs", node.outputCount());
        int size = Math.ceilDiv(extent, Math.max(1, parts));
        int[] sizes = new int[parts];
        for (int i = 0; i < parts; i++) {
            sizes[i] = Math.clamp(extent - i * size, 0, size);
        }
        return sizes;
    }

    private static ValueId slice(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        boolean attributes = node.opset() < 10 && !node.has(1);
        int[] starts = attributes ? node.integers("starts").orElseThrow(() -> node.missing("starts")) : node.openInts(1);
        int[] ends = attributes ? node.integers("ends").orElseThrow(() -> node.missing("ends")) : node.openInts(2);
        int[] counted = IntStream.range(0, starts.length).toArray();
        int[] axes = node.axes(attributes ? node.integers("axes", counted) : node.has(3) ? node.openInts(3) : counted, ops.rank(x));
        int[] steps = !attributes && node.has(4) ? node.openInts(4) : IntStream.of(axes).map(axis -> 1).toArray();
        if (ends.length != starts.length || axes.length != starts.length || steps.length != starts.length) {
            throw node.invalid("starts, ends, axes and steps have " + starts.length + ", " + ends.length + ", " + axes.length + " and "
                    + steps.length + " elements; expected as many of each");
        }
        Shape shape = ops.shape(x);
        var first = new ArrayList<>(java.util.Collections.nCopies(shape.rank(), 0));
        var by = new ArrayList<>(java.util.Collections.nCopies(shape.rank(), 1));
        var sizes = new ArrayList<>(shape.dims());
        for (int i = 0; i < axes.length; i++) {
            int extent = shape.dim(axes[i]);
            int step = steps[i];
            if (step == 0) {
                throw node.invalid("step 0; expected any other");
            }
            // Bounds count from the end where negative, then are clamped to the axis: one further for the side a step moves to.
            long start = Math.clamp((long) starts[i] + (starts[i] < 0 ? extent : 0), 0, step > 0 ? extent : Math.max(0, extent - 1));
            // The greatest integer means the end of the axis in whichever direction.
            long last = step < 0 && ends[i] == Integer.MAX_VALUE ? -1 : (long) ends[i] + (ends[i] < 0 ? extent : 0);
            long end = Math.clamp(last, step > 0 ? 0 : -1, step > 0 ? extent : Math.max(0, extent - 1));
            long size = extent == 0 ? 0 : Math.max(0, step > 0 ? Math.ceilDiv(end - start, (long) step) : Math.ceilDiv(start - end, -(long) step));
            first.set(axes[i], size == 0 ? 0 : (int) start);
            by.set(axes[i], size <= 1 ? 1 : step);
            sizes.set(axes[i], (int) size);
        }
        boolean whole = sizes.equals(shape.dims()) && by.stream().allMatch(step -> step == 1);
        return whole ? x : ops.add(new Op.Slice(first, by, sizes), x);
    }

    private static ValueId pad(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int rank = ops.rank(x);
        int[] given = node.opset() < 11 ? node.integers("pads").orElseThrow(() -> node.missing("pads")) : node.openInts(1);
        int[] axes = node.has(3) ? node.axes(node.openInts(3), rank) : IntStream.range(0, rank).toArray();
        if (given.length != 2 * axes.length) {
            throw node.invalid("pads has " + given.length + " elements; expected " + 2 * axes.length);
        }
        String mode = node.text("mode", "constant", List.of("constant", "reflect", "edge", "wrap"));
        int[] before = new int[rank];
        int[] after = new int[rank];
        for (int i = 0; i < axes.length; i++) {
            before[axes[i]] = given[i];
            after[axes[i]] = given[i + axes.length];
        }
        if (mode.equals("constant")) {
            return padConstant(node, x, before, after);
        }
        for (int axis = 0; axis < rank; axis++) {
            int extent = ops.dim(x, axis);
            int shift = before[axis];
            x = ops.pickAlong(x, axis, IntStream.range(0, Math.max(0, extent + shift + after[axis])).map(i -> switch (mode) {
                case "edge" -> Math.clamp(i - shift, 0, extent - 1);
                case "wrap" -> Math.floorMod(i - shift, extent);
                default -> mirror(i - shift, extent);
            }).toArray());
        }
        return x;
    }

    /** Reflection that does not repeat the border element. */
    static int mirror(int at, int extent) {
        if (extent == 1) {
            return 0;
        }
        int period = 2 * (extent - 1);
        int within = Math.floorMod(at, period);
        return within < extent ? within : period - within;
    }

    private static ValueId padConstant(NodeContext node, ValueId x, int[] before, int[] after) {
        GraphOps ops = node.ops();
        int rank = ops.rank(x);
        ValueId inner = x;
        for (int axis = 0; axis < rank; axis++) {
            int cutFront = Math.max(0, -before[axis]);
            int cutBack = Math.max(0, -after[axis]);
            inner = ops.slice(inner, axis, cutFront, Math.max(0, ops.dim(inner, axis) - cutFront - cutBack));
        }
        List<Integer> front = Arrays.stream(before).map(pad -> Math.max(0, pad)).boxed().toList();
        List<Integer> back = Arrays.stream(after).map(pad -> Math.max(0, pad)).boxed().toList();
        if (front.equals(back) && front.stream().allMatch(pad -> pad == 0)) {
            return inner;
        }
        if (node.opset() < 11 || !node.has(2)) {
            return ops.add(new Op.Pad(front, back, node.opset() < 11 ? node.real("value", 0) : 0), inner);
        }
        var open = ops.publicTensor(node.input(2));
        if (open.isPresent()) {
            return ops.add(new Op.Pad(front, back, open.get().getDouble(0)), inner);
        }
        ValueId inside = ops.add(new Op.Pad(front, back, 0), ops.filled(ElementType.BOOL, ops.shape(inner), 1));
        return ops.where(inside, ops.add(new Op.Pad(front, back, 0), inner), ops.reshape(node.input(2)));
    }

    private static ValueId tile(NodeContext node) {
        GraphOps ops = node.ops();
        Shape shape = node.shape(0);
        int[] repeats = node.openInts(1);
        if (repeats.length != shape.rank()) {
            throw node.invalid("repeats has " + repeats.length + " elements; expected " + shape.rank());
        }
        var apart = new ArrayList<Integer>();
        var repeated = new ArrayList<Integer>();
        var joined = new ArrayList<Integer>();
        for (int axis = 0; axis < repeats.length; axis++) {
            apart.addAll(List.of(1, shape.dim(axis)));
            repeated.addAll(List.of(repeats[axis], shape.dim(axis)));
            joined.add(Math.multiplyExact(repeats[axis], shape.dim(axis)));
        }
        ValueId spread = ops.expand(ops.reshape(node.input(0), new Shape(apart)), new Shape(repeated));
        return ops.reshape(spread, new Shape(joined));
    }

    private static ValueId depthToSpace(NodeContext node) {
        GraphOps ops = node.ops();
        Shape s = node.shape(0);
        int b = blockSize(node, s.dim(1));
        int depth = s.dim(1) / (b * b);
        boolean columnsFirst = node.text("mode", "DCR", List.of("DCR", "CRD")).equals("CRD");
        ValueId apart = columnsFirst ? ops.transpose(ops.reshape(node.input(0), s.dim(0), depth, b, b, s.dim(2), s.dim(3)), 0, 1, 4, 2, 5, 3)
                : ops.transpose(ops.reshape(node.input(0), s.dim(0), b, b, depth, s.dim(2), s.dim(3)), 0, 3, 4, 1, 5, 2);
        return ops.reshape(apart, s.dim(0), depth, s.dim(2) * b, s.dim(3) * b);
    }

    private static int blockSize(NodeContext node, int channels) {
        int b = node.requiredInteger("blocksize");
        if (b < 1 || node.shape(0).rank() != 4 || channels % (b * b) != 0) {
            throw node.invalid("blocksize=" + b + " for x " + node.shape(0) + "; expected rank 4 and its square to divide the channels");
        }
        return b;
    }

    private static ValueId spaceToDepth(NodeContext node) {
        GraphOps ops = node.ops();
        Shape s = node.shape(0);
        int b = node.requiredInteger("blocksize");
        if (b < 1 || s.rank() != 4 || s.dim(2) % b != 0 || s.dim(3) % b != 0) {
            throw node.invalid("blocksize=" + b + " for x " + s + "; expected rank 4 and blocksize to divide height and width");
        }
        ValueId apart = ops.reshape(node.input(0), s.dim(0), s.dim(1), s.dim(2) / b, b, s.dim(3) / b, b);
        boolean depthFirst = node.text("mode", "DCR", List.of("DCR", "CRD")).equals("DCR");
        ValueId deep = depthFirst ? ops.transpose(apart, 0, 3, 5, 1, 2, 4) : ops.transpose(apart, 0, 1, 3, 5, 2, 4);
        return ops.reshape(deep, s.dim(0), s.dim(1) * b * b, s.dim(2) / b, s.dim(3) / b);
    }

    private static ValueId trilu(NodeContext node) {
        GraphOps ops = node.ops();
        Shape shape = node.shape(0);
        boolean upper = node.flag("upper", true);
        Tensor offset = node.has(1) ? node.open(1) : Tensor.vector(0);
        long k = offset.getLong(0);
        int rows = shape.dim(-2);
        int columns = shape.dim(-1);
        return ops.pick(node.input(0), shape, flat -> {
            long column = flat % columns;
            long row = flat / columns % rows;
            return (upper ? column - row >= k : column - row <= k) ? flat : -1;
        });
    }

    private static ValueId centerCropPad(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int[] target = node.openInts(1);
        int[] axes = node.axes(node.integers("axes").orElse(IntStream.range(0, ops.rank(x)).toArray()), ops.rank(x));
        for (int i = 0; i < axes.length; i++) {
            int extent = ops.dim(x, axes[i]);
            int wanted = target[i];
            // Odd remainders: cropping drops one more at the end, padding adds one more at the end.
            int shift = wanted < extent ? (extent - wanted) / 2 : -((wanted - extent) / 2);
            x = ops.pickAlong(x, axes[i], IntStream.range(0, wanted).map(at -> at + shift >= 0 && at + shift < extent ? at + shift : -1).toArray());
        }
        return x;
    }

    private static ValueId reverseSequence(NodeContext node) {
        Shape shape = node.shape(0);
        int batch = node.integer("batch_axis", 1, 0, 1);
        int time = node.integer("time_axis", 0, 0, 1);
        int[] lengths = node.openInts(1);
        int[] strides = shape.strides();
        return node.ops().pick(node.input(0), shape, flat -> {
            int at = flat / strides[time] % shape.dim(time);
            int length = lengths[flat / strides[batch] % shape.dim(batch)];
            return at < length ? flat + (length - 1 - 2 * at) * strides[time] : flat;
        });
    }

    private static ValueId compress(NodeContext node) {
        GraphOps ops = node.ops();
        int[] condition = node.openInts(1);
        ValueId x = node.hasAttribute("axis") ? node.input(0) : ops.reshape(node.input(0), node.shape(0).size());
        int axis = node.axis(node.integer("axis", 0), ops.rank(x));
        int extent = Math.min(condition.length, ops.dim(x, axis));
        return ops.pickAlong(x, axis, IntStream.range(0, extent).filter(i -> condition[i] != 0).toArray());
    }

    /** Each image element is the sum of the block elements that fall on it: one gather per tap of the block, zero outside. */
    private static ValueId col2Im(NodeContext node) {
        GraphOps ops = node.ops();
        Shape x = node.shape(0);
        int[] image = node.openInts(1);
        int[] block = node.openInts(2);
        int rank = image.length;
        int[] ones = IntStream.of(image).map(axis -> 1).toArray();
        int[] strides = node.integers("strides", ones);
        int[] dilations = node.integers("dilations", ones);
        int[] pads = node.integers("pads", new int[2 * rank]);
        int taps = IntStream.of(block).reduce(1, Math::multiplyExact);
        int[] steps = IntStream.range(0, rank).map(axis -> (image[axis] + pads[axis] + pads[axis + rank] - dilations[axis] * (block[axis] - 1) - 1)
                / strides[axis] + 1).toArray();
        int blocks = IntStream.of(steps).reduce(1, Math::multiplyExact);
        int channels = x.dim(1) / Math.max(1, taps);
        if (x.rank() != 3 || x.dim(1) != channels * taps || x.dim(2) != blocks) {
            throw node.invalid("x " + x + "; expected [N, C·" + taps + ", " + blocks + "]");
        }
        Shape imageShape = Shape.of(image);
        Shape blockShape = Shape.of(block);
        Shape gathered = Shape.of(x.dim(0), channels, imageShape.size(), taps);
        ValueId spread = ops.pick(node.input(0), gathered, flat -> {
            int tap = flat % taps;
            int plane = flat / taps / imageShape.size();
            int[] pixel = Pooling.coordinates(imageShape, flat / taps % imageShape.size());
            int[] within = Pooling.coordinates(blockShape, tap);
            int at = 0;
            for (int axis = 0; axis < rank; axis++) {
                int offset = pixel[axis] + pads[axis] - within[axis] * dilations[axis];
                if (offset < 0 || offset % strides[axis] != 0 || offset / strides[axis] >= steps[axis]) {
                    return -1;
                }
                at = at * steps[axis] + offset / strides[axis];
            }
            return (plane * taps + tap) * blocks + at;
        });
        int[] result = IntStream.concat(IntStream.of(x.dim(0), channels), IntStream.of(image)).toArray();
        return ops.reshape(ops.sum(spread, 3), result);
    }
}
