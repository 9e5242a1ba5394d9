package dev.sardonyx.cli;

import dev.sardonyx.cli.NodeDivergence.Cause;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where a model's fixed-point run parts from its float run.
 *
 * @param nodes in the model's order
 * @param faulty the first node that is wrong (another function, or out of range), else the first that parts by itself; where none does and the outputs are outside the tolerance all the same, the one
 *        that adds most; empty if the run is healthy
 */
record Diagnosis(List<NodeDivergence> nodes, Optional<NodeDivergence> faulty) {
    /** Of a model that cannot be looked into. */
    static final Diagnosis UNKNOWN = new Diagnosis(List.of(), Optional.empty());

    Diagnosis {
        nodes = List.copyOf(nodes);
    }

    /**
     * Names the node to look at.
     *
     * @param outputsWithin whether the model's outputs are within the tolerance
     */
    static Diagnosis of(List<NodeDivergence> nodes, boolean outputsWithin) {
        Optional<NodeDivergence> broken = nodes.stream().filter(node -> node.cause() == Cause.BUG || node.cause() == Cause.RANGE).findFirst();
        Optional<NodeDivergence> first = broken.or(() -> nodes.stream().filter(NodeDivergence::isolated).findFirst());
        Optional<NodeDivergence> most = outputsWithin ? Optional.empty() : nodes.stream().max(Comparator.comparingDouble(NodeDivergence::ownError));
        return new Diagnosis(nodes, first.or(() -> most));
    }

    boolean healthy() {
        return faulty.isEmpty();
    }

    /** What to do about it, in a line. */
    String line() {
        return faulty.map(node -> "numbers part at '" + node.name() + "' (" + node.op() + "), which adds " + Text.error(node.ownError()) + ": "
                + node.cause().label() + "; " + advice(node)).orElse("no node parts from its float value by itself");
    }

    private static String advice(NodeDivergence node) {
        return switch (node.cause()) {
            case PRECISION -> node.fractionBits() + " fraction bits and " + node.freeBits() + " bits free: a finer scale would help";
            case APPROXIMATION -> "its polynomial is too coarse for these inputs";
            case RANGE -> "values lie outside the planned range: declare a wider --input-range or calibrate on more samples";
            case BUG -> "it computes another function than the model's file says: please report it";
            case NONE -> "rounding of many nodes adds up";
        };
    }

    void write(Json json) {
        json.name("diagnosis").object(() -> {
            json.name("healthy").value(healthy());
            faulty.ifPresent(node -> {
                json.name("node").value(node.name());
                json.name("op").value(node.op());
                json.name("cause").value(node.cause() == Cause.NONE ? Cause.PRECISION.label() : node.cause().label());
            });
            json.name("says").value(line());
        });
    }
}
