package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import java.util.function.BiConsumer;

/**
 * A pass made of one rule that looks at a node of a draft and may rewrite its surroundings; applied to all nodes, in topological
 * order, until none changes any more.
 */
record DraftPass(String name, String description, BiConsumer<Draft, Node> rule) implements GraphPass {

    @Override
    public Graph apply(Graph graph) {
        var draft = new Draft(graph);
        draft.sweep(node -> rule.accept(draft, node));
        return draft.toGraph();
    }
}
