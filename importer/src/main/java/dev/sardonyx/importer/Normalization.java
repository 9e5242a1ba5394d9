package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Normalisations. Each divides by multiplying with a reciprocal square root, so that a row costs one and not one per element. */
final class Normalization {
    static final List<Operator> TABLE = List.of(
            core("BatchNormalization").versions(6, 7, 9, 14, 15).translates(Normalization::batch),
            core("InstanceNormalization").gives(Normalization::instance),
            core("GroupNormalization").versions(18, 21).gives(Normalization::group),
            core("LayerNormalization").versions(1, 17).translates(Normalization::layer),
            core("RMSNormalization").versions(23).translates(Normalization::rootMeanSquare),
            core("MeanVarianceNormalization").versions(9, 13).gives(Normalization::meanVariance),
            core("LpNormalization").gives(Normalization::lp),
            core("LRN").gives(Normalization::localResponse));

    private Normalization() {
    }

    /** x·s + t with s and t made of the learned statistics alone, so that they fold into a constant (or into a convolution). */
    private static void batch(NodeContext node) {
        GraphOps ops = node.ops();
        if (!node.flag("spatial", true) || node.opset() < 7 && !node.flag("is_test", false)) {
            throw new RefusedNode("spatial=0 or is_test=0; expected statistics per channel, for inference");
        }
        ValueId x = node.input(0);
        int rank = ops.rank(x);
        double epsilon = node.real("epsilon", 1e-5f);
        if (node.flag("training_mode", false)) {
            batchTraining(node, epsilon);
            return;
        }
        ElementType type = ops.type(x);
        ValueId variance = ops.cast(node.input(4), type);
        ValueId scale = ops.mul(ops.cast(node.input(1), type), ops.unary(Elementary.RSQRT, ops.add(variance, epsilon)));
        ValueId shift = ops.sub(ops.cast(node.input(2), type), ops.mul(ops.cast(node.input(3), type), scale));
        ValueId scaled = ops.mul(x, Convolution.perChannel(ops, scale, rank));
        node.output(0, ops.add(scaled, Convolution.perChannel(ops, shift, rank)));
    }

