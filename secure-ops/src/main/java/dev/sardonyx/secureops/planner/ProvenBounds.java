package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Bounds that follow from what several nodes reckon together, where interval arithmetic node by node knows nothing: without them no
 * transformer could be planned but on samples.
 *
 * <ul>
 * <li>A normalised value: with {@code m = (c_1² + … + c_n²) / n} and ε ≥ 0, {@code |c_i| / √(m + ε) ≤ √n}, since c_i² ≤ n·m.
 * <li>An average by softmax: rows of non-negative weights that add up to 1 keep a product within the bounds of what is averaged.
 * <li>A number as a part of its tensor's own reach, as dynamic quantisation makes it: {@code |x| ≤ max(x, 0) − min(x, 0)}, so that
 * {@code |x / (c·(max(x, 0) − min(x, 0)))| ≤ 1/c}.
 * </ul>
 */
final class ProvenBounds {
    /** What a small spread's own rounding may add to a normalised value. */
    private static final double NORMALISED_SLACK = 2;
    /** What approximation and rounding may add to each weight of an average. */
    private static final double WEIGHT_SLACK = 0x1p-12;

    private final Graph graph;
    private final Map<ValueId, Node> makers = new HashMap<>();
    private final Map<ValueId, Double> magnitudes = new HashMap<>();
    private final Map<ValueId, Double> rowSums = new HashMap<>();
    private final Map<ValueId, Double> parts = new HashMap<>();

    ProvenBounds(Graph graph) {
        this.graph = graph;
        for (Node node : graph.nodes()) {
            node.outputs().forEach(output -> makers.put(output, node));
            normalised(node).ifPresent(count -> magnitudes.put(node.output(), NORMALISED_SLACK * Math.sqrt(count)));
            rowSum(node).ifPresent(sum -> rowSums.put(node.output(), sum));
            partOfReach(node).ifPresent(most -> parts.put(node.output(), most));
        }
    }

    /** Bounds of a node's first output, if more is known of it than its inputs' ranges say. */
    Optional<Interval> of(Node node) {
        return Optional.ofNullable(magnitudes.get(node.output())).map(Interval::symmetric);
    }

    /** What the absolute values of a value's elements along its last axis add up to at most. */
    OptionalDouble rowSum(ValueId id) {
        Double sum = rowSums.get(id);
        return sum == null ? OptionalDouble.empty() : OptionalDouble.of(sum);
    }

    /** The greatest absolute value of a quotient of exact numbers, if its operands are such that their ranges do not tell it. */
    OptionalDouble quotient(Node node) {
        Double most = parts.get(node.output());
        return most == null ? OptionalDouble.empty() : OptionalDouble.of(most);
    }

    // ---- averages

    private Optional<Double> rowSum(Node node) {
        ValueId output = node.output();
        Shape shape = graph.value(output).shape();
        return switch (node.op()) {
            case Op.Softmax(int axis) when axis == shape.rank() - 1 -> Optional.of(1 + shape.dim(axis) * WEIGHT_SLACK);
            case Op.Movement movement when keepsLastAxis(movement, node, shape) -> Optional.ofNullable(rowSums.get(node.inputs().getFirst()));
            case Op.Cast(var to) when to.isFloating() -> Optional.ofNullable(rowSums.get(node.inputs().getFirst()));
            case Op _ -> Optional.empty();
        };
    }

    private boolean keepsLastAxis(Op.Movement movement, Node node, Shape shape) {
        Shape before = graph.value(node.inputs().getFirst()).shape();
        boolean same = before.rank() > 0 && shape.rank() > 0 && before.dim(-1) == shape.dim(-1);
        return same && switch (movement) {
            case Op.Reshape _ -> true;
            case Op.Expand _ -> true;
            case Op.Transpose(var permutation) -> permutation.getLast() == permutation.size() - 1;
            case Op.Movement _ -> false;
        };
    }

    // ---- normalised values

    /** n, if the node divides a value by the root of the mean of its squares over n elements. */
    private Optional<Double> normalised(Node node) {
        if (!(node.op() instanceof Op.Binary(var function))) {
            return Optional.empty();
        }
        ValueId left = node.inputs().get(0);
        ValueId right = node.inputs().get(1);
        return switch (function) {
            case MUL -> inverseSpread(left, right).or(() -> inverseSpread(right, left));
            case DIV -> spread(left, right);
            case ADD, SUB, MIN, MAX, POW, MODULO, REMAINDER -> Optional.empty();
        };
    }

    private Optional<Double> inverseSpread(ValueId value, ValueId factor) {
        return maker(factor).flatMap(node -> switch (node.op()) {
            case Op.Unary(var function) when function == Elementary.RSQRT || function.equals(new ScalarFunction.Power(-0.5)) ->
                meanSquare(value, node.inputs().getFirst());
            case Op.Unary(var function) when function == Elementary.RECIPROCAL -> spread(value, node.inputs().getFirst());
            case Op _ -> Optional.empty();
        });
    }

    private Optional<Double> spread(ValueId value, ValueId divisor) {
        return maker(divisor).flatMap(node -> switch (node.op()) {
            case Op.Unary(var function) when function == Elementary.SQRT || function.equals(new ScalarFunction.Power(0.5)) ->
                meanSquare(value, node.inputs().getFirst());
            case Op.Binary(var function) when function == Function.ADD -> lifted(node).flatMap(inner -> spread(value, inner));
            case Op _ -> Optional.empty();
        });
    }

