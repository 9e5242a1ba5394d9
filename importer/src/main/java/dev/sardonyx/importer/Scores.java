package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What classical models do with their scores: transformations and class labels. */
final class Scores {
    /** How one score becomes the scores of two classes. */
    enum Pair {
        /** 1 − s and s. */
        COMPLEMENT,
        /** −s and s. */
        OPPOSITE
    }

    private static final List<String> TRANSFORMS = List.of("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT");

    private Scores() {
    }

    static String transform(NodeContext node) {
        return node.text("post_transform", "NONE", TRANSFORMS);
    }

    /** The transform that a number stands for, as later operators write it. */
    static String transform(NodeContext node, int number) {
        if (number < 0 || number >= TRANSFORMS.size()) {
            throw node.invalid("post_transform=" + number + "; expected 0 to " + (TRANSFORMS.size() - 1));
        }
        return TRANSFORMS.get(number);
    }

    /** Applies a transformation to scores [N, classes]. */
    static ValueId transformed(GraphOps ops, ValueId scores, String transform) {
        return switch (transform) {
            case "NONE" -> scores;
            case "LOGISTIC" -> ops.unary(Elementary.SIGMOID, scores);
            case "SOFTMAX" -> ops.add(new Op.Softmax(1), scores);
            case "SOFTMAX_ZERO" -> softmaxZero(ops, scores);
            default -> throw new RefusedNode("post_transform=" + transform + "; expected NONE, LOGISTIC, SOFTMAX or SOFTMAX_ZERO");
        };
    }

    /** Softmax in which a score of exactly zero stays zero. */
    private static ValueId softmaxZero(GraphOps ops, ValueId scores) {
        ValueId zero = ops.compare(Relation.EQUAL, scores, 0);
        ValueId powers = ops.where(zero, ops.like(scores, 0), ops.add(new Op.Softmax(1), scores));
        ValueId sum = ops.sum(powers, 1);
        return ops.div(powers, ops.where(ops.compare(Relation.EQUAL, sum, 0), ops.like(sum, 1), sum));
    }

    /** Two classes' scores from the one score [N, 1] that a model has for both; of the transformations only the logistic one applies. */
    static ValueId pair(GraphOps ops, ValueId score, Pair pair, String transform) {
        ValueId other = pair == Pair.COMPLEMENT && !transform.equals("LOGISTIC") ? ops.sub(ops.like(score, 1), score) : ops.negate(score);
        ValueId both = ops.concat(1, other, score);
        return transform.equals("LOGISTIC") ? transformed(ops, both, transform) : both;
    }

    /** How many classes a classifier names. */
    static int classes(NodeContext node, String integers, String strings) {
        return Math.max(node.longs(integers).map(labels -> labels.length).orElse(0), node.texts(strings).size());
    }

    /** The label of the class with the highest score. */
    static ValueId winner(NodeContext node, ValueId scores, String integers) {
        GraphOps ops = node.ops();
        return label(node, ops.squeeze(ops.add(new Op.ArgMax(1, false), scores), 1), integers);
    }

    /** The label of a secret class number: the number itself where labels count from 0 or are text, which shares cannot carry. */
    static ValueId label(NodeContext node, ValueId number, String integers) {
        GraphOps ops = node.ops();
        long[] labels = node.longs(integers).orElse(new long[0]);
        if (Arrays.equals(labels, IntStream.range(0, labels.length).asLongStream().toArray())) {
            return number;
        }
        ValueId table = ops.open(Tensor.ofLongs(ElementType.INT64, Shape.of(labels.length, 1), labels));
        ValueId chosen = ops.cast(ops.add(new Op.OneHot(1, labels.length), number), ElementType.INT64);
        return ops.squeeze(ops.add(new Op.MatMul(), chosen, table), 1);
    }
}
