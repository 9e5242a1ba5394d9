package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Model;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.planner.PlanPass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * How far an ONNX node's fixed-point value is from its float value, and why. What a node adds itself is the difference between its
 * fixed-point output and the same node in float on its fixed-point inputs; the rest it carries on from its inputs.
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
     * Options whose plan has a value for every node: in one lane, and with each average divided where it is taken instead of in a later
     * truncation.
     */
    static PlanOptions observable(PlanOptions options) {
        Set<String> disabled = new HashSet<>(options.disabled());
        disabled.add(PlanPass.POOLING_DIVISION.label());
        return options.withDisabled(disabled).withLanes(1);
    }

    /**
     * Compares node by node.
     *
     * @param model planned with {@link #observable} options and loaded by {@code plain}, whose one party sees everything anyway
     */
    static List<NodeDivergence> of(Model model, Sardonyx plain, Map<String, Tensor> inputs) {
        Compiled compiled = model.compile(inputs);
        Map<String, Tensor> secret = new LinkedHashMap<>(inputs);
        secret.keySet().removeAll(model.publicInputs());
        Map<String, List<Seen>> seen = new HashMap<>();
        plain.share(compiled).runRevealingEverything(secret, (_, value, tensor) -> seen.computeIfAbsent(value.name(), _ -> new ArrayList<>())
                .add(new Seen(value, tensor)));
        return new Search(compiled.planned().graph(), Evaluator.run(compiled.planned().graph(), secret), seen).nodes();
    }

    private record Seen(PlanValue planned, Tensor tensor) {
    }

    /** The float run and what was seen of the fixed-point run, by ONNX node. */
    private record Search(Graph graph, Map<ValueId, Tensor> floating, Map<String, List<Seen>> seen) {

        List<NodeDivergence> nodes() {
            Map<String, List<Node>> byOrigin = new LinkedHashMap<>();
            graph.nodes().forEach(node -> byOrigin.computeIfAbsent(node.origin().name(), _ -> new ArrayList<>()).add(node));
            List<NodeDivergence> found = new ArrayList<>();
            byOrigin.values().forEach(parts -> divergence(parts).ifPresent(found::add));
            return found;
        }

        private Optional<NodeDivergence> divergence(List<Node> parts) {
            Node last = parts.getLast();
            ValueId output = last.outputs().getFirst();
            boolean moves = parts.stream().allMatch(part -> part.op() instanceof Op.Movement);
            Optional<Seen> got = fixed(output);
            Tensor expected = Objects.requireNonNull(floating.get(output));
            if (moves || got.isEmpty() || !expected.type().isFloating()) {
                return Optional.empty();
            }
            double total = difference(expected, got.get().tensor());
            double own = difference(recomputed(parts, output), got.get().tensor());
            return Optional.of(new NodeDivergence(last.origin().name(), last.origin().opType(), total, own,
                    cause(parts, got.get(), expected, own >= total / 2)));
        }

        /** What a node's output was in the fixed-point run: the last value of its shape that its steps made. */
        private Optional<Seen> fixed(ValueId id) {
            Shape shape = graph.value(id).shape();
            return graph.nodes().stream().filter(node -> node.outputs().contains(id)).findFirst()
                    .flatMap(node -> seen.getOrDefault(node.origin().name(), List.of()).stream()
                            .filter(value -> value.planned().kind() == PlanValue.Kind.NUMBER && value.tensor().shape().equals(shape))
                            .reduce((_, later) -> later));
        }

        /** The ONNX node in float, on the fixed-point values of what it reads. */
        private Tensor recomputed(List<Node> parts, ValueId output) {
            Map<ValueId, Tensor> values = new HashMap<>();
            Set<ValueId> made = new HashSet<>();
            parts.forEach(part -> made.addAll(part.outputs()));
            for (Node part : parts) {
                List<Tensor> inputs = new ArrayList<>();
                for (ValueId input : part.inputs()) {
                    Tensor plain = Objects.requireNonNull(floating.get(input));
                    inputs.add(made.contains(input) ? Objects.requireNonNull(values.get(input))
                            : fixed(input).map(value -> value.tensor().as(plain.type())).orElse(plain));
                }
                List<Tensor> outputs = Evaluator.evaluate(part.op(), inputs);
                for (int i = 0; i < outputs.size(); i++) {
                    values.put(part.outputs().get(i), outputs.get(i));
                }
            }
            return Objects.requireNonNull(values.get(output));
        }

        private static String cause(List<Node> parts, Seen got, Tensor expected, boolean ownDominates) {
            double bound = Math.scalb(1.0, got.planned().magnitudeBits() - got.planned().fractionBits());
            for (int i = 0; i < expected.size(); i++) {
                if (Math.abs(expected.getDouble(i)) > bound) {
                    return "range";
                }
            }
            if (!ownDominates) {
                return "carried";
            }
            return parts.stream().anyMatch(part -> approximates(part.op())) ? "approximation" : "precision";
        }

        private static boolean approximates(Op op) {
            return switch (op) {
                case Op.Unary _, Op.Softmax _, Op.LogSoftmax _ -> true;
                case Op.Binary(var function) -> function == Op.Binary.Function.DIV || function == Op.Binary.Function.POW;
                case Op _ -> false;
            };
        }
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
