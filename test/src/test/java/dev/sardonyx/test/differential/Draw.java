package dev.sardonyx.test.differential;

import com.google.protobuf.ByteString;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.AttributeProto.AttributeType;
import dev.sardonyx.importer.proto.NodeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** A model being drawn from a seed. */
final class Draw {
    /** Versions at which the meaning of operators changes. */
    private static final int[] OPSETS = {7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22};
    private static final List<String> DOMAINS = List.of("ai.onnx.ml", "com.microsoft");
    private static final double SECRET = 0.6;

    final Random random;
    final int opset;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final List<NodeProto> nodes = new ArrayList<>();

    Draw(long seed, int leastOpset) {
        random = new Random(seed);
        int[] fitting = Arrays.stream(OPSETS).filter(version -> version >= leastOpset).toArray();
        opset = fitting.length == 0 ? leastOpset : fitting[random.nextInt(fitting.length)];
    }

    private Draw(Random random, int opset) {
        this.random = random;
        this.opset = opset;
    }

    /** A model of exactly this version. */
    static Draw at(long seed, int opset) {
        return new Draw(new Random(seed), opset);
    }

    /** A number from {@code low} to {@code high}, both included. */
    int upTo(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    boolean coin() {
        return random.nextBoolean();
    }

    @SafeVarargs
    final <T> T one(T... of) {
        return of[random.nextInt(of.length)];
    }

    /** Extents 1 to 5, seldom 0. */
    Shape shape(int leastRank, int mostRank) {
        int[] dims = IntStream.range(0, upTo(leastRank, mostRank)).map(i -> upTo(1, 5)).toArray();
        if (dims.length > 0 && random.nextInt(40) == 0) {
            dims[random.nextInt(dims.length)] = 0;
        }
        return Shape.of(dims);
    }

    /** A shape that broadcasts to the given one: leading axes gone, others 1. */
    Shape broadcasting(Shape to) {
        int skip = upTo(0, to.rank());
        return Shape.of(IntStream.range(skip, to.rank()).map(axis -> random.nextInt(3) == 0 ? 1 : to.dim(axis)).toArray());
    }

    int axis(int rank) {
        return upTo(-rank, rank - 1);
    }

    Tensor reals(Shape shape, double low, double high) {
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (low + (high - low) * random.nextDouble());
        }
        return Tensor.ofFloats(shape, values);
    }

    Tensor wholes(ElementType type, Shape shape, int low, int high) {
        return Tensor.ofLongs(type, shape, IntStream.range(0, shape.size()).mapToLong(i -> upTo(low, high)).toArray());
    }

    /** Whole numbers from all of a type's range, so that arithmetic wraps. */
    Tensor anyWholes(ElementType type, Shape shape) {
        return Tensor.ofLongs(type, shape, IntStream.range(0, shape.size()).mapToLong(i -> type.wrap(random.nextInt())).toArray());
    }

    /** An input of random reals. */
    String real(Shape shape, double low, double high) {
        return input(reals(shape, low, high));
    }

    /** Secret input or learned constant of random reals. */
    String either(Shape shape, double low, double high) {
        Tensor tensor = reals(shape, low, high);
        return random.nextDouble() < SECRET ? input(tensor) : constant(tensor);
    }

    String input(Tensor tensor) {
        String name = "x" + inputs.size();
        inputs.put(name, tensor);
        return name;
    }

    String constant(Tensor tensor) {
        String name = "c" + constants.size();
        constants.put(name, tensor);
        return name;
    }

    String longs(long... values) {
        return constant(Tensor.vector(values));
    }

    String node(String op, List<AttributeProto> attributes, String... operands) {
        return nodes(op, 1, attributes, operands).getFirst();
    }

    List<String> nodes(String op, int count, List<AttributeProto> attributes, String... operands) {
        List<String> made = IntStream.range(0, count).mapToObj(i -> "v" + nodes.size() + (i == 0 ? "" : "_" + i)).toList();
        nodes.add(NodeProto.newBuilder().setName("n" + nodes.size()).setOpType(op.substring(op.lastIndexOf('.') + 1))
                .setDomain(DOMAINS.stream().filter(domain -> op.startsWith(domain + ".")).findFirst().orElse("")).addAllInput(Arrays.asList(operands)).addAllOutput(made)
                .addAllAttribute(attributes).build());
        return made;
    }

    /** The model, comparing the outputs of the last node. */
    Net net() {
        return new Net(opset, inputs, constants, nodes, nodes.getLast().getOutputList());
    }

    static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
    }

    static AttributeProto attribute(String name, boolean value) {
        return attribute(name, value ? 1 : 0);
    }

    static AttributeProto attribute(String name, double value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOAT).setF((float) value).build();
    }

    static AttributeProto attribute(String name, String value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build();
    }

    static AttributeProto attribute(String name, float[] values) {
        var attribute = AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOATS);
        for (float value : values) {
            attribute.addFloats(value);
        }
        return attribute.build();
    }

    static AttributeProto attribute(String name, int[] values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS)
                .addAllInts(Arrays.stream(values).asLongStream().boxed().toList()).build();
    }
}
