package dev.sardonyx.test.differential;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.reference.ReferenceException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Makes a failing model smaller: first one node alone on the values that ONNX Runtime gives its inputs, then shorter prefixes. What
 * comes out fails too.
 */
final class Shrinker {
    private Shrinker() {
    }

    static Net shrink(Net net, Predicate<Net> fails) {
        Net prefix = prefix(net, fails);
        return alone(prefix, fails).orElse(prefix);
    }

    private static Net prefix(Net net, Predicate<Net> fails) {
        for (int length = 1; length < net.nodes().size(); length++) {
            List<NodeProto> nodes = net.nodes().subList(0, length);
            Net shorter = trimmed(new Net(net.opset(), net.inputs(), net.constants(), nodes, List.of(nodes.getLast().getOutput(0))));
            if (fails.test(shorter)) {
                return shorter;
            }
        }
        return net;
    }

    private static Optional<Net> alone(Net net, Predicate<Net> fails) {
        if (net.nodes().size() == 1) {
            return Optional.empty();
        }
        Map<String, Tensor> values;
        try {
            values = Judge.reference(net.withOutputs(net.nodes().stream().map(node -> node.getOutput(0)).toList()));
        } catch (ReferenceException e) {
            return Optional.empty();
        }
        for (NodeProto node : net.nodes()) {
            Map<String, Tensor> inputs = new LinkedHashMap<>(net.inputs());
            node.getInputList().stream().filter(values::containsKey).forEach(name -> inputs.put(name, values.get(name)));
            Net single = trimmed(new Net(net.opset(), inputs, net.constants(), List.of(node), List.of(node.getOutput(0))));
            if (fails.test(single)) {
                return Optional.of(single);
            }
        }
        return Optional.empty();
    }

    /** Without inputs and constants that no node reads. */
    private static Net trimmed(Net net) {
        var read = new ArrayList<String>();
        net.nodes().forEach(node -> read.addAll(node.getInputList()));
        Map<String, Tensor> inputs = new LinkedHashMap<>(net.inputs());
        inputs.keySet().retainAll(read);
        Map<String, Tensor> constants = new LinkedHashMap<>(net.constants());
        constants.keySet().retainAll(read);
        return new Net(net.opset(), inputs, constants, net.nodes(), net.outputs());
    }
}
