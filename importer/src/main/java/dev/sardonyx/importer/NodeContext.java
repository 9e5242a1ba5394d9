package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.AttributeProto.AttributeType;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One ONNX node as its translator sees it: inputs by position, attributes by name with their defaults, and the place for its
 * outputs. Every wrong attribute or input ends in an error that names the node, what it has and what was expected.
 */
public final class NodeContext {
    private final NodeProto proto;
    private final int opset;
    private final GraphTranslator translator;
    private final List<Held> inputs;
    private final @Nullable Held[] outputs;

    NodeContext(NodeProto proto, int opset, GraphTranslator translator, List<Held> inputs) {
        this.proto = proto;
        this.opset = opset;
        this.translator = translator;
        this.inputs = inputs;
        this.outputs = new Held[proto.getOutputCount()];
    }

    /** The node's name in the model, or its first output's where it has none. */
    static String nameOf(NodeProto node) {
        if (!node.getName().isEmpty()) {
            return node.getName();
        }
        return node.getOutputCount() > 0 ? node.getOutput(0) : node.getOpType();
    }

    /** The version of the node's operator domain that the model imports. */
    public int opset() {
        return opset;
    }

    GraphOps ops() {
        return translator.ops();
    }

    GraphTranslator translator() {
        return translator;
    }

    // Inputs.

    public int inputCount() {
        return inputs.size();
    }

    /** Whether the optional input at a position is given. */
    public boolean has(int position) {
        return position < inputs.size() && !(inputs.get(position) instanceof Held.Absent);
    }

    /** The value at a position. */
    public ValueId input(int position) {
        return switch (held(position)) {
            case Held.Ready(ValueId id) -> id;
            case Held.Sequence _ -> throw new RefusedNode("input " + position + " is a sequence; expected a tensor");
            case Held.Absent _, Held.Poisoned _ -> throw new IllegalStateException("input " + position + " of " + describe());
        };
    }

    /** The sequence at a position. */
    List<ValueId> sequence(int position) {
        if (held(position) instanceof Held.Sequence(List<ValueId> elements)) {
            return elements;
        }
        throw invalid("input " + position + " is a tensor; expected a sequence");
    }

    Held held(int position) {
        if (!has(position)) {
            throw invalid("input " + position + " is missing");
        }
        return inputs.get(position);
    }

    Optional<ValueId> optional(int position) {
        return has(position) ? Optional.of(input(position)) : Optional.empty();
    }

    /** All inputs from a position on. */
    List<ValueId> inputsFrom(int position) {
        return IntStream.range(position, inputs.size()).mapToObj(this::input).toList();
    }

    Shape shape(int position) {
        return ops().shape(input(position));
    }

    ElementType type(int position) {
        return ops().type(input(position));
    }

    /** Bits of the integer type at a position if it has fewer than the 8 that it is held in, else 0. */
    int narrowBits(int position) {
        return translator.narrowBits(proto.getInput(position));
    }

    /** The tensor at a position that must be public. */
    Tensor open(int position) {
        return ops().publicTensor(input(position)).orElseThrow(() -> new RefusedNode("input " + position + " ('" + proto.getInput(position)
                + "') decides the graph's structure and must be public; it depends on a secret value"));
    }

    /** Integers at a position that must be public. */
    int[] openInts(int position) {
        Tensor tensor = open(position);
        return IntStream.range(0, tensor.size()).map(i -> saturated(tensor.getLong(i))).toArray();
    }

    /** The only integer at a position that must be public. */
    int openInt(int position) {
        int[] values = openInts(position);
        if (values.length != 1) {
            throw invalid("input " + position + " has " + values.length + " elements; expected 1");
        }
        return values[0];
    }

    /**
     * The second operand of an element-wise operator. Before opset 7 it broadcasts only where the node says so, aligned at an axis
     * that it names.
     */
    ValueId secondOperand() {
        ValueId b = input(1);
        if (opset >= 7 || !flag("broadcast", false) || !hasAttribute("axis")) {
            return b;
        }
        int rank = shape(0).rank();
        int trailing = rank - axis(requiredInteger("axis"), rank) - ops().rank(b);
        if (trailing < 0) {
            throw invalid("second operand " + shape(1) + " at axis " + requiredInteger("axis") + " of " + shape(0));
        }
        return ops().reshape(b, IntStream.concat(shape(1).dims().stream().mapToInt(Integer::intValue), IntStream.range(0, trailing).map(i -> 1))
                .toArray());
    }

    // Attributes.

    boolean hasAttribute(String name) {
        return proto.getAttributeList().stream().anyMatch(attribute -> attribute.getName().equals(name));
    }

    int integer(String name, int absent) {
        return attribute(name, AttributeType.INT).map(attribute -> saturated(attribute.getI())).orElse(absent);
    }

    /** An integer attribute with a closed range of values. */
    int integer(String name, int absent, int low, int high) {
        int value = integer(name, absent);
        if (value < low || value > high) {
            throw invalid(name + "=" + value + "; expected " + low + (high == low + 1 ? " or " : " to ") + high);
        }
        return value;
    }

    boolean flag(String name, boolean absent) {
        return integer(name, absent ? 1 : 0, 0, 1) == 1;
    }

    int requiredInteger(String name) {
        return attribute(name, AttributeType.INT).map(attribute -> saturated(attribute.getI())).orElseThrow(() -> missing(name));
    }

