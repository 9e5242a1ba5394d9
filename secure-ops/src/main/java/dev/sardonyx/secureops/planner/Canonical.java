package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The form in which kernels want a graph: constants are finite (masks of -inf and its like become the planner's "never"), and a division
 * by a constant is a product by its reciprocal, which the model owner computes in the clear.
 */
final class Canonical {
    private static final double GREATEST_HALF = 65504;

    private Canonical() {
    }

    static Graph of(Graph graph) {
        var values = new ArrayList<>(graph.values());
        Map<ValueId, Constant> constants = new HashMap<>();
        var extremes = new Extremes(graph);
        graph.constants().forEach((id, constant) -> constants.put(id,
                extremes.isNumber(id) ? constant : finite(values.get(id.index()).name(), constant)));
        var nodes = new ArrayList<Node>();
        for (Node node : graph.nodes()) {
            nodes.add(divisionByConstant(graph, constants, values, node));
        }
        return new Graph(values, graph.inputs(), constants, nodes, graph.outputs());
    }

    private static Node divisionByConstant(Graph graph, Map<ValueId, Constant> constants, List<dev.sardonyx.graph.Value> values, Node node) {
        if (!(node.op() instanceof Op.Binary(var function)) || function != Op.Binary.Function.DIV) {
            return node;
        }
        ValueId divisor = node.inputs().get(1);
        Constant constant = constants.get(divisor);
        if (constant == null || !constant.tensor().type().isFloating() || constants.containsKey(node.inputs().getFirst())) {
            return node;
        }
        for (int i = 0; i < constant.tensor().size(); i++) {
            if (constant.tensor().getDouble(i) == 0) {
                throw new PlanException(PlanException.Kind.RANGE, node.origin().name(), node.origin().opType(), "divides by a constant 0");
            }
        }
        Tensor reciprocal = Evaluator.evaluate(new Op.Unary(Elementary.RECIPROCAL), List.of(constant.tensor())).getFirst();
        var id = new ValueId(values.size());
        values.add(new dev.sardonyx.graph.Value(id, graph.value(divisor).name() + ".reciprocal", reciprocal.type(), reciprocal.shape()));
        constants.put(id, new Constant(reciprocal, constant.confidentiality()));
        return new Node(node.origin(), new Op.Binary(Op.Binary.Function.MUL), List.of(node.inputs().getFirst(), id), node.outputs());
    }

    private static Constant finite(String name, Constant constant) {
        Tensor tensor = constant.tensor();
        if (!tensor.type().isFloating()) {
            return constant;
        }
        boolean clamps = false;
        for (int i = 0; i < tensor.size(); i++) {
            double value = tensor.getDouble(i);
            if (Double.isNaN(value)) {
                throw new PlanException(PlanException.Kind.RANGE, name, "constant", "element " + i + " is not a number");
            }
            clamps |= mask(tensor, value) != value;
        }
        if (!clamps) {
            return constant;
        }
        double[] clamped = tensor.toDoubles();
        for (int i = 0; i < clamped.length; i++) {
            clamped[i] = mask(tensor, clamped[i]);
        }
        return new Constant(Tensor.ofDoubles(tensor.type(), tensor.shape(), clamped), constant.confidentiality());
    }

    /** What stands for "never" must be a number of the tensor's own type. */
    private static double mask(Tensor tensor, double value) {
        double clamped = Scales.clampMask(value);
        return tensor.type() == ElementType.FLOAT16 ? Math.clamp(clamped, -GREATEST_HALF, GREATEST_HALF) : clamped;
    }
}
