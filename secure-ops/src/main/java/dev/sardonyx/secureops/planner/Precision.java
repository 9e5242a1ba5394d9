package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.ValueId;
import java.util.HashSet;
import java.util.Set;

/**
 * How precise a node's output must be and how precise its first input is. What is rounded to whole numbers is carried as finely as the
 * ring allows up to the rounding: there an error of 2^-13 of a quotient of 255 would turn one result in thirty into its neighbour.
 *
 * @param fine whether the output reaches a rounding by arithmetic alone
 * @param exactInput whether the first input holds exactly what was put into shares, so that a half is a half to the last bit
 */
record Precision(boolean fine, boolean exactInput) {

    /** Of all nodes of a graph. */
    static final class Analysis {
        private final Set<ValueId> fine = new HashSet<>();
        private final Set<ValueId> computed = new HashSet<>();

        Analysis(Graph graph) {
            for (Node node : graph.nodes().reversed()) {
                if (rounds(node.op()) || passesOn(node.op()) && fine.contains(node.output())) {
                    fine.addAll(node.inputs());
                }
            }
            for (Node node : graph.nodes()) {
                boolean whole = rounds(node.op()) || !graph.value(node.output()).type().isFloating();
                if (!whole && (!keeps(node.op()) || node.inputs().stream().anyMatch(computed::contains))) {
                    computed.addAll(node.outputs());
                }
            }
        }

        Precision of(Node node) {
            boolean exact = !node.inputs().isEmpty() && !computed.contains(node.inputs().getFirst());
            return new Precision(isFine(node.output()), exact);
        }

        /** Whether a value reaches a rounding by arithmetic alone. */
        boolean isFine(ValueId id) {
            return fine.contains(id);
        }

        private static boolean rounds(Op op) {
            return op instanceof Op.Unary(Elementary function) && switch (function) {
                case ROUND, FLOOR, CEIL, TRUNCATE -> true;
                case NEGATE, ABS, SIGN, EXP, LOG, SQRT, RSQRT, RECIPROCAL, SIGMOID, TANH, ERF, GELU, GELU_TANH, SOFTPLUS, SOFTSIGN, MISH, SIN, COS,
                        TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH -> false;
            };
        }

        private static boolean passesOn(Op op) {
            return keeps(op) || op instanceof Op.Binary(var function) && (function == Op.Binary.Function.MUL || function == Op.Binary.Function.DIV)
                    || op.equals(new Op.Unary(Elementary.RECIPROCAL));
        }

        /** What does not round: movements, sums, extremes. */
        private static boolean keeps(Op op) {
            return op instanceof Op.Movement || op instanceof Op.Cast || op instanceof Op.Clip || op instanceof Op.Reduce(var by, var _)
                    && (by == Op.Reduce.Function.MAX || by == Op.Reduce.Function.MIN || by == Op.Reduce.Function.SUM)
                    || op.equals(new Op.Unary(Elementary.NEGATE)) || op.equals(new Op.Unary(Elementary.ABS))
                    || op instanceof Op.Binary(var function) && (function == Op.Binary.Function.ADD || function == Op.Binary.Function.SUB
                            || function == Op.Binary.Function.MIN || function == Op.Binary.Function.MAX);
        }
    }
}
