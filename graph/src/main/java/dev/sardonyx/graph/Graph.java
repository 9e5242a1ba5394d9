package dev.sardonyx.graph;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An immutable operator graph in topological order, every shape known.
 *
 * @param values what is known of each value, by {@link ValueId#index()}
 * @param inputs the values that callers give
 * @param constants the values that the model brings, in an order that is the same in every process
 * @param nodes the operators; each reads only inputs, constants and outputs of earlier nodes
 * @param outputs the values that callers get, in the model's order
 */
public record Graph(List<Value> values, List<ValueId> inputs, Map<ValueId, Constant> constants, List<Node> nodes,
        List<Output> outputs) {

    /** An output under its name in the model (one value may be given under two names). */
    public record Output(String name, ValueId value) {
    }

    public Graph {
        values = List.copyOf(values);
        inputs = List.copyOf(inputs);
        constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
        nodes = List.copyOf(nodes);
        outputs = List.copyOf(outputs);
        Set<ValueId> known = new HashSet<>(inputs);
        known.addAll(constants.keySet());
        for (Node node : nodes) {
            for (ValueId input : node.inputs()) {
                if (!known.contains(input)) {
                    throw new IllegalArgumentException("node '" + node.origin().name() + "' reads " + values.get(input.index()).name()
                            + " before it is made");
                }
            }
            for (ValueId output : node.outputs()) {
                if (!known.add(output)) {
                    throw new IllegalArgumentException("node '" + node.origin().name() + "' makes " + values.get(output.index()).name()
                            + ", which is there already");
                }
            }
        }
        for (Output output : outputs) {
            if (!known.contains(output.value())) {
                throw new IllegalArgumentException("output '" + output.name() + "' is never made");
            }
        }
    }

    public Value value(ValueId id) {
        return values.get(id.index());
    }
}
