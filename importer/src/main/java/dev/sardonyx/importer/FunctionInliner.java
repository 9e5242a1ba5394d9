package dev.sardonyx.importer;

import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.FunctionProto;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Puts the bodies of operators that a model defines itself in the place of their calls, names made unique by the call. */
final class FunctionInliner {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_NODES = 1_000_000;

    private final Map<String, FunctionProto> functions = new HashMap<>();
    private int calls;
    private int nodes;

    FunctionInliner(List<FunctionProto> functions) {
        for (FunctionProto function : functions) {
            this.functions.put(key(function.getDomain(), function.getName(), function.getOverload()), function);
        }
    }

    GraphProto inline(GraphProto graph) {
        return functions.isEmpty() ? graph : inline(graph, 0);
    }

    private GraphProto inline(GraphProto graph, int depth) {
        return graph.toBuilder().clearNode().addAllNode(inline(graph.getNodeList(), depth)).build();
    }

    private List<NodeProto> inline(List<NodeProto> list, int depth) {
        var result = new ArrayList<NodeProto>();
        for (NodeProto node : list) {
            FunctionProto function = functions.get(key(node.getDomain(), node.getOpType(), node.getOverload()));
            if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
                throw new ImportException(Kind.MALFORMED, NodeContext.describe(node) + ": model-local functions nest too deep or grow beyond "
                        + MAX_NODES + " nodes");
            }
            if (function == null) {
                var copy = node.toBuilder().clearAttribute();
                node.getAttributeList().forEach(attribute -> copy.addAttribute(
                        attribute.hasG() ? attribute.toBuilder().setG(inline(attribute.getG(), depth)).build() : attribute));
                result.add(copy.build());
            } else {
                result.addAll(inline(new Call(node, function, "#" + calls++).body(), depth + 1));
            }
        }
        return result;
    }

    private static String key(String domain, String name, String overload) {
        return Domains.normal(domain) + "/" + name + "/" + overload;
    }

    /** One call: formal names become actual ones, others get a suffix, attribute references become the call's attributes. */
    private static final class Call {
        private final NodeProto node;
        private final FunctionProto function;
        private final String suffix;
        private final Map<String, String> renamed = new HashMap<>();
        private final Map<String, AttributeProto> attributes = new HashMap<>();

        Call(NodeProto node, FunctionProto function, String suffix) {
            this.node = node;
            this.function = function;
            this.suffix = suffix;
            for (int i = 0; i < function.getInputCount(); i++) {
                renamed.put(function.getInput(i), i < node.getInputCount() ? node.getInput(i) : "");
            }
            for (int i = 0; i < function.getOutputCount(); i++) {
                if (i < node.getOutputCount() && !node.getOutput(i).isEmpty()) {
                    renamed.put(function.getOutput(i), node.getOutput(i));
                }
            }
            Stream.concat(function.getAttributeProtoList().stream(), node.getAttributeList().stream())
                    .forEach(attribute -> attributes.put(attribute.getName(), attribute));
        }

        List<NodeProto> body() {
            return function.getNodeList().stream().map(this::rewrite).toList();
        }

        private String rename(String name) {
            return name.isEmpty() ? "" : renamed.computeIfAbsent(name, key -> key + suffix);
        }

        private NodeProto rewrite(NodeProto inner) {
            var copy = inner.toBuilder().clearInput().clearOutput().clearAttribute();
            inner.getInputList().forEach(name -> copy.addInput(rename(name)));
            inner.getOutputList().forEach(name -> copy.addOutput(rename(name)));
            copy.setName(NodeContext.nameOf(node) + "/" + NodeContext.nameOf(inner));
            for (AttributeProto attribute : inner.getAttributeList()) {
                if (!attribute.getRefAttrName().isEmpty()) {
                    AttributeProto actual = attributes.get(attribute.getRefAttrName());
                    if (actual != null) {
                        copy.addAttribute(actual.toBuilder().setName(attribute.getName()));
                    }
                } else {
                    copy.addAttribute(attribute.hasG() ? attribute.toBuilder().setG(rewrite(attribute.getG())).build() : attribute);
                }
            }
            return copy.build();
        }

        private GraphProto rewrite(GraphProto body) {
            var copy = body.toBuilder().clearNode();
            body.getNodeList().forEach(inner -> copy.addNode(rewrite(inner)));
            copy.getInputBuilderList().forEach(input -> input.setName(rename(input.getName())));
            copy.getOutputBuilderList().forEach(output -> output.setName(rename(output.getName())));
            copy.getInitializerBuilderList().forEach(initializer -> initializer.setName(rename(initializer.getName())));
            return copy.build();
        }
    }
}
