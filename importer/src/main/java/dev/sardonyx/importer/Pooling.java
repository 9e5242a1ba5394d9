package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Reduce;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import java.util.List;
import java.util.stream.IntStream;

/** Poolings, windowed and global. */
final class Pooling {
    static final List<Operator> TABLE = List.of(
            core("MaxPool").versions(6, 8, 10).translates(Pooling::maxPool),
            core("AveragePool").versions(6, 10, 19).gives(node -> averagePool(node, node.input(0))),
            core("LpPool").versions(6, 18).gives(Pooling::lpPool),
            core("GlobalAveragePool").versions(1).gives(node -> node.ops().mean(node.input(0), spatial(node))),
            core("GlobalMaxPool").versions(1).gives(node -> node.ops().reduce(Reduce.Function.MAX, node.input(0), spatial(node))),
            core("GlobalLpPool").gives(node -> {
                ValueId powers = powers(node, node.input(0));
                return root(node, node.ops().sum(powers, spatial(node)));
            }),
            core("MaxUnpool").versions(9, 11).publicInputs(2).gives(Pooling::maxUnpool));

    private Pooling() {
    }

    private static int[] spatial(NodeContext node) {
        return IntStream.range(2, node.shape(0).rank()).toArray();
    }

    private static void maxPool(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        Window window = new Sliding(node).window(ops.shape(x));
        if (!node.wants(1)) {
            node.output(0, ops.add(new Op.MaxPool(window), x));
            return;
        }
        // Both outputs from one arg-max over each window's elements. A tap in the padding repeats the window's first inner
        // element, which changes neither the maximum nor, ties going to the first, whose index it is.
        Taps taps = taps(node, ops.shape(x), window);
        ValueId windows = ops.pick(x, taps.shape, taps.source);
        int last = taps.shape.rank() - 1;
        node.output(0, ops.squeeze(ops.reduce(Reduce.Function.MAX, windows, last), last));
        ValueId winner = ops.squeeze(ops.add(new Op.ArgMax(last, false), windows), last);
        ValueId chosen = ops.cast(ops.add(new Op.OneHot(last, taps.shape.dim(last)), winner), ElementType.INT64);
        ValueId table = ops.constant(ElementType.INT64, taps.shape, IntStream.of(taps.reported).asDoubleStream().toArray());
        node.output(1, ops.squeeze(ops.sum(ops.mul(chosen, table), last), last));
    }

    /** For each output element and tap: where it lies in x, and what ONNX reports as its index. */
    private record Taps(Shape shape, int[] source, int[] reported) {
    }

    private static Taps taps(NodeContext node, Shape x, Window window) {
        boolean columnMajor = node.flag("storage_order", false);
        int rank = window.rank();
        int[] spatial = IntStream.range(0, rank).map(axis -> x.dim(axis + 2)).toArray();
        int[] out = IntStream.range(0, rank).map(axis -> window.outputExtent(axis, spatial[axis])).toArray();
        Shape outputs = Shape.of(out);
        Shape kernel = new Shape(window.kernel());
        int planes = x.dim(0) * x.dim(1);
        int plane = x.size(2, x.rank());
        Shape shape = Shape.of(IntStream.concat(IntStream.concat(IntStream.of(x.dim(0), x.dim(1)), IntStream.of(out)),
                IntStream.of(kernel.size())).toArray());
        int[] source = new int[shape.size()];
        int[] reported = new int[shape.size()];
        for (int o = 0; o < outputs.size(); o++) {
            int first = -1;
            int[] within = new int[kernel.size()];
            for (int t = 0; t < kernel.size(); t++) {
                within[t] = tap(window, spatial, coordinates(outputs, o), coordinates(kernel, t));
                first = first < 0 ? within[t] : first;
            }
            for (int p = 0; p < planes; p++) {
                for (int t = 0; t < kernel.size(); t++) {
                    int at = within[t] < 0 ? first : within[t];
                    int to = (p * outputs.size() + o) * kernel.size() + t;
                    source[to] = p * plane + at;
                    reported[to] = p * plane + (columnMajor ? columnMajor(spatial, at) : at);
                }
            }
        }
        return new Taps(shape, source, reported);
    }

