package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.ValueId;
import java.util.Optional;

/** Divisions and powers by cheaper means: products cost one multiplication, a division an iteration of its own. */
final class Divisions {
    static final GraphPass POWERS = new DraftPass("power-to-product",
            "small whole powers become products, powers of ±1/2 and -1 roots and reciprocals", Divisions::applyToPower);

    static final GraphPass RECIPROCALS = new DraftPass("division-to-reciprocal",
            "division by a constant, by a broadcast value or by a root becomes multiplication", Divisions::applyToDivision);

    /** Beyond this a chain of products has more multiplications than exp(n·log x) is worth. */
    private static final int GREATEST_POWER = 8;

    private Divisions() {
    }

    private static void applyToPower(Draft draft, Node node) {
        ValueId x = node.inputs().isEmpty() ? node.output() : node.inputs().getFirst();
        if (node.op() instanceof Op.Unary(ScalarFunction.Power(double exponent))) {
            boolean floating = draft.value(x).type().isFloating();
            if (exponent == Math.rint(exponent) && exponent >= 2 && exponent <= GREATEST_POWER) {
                draft.replace(node.output(), power(draft, node, x, (int) exponent));
            } else if (floating) {
                root(exponent).ifPresent(
                        function -> draft.replace(node.output(), draft.add(node.origin(), new Op.Unary(function), x)));
            }
        } else if (node.op().equals(new Op.Binary(Op.Binary.Function.POW)) && draft.shape(x).equals(draft.shape(node.output()))) {
            draft.publicConstant(node.inputs().get(1)).filter(exponents -> exponents.size() == 1).ifPresent(exponents -> draft.replace(
                    node.output(), draft.add(node.origin(), new Op.Unary(new ScalarFunction.Power(exponents.getDouble(0))), x)));
        }
    }

    private static Optional<Elementary> root(double exponent) {
        if (exponent == 0.5) {
            return Optional.of(Elementary.SQRT);
        }
        if (exponent == -0.5) {
            return Optional.of(Elementary.RSQRT);
        }
        return exponent == -1 ? Optional.of(Elementary.RECIPROCAL) : Optional.empty();
    }

    /** By repeated squaring. */
    private static ValueId power(Draft draft, Node node, ValueId x, int exponent) {
        if (exponent == 1) {
            return x;
        }
        ValueId half = power(draft, node, x, exponent / 2);
        ValueId square = draft.add(node.origin(), new Op.Binary(Op.Binary.Function.MUL), half, half);
        return exponent % 2 == 0 ? square : draft.add(node.origin(), new Op.Binary(Op.Binary.Function.MUL), square, x);
    }

    private static void applyToDivision(Draft draft, Node node) {
        if (node.op() instanceof Op.Unary(var function)) {
            invertedRoot(draft, node, function);
        }
        boolean divides = node.op().equals(new Op.Binary(Op.Binary.Function.DIV)) && draft.value(node.output()).type().isFloating();
        if (!divides) {
            return;
        }
        ValueId dividend = node.inputs().get(0);
        ValueId divisor = node.inputs().get(1);
        boolean isInverse = draft.isPublicly(dividend, 1) && draft.shape(divisor).equals(draft.shape(node.output()));
        boolean isRoot = draft.producer(divisor).filter(inner -> isRootSolelyReadBy(draft, inner)).isPresent();
        if (isInverse) {
            draft.replace(node.output(), draft.add(node.origin(), new Op.Unary(Elementary.RECIPROCAL), divisor));
        } else if (draft.isConstant(divisor)) {
            multiply(draft, node, reciprocal(draft, node, divisor));
        } else if (isRoot) {
            ValueId under = draft.producer(divisor).orElseThrow().inputs().getFirst();
            multiply(draft, node, draft.add(node.origin(), new Op.Unary(Elementary.RSQRT), under));
        } else if (draft.shape(divisor).size() < draft.shape(node.output()).size() && !isRounded(draft, node.output())) {
            multiply(draft, node, draft.add(node.origin(), new Op.Unary(Elementary.RECIPROCAL), divisor));
        }
    }

    /** A quotient that is rounded needs its remainder, which a reciprocal does not give. */
    private static boolean isRounded(Draft draft, ValueId quotient) {
        return draft.soleReader(quotient).filter(reader -> isUnary(reader.op(), Elementary.ROUND) || isUnary(reader.op(), Elementary.FLOOR)
                || isUnary(reader.op(), Elementary.CEIL) || isUnary(reader.op(), Elementary.TRUNCATE)).isPresent();
    }

    private static void multiply(Draft draft, Node division, ValueId factor) {
        draft.replace(division.output(),
                draft.add(division.origin(), new Op.Binary(Op.Binary.Function.MUL), division.inputs().getFirst(), factor));
    }

    /** 1 / constant, reckoned on the model owner's side whatever the constant is. */
    private static ValueId reciprocal(Draft draft, Node node, ValueId constant) {
        return draft.compute(node.origin(), new Op.Unary(Elementary.RECIPROCAL), constant);
    }

    /** 1 / sqrt(x) and sqrt(1 / x). */
    private static void invertedRoot(Draft draft, Node node, ScalarFunction function) {
        Optional<Node> inner = draft.producer(node.inputs().getFirst()).filter(producer -> draft.isSolelyRead(producer.output()));
        boolean inverted = inner.map(Node::op).filter(op -> function == Elementary.RECIPROCAL && isUnary(op, Elementary.SQRT)
                || function == Elementary.SQRT && isUnary(op, Elementary.RECIPROCAL)).isPresent();
        if (inverted) {
            draft.replace(node.output(),
                    draft.add(node.origin(), new Op.Unary(Elementary.RSQRT), inner.orElseThrow().inputs().getFirst()));
        }
    }

    private static boolean isRootSolelyReadBy(Draft draft, Node node) {
        return isUnary(node.op(), Elementary.SQRT) && draft.isSolelyRead(node.output());
    }

    private static boolean isUnary(Op op, Elementary function) {
        return op instanceof Op.Unary(var applied) && applied == function;
    }
}
