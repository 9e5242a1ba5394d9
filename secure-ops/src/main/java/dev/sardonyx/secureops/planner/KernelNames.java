package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import java.util.Locale;

/** What users see as the secure kernel of an operator. */
final class KernelNames {
    private KernelNames() {
    }

    static String of(Op op) {
        return switch (op) {
            case Op.Binary(var function) -> switch (function) {
                case ADD, SUB -> "addition";
                case MUL -> "product";
                case DIV -> "division";
                case MIN, MAX -> "maximum";
                case POW -> "power";
                case MODULO, REMAINDER -> "remainder";
            };
            case Op.Compare ignored -> "comparison";
            case Op.Logic ignored -> "logic";
            case Op.Not ignored -> "logic";
            case Op.Where ignored -> "select";
            case Op.Unary(var function) -> function.toString().replaceAll("[\\[(].*", "").toLowerCase(Locale.ROOT);
            case Op.Relu ignored -> "relu";
            case Op.LeakyRelu ignored -> "leaky-relu";
            case Op.Clip ignored -> "clip";
            case Op.Cast ignored -> "cast";
            case Op.MatMul ignored -> "dense";
            case Op.Conv ignored -> "convolution";
            case Op.MaxPool ignored -> "max-pooling";
            case Op.AveragePool ignored -> "average-pooling";
            case Op.Reduce ignored -> "reduction";
            case Op.ArgMax ignored -> "arg-max";
            case Op.TopK ignored -> "top-k";
            case Op.Softmax ignored -> "softmax";
            case Op.LogSoftmax ignored -> "log-softmax";
            case Op.Movement ignored -> "movement";
            case Op.GatherSecret ignored -> "secret-lookup";
            case Op.OneHot ignored -> "one-hot";
            case Op.CumSum ignored -> "running-sum";
        };
    }
}
