package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op.Reduce;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Quantised operators: integers stand for (integer − zero point) · scale. Products are made of whole numbers, exactly; one
 * multiplication by the joint scale follows. Scales, zero points and weights are learned numbers whatever their type and rank.
 */
final class Quantization {
    static final List<Operator> TABLE = List.of(
            core("QuantizeLinear").versions(10, 13, 19, 21, 23, 24).secretInputs(1, 2).gives(Quantization::quantize),
            core("DequantizeLinear").versions(10, 13, 19, 21, 23, 24).secretInputs(0, 1, 2).gives(Quantization::dequantize),
            core("DynamicQuantizeLinear").versions(11).translates(Quantization::dynamic),
            core("MatMulInteger").versions(10).secretInputs(0, 1, 2, 3).gives(node -> integerMatMul(node, 0, 1, 2, 3)),
            core("QLinearMatMul").versions(10, 21).secretInputs(0, 1, 2, 3, 4, 5, 6, 7).gives(Quantization::matMul),
            core("ConvInteger").versions(10).secretInputs(0, 1, 2, 3).gives(node -> integerConv(node, 0, 1, 2, 3)),
            core("QLinearConv").versions(10).secretInputs(0, 1, 2, 3, 4, 5, 6, 7, 8).gives(Quantization::conv));

    private Quantization() {
    }

    /** A scale or zero point made to broadcast against x: a scalar, one per element of an axis, or one per block of an axis. */
    private static ValueId aligned(NodeContext node, ValueId parameter, Shape x) {
        GraphOps ops = node.ops();
        Shape shape = ops.shape(parameter);
        if (shape.size() == 1) {
            return ops.reshape(parameter);
        }
        int axis = node.axis(node.integer("axis", 1), x.rank());
        int block = node.integer("block_size", 0);
        if (block > 0) {
            int[] repeated = IntStream.range(0, x.dim(axis)).map(i -> i / block).toArray();
            return ops.pickAlong(parameter, axis, repeated);
        }
        return ops.reshape(parameter, IntStream.range(0, x.rank()).map(i -> i == axis ? shape.size() : 1).toArray());
    }

    /** round(v) + zero point, held within the integer type. */
    static ValueId saturated(GraphOps ops, ValueId v, ValueId zeroPoint, ElementType to) {
        return saturated(ops, v, zeroPoint, to, 8);
    }

    /** As above, for a type of fewer bits than the one that holds it. */
    private static ValueId saturated(GraphOps ops, ValueId v, ValueId zeroPoint, ElementType to, int bits) {
        ValueId shifted = ops.add(ops.unary(Elementary.ROUND, v), ops.cast(zeroPoint, ops.type(v)));
        double share = bits >= 8 ? 1 : 1 << 8 - bits;
        return ops.cast(ops.clip(shifted, Math.floor(to.minimum() / share), Math.floor(to.maximum() / share)), to);
    }

    static ValueId quantize(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        ElementType declared = node.integer("output_dtype", 0) == 0 ? ElementType.UINT8 : node.elementType(node.integer("output_dtype", 0));
        ElementType to = node.has(2) ? node.type(2) : declared;
        if (!to.isInteger()) {
            throw new RefusedNode("quantises to " + to + "; expected an integer type");
        }
        // Scales may come in another precision than the data.
        ValueId real = ops.type(x).isFloating() ? x : ops.cast(x, node.type(1));
        ValueId scale = ops.cast(aligned(node, node.input(1), ops.shape(x)), ops.type(real));
        ValueId zero = node.has(2) ? aligned(node, node.input(2), ops.shape(x)) : ops.scalar(to, 0);
        int narrow = node.has(2) ? node.narrowBits(2) : ElementTypes.narrowBits(node.integer("output_dtype", 0));
        node.outputBits(0, narrow);
        return saturated(ops, ops.div(real, scale), zero, to, narrow == 0 ? 8 : narrow);
    }

    static ValueId dequantize(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        ValueId scale = aligned(node, node.input(1), ops.shape(x));
        ElementType real = ops.type(scale);
        ValueId number = ops.cast(x, real);
        ValueId centred = node.has(2) ? ops.sub(number, ops.cast(aligned(node, node.input(2), ops.shape(x)), real)) : number;
        int to = node.integer("output_dtype", 0);
        ValueId result = ops.mul(centred, scale);
        return to == 0 ? result : ops.cast(result, node.elementType(to));
    }

    /** Integers with the scale and zero point that their own range gave. */
    record Dynamic(ValueId integers, ValueId scale, ValueId zeroPoint) {
    }

