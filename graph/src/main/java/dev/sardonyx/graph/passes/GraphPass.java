package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Graph;

/** A rewriting of a graph that keeps its inputs, the names and meaning of its outputs, and never decides by a secret value. */
public interface GraphPass {

    /** The pass's name as users write it to switch it off. */
    String name();

    /** One sentence for {@code inspect --passes}. */
    String description();

    /** The rewritten graph; the same instance if there was nothing to do. */
    Graph apply(Graph graph);
}
