package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Convolutions and their transposes. */
final class Convolution {
    static final List<Operator> TABLE = List.of(
            core("Conv").gives(node -> {
                ValueId y = conv(node, node.input(0), node.input(1));
                return node.has(2) ? node.ops().add(y, perChannel(node.ops(), node.input(2), node.ops().rank(y))) : y;
            }),
            core("ConvTranspose").gives(Convolution::transposed));

    private Convolution() {
    }

    /** The convolution that a node's attributes describe, of any two values. */
    static ValueId conv(NodeContext node, ValueId x, ValueId weights) {
        GraphOps ops = node.ops();
        Window window = new Sliding(node, kernelOf(ops.shape(weights))).window(ops.shape(x));
        return ops.add(new Op.Conv(window, node.integer("group", 1)), x, weights);
    }

    /** A vector over channels as [1, C, 1, …] of a rank. */
    static ValueId perChannel(GraphOps ops, ValueId vector, int rank) {
        int[] dims = IntStream.range(0, rank).map(axis -> axis == 1 ? ops.shape(vector).size() : 1).toArray();
        return ops.reshape(vector, dims);
    }

    private static int[] kernelOf(Shape weights) {
        return weights.dims().stream().skip(2).mapToInt(Integer::intValue).toArray();
    }

    /**
     * Output o gets x[i]·w[t] where o = i·stride + t·dilation − pad, so it is a plain convolution, weights flipped, over x with
     * stride − 1 zeros between elements.
     */
    private static ValueId transposed(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        ValueId weights = node.input(1);
        var sliding = new Sliding(node, kernelOf(ops.shape(weights)));
        int groups = node.integer("group", 1, 1, Integer.MAX_VALUE);
        Extent[] extents = extents(node, sliding, ops.shape(x));
        for (int axis = 0; axis < sliding.rank(); axis++) {
            int reach = sliding.reach(axis);
            int stride = sliding.stride(axis);
            int in = ops.dim(x, axis + 2);
            int shift = extents[axis].before - (reach - 1);
            int[] source = IntStream.range(0, extents[axis].out + reach - 1).map(p -> {
                int spread = p + shift;
                return spread >= 0 && spread % stride == 0 && spread / stride < in ? spread / stride : -1;
            }).toArray();
            x = ops.pickAlong(x, axis + 2, source);
        }
        List<Integer> ones = Collections.nCopies(sliding.rank(), 1);
        List<Integer> zeros = Collections.nCopies(sliding.rank(), 0);
        var window = new Window(Sliding.list(sliding.kernel()), ones, IntStream.range(0, sliding.rank()).map(sliding::dilation).boxed().toList(),
                zeros, zeros);
        ValueId y = ops.add(new Op.Conv(window, groups), x, flipped(ops, weights, groups));
        return node.has(2) ? ops.add(y, perChannel(ops, node.input(2), ops.rank(y))) : y;
    }

    private record Extent(int out, int before) {
    }

    private static Extent[] extents(NodeContext node, Sliding sliding, Shape x) {
        int rank = sliding.rank();
        int[] outputPadding = node.integers("output_padding", new int[rank]);
        int[] asked = node.integers("output_shape", new int[0]);
        int[] pads = node.integers("pads", new int[2 * rank]);
        if (outputPadding.length != rank || pads.length != 2 * rank || asked.length != 0 && asked.length < rank || x.rank() != rank + 2) {
            throw node.invalid("output_padding, pads or output_shape; expected " + rank + ", " + 2 * rank + " and " + rank + " numbers for x " + x);
        }
        boolean same = sliding.autoPad().startsWith("SAME");
        var extents = new Extent[rank];
        for (int axis = 0; axis < rank; axis++) {
            int in = x.dim(axis + 2);
            int full = sliding.stride(axis) * (in - 1) + outputPadding[axis] + sliding.reach(axis);
            if (asked.length > 0 || same) {
                int out = asked.length > 0 ? asked[asked.length - rank + axis] : in * sliding.stride(axis);
                int total = Math.max(0, full - out);
                // Padding is never negative, so SAME gives less than it says where the kernel is smaller than the stride.
                extents[axis] = new Extent(asked.length > 0 ? out : full - total, sliding.autoPad().equals("SAME_UPPER") ? total / 2 : total - total / 2);
            } else {
                boolean valid = sliding.autoPad().equals("VALID");
                extents[axis] = new Extent(full - (valid ? 0 : pads[axis] + pads[axis + rank]), valid ? 0 : pads[axis]);
            }
            if (extents[axis].out < 0) {
                throw node.invalid("output extent " + extents[axis].out + " along spatial axis " + axis + "; expected 0 or more");
            }
        }
        return extents;
    }

    /** [C, M/groups, kernel…] as the weights [M, C/groups, kernel…] of the plain convolution, each kernel axis reversed. */
    private static ValueId flipped(GraphOps ops, ValueId weights, int groups) {
        Shape shape = ops.shape(weights);
        int channels = shape.dim(0);
        int perGroup = shape.dim(1);
        int[] kernel = kernelOf(shape);
        int[] grouped = IntStream.concat(IntStream.of(groups, channels / groups, perGroup), IntStream.of(kernel)).toArray();
        ValueId swapped = ops.moveAxis(ops.reshape(weights, grouped), 1, 2);
        ValueId result = ops.reshape(swapped,
                IntStream.concat(IntStream.of(groups * perGroup, channels / groups), IntStream.of(kernel)).toArray());
        for (int axis = 0; axis < kernel.length; axis++) {
            result = ops.reverse(result, axis + 2);
        }
        return result;
    }
}
