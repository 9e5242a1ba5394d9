package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** Activations and the softmax family. */
final class Activation {
    static final List<Operator> TABLE = List.of(
            core("Relu").gives(node -> node.ops().add(new Op.Relu(), node.input(0))),
            core("LeakyRelu").gives(node -> node.ops().add(new Op.LeakyRelu(node.real("alpha", 0.01)), node.input(0))),
            core("PRelu").gives(Activation::prelu),
            core("Elu").gives(node -> apply(node, new ScalarFunction.Elu(node.real("alpha", 1)))),
            core("Celu").versions(12).gives(node -> apply(node, new ScalarFunction.Celu(node.real("alpha", 1)))),
            core("Selu").gives(node -> apply(node,
                    new ScalarFunction.Selu(node.real("alpha", 1.67326319217681884765625), node.real("gamma", 1.05070102214813232421875)))),
            core("Sigmoid").gives(node -> apply(node, Elementary.SIGMOID)),
            core("Tanh").gives(node -> apply(node, Elementary.TANH)),
            core("Softplus").versions(1).gives(node -> apply(node, Elementary.SOFTPLUS)),
            core("Softsign").versions(1).gives(node -> apply(node, Elementary.SOFTSIGN)),
            core("Mish").versions(18).gives(node -> apply(node, Elementary.MISH)),
            core("Swish").versions(24).gives(node -> apply(node, new ScalarFunction.Swish(node.real("alpha", 1)))),
            core("Gelu").versions(20).gives(node -> apply(node,
                    node.text("approximate", "none", List.of("none", "tanh")).equals("tanh") ? Elementary.GELU_TANH : Elementary.GELU)),
            core("HardSigmoid").gives(node -> hardSigmoid(node.ops(), node.input(0), node.real("alpha", 0.2), node.real("beta", 0.5))),
            core("HardSwish").versions(14).gives(node -> node.ops().mul(node.input(0), hardSigmoid(node.ops(), node.input(0), 1.0 / 6, 0.5))),
            core("ThresholdedRelu").versions(6, 10).gives(node -> thresholdedRelu(node.ops(), node.input(0), node.real("alpha", 1))),
            core("Shrink").versions(9).gives(Activation::shrink),
            core("Softmax").versions(6, 13).gives(node -> alongRows(node, (ops, axisAndInput) -> ops.add(new Op.Softmax(axisAndInput.axis),
                    axisAndInput.x))),
            core("LogSoftmax").versions(6, 13).gives(node -> alongRows(node, (ops, axisAndInput) -> ops.add(new Op.LogSoftmax(axisAndInput.axis),
                    axisAndInput.x))),
            core("Hardmax").versions(6, 13).gives(node -> alongRows(node, Activation::hardmax)));

    private record AxisAndInput(int axis, ValueId x) {
    }

    private Activation() {
    }

    private static ValueId apply(NodeContext node, ScalarFunction function) {
        return node.ops().unary(function, node.input(0));
    }

    static ValueId hardSigmoid(GraphOps ops, ValueId x, double alpha, double beta) {
        return ops.clip(ops.add(ops.mul(x, alpha), beta), 0, 1);
    }

    static ValueId thresholdedRelu(GraphOps ops, ValueId x, double alpha) {
        return ops.where(ops.compare(Relation.GREATER, x, alpha), x, ops.like(x, 0));
    }

    /** x for x ≥ 0, slope·x below; the slopes are learned. */
    private static ValueId prelu(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        ValueId slope = node.input(1);
        // One slope per channel was written as a vector before unidirectional broadcasting was asked for.
        if (ops.rank(slope) == 1 && ops.rank(x) > 2 && ops.dim(slope, 0) == ops.dim(x, 1) && ops.dim(slope, 0) != ops.dim(x, -1)) {
            int[] dims = IntStream.range(0, ops.rank(x)).map(axis -> axis == 1 ? ops.dim(x, 1) : 1).toArray();
            slope = ops.reshape(slope, dims);
        }
        return ops.where(ops.compare(Relation.LESS, x, 0), ops.mul(x, slope), x);
    }

    private static ValueId shrink(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        double bias = node.real("bias", 0);
        double lambda = node.real("lambd", 0.5);
        ValueId zero = ops.like(x, 0);
        ValueId low = ops.where(ops.compare(Relation.LESS, x, -lambda), ops.add(x, bias), zero);
        return ops.where(ops.compare(Relation.GREATER, x, lambda), ops.add(x, -bias), low);
    }

    /** Since opset 13 along one axis; before, over everything from the axis on, flattened into rows. */
    private static ValueId alongRows(NodeContext node, BiFunction<GraphOps, AxisAndInput, ValueId> along) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        Shape shape = ops.shape(x);
        boolean oneAxis = node.opset() >= 13;
        int axis = node.integer("axis", oneAxis ? -1 : 1);
        if (oneAxis) {
            return along.apply(ops, new AxisAndInput(node.axis(axis, shape.rank()), x));
        }
        int first = axis == shape.rank() ? axis : node.axis(axis, shape.rank());
        if (first == shape.rank() - 1) {
            return along.apply(ops, new AxisAndInput(first, x));
        }
        ValueId rows = ops.reshape(x, shape.size(0, first), shape.size(first, shape.rank()));
        return ops.reshape(along.apply(ops, new AxisAndInput(1, rows)), shape);
    }

    private static ValueId hardmax(GraphOps ops, AxisAndInput in) {
        if (ops.dim(in.x, in.axis) == 0) {
            return in.x;
        }
        ValueId winner = ops.squeeze(ops.add(new Op.ArgMax(in.axis, false), in.x), in.axis);
        return ops.cast(ops.add(new Op.OneHot(in.axis, ops.dim(in.x, in.axis)), winner), ops.type(in.x));
    }
}
