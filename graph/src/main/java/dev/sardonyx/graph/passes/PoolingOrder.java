package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.Optional;

/**
 * Takes the maximum before a function that keeps the order: the function is then reckoned on fewer elements, and Relu's comparison is
 * of a maximum that was just compared.
 */
final class PoolingOrder {
    static final GraphPass PASS = new DraftPass("maxpool-before-activation",
            "a maximum over windows or axes is taken before an activation that keeps the order", PoolingOrder::apply);

    private PoolingOrder() {
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
        Shape smaller = draft.shape(node.output());
        Optional<Node> activation = draft.producer(pooled).filter(inner -> keepsOrder(inner.op()) && draft.isSolelyRead(pooled))
                .filter(inner -> smaller.size() <= draft.shape(pooled).size() && smaller.size() > 0);
        activation.ifPresent(inner -> {
            ValueId greatest = draft.add(node.origin(), node.op(), inner.inputs().getFirst());
            draft.replace(node.output(), draft.add(inner.origin(), inner.op(), greatest));
        });
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
