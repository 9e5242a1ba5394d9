package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Value;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.planner.PlanOptions.Reveal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the decision of what is revealed into the graph: with {@code argmax} and {@code topk} only indices leave it. Increasing functions
 * before an arg-max (softmax, log-softmax, sigmoid) change no index and are dropped.
 */
final class RevealRewrite {
    private final Graph graph;
    private final PlanOptions options;
    private final List<Value> values;
    private final List<Node> nodes;
    private final Map<ValueId, Constant> constants;

    private RevealRewrite(Graph graph, PlanOptions options) {
        this.graph = graph;
        this.options = options;
        this.values = new ArrayList<>(graph.values());
        this.nodes = new ArrayList<>(graph.nodes());
        this.constants = new HashMap<>(graph.constants());
    }

    static Graph apply(Graph graph, PlanOptions options) {
        return options.reveal() instanceof Reveal.All ? graph : new RevealRewrite(graph, options).rewrite();
    }

    private Graph rewrite() {
        var outputs = new ArrayList<Graph.Output>();
        for (Graph.Output output : graph.outputs()) {
            Value value = graph.value(output.value());
            boolean scores = value.type().isFloating() && value.shape().rank() > 0;
            outputs.add(scores ? new Graph.Output(output.name(), indices(output.name(), value)) : output);
        }
        return new Graph(values, graph.inputs(), constants, nodes, outputs);
    }

    private ValueId indices(String name, Value scores) {
        int axis = scores.shape().rank() - 1;
        ValueId source = options.enabled(PlanPass.MONOTONE_HEAD) ? beforeMonotone(scores.id(), axis) : scores.id();
        var origin = new Node.Origin(name, "reveal");
        return switch (options.reveal()) {
            case Reveal.All() -> scores.id();
            case Reveal.ArgMax() -> {
                ValueId kept = value(name + ".argmax", ElementType.INT64, scores.shape().with(axis, 1));
                nodes.add(new Node(origin, new Op.ArgMax(axis, false), List.of(source), List.of(kept)));
                Shape dropped = new Shape(scores.shape().dims().subList(0, axis));
                ValueId index = value(name + ".index", ElementType.INT64, dropped);
                nodes.add(new Node(origin, new Op.Reshape(dropped), List.of(kept), List.of(index)));
                yield index;
            }
            case Reveal.TopK(int wanted) -> {
                int k = Math.min(wanted, scores.shape().dim(axis));
                ValueId best = value(name + ".best", scores.type(), scores.shape().with(axis, k));
                ValueId index = value(name + ".indices", ElementType.INT64, scores.shape().with(axis, k));
                nodes.add(new Node(origin, new Op.TopK(axis, k, true), List.of(source), List.of(best, index)));
                yield index;
            }
        };
    }

    private ValueId beforeMonotone(ValueId id, int axis) {
        for (Node node : graph.nodes()) {
            if (node.outputs().contains(id)) {
                boolean monotone = switch (node.op()) {
                    case Op.Softmax(int over) -> over == axis;
                    case Op.LogSoftmax(int over) -> over == axis;
                    case Op.Unary(var function) -> function == Elementary.SIGMOID || function == Elementary.TANH;
                    default -> false;
                };
                return monotone ? beforeMonotone(node.inputs().getFirst(), axis) : id;
            }
        }
        return id;
    }

    private ValueId value(String name, ElementType type, Shape shape) {
        var id = new ValueId(values.size());
        values.add(new Value(id, name, type, shape));
        return id;
    }
}