    double real(String name, double absent) {
        return attribute(name, AttributeType.FLOAT).map(attribute -> (double) attribute.getF()).orElse(absent);
    }

    String text(String name, String absent) {
        return attribute(name, AttributeType.STRING).map(attribute -> attribute.getS().toStringUtf8()).orElse(absent);
    }

    /** A text attribute with a closed set of values. */
    String text(String name, String absent, List<String> allowed) {
        String value = text(name, absent);
        if (!allowed.contains(value)) {
            throw invalid(name + "='" + value + "'; expected one of " + allowed);
        }
        return value;
    }

    Optional<int[]> integers(String name) {
        return attribute(name, AttributeType.INTS).map(attribute -> attribute.getIntsList().stream().mapToInt(NodeContext::saturated).toArray());
    }

    int[] integers(String name, int... absent) {
        return integers(name).orElse(absent);
    }

    Optional<long[]> longs(String name) {
        return attribute(name, AttributeType.INTS).map(attribute -> attribute.getIntsList().stream().mapToLong(Long::longValue).toArray());
    }

    Optional<double[]> reals(String name) {
        return attribute(name, AttributeType.FLOATS).map(attribute -> attribute.getFloatsList().stream().mapToDouble(Float::doubleValue).toArray());
    }

    List<String> texts(String name) {
        return attribute(name, AttributeType.STRINGS)
                .map(attribute -> attribute.getStringsList().stream().map(bytes -> bytes.toStringUtf8()).toList()).orElse(List.of());
    }

    Optional<Tensor> tensor(String name) {
        return attribute(name, AttributeType.TENSOR).map(attribute -> switch (translator.decode(attribute.getT())) {
            case Stored.Held(Tensor tensor, var _) -> tensor;
            case Stored.Refused(String reason) -> throw new RefusedNode("attribute " + name + ": " + reason);
        });
    }

    /** A sparse tensor, made dense. */
    Stored sparse(String name) {
        return translator.decode(attribute(name, AttributeType.SPARSE_TENSOR).orElseThrow(() -> missing(name)).getSparseTensor());
    }

    Optional<AttributeProto> attribute(String name) {
        return proto.getAttributeList().stream().filter(attribute -> attribute.getName().equals(name)).findFirst();
    }

    GraphProto body(String name) {
        return attribute(name, AttributeType.GRAPH).map(AttributeProto::getG).orElseThrow(() -> missing(name));
    }

    /** An element type attribute. */
    Optional<ElementType> elementType(String name) {
        return attribute(name, AttributeType.INT).map(attribute -> elementType((int) attribute.getI()));
    }

    ElementType elementType(int number) {
        return ElementTypes.of(number).filter(type -> type != ElementType.STRING)
                .orElseThrow(() -> new RefusedNode("element type " + ElementTypes.name(number) + "; expected plain numbers or booleans"));
    }

    private Optional<AttributeProto> attribute(String name, AttributeType type) {
        Optional<AttributeProto> found = attribute(name);
        // Files of the oldest versions leave the type out.
        found.filter(attribute -> attribute.hasType() && attribute.getType() != type).ifPresent(attribute -> {
            throw invalid(name + " is of type " + attribute.getType() + "; expected " + type);
        });
        return found;
    }

    private static int saturated(long value) {
        return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    // Axes.

    /** An axis of a tensor of some rank; negative ones count from the end. */
    int axis(int axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw invalid("axis " + axis + " of a tensor of rank " + rank + "; expected " + -rank + " to " + (rank - 1));
        }
        return axis < 0 ? axis + rank : axis;
    }

    int[] axes(int[] axes, int rank) {
        int[] normal = IntStream.of(axes).map(axis -> axis(axis, rank)).toArray();
        if (IntStream.of(normal).distinct().count() != normal.length) {
            throw invalid("axes " + IntStream.of(axes).boxed().toList() + " name an axis twice");
        }
        return normal;
    }

    // Outputs.

    public int outputCount() {
        return proto.getOutputCount();
    }

    String outputName(int position) {
        return position < proto.getOutputCount() ? proto.getOutput(position) : "";
    }

    /** Whether the model reads the output at a position. */
    boolean wants(int position) {
        return position < proto.getOutputCount() && translator.isUsed(proto.getOutput(position));
    }

    /** Says that an output's integers have fewer bits than the 8 that they are held in. */
    void outputBits(int position, int bits) {
        translator.noteBits(outputName(position), bits);
    }

    public void output(int position, ValueId id) {
        output(position, new Held.Ready(id));
    }

    void output(int position, Held held) {
        if (position < outputs.length) {
            outputs[position] = held;
        }
    }

    List<@Nullable Held> outputs() {
        var list = new ArrayList<@Nullable Held>();
        for (Held held : outputs) {
            list.add(held);
        }
        return list;
    }

    // Errors.

    ImportException invalid(String problem) {
        return new ImportException(Kind.MALFORMED, describe() + ": " + problem);
    }

    ImportException missing(String attribute) {
        return invalid("attribute " + attribute + " is missing");
    }

    String describe() {
        return describe(proto);
    }

    static String describe(NodeProto proto) {
        return "node '" + nameOf(proto) + "' (" + Domains.qualified(Domains.normal(proto.getDomain()), proto.getOpType()) + ")";
    }
}
