package dev.sardonyx.importer;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.SparseTensorProto;
import dev.sardonyx.importer.proto.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Translates a model's nodes in order. An unsupported node is noted and its outputs poisoned, so that one pass finds every node
 * that has no translation.
 */
final class GraphTranslator {
    /** Loops are unrolled: nested ones must not fill the memory. */
    private static final int MAX_TRANSLATED = 1_000_000;

    private final Map<String, Long> opsets;
    private final Map<String, Stored> constants;
    private final ConstantRoles roles;
    private final ExternalData external;
    private final GraphBuilder builder = new GraphBuilder();
    private final GraphOps ops = new GraphOps(builder);
    private final List<Unsupported> unsupported = new ArrayList<>();
    private final Map<TensorProto, Held> bodyConstants = new IdentityHashMap<>();
    private final Map<String, Held> madeConstants = new HashMap<>();
    private final Map<String, Integer> narrow = new HashMap<>();
    private final Set<ValueId> named = new HashSet<>();
    private int translated;
    private Scope scope = new Scope(null);
    private Node.Origin origin = new Node.Origin("graph", "");

    GraphTranslator(Map<String, Long> opsets, Map<String, Stored> constants, ConstantRoles roles, ExternalData external) {
        this.opsets = opsets;
        this.constants = constants;
        this.roles = roles;
        this.external = external;
    }

    GraphBuilder builder() {
        return builder;
    }

    GraphOps ops() {
        return ops;
    }

    List<Unsupported> unsupported() {
        return unsupported;
    }

    /** Remembers that a name's integers have fewer bits than the 8 that they are held in; 0 bits say nothing. */
    void noteBits(String name, int bits) {
        if (bits > 0) {
            narrow.put(name, bits);
        }
    }

    /** Bits that were noted of a name, or 0. */
    int narrowBits(String name) {
        return narrow.getOrDefault(name, 0);
    }

    /** Makes a name of the model stand for a value. */
    void define(String name, ValueId id) {
        scope.put(name, new Held.Ready(id));
        named.add(id);
    }

    /** What a name stands for where translation is now. */
    Held lookup(String name) {
        return find(name).orElseThrow(() -> new ImportException(Kind.MALFORMED, "'" + name
                + "' is read, but no input, initialiser or earlier node makes it"));
    }

    private Optional<Held> find(String name) {
        if (name.isEmpty()) {
            return Optional.of(new Held.Absent());
        }
        Optional<Held> held = scope.find(name);
        if (held.isPresent()) {
            return held;
        }
        Stored stored = constants.get(name);
        if (stored == null) {
            return Optional.empty();
        }
        return Optional.of(madeConstants.computeIfAbsent(name, key -> constant(key, stored)));
    }

    private Held constant(String name, Stored stored) {
        return switch (stored) {
            case Stored.Held(Tensor tensor, int bits) -> {
                noteBits(name, bits);
                Constant constant = roles.isSecret(name, tensor) ? Constant.secret(tensor) : Constant.open(tensor);
                ValueId id = builder.constant(name, constant);
                named.add(id);
                yield new Held.Ready(id);
            }
            case Stored.Refused(String reason) -> {
                unsupported.add(new Unsupported(name, "Constant", opsets.getOrDefault(Domains.CORE, 0L), reason));
                yield new Held.Poisoned();
            }
        };
    }

    Stored decode(TensorProto proto) {
        return TensorDecoder.decode(proto, external);
    }

    Stored decode(SparseTensorProto proto) {
        return SparseTensors.decode(proto, external);
    }

    /** Translates nodes whose inputs are defined in the present scope. */
    void translate(List<NodeProto> nodes) {
        for (NodeProto node : nodes) {
            translate(node);
        }
    }

