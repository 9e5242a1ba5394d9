package dev.sardonyx.importer;

/** Turns one ONNX node into operators of the graph: reads inputs and attributes from the context, gives it the outputs. */
@FunctionalInterface
public interface Translator {
    /**
     * Translates the node.
     *
     * @throws RefusedNode if this use of the operator has no translation
     * @throws ImportException if the node breaks the operator's rules
     */
    void translate(NodeContext node);
}
