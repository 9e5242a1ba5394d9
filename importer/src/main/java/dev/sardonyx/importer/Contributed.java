package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.contributed;
import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Operators that ONNX Runtime's optimiser writes into models that are saved after it: fusions of core operators. Their meaning is
 * that of the operator reference in its documentation ("Contrib Operators").
 */
final class Contributed {
    static final List<Operator> TABLE = List.of(
            contributed("Gelu").gives(node -> node.ops().unary(Elementary.GELU, node.input(0))),
            contributed("BiasGelu").gives(node -> node.ops().unary(Elementary.GELU, node.ops().add(node.input(0), node.input(1)))),
            contributed("FastGelu").gives(node -> node.ops().unary(Elementary.GELU_TANH, node.ops().add(node.input(0), node.optional(1)))),
            contributed("QuickGelu").gives(node -> node.ops().unary(new ScalarFunction.Swish(node.real("alpha", 1.702f)), node.input(0))),
            contributed("FusedMatMul").gives(Contributed::matMul),
            contributed("FusedGemm").gives(node -> activated(node, LinearAlgebra.gemm(node), gemmParameters(node))),
            contributed("FusedConv").gives(Contributed::conv),
            contributed("SkipLayerNormalization").translates(node -> skip(node, true)),
            contributed("SkipSimplifiedLayerNormalization").translates(node -> skip(node, false)),
            core("SimplifiedLayerNormalization").versions(1).translates(Normalization::rootMeanSquare),
            contributed("EmbedLayerNormalization").indexInputs(0, 1, 8).translates(Contributed::embed),
            contributed("Attention").translates(Contributed::attention));

    private Contributed() {
    }

    private static ValueId matMul(NodeContext node) {
        GraphOps ops = node.ops();
        if (node.flag("transBatchA", false) || node.flag("transBatchB", false)) {
            throw new RefusedNode("transBatchA or transBatchB is 1; expected 0");
        }
        return ops.mul(ops.matMul(turned(node, 0, "transA"), turned(node, 1, "transB")), node.real("alpha", 1));
    }

    /** Vectors stay what they are. */
    private static ValueId turned(NodeContext node, int position, String attribute) {
        ValueId x = node.input(position);
        return node.flag(attribute, false) && node.ops().rank(x) > 1 ? node.ops().transposeMatrix(x) : x;
    }

    private static double[] gemmParameters(NodeContext node) {
        return new double[] {node.real("activation_alpha", Double.NaN), node.real("activation_beta", Double.NaN)};
    }

    private static ValueId conv(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId y = Convolution.conv(node, node.input(0), node.input(1));
        ValueId biased = ops.add(y, node.optional(2).map(bias -> Convolution.perChannel(ops, bias, ops.rank(y))));
        return activated(node, ops.add(biased, node.optional(3)), node.reals("activation_params").orElse(new double[0]));
    }

    private static ValueId activated(NodeContext node, ValueId x, double[] parameters) {
        GraphOps ops = node.ops();
        String name = node.text("activation", "", List.of("", "Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid", "Softplus", "Softsign"));
        return switch (name) {
            case "" -> x;
            case "Relu" -> ops.add(new Op.Relu(), x);
            case "Tanh" -> ops.unary(Elementary.TANH, x);
            case "Sigmoid" -> ops.unary(Elementary.SIGMOID, x);
            case "Softplus" -> ops.unary(Elementary.SOFTPLUS, x);
            case "Softsign" -> ops.unary(Elementary.SOFTSIGN, x);
            case "LeakyRelu" -> ops.add(new Op.LeakyRelu(parameter(parameters, 0, 0.01)), x);
            case "Clip" -> ops.clip(x, parameter(parameters, 0, Double.NEGATIVE_INFINITY), parameter(parameters, 1, Double.POSITIVE_INFINITY));
            default -> Activation.hardSigmoid(ops, x, parameter(parameters, 0, 0.2), parameter(parameters, 1, 0.5));
        };
    }

    private static double parameter(double[] parameters, int at, double absent) {
        return at < parameters.length && !Double.isNaN(parameters[at]) ? parameters[at] : absent;
    }

    /** Inputs: x, skip, gamma, then beta (of the full form) and a bias; outputs: the norm, its mean and inverse deviation, and the sum. */
    private static void skip(NodeContext node, boolean full) {
        GraphOps ops = node.ops();
        ValueId sum = ops.add(ops.add(node.input(0), node.input(1)), node.optional(full ? 4 : 3));
        int last = ops.rank(sum) - 1;
        double epsilon = node.real("epsilon", 1e-12f);
        if (full) {
            var even = Normalization.standardise(ops, sum, epsilon, last);
            node.output(0, ops.add(ops.mul(even.value(ops), node.input(2)), node.optional(3)));
            node.output(1, even.mean());
            node.output(2, even.inverse());
        } else {
            var even = Normalization.byRootMeanSquare(ops, sum, epsilon, last);
            node.output(0, ops.mul(even.value(), node.input(2)));
            node.output(2, even.inverse());
        }
        node.output(3, sum);
    }