    /** Statistics of this very batch, and the running ones moved towards them. */
    private static void batchTraining(NodeContext node, double epsilon) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int rank = ops.rank(x);
        int[] axes = IntStream.range(0, rank).filter(axis -> axis != 1).toArray();
        ValueId mean = ops.mean(x, axes);
        ValueId centred = ops.sub(x, mean);
        ValueId variance = ops.mean(ops.square(centred), axes);
        ValueId even = ops.mul(centred, ops.unary(Elementary.RSQRT, ops.add(variance, epsilon)));
        node.output(0, ops.add(ops.mul(even, Convolution.perChannel(ops, node.input(1), rank)),
                Convolution.perChannel(ops, node.input(2), rank)));
        node.output(1, moved(node, node.input(3), mean));
        node.output(2, moved(node, node.input(4), variance));
    }

    private static ValueId moved(NodeContext node, ValueId running, ValueId present) {
        GraphOps ops = node.ops();
        double momentum = node.real("momentum", 0.9f);
        return ops.add(ops.mul(running, momentum), ops.mul(ops.reshape(present, ops.shape(running)), 1 - momentum));
    }

    /** Deviation from the mean and 1 / standard deviation over some axes. */
    record Standardised(ValueId mean, ValueId centred, ValueId inverse) {
        ValueId value(GraphOps ops) {
            return ops.mul(centred, inverse);
        }
    }

    static Standardised standardise(GraphOps ops, ValueId x, double epsilon, int... axes) {
        ValueId mean = ops.mean(x, axes);
        ValueId centred = ops.sub(x, mean);
        ValueId variance = ops.mean(ops.square(centred), axes);
        return new Standardised(mean, centred, ops.unary(Elementary.RSQRT, ops.add(variance, epsilon)));
    }

    private static ValueId instance(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int rank = ops.rank(x);
        Standardised s = standardise(ops, x, node.real("epsilon", 1e-5f), IntStream.range(2, rank).toArray());
        return ops.add(ops.mul(s.value(ops), Convolution.perChannel(ops, node.input(1), rank)),
                Convolution.perChannel(ops, node.input(2), rank));
    }

    /** Scale and bias are per group before opset 21 and per channel since. */
    private static ValueId group(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        Shape shape = ops.shape(x);
        int groups = node.requiredInteger("num_groups");
        if (groups < 1 || shape.dim(1) % groups != 0) {
            throw node.invalid("num_groups=" + groups + "; expected a divisor of the " + shape.dim(1) + " channels");
        }
        ValueId apart = ops.reshape(x, shape.dim(0), groups, shape.size() / Math.max(1, shape.dim(0) * groups));
        ValueId even = standardise(ops, apart, node.real("epsilon", 1e-5f), 2).value(ops);
        if (node.opset() < 21) {
            ValueId scaled = ops.add(ops.mul(even, Convolution.perChannel(ops, node.input(1), 3)),
                    Convolution.perChannel(ops, node.input(2), 3));
            return ops.reshape(scaled, shape);
        }
        ValueId back = ops.reshape(even, shape);
        return ops.add(ops.mul(back, Convolution.perChannel(ops, node.input(1), shape.rank())),
                Convolution.perChannel(ops, node.input(2), shape.rank()));
    }

    private static int[] fromAxis(NodeContext node) {
        int rank = node.shape(0).rank();
        return IntStream.range(node.axis(node.integer("axis", -1), rank), rank).toArray();
    }

    private static void layer(NodeContext node) {
        GraphOps ops = node.ops();
        Standardised s = standardise(ops, node.input(0), node.real("epsilon", 1e-5f), fromAxis(node));
        ValueId scaled = ops.mul(s.value(ops), node.input(1));
        node.output(0, ops.add(scaled, node.optional(2)));
        node.output(1, s.mean());
        node.output(2, s.inverse());
    }

    /** A value over the root of its mean square, and the inverse of that root. */
    record Scaled(ValueId value, ValueId inverse) {
    }

    static Scaled byRootMeanSquare(GraphOps ops, ValueId x, double epsilon, int... axes) {
        ValueId inverse = ops.unary(Elementary.RSQRT, ops.add(ops.mean(ops.square(x), axes), epsilon));
        return new Scaled(ops.mul(x, inverse), inverse);
    }

    /** The second output is there in the form that ONNX Runtime's optimiser writes. */
    static void rootMeanSquare(NodeContext node) {
        Scaled even = byRootMeanSquare(node.ops(), node.input(0), node.real("epsilon", 1e-5f), fromAxis(node));
        node.output(0, node.ops().mul(even.value(), node.input(1)));
        node.output(1, even.inverse());
    }

    private static ValueId meanVariance(NodeContext node) {
        GraphOps ops = node.ops();
        int[] axes = node.axes(node.integers("axes", 0, 2, 3), node.shape(0).rank());
        // The definition divides by the standard deviation plus 1e-9, which keeps a constant row at zero.
        ValueId mean = ops.mean(node.input(0), axes);
        ValueId centred = ops.sub(node.input(0), mean);
        ValueId variance = ops.mean(ops.square(centred), axes);
        return ops.div(centred, ops.add(ops.unary(Elementary.SQRT, variance), 1e-9));
    }

    private static ValueId lp(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int axis = node.axis(node.integer("axis", -1), ops.rank(x));
        boolean euclidean = node.integer("p", 2, 1, 2) == 2;
        ValueId sum = ops.sum(euclidean ? ops.square(x) : ops.unary(Elementary.ABS, x), axis);
        // A row of zeros stays one.
        ValueId divisor = ops.where(ops.compare(Relation.EQUAL, sum, 0), ops.like(x, 1), sum);
        return euclidean ? ops.mul(x, ops.unary(Elementary.RSQRT, divisor)) : ops.div(x, divisor);
    }

    /** x · (bias + alpha / size · sum of squares over neighbouring channels)^−beta. */
    private static ValueId localResponse(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int size = node.requiredInteger("size");
        int channels = ops.dim(x, 1);
        int before = (size - 1) / 2;
        int after = size - 1 - before;
        ValueId squares = ops.square(x);
        ValueId padded = ops.pickAlong(squares, 1, IntStream.range(0, channels + size - 1)
                .map(i -> i - before >= 0 && i - before < channels ? i - before : -1).toArray());
        ValueId sum = IntStream.range(0, before + after + 1).mapToObj(i -> ops.slice(padded, 1, i, channels)).reduce(ops::add).orElseThrow();
        ValueId base = ops.add(ops.mul(sum, node.real("alpha", 1e-4f) / size), node.real("bias", 1));
        return ops.mul(x, ops.unary(new ScalarFunction.Power(-node.real("beta", 0.75)), base));
    }
}
