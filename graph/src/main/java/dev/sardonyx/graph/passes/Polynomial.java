package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ValueId;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;

/**
 * A value written as a polynomial in another one, with coefficients from public scalars.
 *
 * @param c0 the constant term
 * @param c1 the coefficient of the variable; and so on
 */
record Polynomial(double c0, double c1, double c2, double c3) {
    /** Deeper expressions are no activation that an exporter wrote out. */
    private static final int DEPTH = 6;

    private static final Polynomial VARIABLE = new Polynomial(0, 1, 0, 0);

    /** {@code value} as a polynomial in {@code variable}; empty if it is none, or one of a degree above 3. */
    static Optional<Polynomial> of(Draft draft, ValueId value, ValueId variable) {
        return of(draft, value, variable, DEPTH);
    }

    private static Optional<Polynomial> of(Draft draft, ValueId value, ValueId variable, int depth) {
        if (value.equals(variable)) {
            return Optional.of(VARIABLE);
        }
        if (draft.isConstant(value)) {
            return draft.publicConstant(value).filter(tensor -> tensor.size() == 1).map(tensor -> new Polynomial(tensor.getDouble(0), 0, 0, 0));
        }
        return depth == 0 ? Optional.empty() : draft.producer(value).flatMap(node -> of(draft, node, variable, depth - 1));
    }

    private static Optional<Polynomial> of(Draft draft, Node node, ValueId variable, int depth) {
        boolean power = node.op() instanceof Op.Unary(ScalarFunction.Power _);
        if (!power && !(node.op() instanceof Op.Binary)) {
            return Optional.empty();
        }
        Optional<Polynomial> left = of(draft, node.inputs().getFirst(), variable, depth);
        if (node.op() instanceof Op.Unary(ScalarFunction.Power(double exponent))) {
            return left.flatMap(base -> base.power(exponent));
        }
        Optional<Polynomial> right = left.flatMap(_ -> of(draft, node.inputs().get(1), variable, depth));
        return right.flatMap(other -> left.orElseThrow().combined(((Op.Binary) node.op()).function(), other));
    }

    private Optional<Polynomial> combined(Op.Binary.Function function, Polynomial other) {
        return switch (function) {
            case ADD -> Optional.of(zip(other, Double::sum));
            case SUB -> Optional.of(zip(other, (a, b) -> a - b));
            case MUL -> times(other);
            case DIV -> other.isConstant() ? times(new Polynomial(1 / other.c0, 0, 0, 0)) : Optional.empty();
            case POW -> other.isConstant() ? power(other.c0) : Optional.empty();
            case MIN, MAX, MODULO, REMAINDER -> Optional.empty();
        };
    }

    private Optional<Polynomial> power(double exponent) {
        if (exponent == 2) {
            return times(this);
        }
        return exponent == 3 ? times(this).flatMap(this::times) : Optional.empty();
    }

    private Optional<Polynomial> times(Polynomial other) {
        boolean tooHigh = c3 * other.c1 != 0 || c3 * other.c2 != 0 || c3 * other.c3 != 0 || c2 * other.c2 != 0 || c2 * other.c3 != 0
                || c1 * other.c3 != 0;
        return tooHigh ? Optional.empty()
                : Optional.of(new Polynomial(c0 * other.c0, c0 * other.c1 + c1 * other.c0, c0 * other.c2 + c1 * other.c1 + c2 * other.c0,
                        c0 * other.c3 + c1 * other.c2 + c2 * other.c1 + c3 * other.c0));
    }

    private Polynomial zip(Polynomial other, DoubleBinaryOperator operator) {
        return new Polynomial(operator.applyAsDouble(c0, other.c0), operator.applyAsDouble(c1, other.c1),
                operator.applyAsDouble(c2, other.c2), operator.applyAsDouble(c3, other.c3));
    }

    private boolean isConstant() {
        return c1 == 0 && c2 == 0 && c3 == 0;
    }

    /** True if each coefficient is that of the other up to a relative difference. */
    boolean isClose(Polynomial other, double tolerance) {
        return isClose(c0, other.c0, tolerance) && isClose(c1, other.c1, tolerance) && isClose(c2, other.c2, tolerance)
                && isClose(c3, other.c3, tolerance);
    }

    private static boolean isClose(double a, double b, double tolerance) {
        return Math.abs(a - b) <= tolerance * Math.abs(b);
    }
}