    /**
     * Translates the body of a control-flow operator in a scope of its own.
     *
     * @param arguments what the body's inputs stand for
     * @return what its outputs stand for
     */
    List<Held> translateBody(GraphProto body, List<Held> arguments) {
        Scope outer = scope;
        Node.Origin outerOrigin = origin;
        scope = new Scope(outer);
        try {
            for (int i = 0; i < body.getInputCount() && i < arguments.size(); i++) {
                scope.put(body.getInput(i).getName(), arguments.get(i));
            }
            for (TensorProto initializer : body.getInitializerList()) {
                scope.put(initializer.getName(),
                        bodyConstants.computeIfAbsent(initializer, proto -> constant(proto.getName(), decode(proto))));
            }
            translate(body.getNodeList());
            return body.getOutputList().stream().map(output -> lookup(output.getName())).toList();
        } finally {
            scope = outer;
            origin = outerOrigin;
            builder.origin(origin);
        }
    }

    /** A constant that a node keeps in an attribute, as secret as an initialiser of that name and kind would be. */
    ValueId attributeConstant(String name, Tensor tensor) {
        return builder.constant(name, roles.isSecret(name, tensor) ? Constant.secret(tensor) : Constant.open(tensor));
    }

    private void translate(NodeProto node) {
        String domain = Domains.normal(node.getDomain());
        origin = new Node.Origin(NodeContext.nameOf(node), Domains.qualified(domain, node.getOpType()));
        builder.origin(origin);
        var inputs = new ArrayList<Held>();
        for (String name : node.getInputList()) {
            inputs.add(find(name).orElseThrow(() -> new ImportException(Kind.MALFORMED, NodeContext.describe(node) + " reads '" + name
                    + "', which no input, initialiser or earlier node makes")));
        }
        try {
            Operator operator = operator(node, domain);
            if (++translated > MAX_TRANSLATED) {
                throw new ImportException(Kind.MALFORMED, NodeContext.describe(node) + ": unrolled, the model has more than " + MAX_TRANSLATED
                        + " nodes");
            }
            if (inputs.stream().anyMatch(Held.Poisoned.class::isInstance)) {
                poison(node);
                return;
            }
            var context = new NodeContext(node, opsets.get(domain).intValue(), this, inputs);
            operator.translator().translate(context);
            bind(node, context.outputs());
        } catch (RefusedNode e) {
            refuse(node, domain, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            throw new ImportException(Kind.SHAPE, NodeContext.describe(node) + ": " + e.getMessage(), e);
        }
    }

    private Operator operator(NodeProto node, String domain) {
        long version = opsets.getOrDefault(domain, 0L);
        Operator operator = OperatorRegistry.find(domain, node.getOpType()).orElseThrow(() -> new RefusedNode(
                OperatorRegistry.newestVersion(domain) == 0 ? "the operators of domain '" + domain + "' are not known" : "no translation"));
        int newest = OperatorRegistry.newestVersion(domain);
        if (version == 0) {
            throw new RefusedNode("the model imports no version of domain '" + (domain.isEmpty() ? "ai.onnx" : domain) + "'");
        }
        if (version < operator.since()) {
            throw new RefusedNode("translated from opset " + operator.since() + " on");
        }
        if (version > newest) {
            throw new RefusedNode("operators are known up to opset " + newest);
        }
        return operator;
    }

    private void bind(NodeProto node, List<@Nullable Held> outputs) {
        for (int i = 0; i < node.getOutputCount(); i++) {
            String name = node.getOutput(i);
            if (name.isEmpty()) {
                continue;
            }
            Held held = outputs.get(i);
            if (held == null && roles.isUsed(name)) {
                throw new RefusedNode("its output " + i + " ('" + name + "') is not translated");
            }
            if (held instanceof Held.Ready(ValueId id) && named.add(id)) {
                builder.name(id, name);
            }
            scope.put(name, held == null ? new Held.Poisoned() : held);
        }
    }

    /** Whether anything of the model reads a name. */
    boolean isUsed(String name) {
        return roles.isUsed(name);
    }

    private void refuse(NodeProto node, String domain, String reason) {
        var entry = new Unsupported(NodeContext.nameOf(node), Domains.qualified(domain, node.getOpType()), opsets.getOrDefault(domain, 0L),
                reason);
        if (!unsupported.contains(entry)) {
            unsupported.add(entry);
        }
        poison(node);
    }

    private void poison(NodeProto node) {
        node.getOutputList().stream().filter(name -> !name.isEmpty()).forEach(name -> scope.put(name, new Held.Poisoned()));
    }
}
