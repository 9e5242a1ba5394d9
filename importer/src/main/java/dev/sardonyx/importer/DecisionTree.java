package dev.sardonyx.importer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One tree of an ensemble, as tests and leaves with the tests on their way.
 *
 * @param atoms comparisons of one feature with one number
 * @param leaves what the tree can answer
 */
record DecisionTree(List<Atom> atoms, List<Leaf> leaves) {
    /** How an atom compares; every ONNX mode is one of these or its opposite. */
    enum Relation {
        LESS_OR_EQUAL, LESS, EQUAL
    }

    /** Feature {@code feature} stands in a relation to a threshold. */
    record Atom(Relation relation, int feature, double threshold) {
    }

    /**
     * A leaf.
     *
     * @param way the tests from the root to it
     * @param weights what it adds to each target
     */
    record Leaf(List<Turn> way, Map<Integer, Double> weights) {
    }

    /**
     * A test passed on the way to a leaf: some atom (at most one can) holds, or none does.
     *
     * @param atoms their places in the tree's list
     * @param holds which of the two leads to the leaf
     */
    record Turn(List<Integer> atoms, boolean holds) {
    }

    /** A node before the tree is put together. */
    sealed interface Vertex {
        /**
         * An inner node.
         *
         * @param atoms any of which leads to {@code yes}
         */
        record Split(List<Atom> atoms, int yes, int no) implements Vertex {
        }

        record End(Map<Integer, Double> weights) implements Vertex {
        }
    }

    /** Finds a node by its number. */
    interface Vertices {
        Vertex at(int number);
    }

    /**
     * Walks a tree from its root.
     *
     * @param limit how many nodes it can have; more means that the nodes do not form a tree
     * @throws IllegalArgumentException if they do not
     */
    static DecisionTree from(int root, Vertices vertices, int limit) {
        record Open(int number, List<Turn> way) {
        }
        var atoms = new ArrayList<Atom>();
        var leaves = new ArrayList<Leaf>();
        var open = new ArrayList<>(List.of(new Open(root, List.of())));
        int seen = 0;
        while (!open.isEmpty()) {
            Open next = open.removeLast();
            if (++seen > limit) {
                throw new IllegalArgumentException("the nodes of a tree form a cycle or share a branch");
            }
            switch (vertices.at(next.number)) {
                case Vertex.End(var weights) -> leaves.add(new Leaf(next.way, weights));
                case Vertex.Split(var tests, int yes, int no) -> {
                    var places = new ArrayList<Integer>();
                    for (Atom atom : tests) {
                        places.add(atoms.size());
                        atoms.add(atom);
                    }
                    open.add(new Open(no, longer(next.way, new Turn(places, false))));
                    open.add(new Open(yes, longer(next.way, new Turn(places, true))));
                }
            }
        }
        return new DecisionTree(List.copyOf(atoms), List.copyOf(leaves));
    }

    private static List<Turn> longer(List<Turn> way, Turn turn) {
        var list = new ArrayList<>(way);
        list.add(turn);
        return list;
    }
}