    private static void dynamic(NodeContext node) {
        Dynamic made = dynamic(node.ops(), node.input(0));
        node.output(0, made.integers());
        node.output(1, made.scale());
        node.output(2, made.zeroPoint());
    }

    static Dynamic dynamic(GraphOps ops, ValueId x) {
        int[] all = IntStream.range(0, ops.rank(x)).toArray();
        ValueId high = ops.reshape(ops.clip(ops.reduce(Reduce.Function.MAX, x, all), 0, Double.POSITIVE_INFINITY));
        ValueId low = ops.reshape(ops.clip(ops.reduce(Reduce.Function.MIN, x, all), Double.NEGATIVE_INFINITY, 0));
        ValueId scale = ops.mul(ops.sub(high, low), 1.0 / 255);
        ValueId zero = saturated(ops, ops.negate(ops.div(low, scale)), ops.scalar(ElementType.UINT8, 0), ElementType.UINT8);
        return new Dynamic(saturated(ops, ops.div(x, scale), zero, ElementType.UINT8), scale, zero);
    }

    /** Integers as numbers of a type without their zero point, which is one number or one for each row or column. */
    static ValueId centred(GraphOps ops, ValueId integers, Optional<ValueId> zeroPoint, ElementType type) {
        ValueId number = ops.cast(integers, type);
        return zeroPoint.isPresent() ? ops.sub(number, ops.cast(zeroPoint.get(), type)) : number;
    }

    /** Whole numbers as numbers in units of a scale. */
    static ValueId scaled(GraphOps ops, ValueId whole, ValueId scale) {
        return ops.mul(ops.cast(whole, ops.type(scale)), scale);
    }

    private static ValueId integerMatMul(NodeContext node, int a, int b, int aZero, int bZero) {
        GraphOps ops = node.ops();
        // A vector of zero points of the left operand counts rows, one of the right operand columns.
        Optional<ValueId> left = node.optional(aZero).map(zero -> perRow(ops, zero));
        Optional<ValueId> right = node.optional(bZero).map(zero -> single(ops, zero));
        return ops.matMul(centred(ops, node.input(a), left, ElementType.INT32), centred(ops, node.input(b), right, ElementType.INT32));
    }

    static ValueId single(GraphOps ops, ValueId x) {
        return ops.shape(x).size() == 1 ? ops.reshape(x) : x;
    }

    private static ValueId perRow(GraphOps ops, ValueId x) {
        return ops.shape(x).size() == 1 ? ops.reshape(x) : ops.rank(x) == 1 ? ops.unsqueeze(x, 1) : x;
    }

    private static ValueId matMul(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId product = integerMatMul(node, 0, 3, 2, 5);
        return rescaled(node, product, perRow(ops, node.input(1)), single(ops, node.input(4)));
    }

    /**
     * product · left · (right / output scale), as the output's integers. The quotient of two scales is of order one: more of its bits
     * count than of a product of two scales.
     */
    private static ValueId rescaled(NodeContext node, ValueId product, ValueId left, ValueId right) {
        GraphOps ops = node.ops();
        ElementType to = node.type(7);
        ValueId joint = ops.mul(left, ops.div(right, single(ops, node.input(6))));
        return saturated(ops, scaled(ops, product, joint), single(ops, node.input(7)), to);
    }

    private static ValueId integerConv(NodeContext node, int x, int w, int xZero, int wZero) {
        GraphOps ops = node.ops();
        int rank = node.shape(w).rank();
        Optional<ValueId> weightZero = node.optional(wZero).map(zero -> ops.shape(zero).size() == 1 ? ops.reshape(zero)
                : ops.reshape(zero, IntStream.range(0, rank).map(axis -> axis == 0 ? ops.shape(zero).size() : 1).toArray()));
        ValueId data = centred(ops, node.input(x), node.optional(xZero).map(zero -> single(ops, zero)), ElementType.INT32);
        return Convolution.conv(node, data, centred(ops, node.input(w), weightZero, ElementType.INT32));
    }

    private static ValueId conv(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId sum = integerConv(node, 0, 3, 2, 5);
        int rank = ops.rank(sum);
        if (node.has(8)) {
            sum = ops.add(sum, Convolution.perChannel(ops, ops.cast(node.input(8), ElementType.INT32), rank));
        }
        ValueId scale = node.input(4);
        ValueId weightScale = ops.shape(scale).size() == 1 ? ops.reshape(scale) : Convolution.perChannel(ops, scale, rank);
        return rescaled(node, sum, single(ops, node.input(1)), weightScale);
    }
}
