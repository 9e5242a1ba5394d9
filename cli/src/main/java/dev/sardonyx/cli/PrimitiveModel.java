package dev.sardonyx.cli;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.OperatorSetIdProto;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TensorShapeProto;
import dev.sardonyx.importer.proto.TypeProto;
import dev.sardonyx.importer.proto.ValueInfoProto;
import dev.sardonyx.reference.files.Range;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An ONNX model of one operator, so that a primitive takes the same street as any model and ONNX Runtime can check it.
 *
 * @param bytes the model
 * @param fractionBits the scale, where a width was asked for
 */
record PrimitiveModel(byte[] bytes, Map<String, Shape> shapes, Map<String, ElementType> types, Map<String, Range> ranges, OptionalInt fractionBits) {
    private static final int IR_VERSION = 10;
    private static final int OPSET = 20;
    private static final int LEAST_BITS = 8;
    private static final int MOST_BITS = 64;
    private static final int USUAL_FRACTION = 16;
    /** The ring's two top bits stay free, and a bound of exactly 2^n takes one more. */
    private static final int HEADROOM = 2;

    /**
     * @param extents such as {@code 512x512x512}
     * @param bits width at which the inputs are planned
     * @throws IllegalArgumentException naming the option that is wrong
     */
    static PrimitiveModel of(Primitive primitive, Optional<String> extents, OptionalInt bits) {
        int[] dims = dims(extents.orElse(primitive.usualShape()));
        List<Shape> shapes = shapes(primitive, dims);
        Range range = primitive.range();
        OptionalInt fraction = OptionalInt.empty();
        if (bits.isPresent()) {
            int width = bits.getAsInt();
            if (width < LEAST_BITS || width > MOST_BITS) {
                throw new IllegalArgumentException("--bits " + width + ": expected " + LEAST_BITS + " to " + MOST_BITS);
            }
            int magnitude = Math.min(width - 1, MOST_BITS - HEADROOM - 1);
            fraction = OptionalInt.of(Math.min(USUAL_FRACTION, width / 2));
            double bound = Math.scalb(1.0, magnitude - fraction.getAsInt());
            range = new Range(range.low() < 0 ? -bound : 0, range.high() > 0 ? bound : 0);
        }
        var node = NodeProto.newBuilder().setName(primitive.toString()).setOpType(primitive.operator()).addOutput("y");
        var graph = GraphProto.newBuilder().setName(primitive.toString());
        Map<String, Shape> shapesByName = new LinkedHashMap<>();
        Map<String, ElementType> types = new LinkedHashMap<>();
        Map<String, Range> ranges = new LinkedHashMap<>();
        for (int i = 0; i < primitive.inputs(); i++) {
            String name = i == 0 ? "a" : "b";
            node.addInput(name);
            graph.addInput(value(name, shapes.get(Math.min(i, shapes.size() - 1)), primitive != Primitive.MATMUL));
            shapesByName.put(name, shapes.get(Math.min(i, shapes.size() - 1)));
            types.put(name, ElementType.FLOAT32);
            ranges.put(name, range);
        }
        graph.addNode(node).addOutput(ValueInfoProto.newBuilder().setName("y").setType(TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType((primitive == Primitive.ARGMAX ? TensorProto.DataType.INT64 : TensorProto.DataType.FLOAT).getNumber()))));
        if (primitive == Primitive.ARGMAX) {
            graph.setNode(0, node.addAttribute(dev.sardonyx.importer.proto.AttributeProto.newBuilder().setName("axis")
                    .setType(dev.sardonyx.importer.proto.AttributeProto.AttributeType.INT).setI(dims.length - 1L)));
        }
        byte[] bytes = ModelProto.newBuilder().setIrVersion(IR_VERSION).setProducerName("sardonyx bench").setGraph(graph)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET)).build().toByteArray();
        return new PrimitiveModel(bytes, shapesByName, types, ranges, fraction);
    }

    private static List<Shape> shapes(Primitive primitive, int[] dims) {
        if (primitive != Primitive.MATMUL) {
            return List.of(Shape.of(dims));
        }
        if (dims.length != 3) {
            throw new IllegalArgumentException("--shape for matmul: expected MxKxN");
        }
        return List.of(Shape.of(dims[0], dims[1]), Shape.of(dims[1], dims[2]));
    }

    private static int[] dims(String text) {
        try {
            int[] dims = Arrays.stream(text.split("[x×,]", -1)).mapToInt(part -> Integer.parseInt(part.strip())).toArray();
            if (Arrays.stream(dims).allMatch(dim -> dim > 0)) {
                return dims;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--shape " + text + ": expected positive extents with x between, such as 128x10", e);
        }
        throw new IllegalArgumentException("--shape " + text + ": expected positive extents with x between, such as 128x10");
    }

    /** @param rows whether the first axis is a batch, which can be cut into lanes */
    private static ValueInfoProto value(String name, Shape shape, boolean rows) {
        var dims = TensorShapeProto.newBuilder();
        for (int axis = 0; axis < shape.rank(); axis++) {
            var dim = TensorShapeProto.Dimension.newBuilder();
            dims.addDim(rows && axis == 0 ? dim.setDimParam("rows") : dim.setDimValue(shape.dim(axis)));
        }
        return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber()).setShape(dims))).build();
    }
}
