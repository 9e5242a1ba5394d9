package dev.sardonyx.importer;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.NodeProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which values of a model must be public, and which of its constants are learned numbers.
 *
 * <p>Must be public: what an operator reads at one of its {@link Operator#publicInputs()} (shapes, axes, counts, …), and everything
 * that such a value is computed from, except through {@code Shape} and {@code Size}, whose results are public for any input.
 *
 * <p>Secret, in this order of rules: never a constant that must be public; always one read at an operator's
 * {@link Operator#secretInputs()} (quantised weights, scales and zero points, of any type and rank); floating tensors of rank 1 and
 * more; 8- and 16-bit integers of rank 1 and more; wider integers of rank 1 and more that are combined with data, that is, read by
 * an operator that also reads something depending on a graph input, at a position other than an index (a constant that goes there
 * through casts and movements counts too). The rest is public: scalars are hyperparameters ({@link #isSecret} is false for them,
 * {@code inspect} lists them), integer tables such as position ids are structure, and so are masks of booleans.
 */
final class ConstantRoles {
    private static final Set<String> SHAPE_OPERATORS = Set.of("Shape", "Size");
    private static final Set<String> MOVEMENTS = Set.of("Identity", "Cast", "CastLike", "Reshape", "Flatten", "Transpose", "Squeeze",
            "Unsqueeze", "Slice", "Split", "Expand", "Tile", "Concat", "Pad");

    private final Map<String, NodeProto> producers = new HashMap<>();
    private final Map<String, List<String>> sameAs = new HashMap<>();
    private final List<NodeProto> nodes = new ArrayList<>();
    private final Set<String> used = new HashSet<>();
    private final Set<String> mustBePublic = new HashSet<>();
    private final Set<String> learned = new HashSet<>();
    private final Set<String> data = new HashSet<>();

    ConstantRoles(GraphProto graph, Set<String> graphInputs) {
        collect(graph);
        graph.getOutputList().forEach(output -> used.add(output.getName()));
        demandPublic();
        findLearned(graphInputs);
    }

    boolean isUsed(String name) {
        return used.contains(name);
    }

    /** Whether a value decides the graph's structure. */
    boolean mustBePublic(String name) {
        return mustBePublic.contains(name);
    }

    /** Whether a constant belongs to the model owner alone. */
    boolean isSecret(String name, Tensor tensor) {
        if (mustBePublic.contains(name)) {
            return false;
        }
        if (learned.contains(name)) {
            return true;
        }
        if (tensor.shape().rank() == 0) {
            return false;
        }
        return switch (tensor.type()) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, INT8, UINT8, INT16, UINT16 -> true;
            case INT32, UINT32, INT64, UINT64 -> data.contains(name);
            case BOOL, STRING -> false;
        };
    }

    /** All nodes, bodies included; a body's inputs and outputs are the same values as its operator's. */
    private void collect(GraphProto graph) {
        for (NodeProto node : graph.getNodeList()) {
            nodes.add(node);
            used.addAll(node.getInputList());
            node.getOutputList().forEach(output -> producers.put(output, node));
            for (AttributeProto attribute : node.getAttributeList()) {
                var bodies = new ArrayList<>(attribute.getGraphsList());
                if (attribute.hasG()) {
                    bodies.add(attribute.getG());
                }
                for (GraphProto body : bodies) {
                    collect(body);
                    body.getOutputList().forEach(output -> used.add(output.getName()));
                    link(node, body);
                }
            }
        }
    }

    private void link(NodeProto node, GraphProto body) {
        int conditions = node.getOpType().equals("Loop") ? 1 : 0;
        for (int i = 0; i < Math.min(body.getInputCount(), node.getInputCount()); i++) {
            same(body.getInput(i).getName(), node.getInput(i));
        }
        for (int i = conditions; i < body.getOutputCount() && i - conditions < node.getOutputCount(); i++) {
            same(node.getOutput(i - conditions), body.getOutput(i).getName());
        }
        if (conditions == 1 && body.getOutputCount() > 0) {
            mustBePublic.add(body.getOutput(0).getName());
        }
    }

    private void same(String name, String source) {
        sameAs.computeIfAbsent(name, key -> new ArrayList<>()).add(source);
    }

    private void demandPublic() {
        for (NodeProto node : nodes) {
            Optional<Operator> operator = OperatorRegistry.find(node.getDomain(), node.getOpType());
            operator.ifPresent(known -> known.publicInputs().stream().filter(position -> position < node.getInputCount())
                    .forEach(position -> mustBePublic.add(node.getInput(position))));
        }
        mustBePublic.remove("");
        var queue = new ArrayDeque<>(mustBePublic);
        while (!queue.isEmpty()) {
            String name = queue.poll();
            var sources = new ArrayList<>(sameAs.getOrDefault(name, List.of()));
            NodeProto producer = producers.get(name);
            if (producer != null && !SHAPE_OPERATORS.contains(producer.getOpType()) && !sameAs.containsKey(name)) {
                sources.addAll(producer.getInputList());
            }
            for (String source : sources) {
                if (!source.isEmpty() && mustBePublic.add(source)) {
                    queue.add(source);
                }
            }
        }
    }

    private void findLearned(Set<String> graphInputs) {
        Set<String> fromInputs = new HashSet<>(graphInputs);
        fromInputs.removeAll(mustBePublic);
        for (NodeProto node : nodes) {
            boolean reads = !SHAPE_OPERATORS.contains(node.getOpType())
                    && (node.getInputList().stream().anyMatch(fromInputs::contains) || node.getAttributeList().stream().anyMatch(AttributeProto::hasG));
            if (reads) {
                fromInputs.addAll(node.getOutputList());
            }
            Optional<Operator> operator = OperatorRegistry.find(node.getDomain(), node.getOpType());
            for (int position = 0; position < node.getInputCount(); position++) {
                if (operator.isPresent() && operator.get().secretInputs().contains(position)) {
                    throughMovements(node.getInput(position), learned);
                }
                if (reads && operator.isPresent() && !operator.get().indexInputs().contains(position)) {
                    throughMovements(node.getInput(position), data);
                }
            }
        }
    }

    /** Adds a value and those it is moved or cast from. */
    private void throughMovements(String name, Set<String> found) {
        var queue = new ArrayDeque<>(List.of(name));
        while (!queue.isEmpty()) {
            String next = queue.poll();
            if (!next.isEmpty() && found.add(next)) {
                NodeProto producer = producers.get(next);
                if (producer != null && MOVEMENTS.contains(producer.getOpType())) {
                    queue.addAll(producer.getInputList());
                }
            }
        }
    }

    @Override
    public String toString() {
        return "ConstantRoles[" + mustBePublic.size() + " public, " + learned.size() + " learned]";
    }
}
