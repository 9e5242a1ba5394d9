package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.contributed;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Operators on integers that ONNX Runtime's quantiser writes beside those of the core set. An operand is three inputs: integers,
 * their scale, and their zero point. What moves integers from one scale to another is multiplied by the quotient of the two.
 */
final class ContributedIntegers {
    /** Scales and zero points of as many parts as that are secret; more parts have public ones. */
    private static final int MOST_CONCAT_INPUTS = 2 + 3 * 256;

    static final List<Operator> TABLE = List.of(
            contributed("QuantizeLinear").secretInputs(1, 2).gives(Quantization::quantize),
            contributed("DequantizeLinear").secretInputs(0, 1, 2).gives(Quantization::dequantize),
            contributed("QLinearAdd").secretInputs(0, 1, 2, 3, 4, 5, 6, 7).gives(node -> roundedLast(node,
                    node.ops().add(at(node, 0, 6), at(node, 3, 6)), 7)),
            contributed("QLinearMul").secretInputs(0, 1, 2, 3, 4, 5, 6, 7).gives(ContributedIntegers::product),
            contributed("QLinearSigmoid").secretInputs(1, 2, 3, 4).gives(node -> quantised(node,
                    node.ops().unary(Elementary.SIGMOID, real(node, 0)), 3, 4)),
            contributed("QLinearLeakyRelu").secretInputs(1, 2, 3, 4).gives(node -> rounded(node,
                    node.ops().add(new Op.LeakyRelu(node.real("alpha", 0.01)), at(node, 0, 3)), 4)),
            contributed("QLinearSoftmax").secretInputs(1, 2, 3, 4).gives(ContributedIntegers::softmax),
            contributed("QLinearGlobalAveragePool").secretInputs(1, 2, 3, 4).gives(ContributedIntegers::globalAverage),
            contributed("QLinearAveragePool").secretInputs(1, 2, 3, 4).gives(ContributedIntegers::average),
            contributed("QLinearConcat").secretInputs(IntStream.range(0, MOST_CONCAT_INPUTS).boxed().toArray(Integer[]::new)).gives(ContributedIntegers::concat),
            contributed("QGemm").secretInputs(1, 2, 3, 4, 5, 6, 7, 8).gives(ContributedIntegers::gemm),
            contributed("MatMulIntegerToFloat").secretInputs(1, 2, 3, 4, 5).gives(ContributedIntegers::toFloat),
            contributed("DynamicQuantizeMatMul").secretInputs(1, 2, 3).gives(ContributedIntegers::dynamic));

    private ContributedIntegers() {
    }

    /** Integers without their zero point, as numbers of the scale's type. */
    private static ValueId centred(NodeContext node, int position, int zeroPoint, ElementType type) {
        GraphOps ops = node.ops();
        return Quantization.centred(ops, node.input(position), node.optional(zeroPoint).map(zero -> Quantization.single(ops, zero)), type);
    }

    private static ValueId real(NodeContext node, int position) {
        GraphOps ops = node.ops();
        ValueId scale = Quantization.single(ops, node.input(position + 1));
        return ops.mul(centred(node, position, position + 2, ops.type(scale)), scale);
    }

    /** An operand's number in units of the output's scale. */
    private static ValueId at(NodeContext node, int position, int outputScale) {
        GraphOps ops = node.ops();
        ValueId scale = Quantization.single(ops, node.input(position + 1));
        return ops.mul(centred(node, position, position + 2, ops.type(scale)), ops.div(scale, Quantization.single(ops, node.input(outputScale))));
    }

    /** Units of the output's scale as its integers; without a zero point they are bytes from zero on. */
    private static ValueId rounded(NodeContext node, ValueId units, int zeroPoint) {
        GraphOps ops = node.ops();
        ValueId zero = node.has(zeroPoint) ? Quantization.single(ops, node.input(zeroPoint)) : ops.scalar(ElementType.UINT8, 0);
        return Quantization.saturated(ops, units, zero, ops.type(zero));
    }

    /** As above, but halves go to the even one of the integers and not of the numbers that they stand for: so ONNX Runtime adds, multiplies and pools. */
    private static ValueId roundedLast(NodeContext node, ValueId units, int zeroPoint) {
        GraphOps ops = node.ops();
        if (!node.has(zeroPoint)) {
            return rounded(node, units, zeroPoint);
        }
        ValueId zero = Quantization.single(ops, node.input(zeroPoint));
        ElementType type = ops.type(zero);
        return Quantization.saturated(ops, ops.add(units, ops.cast(zero, ops.type(units))), ops.scalar(type, 0), type);
    }

    private static ValueId quantised(NodeContext node, ValueId value, int scale, int zeroPoint) {
        GraphOps ops = node.ops();
        return rounded(node, ops.div(value, Quantization.single(ops, node.input(scale))), zeroPoint);
    }

