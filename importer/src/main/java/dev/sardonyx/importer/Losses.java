package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Losses of classifiers, as evaluation graphs hold them. The class of each sample may be secret: it becomes a one-hot vector over the
 * classes, and a class that is none of them (one to be ignored, say) a row of zeros.
 */
final class Losses {
    static final List<Operator> TABLE = List.of(
            core("NegativeLogLikelihoodLoss").versions(12, 13, 22).indexInputs(1).gives(node -> loss(node, node.input(0))),
            core("SoftmaxCrossEntropyLoss").versions(12, 13).indexInputs(1).translates(node -> {
                ValueId logarithms = node.ops().add(new Op.LogSoftmax(1), node.input(0));
                node.output(0, loss(node, logarithms));
                node.output(1, logarithms);
            }));

    private Losses() {
    }

    /** −log p of each sample's class [N, C, d…] → [N, d…], weighted, and summed or averaged as the node says. */
    private static ValueId loss(NodeContext node, ValueId logarithms) {
        GraphOps ops = node.ops();
        Shape shape = ops.shape(logarithms);
        if (shape.rank() < 2) {
            throw node.invalid("scores of shape " + shape + "; expected [samples, classes, …]");
        }
        int classes = shape.dim(1);
        String reduction = node.text("reduction", "mean", List.of("none", "sum", "mean"));
        OptionalInt ignored = node.hasAttribute("ignore_index") ? OptionalInt.of(node.requiredInteger("ignore_index")) : OptionalInt.empty();
        ValueId target = ops.cast(node.input(1), ElementType.INT64);
        ValueId chosen = ops.add(new Op.OneHot(1, classes), target);
        Optional<ValueId> weights = weights(node, classes, ignored).map(each -> Convolution.perChannel(ops, ops.cast(each, ops.type(logarithms)), shape.rank()));
        ValueId weighted = weights.isPresent() ? ops.mul(logarithms, weights.get()) : logarithms;
        ValueId losses = ops.negate(ops.squeeze(ops.sum(ops.where(chosen, weighted, ops.like(weighted, 0)), 1), 1));
        if (reduction.equals("none")) {
            return losses;
        }
        int[] all = IntStream.range(0, ops.rank(losses)).toArray();
        if (reduction.equals("mean") && weights.isEmpty() && ignored.isEmpty()) {
            return ops.reshape(ops.mean(losses, all));
        }
        ValueId sum = ops.reshape(ops.sum(losses, all));
        if (reduction.equals("sum")) {
            return sum;
        }
        ValueId share = ops.where(chosen, weights.orElseGet(() -> ops.like(logarithms, 1)), ops.like(logarithms, 0));
        return ops.div(sum, ops.reshape(ops.sum(share, IntStream.range(0, shape.rank()).toArray())));
    }

    /** A weight for each class, zero for one that is ignored; none where every class counts alike. */
    private static Optional<ValueId> weights(NodeContext node, int classes, OptionalInt ignored) {
        GraphOps ops = node.ops();
        if (ignored.isEmpty() || ignored.getAsInt() < 0 || ignored.getAsInt() >= classes) {
            return node.optional(2);
        }
        ElementType type = node.type(0);
        ValueId counted = ops.constant(type, Shape.of(classes), IntStream.range(0, classes).mapToDouble(c -> c == ignored.getAsInt() ? 0 : 1).toArray());
        return Optional.of(node.has(2) ? ops.mul(ops.cast(node.input(2), type), counted) : counted);
    }
}
