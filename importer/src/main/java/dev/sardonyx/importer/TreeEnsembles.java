package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Compare;
import dev.sardonyx.graph.Op.Reduce;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.importer.DecisionTree.Atom;
import dev.sardonyx.importer.DecisionTree.Relation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tree ensembles without a secret-dependent step. A product with a secret one-hot matrix brings each test its feature; all tests are
 * made at once against secret thresholds; a leaf is the answer where its score reaches its mark: its way's tests weigh +1 if they
 * must hold and −1 if they must not, and the mark is how many must hold. All trees are padded to the largest one, so that only the
 * number of trees and the largest numbers of tests and leaves are public.
 */
final class TreeEnsembles {
    private final NodeContext node;
    private final GraphOps ops;
    private final ValueId x;
    private final List<DecisionTree> trees;
    private final int targets;
    private final Map<Relation, Integer> slots = new EnumMap<>(Relation.class);
    private final int leaves;

    private TreeEnsembles(NodeContext node, List<DecisionTree> trees, int targets) {
        this.node = node;
        this.ops = node.ops();
        this.x = Classical.features(node);
        this.trees = trees;
        this.targets = targets;
        this.leaves = trees.stream().mapToInt(tree -> tree.leaves().size()).max().orElseThrow(() -> node.invalid("the ensemble has no tree"));
        for (Relation relation : Relation.values()) {
            trees.stream().mapToInt(tree -> count(tree, relation)).filter(count -> count > 0).max()
                    .ifPresent(count -> slots.put(relation, count));
        }
        if (slots.isEmpty()) {
            slots.put(Relation.LESS_OR_EQUAL, 1);
        }
    }

    private static int count(DecisionTree tree, Relation relation) {
        return (int) tree.atoms().stream().filter(atom -> atom.relation() == relation).count();
    }

    /** Whether each leaf is its tree's answer, as 0 and 1: [trees, N, leaves]. */
    private ValueId reached() {
        var holds = new ArrayList<ValueId>();
        Map<Relation, Integer> first = new EnumMap<>(Relation.class);
        int tests = 0;
        for (var entry : slots.entrySet()) {
            first.put(entry.getKey(), tests);
            tests += entry.getValue();
            holds.add(tested(entry.getKey(), entry.getValue()));
        }
        ValueId all = ops.cast(ops.transpose(ops.concat(2, holds), 1, 0, 2), ElementType.INT32);
        double[] signs = new double[Math.multiplyExact(Math.multiplyExact(trees.size(), tests), leaves)];
        double[] marks = new double[trees.size() * leaves];
        for (int t = 0; t < trees.size(); t++) {
            int[] places = places(trees.get(t), first);
            for (int l = 0; l < leaves; l++) {
                if (l >= trees.get(t).leaves().size()) {
                    marks[t * leaves + l] = tests + 1.0;
                    continue;
                }
                for (DecisionTree.Turn turn : trees.get(t).leaves().get(l).way()) {
                    marks[t * leaves + l] += turn.holds() ? 1 : 0;
                    for (int atom : turn.atoms()) {
                        signs[(t * tests + places[atom]) * leaves + l] = turn.holds() ? 1 : -1;
                    }
                }
            }
        }
        ValueId ways = ops.secret("tree_ways", GraphOps.tensor(ElementType.INT32, Shape.of(trees.size(), tests, leaves), signs));
        ValueId mark = ops.secret("tree_marks", GraphOps.tensor(ElementType.INT32, Shape.of(trees.size(), 1, leaves), marks));
        ValueId score = ops.add(new Op.MatMul(), all, ways);
        return ops.cast(ops.compare(Compare.Relation.GREATER_OR_EQUAL, score, mark), ops.type(x));
    }

    /** Where each atom of a tree stands among the padded tests. */
    private static int[] places(DecisionTree tree, Map<Relation, Integer> first) {
        Map<Relation, Integer> next = new EnumMap<>(first);
        return tree.atoms().stream().mapToInt(atom -> next.merge(atom.relation(), 1, Integer::sum) - 1).toArray();
    }

    /** The tests of one relation: [N, trees, slots]. */
    private ValueId tested(Relation relation, int count) {
        int features = ops.dim(x, 1);
        int columns = Math.multiplyExact(trees.size(), count);
        double[] selection = new double[Math.multiplyExact(features, columns)];
        double[] thresholds = new double[columns];
        for (int t = 0; t < trees.size(); t++) {
            int slot = t * count;
            for (Atom atom : trees.get(t).atoms().stream().filter(atom -> atom.relation() == relation).toList()) {
                if (atom.feature() < 0 || atom.feature() >= features) {
                    throw node.invalid("a test reads feature " + atom.feature() + "; expected 0 to " + (features - 1));
                }
                selection[atom.feature() * columns + slot] = 1;
                thresholds[slot++] = atom.threshold();
            }
        }
        ElementType type = ops.type(x);
        ValueId chosen = ops.secret("tree_features", GraphOps.tensor(type, Shape.of(features, columns), selection));
        ValueId values = ops.add(new Op.MatMul(), x, chosen);
        ValueId limits = ops.secret("tree_thresholds", GraphOps.tensor(type, Shape.of(1, columns), thresholds));
        ValueId holds = ops.compare(switch (relation) {
            case LESS_OR_EQUAL -> Compare.Relation.LESS_OR_EQUAL;
            case LESS -> Compare.Relation.LESS;
            case EQUAL -> Compare.Relation.EQUAL;
        }, values, limits);
        return ops.reshape(holds, ops.dim(x, 0), trees.size(), count);
    }

