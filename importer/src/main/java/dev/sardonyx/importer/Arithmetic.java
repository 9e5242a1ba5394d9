package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op.Binary;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** Element-wise arithmetic and elementary functions. */
final class Arithmetic {
    private static final double WHOLE_POWER_MARGIN = 1.0 / 16;

    static final List<Operator> TABLE = List.of(
            binary("Add", Binary.Function.ADD), binary("Sub", Binary.Function.SUB), binary("Mul", Binary.Function.MUL),
            binary("Div", Binary.Function.DIV),
            core("Pow").versions(6, 7, 12).note("a public scalar exponent is cheaper than a secret one").gives(Arithmetic::pow),
            core("Mod").versions(10).gives(node -> {
                boolean c = node.flag("fmod", false);
                return node.ops().binary(c ? Binary.Function.REMAINDER : Binary.Function.MODULO, node.input(0), node.input(1));
            }),
            core("Sum").versions(6, 8).gives(node -> fold(node, node.ops()::add)),
            core("Mean").versions(6, 8).gives(node -> node.ops().mul(fold(node, node.ops()::add), 1.0 / node.inputCount())),
            core("Min").versions(6, 8, 12).gives(node -> fold(node, node.ops()::min)),
            core("Max").versions(6, 8, 12).gives(node -> fold(node, node.ops()::max)),
            core("Clip").versions(6, 11, 12).gives(Arithmetic::clip),
            elementary("Neg", Elementary.NEGATE), elementary("Abs", Elementary.ABS), elementary("Floor", Elementary.FLOOR),
            elementary("Ceil", Elementary.CEIL), core("Round").versions(11).gives(node -> rounding(node, Elementary.ROUND)),
            elementary("Sign", Elementary.SIGN), elementary("Exp", Elementary.EXP),
            elementary("Log", Elementary.LOG), elementary("Sqrt", Elementary.SQRT), elementary("Reciprocal", Elementary.RECIPROCAL),
            elementary("Erf", Elementary.ERF), elementary("Sin", Elementary.SIN), elementary("Cos", Elementary.COS),
            elementary("Tan", Elementary.TAN), elementary("Asin", Elementary.ASIN), elementary("Acos", Elementary.ACOS),
            elementary("Atan", Elementary.ATAN), elementary("Sinh", Elementary.SINH), elementary("Cosh", Elementary.COSH),
            elementary("Asinh", Elementary.ASINH), elementary("Acosh", Elementary.ACOSH), elementary("Atanh", Elementary.ATANH));

    private Arithmetic() {
    }

    private static Operator binary(String type, Binary.Function function) {
        return core(type).versions(6, 7).gives(node -> node.ops().binary(function, node.input(0), node.secondOperand()));
    }

    private static Operator elementary(String type, Elementary function) {
        return core(type).gives(node -> rounding(node, function));
    }

    /** Integers are their own floor, ceiling and rounding. */
    private static ValueId rounding(NodeContext node, Elementary function) {
        boolean whole = node.type(0).isInteger()
                && (function == Elementary.FLOOR || function == Elementary.CEIL || function == Elementary.ROUND);
        return whole ? node.input(0) : node.ops().unary(function, node.input(0));
    }

    private static ValueId fold(NodeContext node, BinaryOperator<ValueId> combine) {
        return node.inputsFrom(0).stream().reduce(combine).orElseThrow(() -> node.invalid("no inputs; expected at least 1"));
    }

    private static ValueId pow(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId base = node.input(0);
        ElementType type = ops.type(base);
        Optional<Tensor> exponent = ops.publicTensor(node.input(1)).filter(tensor -> tensor.size() == 1 && tensor.shape().rank() <= ops.rank(base));
        if (exponent.isPresent()) {
            double p = exponent.get().getDouble(0);
            return p == 2 ? ops.square(base) : p == 1 ? base : ops.unary(new ScalarFunction.Power(p), base);
        }
        ElementType other = ops.type(node.input(1));
        ValueId power = node.secondOperand();
        if (type.isInteger() && other.isFloating()) {
            // Whole powers come out whole: what is less than this below a whole number, as roots and logarithms may leave it, counts as it.
            return ops.cast(ops.mul(ops.binary(Binary.Function.POW, ops.cast(base, other), power), 1 + 0x1p-13), type);
        }
        return ops.binary(Binary.Function.POW, base, ops.cast(power, type));
    }

    /** Bounds are attributes before opset 11, optional scalar inputs since; public ones need no secure comparison of two secrets. */
    private static ValueId clip(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        if (node.opset() < 11) {
            return ops.clip(x, node.real("min", Double.NEGATIVE_INFINITY), node.real("max", Double.POSITIVE_INFINITY));
        }
        Optional<Double> low = bound(node, 1, Double.NEGATIVE_INFINITY);
        Optional<Double> high = bound(node, 2, Double.POSITIVE_INFINITY);
        if (low.isPresent() && high.isPresent()) {
            // The upper bound wins where the bounds cross.
            return ops.clip(x, Math.min(low.get(), high.get()), high.get());
        }
        ValueId raised = low.isPresent() ? ops.clip(x, low.get(), Double.POSITIVE_INFINITY) : ops.max(x, ops.reshape(node.input(1)));
        return high.isPresent() ? ops.clip(raised, Double.NEGATIVE_INFINITY, high.get()) : ops.min(raised, ops.reshape(node.input(2)));
    }

    private static Optional<Double> bound(NodeContext node, int position, double absent) {
        return node.has(position) ? node.ops().publicTensor(node.input(position)).map(tensor -> tensor.getDouble(0)) : Optional.of(absent);
    }
}
