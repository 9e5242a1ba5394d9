package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.ValueId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Values whose errors a later operator magnifies. What normalisation divides by its spread counts relative to that spread, which may be
 * far below the range, so the differences, their squares and what they come from are kept finer than other values.
 */
final class Delicacy {
    private final Set<ValueId> direct = new HashSet<>();
    private final Set<ValueId> spread = new HashSet<>();

    private Delicacy(Graph graph) {
        List<Node> nodes = graph.nodes();
        for (int n = nodes.size() - 1; n >= 0; n--) {
            Node node = nodes.get(n);
            boolean passes = passesOn(node.op()) && node.outputs().stream().anyMatch(spread::contains);
            for (int i = 0; i < node.inputs().size(); i++) {
                if (FunctionKernels.isDelicate(node.op(), i)) {
                    direct.add(node.inputs().get(i));
                }
                if (passes || isRoot(node.op())) {
                    spread.add(node.inputs().get(i));
                }
            }
        }
    }

    static Delicacy of(Graph graph) {
        return new Delicacy(graph);
    }

    /** Whether an input should be encoded as finely as the ring allows. */
    boolean ofInput(ValueId id) {
        return direct.contains(id) || spread.contains(id);
    }

    /** Whether the value leads to the root of a spread by linear steps and squares. */
    boolean leadsToSpread(ValueId id) {
        return spread.contains(id);
    }

    private static boolean isRoot(Op op) {
        return op instanceof Op.Unary(ScalarFunction function) && (function == Elementary.SQRT || function == Elementary.RSQRT
                || function instanceof ScalarFunction.Power(double exponent) && Math.abs(exponent) < 1);
    }

    private static boolean passesOn(Op op) {
        return switch (op) {
            case Op.Binary(var function) -> function == Op.Binary.Function.ADD || function == Op.Binary.Function.SUB
                    || function == Op.Binary.Function.MUL;
            case Op.Reduce(var function, var axes) -> function == Op.Reduce.Function.SUM || function == Op.Reduce.Function.MEAN;
            case Op.Unary(var function) -> function == Elementary.NEGATE || function == Elementary.ABS;
            case Op.Movement movement -> true;
            default -> false;
        };
    }
}