    /** What the reached leaves add up to: [N, targets]. */
    private ValueId aggregated(String function) {
        double[] weights = new double[Math.multiplyExact(trees.size() * leaves, targets)];
        for (int t = 0; t < trees.size(); t++) {
            for (int l = 0; l < trees.get(t).leaves().size(); l++) {
                int row = (t * leaves + l) * targets;
                trees.get(t).leaves().get(l).weights().forEach((target, weight) -> {
                    if (target < 0 || target >= targets) {
                        throw node.invalid("a leaf adds to target " + target + "; expected 0 to " + (targets - 1));
                    }
                    weights[row + target] += weight;
                });
            }
        }
        ElementType type = ops.type(x);
        int rows = ops.dim(x, 0);
        boolean sums = function.equals("SUM") || function.equals("AVERAGE");
        if (sums) {
            ValueId table = ops.secret("tree_leaves", GraphOps.tensor(type, Shape.of(trees.size() * leaves, targets), weights));
            ValueId flat = ops.reshape(ops.transpose(reached(), 1, 0, 2), rows, trees.size() * leaves);
            ValueId sum = ops.add(new Op.MatMul(), flat, table);
            return function.equals("SUM") ? sum : ops.mul(sum, 1.0 / trees.size());
        }
        ValueId table = ops.secret("tree_leaves", GraphOps.tensor(type, Shape.of(trees.size(), leaves, targets), weights));
        ValueId perTree = ops.add(new Op.MatMul(), reached(), table);
        return ops.squeeze(ops.reduce(function.equals("MIN") ? Reduce.Function.MIN : Reduce.Function.MAX, perTree, 0), 0);
    }

    static ValueId regress(NodeContext node) {
        var attributes = new TreeAttributes(node);
        int targets = node.integer("n_targets", 1, 1, Integer.MAX_VALUE);
        var ensemble = new TreeEnsembles(node, attributes.byTreeAndNumber("target"), targets);
        ValueId sum = ensemble.aggregated(node.text("aggregate_function", "SUM", List.of("SUM", "AVERAGE", "MIN", "MAX")));
        return Scores.transformed(node.ops(), ensemble.withBase(sum), Scores.transform(node));
    }

    static ValueId ensemble(NodeContext node) {
        int targets = node.integer("n_targets", 1, 1, Integer.MAX_VALUE);
        var ensemble = new TreeEnsembles(node, new TreeAttributes(node).byRoots(), targets);
        String function = List.of("AVERAGE", "SUM", "MIN", "MAX").get(node.integer("aggregate_function", 1, 0, 3));
        return Scores.transformed(node.ops(), ensemble.aggregated(function), Scores.transform(node, node.integer("post_transform", 0)));
    }

    private ValueId withBase(ValueId sum) {
        double[] base = base();
        return base.length == 0 ? sum : ops.add(sum, ops.secret("base_values", GraphOps.tensor(ops.type(x), Shape.of(base.length), base)));
    }

    private double[] base() {
        return node.reals("base_values").or(() -> node.tensor("base_values_as_tensor").map(t -> t.toDoubles())).orElse(new double[0]);
    }

    static void classify(NodeContext node) {
        GraphOps ops = node.ops();
        int classes = Scores.classes(node, "classlabels_int64s", "classlabels_strings");
        List<DecisionTree> trees = new TreeAttributes(node).byTreeAndNumber("class");
        var ids = trees.stream().flatMap(tree -> tree.leaves().stream()).flatMap(leaf -> leaf.weights().keySet().stream())
                .collect(Collectors.toSet());
        var ensemble = new TreeEnsembles(node, trees, classes);
        ValueId scores = ensemble.aggregated("SUM");
        if (classes == 2) {
            ensemble.classifyTwo(scores, ids);
            return;
        }
        ValueId based = ensemble.withBase(scores);
        node.output(0, Scores.winner(node, based, "classlabels_int64s"));
        node.output(1, Scores.transformed(ops, based, Scores.transform(node)));
    }

    /**
     * Two classes, by ONNX Runtime's rules where the specification is silent: the second class wins by its own score alone, above 0.5
     * if one class has all leaves and none is negative, above 0 otherwise; leaves of the first class alone give one score for both.
     */
    private void classifyTwo(ValueId scores, Set<Integer> ids) {
        double[] base = base();
        boolean probabilities = ids.size() == 1 && trees.stream().flatMap(tree -> tree.leaves().stream())
                .flatMap(leaf -> leaf.weights().values().stream()).allMatch(weight -> weight >= 0);
        ValueId first = ops.slice(scores, 1, 0, 1);
        ValueId second = ops.slice(scores, 1, 1, 1);
        if (base.length == 2 && ids.contains(1)) {
            second = ops.add(first, base(base[1]));
            first = ids.contains(0) ? ops.negate(second) : first;
        } else if (base.length > 0 && ids.contains(0)) {
            first = ops.add(first, base(base[0]));
        }
        ValueId deciding = ids.contains(1) ? second : first;
        ValueId positive = ops.compare(Compare.Relation.GREATER, deciding, probabilities ? 0.5 : 0);
        node.output(0, Scores.label(node, ops.squeeze(ops.cast(positive, ElementType.INT64), 1), "classlabels_int64s"));
        boolean one = !ids.contains(1) && base.length < 2;
        node.output(1, one ? Scores.pair(ops, first, probabilities ? Scores.Pair.COMPLEMENT : Scores.Pair.OPPOSITE, Scores.transform(node))
                : Scores.transformed(ops, ops.concat(1, first, second), Scores.transform(node)));
    }

    private ValueId base(double value) {
        return ops.secret("base_values", GraphOps.tensor(ops.type(x), Shape.SCALAR, value));
    }
}