    private static ValueId product(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId whole = ops.mul(centred(node, 0, 2, ElementType.INT32), centred(node, 3, 5, ElementType.INT32));
        ValueId left = Quantization.single(ops, node.input(1));
        ValueId joint = ops.mul(left, ops.div(Quantization.single(ops, node.input(4)), Quantization.single(ops, node.input(6))));
        return roundedLast(node, Quantization.scaled(ops, whole, joint), 7);
    }

    /** Along one axis since opset 13, over everything behind it before; the node says which. */
    private static ValueId softmax(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = real(node, 0);
        int rank = ops.rank(x);
        boolean flattens = node.integer("opset", 13) < 13;
        int axis = node.axis(node.integer("axis", flattens ? 1 : -1), rank);
        if (flattens && axis != rank - 1) {
            Shape shape = ops.shape(x);
            ValueId rows = ops.reshape(x, shape.size(0, axis), shape.size(axis, rank));
            return quantised(node, ops.reshape(ops.add(new Op.Softmax(1), rows), shape), 3, 4);
        }
        return quantised(node, ops.add(new Op.Softmax(axis), x), 3, 4);
    }

    private static ValueId globalAverage(NodeContext node) {
        int rank = node.shape(0).rank();
        int[] spatial = node.flag("channels_last", false) ? IntStream.range(1, rank - 1).toArray() : IntStream.range(2, rank).toArray();
        return rounded(node, node.ops().mean(at(node, 0, 3), spatial), 4);
    }

    private static ValueId average(NodeContext node) {
        if (node.flag("channels_last", false)) {
            throw new RefusedNode("channels_last=1; expected channels behind the batch");
        }
        return roundedLast(node, Pooling.averagePool(node, at(node, 0, 3)), 4);
    }

    /** Inputs: the output's scale and zero point, then three for each part. */
    private static ValueId concat(NodeContext node) {
        GraphOps ops = node.ops();
        var parts = new ArrayList<ValueId>();
        for (int position = 2; position < node.inputCount(); position += 3) {
            parts.add(at(node, position, 0));
        }
        if (parts.isEmpty()) {
            throw node.invalid("joins nothing; expected at least one part");
        }
        return rounded(node, ops.concat(node.requiredInteger("axis"), parts), 1);
    }

    /** Inputs: A, B, a bias in units of both scales, and the output's scale; without that the output is real. */
    private static ValueId gemm(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId a = centred(node, 0, 2, ElementType.INT32);
        boolean turned = node.flag("transB", false);
        ValueId b = Quantization.centred(ops, node.input(3), node.optional(5).map(zero -> perColumn(ops, zero, turned)), ElementType.INT32);
        ValueId left = node.flag("transA", false) ? ops.transposeMatrix(a) : a;
        ValueId whole = ops.add(new Op.MatMul(), left, turned ? ops.transposeMatrix(b) : b);
        ValueId sum = ops.add(whole, node.optional(6).map(bias -> ops.cast(bias, ElementType.INT32)));
        ValueId right = Quantization.single(ops, node.input(4));
        ValueId scaled = node.has(7) ? ops.div(right, Quantization.single(ops, node.input(7))) : right;
        ValueId joint = ops.mul(ops.mul(Quantization.single(ops, node.input(1)), scaled), node.real("alpha", 1));
        ValueId result = Quantization.scaled(ops, sum, joint);
        return node.has(7) ? rounded(node, result, 8) : result;
    }

    /** A zero point for each column of the product stands along B's rows where B is turned. */
    private static ValueId perColumn(GraphOps ops, ValueId zeroPoint, boolean turned) {
        ValueId one = Quantization.single(ops, zeroPoint);
        return turned && ops.rank(one) == 1 ? ops.unsqueeze(one, 1) : one;
    }

    private static ValueId toFloat(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId whole = ops.matMul(centred(node, 0, 4, ElementType.INT32), centred(node, 1, 5, ElementType.INT32));
        ValueId joint = ops.mul(Quantization.single(ops, node.input(2)), Quantization.single(ops, node.input(3)));
        return ops.add(Quantization.scaled(ops, whole, joint), node.optional(6));
    }

    private static ValueId dynamic(NodeContext node) {
        GraphOps ops = node.ops();
        var a = Quantization.dynamic(ops, node.input(0));
        ValueId left = Quantization.centred(ops, a.integers(), Optional.of(a.zeroPoint()), ElementType.INT32);
        ValueId whole = ops.matMul(left, centred(node, 1, 3, ElementType.INT32));
        ValueId joint = ops.mul(a.scale(), Quantization.single(ops, node.input(2)));
        return ops.add(Quantization.scaled(ops, whole, joint), node.optional(4));
    }
}
