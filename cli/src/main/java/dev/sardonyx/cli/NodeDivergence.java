package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Model;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.Value;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.PlanValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How far a node's fixed-point value is from its float value, and why. What a node adds itself is the difference between its
 * fixed-point output and the operator applied in float to its fixed-point inputs; the rest it carries on from its inputs.
 *
 * @param maxAbsError difference from the float run
 * @param ownError the part that the node itself adds
 * @param cause {@code precision}, {@code approximation}, {@code range} or {@code carried}
 */
record NodeDivergence(String name, String op, double maxAbsError, double ownError, String cause) {
    /** This many samples are enough to see where numbers part. */
    static final int MOST_SAMPLES = 16;

    void write(Json json) {
        json.object(() -> {
            json.name("name").value(name);
            json.name("op").value(op);
            json.name("maxAbsError").value(maxAbsError);
            json.name("ownError").value(ownError);
            json.name("cause").value(cause);
        });
    }

    /**
     * Compares node by node.
     *
     * @param model loaded by {@code plain}, whose one party sees everything anyway
     */
    static List<NodeDivergence> of(Model model, Sardonyx plain, Map<String, Tensor> inputs) {
        Compiled compiled = model.compile(inputs);
        if (compiled.plans().isCut()) {
            return List.of();
        }
        Graph graph = compiled.planned().graph();
        Map<String, Tensor> secret = new LinkedHashMap<>(inputs);
        secret.keySet().removeAll(model.publicInputs());
        Map<ValueId, Tensor> floating = Evaluator.run(graph, secret);
        Map<String, Seen> fixed = new HashMap<>();
        plain.share(compiled).runRevealingEverything(secret, (_, value, tensor) -> fixed.put(value.name(), new Seen(value, tensor)));
        List<NodeDivergence> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            of(graph, node, floating, fixed).ifPresent(nodes::add);
        }
        return nodes;
    }

    private record Seen(PlanValue planned, Tensor tensor) {
    }

    private static Optional<NodeDivergence> of(Graph graph, Node node, Map<ValueId, Tensor> floating, Map<String, Seen> fixed) {
        Value output = graph.value(node.outputs().getFirst());
        Tensor expected = floating.get(output.id());
        Seen got = fixed.get(output.name());
        if (expected == null || got == null || node.op() instanceof Op.Movement || !got.tensor().shape().equals(expected.shape())) {
            return Optional.empty();
        }
        List<Tensor> ownInputs = new ArrayList<>();
        for (ValueId input : node.inputs()) {
            Seen seen = fixed.get(graph.value(input).name());
            Tensor plain = Objects.requireNonNull(floating.get(input));
            boolean usable = seen != null && !graph.constants().containsKey(input) && seen.tensor().shape().equals(plain.shape());
            ownInputs.add(usable ? seen.tensor().as(plain.type()) : plain);
        }
        Tensor own = Evaluator.evaluate(node.op(), ownInputs).getFirst();
        double total = difference(expected, got.tensor());
        double added = difference(own, got.tensor());
        return Optional.of(new NodeDivergence(node.origin().name(), node.origin().opType(), total, added, cause(node, got, expected, total, added)));
    }

    private static String cause(Node node, Seen got, Tensor expected, double total, double added) {
        double bound = Math.scalb(1.0, got.planned().magnitudeBits() - got.planned().fractionBits());
        for (int i = 0; i < expected.size(); i++) {
            if (Math.abs(expected.getDouble(i)) > bound) {
                return "range";
            }
        }
        if (added < total / 2) {
            return "carried";
        }
        return switch (node.op()) {
            case Op.Unary _, Op.Softmax _, Op.LogSoftmax _ -> "approximation";
            case Op.Binary(var function) when function == Op.Binary.Function.DIV || function == Op.Binary.Function.POW -> "approximation";
            case Op _ -> "precision";
        };
    }

    private static double difference(Tensor expected, Tensor actual) {
        double most = 0;
        for (int i = 0; i < expected.size(); i++) {
            double difference = Math.abs(expected.getDouble(i) - actual.getDouble(i));
            most = Double.isNaN(difference) ? most : Math.max(most, difference);
        }
        return most;
    }
}