    private Optional<Double> meanSquare(ValueId value, ValueId square) {
        return maker(square).flatMap(node -> switch (node.op()) {
            case Op.Binary(var function) when function == Function.ADD -> lifted(node).flatMap(inner -> meanSquare(value, inner));
            case Op.Reduce(var function, var axes) when isSquare(node.inputs().getFirst(), value) -> {
                Shape shape = graph.value(node.inputs().getFirst()).shape();
                double count = axes.stream().mapToDouble(shape::dim).reduce(1, (a, b) -> a * b);
                yield switch (function) {
                    case MEAN -> Optional.of(count);
                    case SUM -> Optional.of(1.0);
                    case MAX, MIN, PRODUCT -> Optional.empty();
                };
            }
            case Op _ -> Optional.empty();
        });
    }

    private boolean isSquare(ValueId square, ValueId of) {
        ValueId root = plain(of);
        return maker(square).filter(node -> switch (node.op()) {
            case Op.Binary(var function) when function == Function.MUL ->
                plain(node.inputs().get(0)).equals(root) && plain(node.inputs().get(1)).equals(root);
            case Op.Unary(var function) when function.equals(new ScalarFunction.Power(2)) -> plain(node.inputs().getFirst()).equals(root);
            case Op _ -> false;
        }).isPresent();
    }

    // ---- parts of a tensor's reach

    /** 1/c, if the node divides a value or its greatest or least number by c times its reach. */
    private Optional<Double> partOfReach(Node node) {
        if (!node.op().equals(new Op.Binary(Function.DIV))) {
            return Optional.empty();
        }
        ValueId dividend = node.inputs().get(0);
        return scaledReach(node.inputs().get(1), 1).filter(reach -> single(dividend).equals(reach.of()) || single(dividend).equals(reach.high())
                || single(dividend).equals(reach.low())).map(reach -> 1 / reach.factor());
    }

    /** factor · (high − low) of all elements of a value, zero among them. */
    private record Reach(ValueId of, ValueId high, ValueId low, double factor) {
    }

    private Optional<Reach> scaledReach(ValueId id, double factor) {
        Node node = makers.get(single(id));
        if (node == null || !(node.op() instanceof Op.Binary(var function))) {
            return Optional.empty();
        }
        ValueId left = node.inputs().get(0);
        ValueId right = node.inputs().get(1);
        return switch (function) {
            case MUL -> scalar(right).flatMap(number -> scaledReach(left, factor * number))
                    .or(() -> scalar(left).flatMap(number -> scaledReach(right, factor * number)));
            case SUB -> extreme(left, Op.Reduce.Function.MAX).filter(of -> extreme(right, Op.Reduce.Function.MIN).filter(of::equals).isPresent())
                    .map(of -> new Reach(of, single(left), single(right), factor));
            case ADD, DIV, MAX, MIN, POW, MODULO, REMAINDER -> Optional.empty();
        };
    }

    /** What a number is the greatest (or least) element of, zero counted among them. */
    private Optional<ValueId> extreme(ValueId id, Op.Reduce.Function kind) {
        boolean greatest = kind == Op.Reduce.Function.MAX;
        Node clip = makers.get(single(id));
        boolean meetsZero = clip != null && switch (clip.op()) {
            case Op.Clip(double low, double high) -> greatest ? low == 0 && high == Double.POSITIVE_INFINITY : high == 0 && low == Double.NEGATIVE_INFINITY;
            case Op.Relu() -> greatest;
            case Op _ -> false;
        };
        if (!meetsZero) {
            return Optional.empty();
        }
        Node reduce = makers.get(single(clip.inputs().getFirst()));
        boolean overAll = reduce != null && reduce.op() instanceof Op.Reduce(var function, var _) && function == kind
                && graph.value(reduce.output()).shape().size() == 1;
        return overAll ? Optional.of(single(reduce.inputs().getFirst())) : Optional.empty();
    }

    /** A public number above zero. */
    private Optional<Double> scalar(ValueId id) {
        return Optional.ofNullable(graph.constants().get(id)).filter(constant -> !constant.isSecret() && constant.tensor().size() == 1)
                .map(constant -> constant.tensor().getDouble(0)).filter(number -> number > 0);
    }

    /** A value past the reshapes that lead to it. */
    private ValueId single(ValueId id) {
        Node node = makers.get(id);
        return node != null && node.op() instanceof Op.Reshape ? single(node.inputs().getFirst()) : id;
    }

    /** The summand beside a public number that is not negative. */
    private Optional<ValueId> lifted(Node sum) {
        for (int i = 0; i < 2; i++) {
            Constant constant = graph.constants().get(sum.inputs().get(i));
            if (constant != null && !constant.isSecret() && constant.tensor().size() == 1 && constant.tensor().getDouble(0) >= 0) {
                return Optional.of(sum.inputs().get(1 - i));
            }
        }
        return Optional.empty();
    }

    /** What makes a value, past what changes neither its numbers nor which elements they belong to. */
    private Optional<Node> maker(ValueId id) {
        return Optional.ofNullable(makers.get(plain(id)));
    }

    private ValueId plain(ValueId id) {
        Node node = makers.get(id);
        boolean passes = node != null && (node.op() instanceof Op.Cast(var to) && to.isFloating()
                && graph.value(node.inputs().getFirst()).type().isFloating() || node.op() instanceof Op.Expand);
        return passes ? plain(node.inputs().getFirst()) : id;
    }
}
