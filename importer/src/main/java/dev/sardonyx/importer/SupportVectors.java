package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Support vector machines. Vectors, coefficients and offsets are secret; the kernel's parameters and how many vectors each class has
 * are public.
 */
final class SupportVectors {
    private final NodeContext node;
    private final GraphOps ops;
    private final ValueId x;
    private final ElementType type;
    private final double[] rho;

    SupportVectors(NodeContext node) {
        this.node = node;
        this.ops = node.ops();
        this.x = Classical.features(node);
        this.type = ops.type(x);
        this.rho = node.reals("rho").orElse(new double[] { 0 });
    }

    /** Kernel values of each row against vectors [count, features]; [N, count]. */
    private ValueId kernel(ValueId vectors) {
        double[] parameters = node.reals("kernel_params").orElse(new double[0]);
        double gamma = parameters.length > 0 ? parameters[0] : 0;
        double offset = parameters.length > 1 ? parameters[1] : 0;
        double degree = parameters.length > 2 ? parameters[2] : 0;
        ValueId dot = ops.add(new Op.MatMul(), x, ops.transposeMatrix(vectors));
        return switch (node.text("kernel_type", "LINEAR", List.of("LINEAR", "POLY", "RBF", "SIGMOID"))) {
            case "LINEAR" -> dot;
            case "POLY" -> {
                ValueId base = ops.add(ops.mul(dot, gamma), offset);
                yield degree == 2 ? ops.square(base) : ops.unary(new ScalarFunction.Power(degree), base);
            }
            case "SIGMOID" -> ops.unary(Elementary.TANH, ops.add(ops.mul(dot, gamma), offset));
            // |x − v|² = |x|² + |v|² − 2·x·v: one matrix product instead of a difference per element.
            default -> {
                ValueId lengths = ops.transpose(ops.sum(ops.square(vectors), 1), 1, 0);
                ValueId distance = ops.sub(ops.add(ops.sum(ops.square(x), 1), lengths), ops.mul(dot, 2));
                yield ops.unary(Elementary.EXP, ops.mul(distance, -gamma));
            }
        };
    }

    private ValueId offset(int index) {
        return ops.secret("rho", GraphOps.tensor(type, Shape.SCALAR, rho[index]));
    }

    ValueId regress() {
        int count = node.integer("n_supports", 0);
        ValueId sum;
        if (count > 0) {
            ValueId values = kernel(Classical.learned(node, "support_vectors", type, ops.dim(x, 1)));
            sum = ops.add(new Op.MatMul(), values, Classical.learned(node, "coefficients", type, 1));
        } else {
            sum = kernel(Classical.learned(node, "coefficients", type, ops.dim(x, 1)));
        }
        ValueId score = ops.add(sum, offset(0));
        if (node.flag("one_class", false)) {
            return ops.where(ops.compare(Relation.GREATER, score, 0), ops.like(score, 1), ops.like(score, -1));
        }
        return Scores.transformed(ops, score, Scores.transform(node));
    }

    void classify() {
        int classes = Math.max(1, Scores.classes(node, "classlabels_ints", "classlabels_strings"));
        int[] perClass = node.integers("vectors_per_class", new int[0]);
        if (IntStream.of(perClass).sum() == 0) {
            ValueId scores = ops.add(kernel(Classical.learned(node, "coefficients", type, ops.dim(x, 1))), offset(0));
            finish(scores, scores, classes);
            return;
        }
        if (perClass.length != classes || rho.length < classes * (classes - 1) / 2) {
            throw node.invalid("vectors_per_class has " + perClass.length + " and rho " + rho.length + " elements for " + classes + " classes");
        }
        ValueId decisions = decisions(classes, perClass);
        ValueId votes = votes(decisions, classes);
        double[] probA = node.reals("prob_a").orElse(new double[0]);
        if (probA.length == 0) {
            finish(votes, decisions, classes);
            return;
        }
        ValueId steepness = ops.mul(decisions, Classical.learned(node, "prob_a", type));
        ValueId logit = ops.negate(ops.add(steepness, Classical.learned(node, "prob_b", type)));
        ValueId first = ops.unary(Elementary.SIGMOID, logit);
        finish(votes, classes == 2 ? ops.concat(1, first, ops.sub(ops.like(first, 1), first)) : coupled(first, classes), classes);
    }

    /**
     * Probabilities of classes from those of each class against each other one (Wu, Lin and Weng, "Probability Estimates for
     * Multi-class Classification by Pairwise Coupling", JMLR 5, 2004, second method): the p of sum 1 that minimises
     * Σ (r_ji·p_i − r_ij·p_j)² = p·Q·p, in closed form, where runtimes iterate until they are near. Q + 1·1ᵀ has the same minimum
     * and is well conditioned also where the r agree perfectly and Q is singular; p is proportional to its inverse times 1.
     *
     * @param pairs [N, pairs], the probability of the first class of each pair
     */
    private ValueId coupled(ValueId pairs, int classes) {
        int count = ops.dim(pairs, 1);
        int[] source = new int[classes * classes];
        Arrays.fill(source, -1);
        int pair = 0;
        for (int i = 0; i < classes; i++) {
            for (int j = i + 1; j < classes; j++, pair++) {
                source[i * classes + j] = pair;
                source[j * classes + i] = count + pair;
            }
        }
        ValueId both = ops.concat(1, pairs, ops.sub(ops.like(pairs, 1), pairs));
        ValueId r = ops.reshape(ops.pickAlong(both, 1, source), ops.dim(x, 0), classes, classes);
        double[] unit = IntStream.range(0, classes * classes).mapToDouble(i -> i / classes == i % classes ? 1 : 0).toArray();
        ValueId diagonal = ops.mul(ops.sum(ops.square(r), 1), ops.constant(type, Shape.of(classes, classes), unit));
        ValueId q = ops.add(ops.sub(diagonal, ops.mul(r, ops.transposeMatrix(r))), 1);
        ValueId ones = ops.filled(type, Shape.of(ops.dim(x, 0), classes, 1), 1);
        ValueId direction = solved(ops.concat(2, q, ones), classes);
        return ops.div(direction, ops.sum(direction, 1));
    }

