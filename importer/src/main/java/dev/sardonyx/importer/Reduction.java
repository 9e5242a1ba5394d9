package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Reduce.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.stream.IntStream;

/** Reductions, indices of extremes, sorting and running sums. */
final class Reduction {
    /** What a reduction does over axes that stay with extent 1. */
    private interface Kernel {
        ValueId reduce(GraphOps ops, ValueId x, int[] axes);
    }

    static final List<Operator> TABLE = List.of(
            reduction("ReduceSum", 13, GraphOps::sum),
            reduction("ReduceMean", 18, (ops, x, axes) -> ops.type(x).isInteger()
                    ? ops.div(ops.sum(x, axes), ops.like(x, count(ops, x, axes))) : ops.mean(x, axes)),
            reduction("ReduceMax", 18, (ops, x, axes) -> extreme(ops, Function.MAX, x, axes)),
            reduction("ReduceMin", 18, (ops, x, axes) -> extreme(ops, Function.MIN, x, axes)),
            reduction("ReduceProd", 18, (ops, x, axes) -> ops.reduce(Function.PRODUCT, x, axes)),
            reduction("ReduceL1", 18, (ops, x, axes) -> ops.sum(ops.unary(Elementary.ABS, x), axes)),
            reduction("ReduceL2", 18, (ops, x, axes) -> root(ops, ops.sum(ops.square(x), axes))),
            reduction("ReduceSumSquare", 18, (ops, x, axes) -> ops.sum(ops.square(x), axes)),
            reduction("ReduceLogSum", 18, (ops, x, axes) -> ops.unary(Elementary.LOG, ops.sum(x, axes))),
            reduction("ReduceLogSumExp", 18, Reduction::logSumExp),
            core("ArgMax").versions(6, 12).gives(node -> argMax(node, node.input(0))),
            core("ArgMin").versions(6, 12).gives(node -> argMax(node, node.ops().negate(node.input(0)))),
            core("TopK").versions(6, 10, 11).publicInputs(1).translates(Reduction::topK),
            core("CumSum").versions(11).publicInputs(1).gives(node -> node.ops().add(
                    new Op.CumSum(node.axis(node.openInt(1), node.shape(0).rank()), node.flag("exclusive", false), node.flag("reverse", false)),
                    node.input(0))),
            core("CumProd").versions(26).publicInputs(1).gives(Reduction::runningProduct));

    private Reduction() {
    }

    private static Operator reduction(String type, int axesInputSince, Kernel kernel) {
        return core(type).versions(6, axesInputSince).publicInputs(1).gives(node -> reduce(node, axesInputSince, kernel));
    }

