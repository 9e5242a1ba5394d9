package dev.sardonyx.importer;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.DecisionTree.Atom;
import dev.sardonyx.importer.DecisionTree.Relation;
import dev.sardonyx.importer.DecisionTree.Vertex;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the trees of an ensemble from a node's attributes, in the older form (nodes by tree and number) and in the newer one. */
final class TreeAttributes {
    private static final List<String> MODES = List.of("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ",
            "BRANCH_MEMBER", "LEAF");

    private record Place(int tree, int node) {
    }

    private final NodeContext node;

    TreeAttributes(NodeContext node) {
        this.node = node;
    }

    /**
     * The older form.
     *
     * @param leaf what leaf attributes begin with: {@code target} or {@code class}
     */
    List<DecisionTree> byTreeAndNumber(String leaf) {
        int[] trees = required("nodes_treeids");
        int count = trees.length;
        int[] numbers = required("nodes_nodeids");
        int[] features = required("nodes_featureids");
        int[] yes = required("nodes_truenodeids");
        int[] no = required("nodes_falsenodeids");
        double[] values = reals("nodes_values");
        List<String> modes = node.texts("nodes_modes");
        if (numbers.length != count || features.length != count || yes.length != count || no.length != count || values.length != count
                || modes.size() != count) {
            throw node.invalid("the nodes_ attributes have different lengths; expected " + count + " of each");
        }
        var places = new LinkedHashMap<Place, Integer>();
        var roots = new LinkedHashMap<Integer, Integer>();
        for (int i = 0; i < count; i++) {
            if (places.put(new Place(trees[i], numbers[i]), i) != null) {
                throw node.invalid("node " + numbers[i] + " of tree " + trees[i] + " stands twice");
            }
            roots.putIfAbsent(trees[i], numbers[i]);
        }
        Map<Place, Map<Integer, Double>> weights = leafWeights(leaf);
        var result = new ArrayList<DecisionTree>();
        roots.forEach((tree, root) -> result.add(DecisionTree.from(root, number -> {
            Integer i = places.get(new Place(tree, number));
            if (i == null) {
                throw node.invalid("tree " + tree + " has no node " + number);
            }
            int mode = MODES.indexOf(modes.get(i));
            if (mode < 0 || mode == 6) {
                throw node.invalid("nodes_modes holds '" + modes.get(i) + "'; expected one of " + MODES);
            }
            return mode == 7 ? new Vertex.End(weights.getOrDefault(new Place(tree, number), Map.of()))
                    : split(mode, List.of(values[i]), features[i], yes[i], no[i]);
        }, count)));
        return result;
    }

    private Map<Place, Map<Integer, Double>> leafWeights(String leaf) {
        int[] trees = required(leaf + "_treeids");
        int[] numbers = required(leaf + "_nodeids");
        int[] ids = required(leaf + "_ids");
        double[] weights = reals(leaf + "_weights");
        if (numbers.length != trees.length || ids.length != trees.length || weights.length != trees.length) {
            throw node.invalid("the " + leaf + "_ attributes have different lengths; expected " + trees.length + " of each");
        }
        var result = new HashMap<Place, Map<Integer, Double>>();
        for (int i = 0; i < trees.length; i++) {
            result.computeIfAbsent(new Place(trees[i], numbers[i]), key -> new HashMap<>()).merge(ids[i], weights[i], Double::sum);
        }
        return result;
    }

    /** The form of operator-set version 5: inner nodes and leaves apart. */
    List<DecisionTree> byRoots() {
        int[] roots = required("tree_roots");
        int[] features = required("nodes_featureids");
        int[] yes = required("nodes_truenodeids");
        int[] no = required("nodes_falsenodeids");
        int[] yesLeaf = required("nodes_trueleafs");
        int[] noLeaf = required("nodes_falseleafs");
        double[] splits = tensor("nodes_splits").toDoubles();
        long[] modes = tensor("nodes_modes").toLongs();
        int[] targets = required("leaf_targetids");
        double[] weights = tensor("leaf_weights").toDoubles();
        int count = features.length;
        if (yes.length != count || no.length != count || yesLeaf.length != count || noLeaf.length != count || splits.length != count
                || modes.length != count || weights.length != targets.length) {
            throw node.invalid("the nodes_ or leaf_ attributes have different lengths; expected " + count + " and " + targets.length + " of each");
        }
        List<List<Double>> members = members(modes);
        var result = new ArrayList<DecisionTree>();
        for (int root : roots) {
            // Leaves are numbered after the inner nodes.
            result.add(DecisionTree.from(root, number -> {
                int at = number >= count ? number - count : number;
                if (at < 0 || at >= (number >= count ? targets.length : count)) {
                    throw node.invalid("a tree has no node or leaf " + at);
                }
                if (number >= count) {
                    return new Vertex.End(Map.of(targets[at], weights[at]));
                }
                List<Double> values = modes[at] == 6 ? members.get(at) : List.of(splits[at]);
                return split((int) modes[at], values, features[at], yesLeaf[at] != 0 ? yes[at] + count : yes[at],
                        noLeaf[at] != 0 ? no[at] + count : no[at]);
            }, 2 * count + 1));
        }
        return result;
    }

    /** The members that each node of mode MEMBER tests for; the file joins them, a NaN after each list. */
    private List<List<Double>> members(long[] modes) {
        double[] joined = node.tensor("membership_values").map(Tensor::toDoubles).orElse(new double[0]);
        var result = new ArrayList<List<Double>>();
        int at = 0;
        for (long mode : modes) {
            var list = new ArrayList<Double>();
            if (mode == 6) {
                for (; at < joined.length && !Double.isNaN(joined[at]); at++) {
                    list.add(joined[at]);
                }
                at++;
            }
            result.add(list);
        }
        return result;
    }

    private Vertex split(int mode, List<Double> values, int feature, int yes, int no) {
        Relation relation = switch (mode) {
            case 0, 3 -> Relation.LESS_OR_EQUAL;
            case 1, 2 -> Relation.LESS;
            case 4, 5, 6 -> Relation.EQUAL;
            default -> throw node.invalid("nodes_modes holds " + mode + "; expected 0 to 6");
        };
        boolean opposite = mode == 2 || mode == 3 || mode == 5;
        List<Atom> atoms = values.stream().distinct().map(value -> new Atom(relation, feature, value)).toList();
        return new Vertex.Split(atoms, opposite ? no : yes, opposite ? yes : no);
    }

    private int[] required(String name) {
        return node.integers(name).orElseThrow(() -> node.missing(name));
    }

    private Tensor tensor(String name) {
        return node.tensor(name).orElseThrow(() -> node.missing(name));
    }

    /** Numbers as floats, or in double precision under a name of their own. */
    double[] reals(String name) {
        Optional<double[]> floats = node.reals(name);
        return floats.orElseGet(() -> tensor(name + "_as_tensor").toDoubles());
    }
}