    /** Elimination without pivoting, sound for positive definite matrices: the solution [N, n] of the augmented [N, n, n + 1]. */
    private ValueId solved(ValueId augmented, int n) {
        var rows = new ArrayList<ValueId>();
        ValueId rest = augmented;
        for (int k = 0; k < n; k++) {
            int width = n - k;
            ValueId top = ops.slice(rest, 1, 0, 1);
            ValueId row = ops.div(ops.slice(top, 2, 1, width), ops.slice(top, 2, 0, 1));
            rows.add(row);
            if (k + 1 < n) {
                ValueId below = ops.slice(rest, 1, 1, width - 1);
                rest = ops.sub(ops.slice(below, 2, 1, width), ops.mul(ops.slice(below, 2, 0, 1), row));
            }
        }
        ValueId solution = rows.getLast();
        for (int k = n - 2; k >= 0; k--) {
            ValueId row = rows.get(k);
            int known = n - 1 - k;
            ValueId weighted = ops.add(new Op.MatMul(), ops.slice(row, 2, 0, known), solution);
            solution = ops.concat(1, ops.sub(ops.slice(row, 2, known, 1), weighted), solution);
        }
        return ops.squeeze(solution, 2);
    }

    /** For each pair of classes i before j: positive for i. */
    private ValueId decisions(int classes, int[] perClass) {
        int count = IntStream.of(perClass).sum();
        ValueId values = kernel(Classical.learned(node, "support_vectors", type, ops.dim(x, 1)));
        // [classes − 1, count]: the coefficient of each vector against each other class.
        ValueId coefficients = Classical.learned(node, "coefficients", type, count);
        int[] start = new int[classes];
        for (int i = 1; i < classes; i++) {
            start[i] = start[i - 1] + perClass[i - 1];
        }
        var decisions = new ArrayList<ValueId>();
        for (int i = 0; i < classes; i++) {
            for (int j = i + 1; j < classes; j++) {
                ValueId ofI = part(values, coefficients, j - 1, start[i], perClass[i]);
                ValueId ofJ = part(values, coefficients, i, start[j], perClass[j]);
                decisions.add(ops.add(ops.add(ofI, ofJ), offset(decisions.size())));
            }
        }
        return ops.concat(1, decisions);
    }

    private ValueId part(ValueId values, ValueId coefficients, int row, int start, int count) {
        ValueId weights = ops.transposeMatrix(ops.slice(ops.slice(coefficients, 0, row, 1), 1, start, count));
        return ops.add(new Op.MatMul(), ops.slice(values, 1, start, count), weights);
    }

    /** How many pairs each class wins: a product of the outcomes with a public matrix, plus what it wins where it comes second. */
    private ValueId votes(ValueId decisions, int classes) {
        int pairs = ops.dim(decisions, 1);
        double[] signs = new double[pairs * classes];
        double[] base = new double[classes];
        int pair = 0;
        for (int i = 0; i < classes; i++) {
            for (int j = i + 1; j < classes; j++, pair++) {
                signs[pair * classes + i] = 1;
                signs[pair * classes + j] = -1;
                base[j]++;
            }
        }
        ValueId won = ops.cast(ops.compare(Relation.GREATER, decisions, 0), ElementType.INT32);
        ValueId counted = ops.add(new Op.MatMul(), won, ops.constant(ElementType.INT32, Shape.of(pairs, classes), signs));
        return ops.add(counted, ops.constant(ElementType.INT32, Shape.of(classes), base));
    }

    private void finish(ValueId ranking, ValueId scores, int classes) {
        String transform = Scores.transform(node);
        if (ops.dim(ranking, 1) == 1) {
            ValueId positive = ops.cast(ops.compare(Relation.GREATER, ranking, 0), ElementType.INT64);
            node.output(0, Scores.label(node, ops.squeeze(positive, 1), "classlabels_ints"));
        } else {
            node.output(0, Scores.winner(node, ranking, "classlabels_ints"));
        }
        // The one decision of two classes is written as two scores, in the way ONNX Runtime does where the specification is silent.
        Scores.Pair pair = transform.equals("SOFTMAX") ? Scores.Pair.COMPLEMENT : Scores.Pair.OPPOSITE;
        node.output(1, ops.dim(scores, 1) == 1 && classes == 2 ? Scores.pair(ops, scores, pair, transform)
                : Scores.transformed(ops, scores, transform));
    }
}
