package dev.sardonyx.importer;

import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/** Checks that every value is made once and before it is read; nodes that stand out of order are put in order. */
final class NodeOrder {
    private NodeOrder() {
    }

    /**
     * The graph with its nodes in topological order, otherwise in the file's order.
     *
     * @param given names of graph inputs and constants
     */
    static GraphProto sorted(GraphProto graph, Set<String> given) {
        var makers = new HashMap<String, Integer>();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            for (String output : graph.getNode(i).getOutputList()) {
                if (!output.isEmpty() && (given.contains(output) || makers.put(output, i) != null)) {
                    throw new ImportException(Kind.MALFORMED, NodeContext.describe(graph.getNode(i)) + " makes '" + output
                            + "', which is made elsewhere too");
                }
            }
        }
        List<List<Integer>> readers = new ArrayList<>();
        int[] waits = new int[graph.getNodeCount()];
        for (int i = 0; i < graph.getNodeCount(); i++) {
            readers.add(new ArrayList<>());
        }
        for (int i = 0; i < graph.getNodeCount(); i++) {
            for (String name : reads(graph.getNode(i))) {
                Integer maker = makers.get(name);
                if (maker != null) {
                    readers.get(maker).add(i);
                    waits[i]++;
                } else if (!given.contains(name)) {
                    throw new ImportException(Kind.MALFORMED, NodeContext.describe(graph.getNode(i)) + " reads '" + name
                            + "', which no input, initialiser or node makes");
                }
            }
        }
        for (var output : graph.getOutputList()) {
            if (!makers.containsKey(output.getName()) && !given.contains(output.getName())) {
                throw new ImportException(Kind.MALFORMED, "graph output '" + output.getName() + "' is made by no node");
            }
        }
        return graph.toBuilder().clearNode().addAllNode(order(graph, readers, waits)).build();
    }

    private static List<NodeProto> order(GraphProto graph, List<List<Integer>> readers, int[] waits) {
        var ready = new PriorityQueue<Integer>();
        for (int i = 0; i < waits.length; i++) {
            if (waits[i] == 0) {
                ready.add(i);
            }
        }
        var ordered = new ArrayList<NodeProto>();
        while (!ready.isEmpty()) {
            int next = ready.poll();
            ordered.add(graph.getNode(next));
            for (int reader : readers.get(next)) {
                if (--waits[reader] == 0) {
                    ready.add(reader);
                }
            }
        }
        for (int i = 0; i < waits.length; i++) {
            if (waits[i] > 0) {
                throw new ImportException(Kind.MALFORMED, NodeContext.describe(graph.getNode(i)) + " is part of a cycle or reads from one");
            }
        }
        return ordered;
    }

    /** The names that a node reads from the graph it stands in, those read by its bodies included. */
    private static Set<String> reads(NodeProto node) {
        var names = new HashSet<>(node.getInputList());
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                names.addAll(captured(attribute.getG()));
            }
        }
        names.remove("");
        return names;
    }

    private static Set<String> captured(GraphProto body) {
        var own = new HashSet<String>();
        body.getInputList().forEach(input -> own.add(input.getName()));
        body.getInitializerList().forEach(tensor -> own.add(tensor.getName()));
        body.getNodeList().forEach(node -> own.addAll(node.getOutputList()));
        var names = new HashSet<String>();
        body.getNodeList().forEach(node -> names.addAll(reads(node)));
        body.getOutputList().forEach(output -> names.add(output.getName()));
        names.removeAll(own);
        return names;
    }
}