    /** Inputs: ids, segments, tables of words, positions and segments, gamma, beta, mask, position ids. */
    private static void embed(NodeContext node) {
        GraphOps ops = node.ops();
        Shape ids = node.shape(0);
        ValueId words = Gathering.gather(ops, node.input(2), node.input(0), 0);
        ValueId places = node.has(8) ? Gathering.gather(ops, node.input(3), node.input(8), 0) : ops.slice(node.input(3), 0, 0, ids.dim(1));
        ValueId sum = ops.add(words, places);
        if (node.has(1) && node.has(4)) {
            sum = ops.add(sum, Gathering.gather(ops, node.input(4), node.input(1), 0));
        }
        ValueId even = Normalization.standardise(ops, sum, node.real("epsilon", 1e-12f), 2).value(ops);
        node.output(0, ops.add(ops.mul(even, node.input(5)), node.input(6)));
        boolean counted = node.has(7) && node.integer("mask_index_type", 1, 0, 2) == 1;
        node.output(1, counted ? ops.squeeze(ops.sum(ops.cast(node.input(7), ElementType.INT32), 1), 1)
                : ops.filled(ElementType.INT32, Shape.of(ids.dim(0)), 0));
        node.output(2, sum);
    }

    /** Self-attention of one input whose queries, keys and values come of one matrix; keys may be masked by a row or a table of 0 and 1. */
    private static void attention(NodeContext node) {
        GraphOps ops = node.ops();
        if (node.flag("do_rotary", false) || node.has(4) || node.has(6)) {
            throw new RefusedNode("rotary embedding, past or past_sequence_length; expected plain self-attention");
        }
        ValueId x = node.input(0);
        Shape shape = ops.shape(x);
        int heads = node.requiredInteger("num_heads");
        ValueId product = ops.add(ops.matMul(x, node.input(1)), node.optional(2));
        int third = ops.dim(product, 2) / 3;
        int[] sizes = node.integers("qkv_hidden_sizes", third, third, third);
        ValueId q = Attention.heads(ops, ops.slice(product, 2, 0, sizes[0]), heads);
        ValueId k = Attention.heads(ops, ops.slice(product, 2, sizes[0], sizes[1]), heads);
        ValueId v = Attention.heads(ops, ops.slice(product, 2, sizes[0] + sizes[1], sizes[2]), heads);
        double scale = node.real("scale", 0) == 0 ? 1 / Math.sqrt(ops.dim(q, 3)) : node.real("scale", 0);
        ValueId scores = ops.add(ops.mul(ops.matMul(q, ops.transposeMatrix(k)), scale), node.optional(5));
        Optional<ValueId> allowed = allowed(node, shape.dim(1));
        ValueId masked = allowed.isPresent() ? ops.where(allowed.get(), scores, ops.like(scores, Double.NEGATIVE_INFINITY)) : scores;
        ValueId y = ops.matMul(ops.add(new Op.Softmax(3), masked), v);
        node.output(0, ops.reshape(ops.transpose(y, 0, 2, 1, 3), shape.dim(0), shape.dim(1), sizes[2]));
        if (node.wants(1)) {
            node.output(1, ops.concat(0, ops.unsqueeze(k, 0), ops.unsqueeze(v, 0)));
        }
    }

    /** Which keys a query may attend, as it broadcasts to [batch, heads, queries, keys]. */
    private static Optional<ValueId> allowed(NodeContext node, int length) {
        GraphOps ops = node.ops();
        Optional<ValueId> causal = node.flag("unidirectional", false) ? Optional.of(ops.compare(Relation.LESS_OR_EQUAL,
                ops.iota(ElementType.INT64, length, 3, 4), ops.iota(ElementType.INT64, length, 2, 4))) : Optional.empty();
        if (!node.has(3)) {
            return causal;
        }
        Shape mask = node.shape(3);
        ValueId given = switch (mask.rank()) {
            case 1 -> {
                if (mask.dim(0) != node.shape(0).dim(0)) {
                    throw new RefusedNode("mask of shape " + mask + "; expected a length for each row, or a mask");
                }
                yield ops.compare(Relation.LESS, ops.iota(ElementType.INT32, length, 3, 4), ops.reshape(node.input(3), mask.dim(0), 1, 1, 1));
            }
            case 2 -> ops.compare(Relation.GREATER, ops.reshape(node.input(3), mask.dim(0), 1, 1, mask.dim(1)), 0);
            case 3 -> ops.compare(Relation.GREATER, ops.unsqueeze(node.input(3), 1), 0);
            default -> throw new RefusedNode("mask of rank " + mask.rank() + "; expected 1 to 3");
        };
        return Optional.of(causal.isPresent() ? ops.and(causal.get(), given) : given);
    }
}
