package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.cli.NodeDivergence.Cause;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.Value;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.reference.OnnxProbe;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.planner.PlanPass;
import dev.sardonyx.secureops.planner.Planner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Looks for the node at which fixed point and float part. Each node is judged by itself, on the fixed-point values of what it reads, so
 * that an error has one place: ONNX Runtime's answer on those values is what the model's file means, our graph's answer in float is
 * what we made of the file, and the fixed-point value is what the plan made of the graph. The first two part where a translation or a
 * pass is wrong; the last two part by rounding and approximation, or because a value leaves the range that was planned.
 */
final class DivergenceSearch {
    /** This many samples are enough to see where numbers part. */
    static final int MOST_SAMPLES = 16;

    /** Float noise between two correct implementations, absolute and relative to the greatest number of the tensor. */
    private static final double NOISE = 1e-4;
    /** A polynomial is never off by more than this, relative to values above 1. */
    private static final double WORST_APPROXIMATION = 0.05;

    private final Compiled compiled;
    private final Graph graph;
    private final OnnxProbe probe;
    private final Tolerance tolerance;

    DivergenceSearch(Compiled compiled, OnnxProbe probe, Tolerance tolerance) {
        this.compiled = compiled;
        this.graph = compiled.planned().graph();
        this.probe = probe;
        this.tolerance = tolerance;
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

    /** The values to watch: the floating ones that were revealed, by their names in the model. */
    static Map<String, ElementType> watchable(Compiled compiled, Map<ValueId, Tensor> fixed) {
        Map<String, ElementType> watchable = new LinkedHashMap<>();
        for (Value value : compiled.planned().graph().values()) {
            if (value.type().isFloating() && fixed.containsKey(value.id())) {
                watchable.putIfAbsent(value.name(), value.type());
            }
        }
        return watchable;
    }

    /**
     * Runs a plan on a cluster of this process and reveals what the search needs.
     *
     * @param inputs the model's inputs, public ones too
     */
    static Map<ValueId, Tensor> reveal(Compiled compiled, Sardonyx cluster, Map<String, Tensor> inputs) {
        Map<Integer, List<ValueId>> wanted = new HashMap<>();
        compiled.planned().traces().forEach((id, trace) -> wanted.computeIfAbsent(trace.value(), _ -> new ArrayList<>()).add(id));
        Map<ValueId, Tensor> revealed = new HashMap<>();
        Map<String, Tensor> secret = new LinkedHashMap<>(inputs);
        secret.keySet().retainAll(compiled.plan().inputs().stream().map(Plan.InputSpec::name).toList());
        cluster.share(compiled).runRevealingEverything(secret, (_, planned, tensor) -> {
            for (ValueId id : wanted.getOrDefault(planned.id(), List.of())) {
                Value value = compiled.planned().graph().value(id);
                revealed.put(id, tensor.reshaped(value.shape()).as(value.type()));
            }
        });
        return revealed;
    }

    /**
     * Reveals a fixed-point run of one party, who sees everything anyway, and judges its nodes.
     *
     * @param file the model as its owner wrote it
     * @param inputs the model's inputs, public ones too
     * @param plain a cluster of the plaintext protocol
     */
    static List<NodeDivergence> of(Compiled compiled, Path file, Map<String, Tensor> inputs, Sardonyx plain, Tolerance tolerance) {
        Map<ValueId, Tensor> fixed = reveal(compiled, plain, inputs);
        try (OnnxProbe probe = OnnxProbe.open(file, watchable(compiled, fixed), 1)) {
            return new DivergenceSearch(compiled, probe, tolerance).nodes(inputs, fixed);
        }
    }

    /**
     * Judges every node.
     *
     * @param inputs the model's inputs, public ones too
     * @param fixed the fixed-point values, as {@link #reveal} gives them
     */
    List<NodeDivergence> nodes(Map<String, Tensor> inputs, Map<ValueId, Tensor> fixed) {
        Map<String, Tensor> given = new HashMap<>();
        fixed.forEach((id, tensor) -> given.put(graph.value(id).name(), tensor));
        Map<String, Tensor> floating = probe.values(inputs);
        Map<String, Tensor> remade = probe.watched().stream().allMatch(given::containsKey) ? probe.remade(inputs, given) : Map.of();
        var segments = new Segments(graph, fixed, probe.watched(), compiled);
        Map<String, NodeDivergence> byOrigin = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            for (ValueId output : node.outputs()) {
                String name = graph.value(output).name();
                Tensor expected = floating.get(name);
                Tensor local = remade.get(name);
                Tensor got = fixed.get(output);
                if (expected != null && local != null && got != null) {
                    NodeDivergence one = judged(node, output, new Views(expected, local, got), segments);
                    byOrigin.merge(node.origin().name(), one, DivergenceSearch::worse);
                }
            }
        }
        return List.copyOf(byOrigin.values());
    }

    /** A value in float, in float on fixed-point inputs, and in fixed point. */
    private record Views(Tensor expected, Tensor local, Tensor fixed) {
    }

