package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Follows constants beyond what scales are made for (-inf, -3.4e38, -1e9) to where they lead. Where all of them vanish in a function
 * that levels off (softmax, a comparison, the greater of two), they only say "never", and a smaller number says it as well. One that
 * reaches an output or a sum of products is a number like any other: it keeps its value, or, where it has none, is refused.
 */
final class Extremes {
    /** What no product of ordinary numbers reaches: infinity, and the greatest numbers of the floating types. */
    private static final double INFINITE = 0x1p100;

    /** Constants whose extreme elements may show in a value, by sign. */
    private record Carried(Set<ValueId> low, Set<ValueId> high) {
        static final Carried NONE = new Carried(Set.of(), Set.of());

        Carried swapped() {
            return new Carried(high, low);
        }

        Carried and(Carried other) {
            return new Carried(union(low, other.low), union(high, other.high));
        }

        Carried eitherSign() {
            Set<ValueId> all = union(low, high);
            return new Carried(all, all);
        }

        private static Set<ValueId> union(Set<ValueId> a, Set<ValueId> b) {
            return a.isEmpty() ? b : b.isEmpty() ? a : Stream.concat(a.stream(), b.stream()).collect(Collectors.toUnmodifiableSet());
        }
    }

    private final Graph graph;
    private final Map<ValueId, Carried> carried = new HashMap<>();
    private final Set<ValueId> numbers = new HashSet<>();

    Extremes(Graph graph) {
        this.graph = graph;
        graph.constants().forEach(this::start);
        for (Node node : graph.nodes()) {
            Carried result = through(node);
            if (result != Carried.NONE) {
                carried.put(node.outputs().getFirst(), result);
            }
        }
        for (Graph.Output output : graph.outputs()) {
            Carried reached = of(output.value());
            numbers.addAll(reached.low());
            numbers.addAll(reached.high());
            if (Stream.concat(reached.low().stream(), reached.high().stream()).anyMatch(this::isInfinite)) {
                throw new PlanException(PlanException.Kind.UNSUPPORTED, output.name(), "output",
                        "may hold infinity, or a number that stands for it; fixed-point numbers are finite");
            }
        }
    }

    /** Whether a constant counts as what it is, and not only as "never". */
    boolean isNumber(ValueId constant) {
        return numbers.contains(constant) && !isInfinite(constant);
    }

    private void start(ValueId id, Constant constant) {
        if (constant.tensor().type().isFloating()) {
            Set<ValueId> self = Set.of(id);
            Set<ValueId> low = any(constant.tensor(), -1) ? self : Set.of();
            Set<ValueId> high = any(constant.tensor(), 1) ? self : Set.of();
            if (!low.isEmpty() || !high.isEmpty()) {
                carried.put(id, new Carried(low, high));
            }
        }
    }

    private static boolean any(Tensor tensor, int sign) {
        for (int i = 0; i < tensor.size(); i++) {
            double value = tensor.getDouble(i);
            if (value * sign > 0 && Scales.clampMask(value) != value) {
                return true;
            }
        }
        return false;
    }

    private boolean isInfinite(ValueId id) {
        return Optional.ofNullable(graph.constants().get(id)).filter(constant -> {
            for (int i = 0; i < constant.tensor().size(); i++) {
                if (Math.abs(constant.tensor().getDouble(i)) > INFINITE) {
                    return true;
                }
            }
            return false;
        }).isPresent();
    }

    private Carried of(ValueId id) {
        return carried.getOrDefault(id, Carried.NONE);
    }

    private Carried all(List<ValueId> inputs) {
        return inputs.stream().map(this::of).reduce(Carried.NONE, Carried::and);
    }

    private Carried through(Node node) {
        List<ValueId> in = node.inputs();
        if (in.stream().noneMatch(carried::containsKey)) {
            return Carried.NONE;
        }
        return switch (node.op()) {
            case Op.Movement _ -> all(in);
            case Op.Cast(var to) -> to.isFloating() ? all(in) : Carried.NONE;
            case Op.Binary(var function) -> binary(function, of(in.get(0)), of(in.get(1)), node);
            case Op.Where _ -> of(in.get(1)).and(of(in.get(2)));
            case Op.Unary(var function) when function == Elementary.NEGATE -> of(in.getFirst()).swapped();
            case Op.Unary(var function) when function == Elementary.ABS -> new Carried(Set.of(), of(in.getFirst()).eitherSign().high());
            case Op.Relu _ -> new Carried(Set.of(), of(in.getFirst()).high());
            case Op.Clip(double low, double high) -> new Carried(Double.isInfinite(low) ? of(in.getFirst()).low() : Set.of(),
                    Double.isInfinite(high) ? of(in.getFirst()).high() : Set.of());
            // Among ordinary numbers the extreme one is not chosen; a row of nothing else has no maximum worth the name.
            case Op.Reduce(var function, var _) when function == Op.Reduce.Function.MAX -> new Carried(Set.of(), of(in.getFirst()).high());
            case Op.Reduce(var function, var _) when function == Op.Reduce.Function.MIN -> new Carried(of(in.getFirst()).low(), Set.of());
            case Op.MaxPool _ -> new Carried(Set.of(), of(in.getFirst()).high());
            case Op.LeakyRelu _, Op.LogSoftmax _, Op.TopK _, Op.GatherSecret _ -> of(in.getFirst());
            case Op.Reduce _, Op.MatMul _, Op.Conv _, Op.AveragePool _, Op.CumSum _ -> {
                Carried summed = all(in);
                numbers.addAll(summed.low());
                numbers.addAll(summed.high());
                yield summed.eitherSign();
            }
            case Op.Unary _, Op.Softmax _, Op.Compare _, Op.Logic _, Op.Not _, Op.ArgMax _, Op.OneHot _ -> Carried.NONE;
        };
    }

    private Carried binary(Function function, Carried left, Carried right, Node node) {
        return switch (function) {
            case ADD -> left.and(right);
            case SUB -> left.and(right.swapped());
            case MUL -> left.and(right).eitherSign();
            case DIV -> left.eitherSign();
            case MAX -> new Carried(left.low().isEmpty() || right.low().isEmpty() ? Set.of() : left.and(right).low(), left.and(right).high());
            case MIN -> new Carried(left.and(right).low(), left.high().isEmpty() || right.high().isEmpty() ? Set.of() : left.and(right).high());
            case POW, MODULO, REMAINDER -> {
                numbers.addAll(all(node.inputs()).eitherSign().low());
                yield Carried.NONE;
            }
        };
    }
}
