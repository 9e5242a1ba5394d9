package dev.sardonyx.graph;

import java.util.List;

/**
 * One operator of a graph at its place.
 *
 * @param origin the ONNX node it came from; several nodes share one origin where an ONNX operator translates into several
 * @param op what it does
 * @param inputs the values it reads, in the order that {@code op} documents
 * @param outputs the values it makes
 */
public record Node(Origin origin, Op op, List<ValueId> inputs, List<ValueId> outputs) {
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** The only output of an operator that has one. */
    public ValueId output() {
        return outputs.getFirst();
    }

    /**
     * The ONNX node that a graph node came from.
     *
     * @param name the node's name in the model, or one made from its first output where it has none
     * @param opType the ONNX operator's name, with its domain unless it is the default one
     */
    public record Origin(String name, String opType) {
    }
}