    /** Axes are an attribute at first and an input since some opset. */
    private static ValueId reduce(NodeContext node, int axesInputSince, Kernel kernel) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int rank = ops.rank(x);
        int[] axes = node.opset() < axesInputSince ? node.integers("axes", new int[0]) : node.has(1) ? node.openInts(1) : new int[0];
        if (axes.length == 0) {
            if (node.flag("noop_with_empty_axes", false) && node.opset() >= axesInputSince) {
                // Nothing is summed, but what is done element by element still is.
                return kernel.reduce(ops, x, axes);
            }
            axes = IntStream.range(0, rank).toArray();
        }
        int[] normal = node.axes(axes, rank);
        ValueId kept = kernel.reduce(ops, x, normal);
        return node.flag("keepdims", true) ? kept : withoutAxes(ops, kept, normal);
    }

    static ValueId withoutAxes(GraphOps ops, ValueId x, int[] axes) {
        Shape shape = ops.shape(x);
        return ops.reshape(x, IntStream.range(0, shape.rank()).filter(axis -> IntStream.of(axes).noneMatch(gone -> gone == axis))
                .map(shape::dim).toArray());
    }

    private static int count(GraphOps ops, ValueId x, int[] axes) {
        return IntStream.of(axes).map(axis -> ops.dim(x, axis)).reduce(1, Math::multiplyExact);
    }

    /** Booleans are ordered false before true. */
    private static ValueId extreme(GraphOps ops, Function function, ValueId x, int[] axes) {
        if (ops.type(x) == ElementType.BOOL) {
            return ops.cast(extreme(ops, function, ops.cast(x, ElementType.UINT8), axes), ElementType.BOOL);
        }
        if (count(ops, x, axes) == 0) {
            boolean max = function == Function.MAX;
            Shape shape = ops.shape(ops.sum(x, axes));
            return ops.filled(ops.type(x), shape, max ? ops.type(x).minimum() : ops.type(x).maximum());
        }
        return ops.reduce(function, x, axes);
    }

    private static ValueId root(GraphOps ops, ValueId x) {
        ElementType type = ops.type(x);
        return type.isFloating() ? ops.unary(Elementary.SQRT, x) : ops.cast(ops.unary(Elementary.SQRT, ops.cast(x, ElementType.FLOAT32)), type);
    }

    /** Any element less its log-softmax over the same axes: the largest exponential is then 1, and is known to be. */
    static ValueId logSumExp(GraphOps ops, ValueId x, int[] axes) {
        if (count(ops, x, axes) == 0 || axes.length == 0) {
            return axes.length == 0 ? x : ops.filled(ops.type(x), ops.shape(ops.sum(x, axes)), Double.NEGATIVE_INFINITY);
        }
        int rank = ops.rank(x);
        Shape shape = ops.shape(x);
        int[] kept = IntStream.range(0, rank).filter(axis -> IntStream.of(axes).noneMatch(gone -> gone == axis)).toArray();
        int[] order = IntStream.concat(IntStream.of(kept), IntStream.of(axes).sorted()).toArray();
        int rows = IntStream.of(kept).map(shape::dim).reduce(1, Math::multiplyExact);
        ValueId lines = ops.reshape(ops.transpose(x, order), rows, count(ops, x, axes));
        ValueId real = ops.type(x).isFloating() ? lines : ops.cast(lines, ElementType.FLOAT32);
        ValueId first = ops.slice(real, 1, 0, 1);
        ValueId sum = ops.sub(first, ops.slice(ops.add(new Op.LogSoftmax(1), real), 1, 0, 1));
        Shape result = shape;
        for (int axis : axes) {
            result = result.with(axis, 1);
        }
        return ops.cast(ops.reshape(sum, result), ops.type(x));
    }

    private static ValueId argMax(NodeContext node, ValueId x) {
        GraphOps ops = node.ops();
        int axis = node.axis(node.integer("axis", 0), ops.rank(x));
        ValueId index = ops.add(new Op.ArgMax(axis, node.flag("select_last_index", false)), x);
        return node.flag("keepdims", true) ? index : ops.squeeze(index, axis);
    }

    /** Each round doubles the run of elements whose product is known at each place. */
    private static ValueId runningProduct(NodeContext node) {
        GraphOps ops = node.ops();
        int axis = node.axis(node.openInt(1), node.shape(0).rank());
        boolean reverse = node.flag("reverse", false);
        int extent = node.shape(0).dim(axis);
        ValueId product = reverse ? ops.reverse(node.input(0), axis) : node.input(0);
        for (int run = 1; run < extent; run *= 2) {
            ValueId joined = ops.mul(ops.slice(product, axis, run, extent - run), ops.slice(product, axis, 0, extent - run));
            product = ops.concat(axis, ops.slice(product, axis, 0, run), joined);
        }
        if (node.flag("exclusive", false) && extent > 0) {
            ValueId one = ops.filled(ops.type(product), ops.shape(product).with(axis, 1), 1);
            product = ops.concat(axis, one, ops.slice(product, axis, 0, extent - 1));
        }
        return reverse ? ops.reverse(product, axis) : product;
    }

    private static void topK(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int axis = node.axis(node.integer("axis", -1), ops.rank(x));
        int k = node.opset() < 10 ? node.requiredInteger("k") : node.openInt(1);
        List<ValueId> made = ops.addAll(new Op.TopK(axis, k, node.flag("largest", true)), x);
        node.output(0, made.get(0));
        node.output(1, made.get(1));
    }
}
