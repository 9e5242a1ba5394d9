package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Takes the maximum before a function that keeps the order: the function is then reckoned on fewer elements, and Relu's comparison is
 * of a maximum that was just compared.
 */
final class PoolingOrder {
    static final GraphPass PASS = new DraftPass("maxpool-before-activation",
            "a maximum over windows or axes is taken before an activation that keeps the order", PoolingOrder::apply);

    private PoolingOrder() {
    }

    /**
     * A value that is a function of the elements of another one.
     *
     * @param origin of the function
     * @param raw builds the value without the function
     */
    private record Activated(Op function, Node.Origin origin, Supplier<ValueId> raw) {
    }

    private static void apply(Draft draft, Node node) {
        boolean pools = switch (node.op()) {
            case Op.MaxPool(var window) -> window.alwaysMeets(draft.shape(node.inputs().getFirst()));
            case Op.Reduce(var function, var _) -> function == Op.Reduce.Function.MAX || function == Op.Reduce.Function.MIN;
            case Op _ -> false;
        };
        if (!pools) {
            return;
        }
        ValueId pooled = node.inputs().getFirst();
        int size = draft.shape(node.output()).size();
        activated(draft, pooled).filter(_ -> size <= draft.shape(pooled).size() && size > 0).ifPresent(activated -> {
            ValueId greatest = draft.add(node.origin(), node.op(), activated.raw().get());
            draft.replace(node.output(), draft.add(activated.origin(), activated.function(), greatest));
        });
    }

    /** Looks for an activation that keeps the order through the movements after it; nothing on the way may be read by others. */
    private static Optional<Activated> activated(Draft draft, ValueId value) {
        Optional<Node> producer = draft.producer(value).filter(_ -> draft.isSolelyRead(value));
        if (producer.isEmpty()) {
            return Optional.empty();
        }
        Node node = producer.get();
        if (keepsOrder(node.op())) {
            return Optional.of(new Activated(node.op(), node.origin(), () -> node.inputs().getFirst()));
        }
        boolean moves = switch (node.op()) {
            case Op.Reshape _, Op.Transpose _, Op.Slice _, Op.Expand _, Op.Concat _, Op.Pad _ -> true;
            case Op _ -> false;
        };
        List<Activated> parts = moves ? node.inputs().stream().flatMap(id -> activated(draft, id).stream()).toList() : List.of();
        if (parts.isEmpty() || parts.size() < node.inputs().size()
                || parts.stream().anyMatch(part -> !part.function().equals(parts.getFirst().function()))) {
            return Optional.empty();
        }
        Op function = parts.getFirst().function();
        if (node.op() instanceof Op.Pad(var _, var _, double padding) && !isFixed(function, padding, draft.value(value).type())) {
            return Optional.empty();
        }
        return Optional.of(new Activated(function, parts.getFirst().origin(), () -> draft.add(node.origin(), node.op(),
                parts.stream().map(part -> part.raw().get()).toArray(ValueId[]::new))));
    }

    /** Whether f(number) = number, so that padding with it before f or after comes to the same. */
    private static boolean isFixed(Op function, double number, ElementType type) {
        Tensor before = Tensor.ofDoubles(ElementType.FLOAT64, Shape.SCALAR, number).as(type);
        return Evaluator.evaluate(function, List.of(before)).getFirst().sameAs(before);
    }

    /** Whether x ≤ y implies f(x) ≤ f(y) wherever f is defined. */
    private static boolean keepsOrder(Op op) {
        return switch (op) {
            case Op.Relu _, Op.Clip _ -> true;
            case Op.LeakyRelu(double slope) -> slope >= 0;
            case Op.Unary(var function) -> keepsOrder(function);
            case Op.Binary _, Op.Compare _, Op.Logic _, Op.Not _, Op.Where _, Op.Cast _, Op.MatMul _, Op.Conv _, Op.MaxPool _,
                    Op.AveragePool _, Op.Reduce _, Op.ArgMax _, Op.TopK _, Op.Softmax _, Op.LogSoftmax _, Op.Reshape _, Op.Transpose _,
                    Op.Slice _, Op.Concat _, Op.Expand _, Op.Pad _, Op.Pick _, Op.GatherSecret _, Op.OneHot _, Op.CumSum _ -> false;
        };
    }

    private static boolean keepsOrder(ScalarFunction function) {
        return switch (function) {
            case ScalarFunction.Elementary elementary -> switch (elementary) {
                case SIGN, FLOOR, CEIL, ROUND, TRUNCATE, EXP, LOG, SQRT, SIGMOID, TANH, ERF, SOFTPLUS, SOFTSIGN, ASIN, ATAN, SINH, ASINH,
                        ACOSH, ATANH -> true;
                case NEGATE, ABS, RSQRT, RECIPROCAL, GELU, GELU_TANH, MISH, SIN, COS, TAN, ACOS, COSH -> false;
            };
            case ScalarFunction.Elu(double alpha) -> alpha >= 0;
            case ScalarFunction.Celu(double alpha) -> alpha > 0;
            case ScalarFunction.Selu(double alpha, double gamma) -> alpha >= 0 && gamma >= 0;
            case ScalarFunction.Swish _, ScalarFunction.Power _ -> false;
        };
    }
}
