package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Draw;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Exchanges the secret constants of a graph, to see whether anything but their numbers follows from them. */
final class Secrets {
    private Secrets() {
    }

    static Graph redrawn(Graph graph, Draw draw) {
        return exchanged(graph, tensor -> draw.reals(tensor.shape()));
    }

    static Graph zeroed(Graph graph) {
        return exchanged(graph, tensor -> Tensor.ofDoubles(ElementType.FLOAT64, tensor.shape(), new double[tensor.size()]));
    }

    private static Graph exchanged(Graph graph, UnaryOperator<Tensor> exchange) {
        Map<ValueId, Constant> constants = new LinkedHashMap<>(graph.constants());
        constants.replaceAll((_, constant) -> constant.isSecret() ? Constant.secret(exchange.apply(constant.tensor())) : constant);
        return new Graph(graph.values(), graph.inputs(), constants, graph.nodes(), graph.outputs());
    }

    /** All of a graph that a party may see. */
    record Structure(List<?> values, List<?> nodes, List<?> outputs, Map<ValueId, String> constants) {
    }

    static Structure structure(Graph graph) {
        var constants = new LinkedHashMap<ValueId, String>();
        graph.constants().forEach((id, constant) -> constants.put(id,
                constant.isSecret() ? "secret " + constant.tensor() : constant.tensor() + Arrays.toString(constant.tensor().toDoubles())));
        return new Structure(graph.values(), graph.nodes(), graph.outputs(), constants);
    }

}
