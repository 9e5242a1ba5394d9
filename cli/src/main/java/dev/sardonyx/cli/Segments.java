package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/** The pieces of a graph between values that are watched, each recomputed in float on the fixed-point values that it reads. */
final class Segments {
    private static final int TRIALS = 3;
    /** Rounding errors of a long sum are spread; the greatest of many exceeds a few trials' by no more than this. */
    private static final double SPREAD = 4;

    private final Graph graph;
    private final Map<ValueId, Tensor> fixed;
    private final Set<String> watched;
    private final Plan plan;
    private final Map<ValueId, Node> makers = new HashMap<>();
    private final Map<String, List<Step>> steps = new HashMap<>();
    private final Map<ValueId, Tensor> between = new HashMap<>();

    Segments(Graph graph, Map<ValueId, Tensor> fixed, Set<String> watched, Compiled compiled) {
        this.graph = graph;
        this.fixed = fixed;
        this.watched = watched;
        this.plan = compiled.plan();
        graph.nodes().forEach(node -> node.outputs().forEach(output -> makers.put(output, node)));
        plan.steps().forEach(step -> steps.computeIfAbsent(step.node(), _ -> new ArrayList<>()).add(step));
    }

    /** What our graph makes of a value in float, from the watched values nearest before it. */
    Tensor inFloat(ValueId output) {
        return made(output, between);
    }

    /** True if a function on the way to this value is computed by polynomials. */
    boolean approximates(ValueId output) {
        return nodes(output).stream().anyMatch(node -> DivergenceSearch.approximates(node.op()));
    }

    /**
     * What rounding explains of a value's error: one unit of the coarsest scale among its steps, and how far the value moves when all
     * that it is made from moves by as much as their scales round it.
     */
    double rounding(ValueId output, Tensor exact) {
        Set<String> origins = new HashSet<>();
        nodes(output).forEach(node -> origins.add(node.origin().name()));
        double worked = 0;
        double learned = 0;
        for (String origin : origins) {
            for (Step step : steps.getOrDefault(origin, List.of())) {
                for (int id : step.outputs()) {
                    PlanValue value = plan.value(id);
                    boolean number = value.kind() == PlanValue.Kind.NUMBER && value.fractionBits() > 0;
                    double unit = number ? Math.scalb(1.0, -value.fractionBits()) : 0;
                    switch (step.instruction()) {
                        case Instruction.Weight _, Instruction.Literal _ -> learned = Math.max(learned, unit);
                        case Instruction _ -> worked = Math.max(worked, unit);
                    }
                }
            }
        }
        double unit = worked;
        double weightUnit = learned;
        var random = new SplittableRandom(output.index());
        double moved = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            Tensor shaken = shaken(output, random, unit, weightUnit);
            for (int i = 0; i < exact.size(); i++) {
                double difference = Math.abs(exact.getDouble(i) - shaken.getDouble(i));
                moved = Double.isNaN(difference) ? moved : Math.max(moved, difference);
            }
        }
        return SPREAD * (unit + moved);
    }

    private Tensor shaken(ValueId output, SplittableRandom random, double unit, double weightUnit) {
        Map<ValueId, Tensor> memo = new HashMap<>();
        for (Node node : nodes(output)) {
            for (ValueId input : node.inputs()) {
                if (!graph.value(input).type().isFloating() || memo.containsKey(input)) {
                    continue;
                }
                if (graph.constants().containsKey(input)) {
                    memo.put(input, shaken(Objects.requireNonNull(graph.constants().get(input)).tensor(), random, weightUnit));
                } else if (isLeaf(input)) {
                    memo.put(input, shaken(Objects.requireNonNull(fixed.get(input)), random, unit));
                }
            }
        }
        return made(output, memo);
    }

    private static Tensor shaken(Tensor tensor, SplittableRandom random, double unit) {
        double[] values = tensor.toDoubles();
        for (int i = 0; i < values.length; i++) {
            values[i] += random.nextBoolean() ? unit : -unit;
        }
        return Tensor.ofDoubles(tensor.type(), tensor.shape(), values);
    }

    private boolean isLeaf(ValueId id) {
        return fixed.containsKey(id) && watched.contains(graph.value(id).name());
    }

    private List<Node> nodes(ValueId output) {
        List<Node> nodes = new ArrayList<>();
        collect(output, nodes);
        return nodes;
    }

    private void collect(ValueId id, List<Node> nodes) {
        Node node = makers.get(id);
        if (node == null || nodes.contains(node)) {
            return;
        }
        nodes.add(node);
        node.inputs().stream().filter(input -> !isLeaf(input)).forEach(input -> collect(input, nodes));
    }

    private Tensor made(ValueId output, Map<ValueId, Tensor> memo) {
        Node node = Objects.requireNonNull(makers.get(output));
        List<Tensor> inputs = new ArrayList<>();
        for (ValueId input : node.inputs()) {
            inputs.add(memo.containsKey(input) ? Objects.requireNonNull(memo.get(input)) : read(input, memo));
        }
        List<Tensor> outputs = Evaluator.evaluate(node.op(), inputs);
        return outputs.get(node.outputs().indexOf(output));
    }

    private Tensor read(ValueId input, Map<ValueId, Tensor> memo) {
        if (graph.constants().containsKey(input)) {
            return Objects.requireNonNull(graph.constants().get(input)).tensor();
        }
        Tensor known = fixed.get(input);
        if (known != null && (isLeaf(input) || !makers.containsKey(input))) {
            return known;
        }
        Tensor made = made(input, memo);
        memo.put(input, made);
        return made;
    }
}
