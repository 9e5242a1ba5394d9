package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** All passes over graphs, in the order in which they are applied. */
public final class GraphPasses {
    /**
     * Constants are folded and shared work found first, so that later passes see who reads what; scales are folded into weights
     * before what is left of them is combined, and pooling is moved last, when biases no longer stand in its way.
     */
    public static final List<GraphPass> ALL = List.of(Cleanup.CONSTANT_FOLDING, Cleanup.DEAD_CODE, TransposeSinking.PASS, Identities.PASS,
            Cleanup.COMMON_SUBEXPRESSIONS, Recognition.PASS, LogSumExp.PASS, Divisions.POWERS, Divisions.RECIPROCALS, Selections.PASS, ScaleFolding.PASS,
            VisibilityReorder.PASS, LinearMerge.PASS, PointwiseOrder.PASS, PoolingOrder.PASS);

    private GraphPasses() {
    }

    /**
     * What applying the passes came to.
     *
     * @param graph the rewritten graph
     * @param effects what each pass did, in order
     */
    public record Result(Graph graph, List<Effect> effects) {
        public Result {
            effects = List.copyOf(effects);
        }
    }

    /**
     * What one pass did.
     *
     * @param enabled false if it was switched off
     * @param changed whether it rewrote anything
     * @param before number of nodes by operator before the pass
     * @param after number of nodes by operator after the pass
     */
    public record Effect(GraphPass pass, boolean enabled, boolean changed, Map<String, Integer> before, Map<String, Integer> after) {

        public int nodesBefore() {
            return before.values().stream().mapToInt(Integer::intValue).sum();
        }

        public int nodesAfter() {
            return after.values().stream().mapToInt(Integer::intValue).sum();
        }

        /** By operator, how many nodes there are more (or, if negative, less) than before; operators without a difference left out. */
        public Map<String, Integer> differences() {
            var differences = new TreeMap<>(after);
            before.forEach((op, count) -> differences.merge(op, -count, Integer::sum));
            differences.values().removeIf(count -> count == 0);
            return differences;
        }
    }

    /** The names of all passes, in order. */
    public static List<String> names() {
        return ALL.stream().map(GraphPass::name).toList();
    }

    /**
     * Applies all passes but the disabled ones.
     *
     * @throws IllegalArgumentException if {@code disabled} names a pass that does not exist; the text lists those that do
     */
    public static Result apply(Graph graph, Set<String> disabled) {
        var unknown = new TreeSet<>(disabled);
        names().forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("unknown passes " + unknown + "; known are " + String.join(", ", names()));
        }
        var effects = new ArrayList<Effect>();
        Graph current = graph;
        for (GraphPass pass : ALL) {
            boolean enabled = !disabled.contains(pass.name());
            Graph next = enabled ? pass.apply(current) : current;
            effects.add(new Effect(pass, enabled, next != current, operators(current), operators(next)));
            current = next;
        }
        return new Result(current, effects);
    }

    /** The number of a graph's nodes by operator. */
    public static Map<String, Integer> operators(Graph graph) {
        return graph.nodes().stream().map(Node::op).collect(Collectors.toMap(GraphPasses::label, _ -> 1, Integer::sum, LinkedHashMap::new));
    }

    private static String label(Op op) {
        String kind = op.getClass().getSimpleName();
        return switch (op) {
            case Op.Binary(var function) -> kind + "." + function;
            case Op.Reduce(var function, var _) -> kind + "." + function;
            case Op _ -> kind;
        };
    }
}