    private static int tap(Window window, int[] spatial, int[] output, int[] tap) {
        int flat = 0;
        for (int axis = 0; axis < spatial.length; axis++) {
            int at = output[axis] * window.strides().get(axis) + tap[axis] * window.dilations().get(axis) - window.padsBegin().get(axis);
            if (at < 0 || at >= spatial[axis]) {
                return -1;
            }
            flat = flat * spatial[axis] + at;
        }
        return flat;
    }

    private static int columnMajor(int[] spatial, int flat) {
        int[] at = coordinates(Shape.of(spatial), flat);
        int index = 0;
        for (int axis = spatial.length - 1; axis >= 0; axis--) {
            index = index * spatial[axis] + at[axis];
        }
        return index;
    }

    static int[] coordinates(Shape shape, int flat) {
        int[] at = new int[shape.rank()];
        int rest = flat;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            at[axis] = rest % shape.dim(axis);
            rest /= shape.dim(axis);
        }
        return at;
    }

    /** The pooling that a node's attributes describe, of any value. */
    static ValueId averagePool(NodeContext node, ValueId input) {
        Shape x = node.ops().shape(input);
        var sliding = new Sliding(node);
        int[] pads = sliding.pads(x);
        List<Integer> counted = Sliding.list(pads).subList(sliding.rank(), pads.length);
        return node.ops().add(new Op.AveragePool(sliding.window(x), node.flag("count_include_pad", false), counted), input);
    }

    private static ValueId lpPool(NodeContext node) {
        GraphOps ops = node.ops();
        Window window = new Sliding(node).window(node.shape(0));
        int taps = window.kernel().stream().reduce(1, Math::multiplyExact);
        ValueId mean = ops.add(new Op.AveragePool(window, true, window.padsEnd()), powers(node, node.input(0)));
        return root(node, ops.mul(mean, taps));
    }

    private static ValueId powers(NodeContext node, ValueId x) {
        int p = node.integer("p", 2, 1, Integer.MAX_VALUE);
        return p == 2 ? node.ops().square(x) : magnitude(node.ops(), x, p);
    }

    private static ValueId magnitude(GraphOps ops, ValueId x, int p) {
        ValueId positive = p % 2 == 0 ? x : ops.unary(Elementary.ABS, x);
        return p == 1 ? positive : ops.unary(new ScalarFunction.Power(p), positive);
    }

    private static ValueId root(NodeContext node, ValueId sum) {
        int p = node.integer("p", 2);
        return p == 1 ? sum : node.ops().unary(p == 2 ? Elementary.SQRT : new ScalarFunction.Power(1.0 / p), sum);
    }

    /** Each element goes where its index says: a product with the one-hot matrix of the indices. */
    private static ValueId maxUnpool(NodeContext node) {
        GraphOps ops = node.ops();
        Shape x = node.shape(0);
        var sliding = new Sliding(node);
        int rank = sliding.rank();
        int[] pads = node.integers("pads", new int[2 * rank]);
        int[] out = IntStream.range(0, rank).map(axis -> (x.dim(axis + 2) - 1) * sliding.stride(axis) + sliding.kernel()[axis] - pads[axis]
                - pads[axis + rank]).toArray();
        Shape natural = Shape.of(IntStream.concat(IntStream.of(x.dim(0), x.dim(1)), IntStream.of(out)).toArray());
        // Indices are flat over the natural output, batch and channels included, and stay within their own plane.
        int planes = x.dim(0) * x.dim(1);
        int plane = natural.size(2, natural.rank());
        ValueId rows = ops.reshape(node.input(0), planes, 1, x.size() / planes);
        ValueId offsets = ops.mul(ops.iota(ElementType.INT64, planes, 0, 2), plane);
        ValueId within = ops.sub(ops.reshape(ops.cast(node.input(1), ElementType.INT64), planes, x.size() / planes), offsets);
        ValueId oneHot = ops.add(new Op.OneHot(2, plane), within);
        ValueId result = ops.reshape(ops.matMul(rows, ops.cast(oneHot, ops.type(rows))), natural);
        if (node.has(2)) {
            int[] target = node.openInts(2);
            for (int axis = 0; axis < target.length; axis++) {
                int extent = natural.dim(axis);
                result = ops.pickAlong(result, axis, IntStream.range(0, target[axis]).map(i -> i < extent ? i : -1).toArray());
            }
        }
        return result;
    }
}