    private static NodeDivergence worse(NodeDivergence one, NodeDivergence other) {
        NodeDivergence worst = other.cause().compareTo(one.cause()) > 0 || other.cause() == one.cause() && other.ownError() > one.ownError() ? other : one;
        return new NodeDivergence(worst.name(), worst.op(), Math.max(one.maxAbsError(), other.maxAbsError()), Math.max(one.ownError(), other.ownError()),
                worst.roundingBound(), worst.cause(), one.isolated() || other.isolated(), worst.fractionBits(), worst.magnitudeBits(), OptionalDouble.empty());
    }

    private NodeDivergence judged(Node node, ValueId output, Views views, Segments segments) {
        Planner.Trace trace = Objects.requireNonNull(compiled.planned().traces().get(output));
        PlanValue planned = compiled.plan().value(trace.value());
        boolean sameShape = views.expected().shape().equals(views.fixed().shape()) && views.local().shape().equals(views.fixed().shape());
        double total = sameShape ? Errors.greatest(views.expected(), views.fixed()) : Double.POSITIVE_INFINITY;
        double own = sameShape ? Errors.greatest(views.local(), views.fixed()) : Double.POSITIVE_INFINITY;
        double rounding = 0;
        boolean isolated = false;
        Cause cause;
        Tensor translated = segments.inFloat(output);
        double translation = sameShape ? Errors.greatest(views.local(), translated) : Double.POSITIVE_INFINITY;
        if (translation > NOISE * (1 + Errors.magnitude(views.local()))) {
            cause = Cause.BUG;
            isolated = true;
        } else if (leaves(views.expected(), trace.range(), planned)) {
            cause = Cause.RANGE;
            isolated = true;
        } else {
            rounding = segments.rounding(output, translated);
            isolated = Errors.outside(own, views.local(), tolerance);
            boolean approximates = segments.approximates(output);
            double numeric = Errors.greatest(translated, views.fixed());
            boolean wild = numeric > WORST_APPROXIMATION * Math.max(1, Errors.magnitude(translated));
            cause = !isolated && own < total / 2 ? Cause.NONE : numeric <= rounding || !wild && !approximates && !isolated ? Cause.PRECISION
                    : approximates && !wild ? Cause.APPROXIMATION : Cause.BUG;
        }
        return new NodeDivergence(node.origin().name(), node.origin().opType(), total, own, rounding, cause, isolated, planned.fractionBits(),
                planned.magnitudeBits(), OptionalDouble.empty());
    }

    /** Whether a float value lies outside the range that was planned for it; a range has a unit of room at either end. */
    private static boolean leaves(Tensor expected, Interval range, PlanValue planned) {
        double room = Math.scalb(1.0, -planned.fractionBits()) + 1e-5 * range.magnitude();
        for (int i = 0; i < expected.size(); i++) {
            double value = expected.getDouble(i);
            if (value < range.low() - room || value > range.high() + room) {
                return true;
            }
        }
        return false;
    }

    /** Differences of tensors of one shape; NaN beside anything counts as nothing, for float itself has no answer there. */
    private static final class Errors {
        private Errors() {
        }

        static double greatest(Tensor expected, Tensor actual) {
            double most = 0;
            for (int i = 0; i < expected.size(); i++) {
                double difference = Math.abs(expected.getDouble(i) - actual.getDouble(i));
                most = Double.isNaN(difference) ? most : Math.max(most, difference);
            }
            return most;
        }

        static double magnitude(Tensor tensor) {
            double most = 0;
            for (int i = 0; i < tensor.size(); i++) {
                double value = Math.abs(tensor.getDouble(i));
                most = Double.isFinite(value) ? Math.max(most, value) : most;
            }
            return most;
        }

        /** By the greatest number of the tensor: rounding of a sum goes by its greatest terms, not by what is left of them. */
        static boolean outside(double error, Tensor expected, Tolerance tolerance) {
            return error > tolerance.absolute() + tolerance.relative() * magnitude(expected);
        }
    }

    /** Sets the secure run's values beside the fixed-point ones; only for runs whose intermediates were revealed on purpose. */
    List<NodeDivergence> withProtocol(List<NodeDivergence> nodes, Map<ValueId, Tensor> fixed, Map<ValueId, Tensor> secure) {
        Map<String, Double> parts = new HashMap<>();
        for (Node node : graph.nodes()) {
            for (ValueId output : node.outputs()) {
                Tensor plain = fixed.get(output);
                Tensor shared = secure.get(output);
                if (plain != null && shared != null && plain.shape().equals(shared.shape())) {
                    parts.merge(node.origin().name(), Errors.greatest(plain, shared), Math::max);
                }
            }
        }
        return nodes.stream().map(node -> parts.containsKey(node.name()) ? node.withProtocolError(parts.get(node.name())) : node).toList();
    }

    static boolean approximates(Op op) {
        return switch (op) {
            case Op.Unary _, Op.Softmax _, Op.LogSoftmax _ -> true;
            case Op.Binary(var function) -> function == Op.Binary.Function.DIV || function == Op.Binary.Function.POW;
            case Op _ -> false;
        };
    }
}
