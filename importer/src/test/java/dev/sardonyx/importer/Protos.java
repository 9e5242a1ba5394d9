package dev.sardonyx.importer;

import com.google.protobuf.ByteString;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.AttributeProto.AttributeType;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.OperatorSetIdProto;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import dev.sardonyx.importer.proto.TensorShapeProto;
import dev.sardonyx.importer.proto.TypeProto;
import dev.sardonyx.importer.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/** Small models written by hand. */
final class Protos {
    private Protos() {
    }

    static OnnxModel read(ModelProto.Builder model) {
        return OnnxModel.read(model.build().toByteArray(), Path.of("."));
    }

    static ModelProto.Builder model(long opset, GraphProto.Builder graph) {
        return ModelProto.newBuilder().setIrVersion(8).setGraph(graph)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset));
    }

    static GraphProto.Builder graph(NodeProto.Builder... nodes) {
        var graph = GraphProto.newBuilder().setName("g");
        for (NodeProto.Builder node : nodes) {
            graph.addNode(node);
        }
        return graph;
    }

    static NodeProto.Builder node(String name, String type, List<String> inputs, String... outputs) {
        return NodeProto.newBuilder().setName(name).setOpType(type).addAllInput(inputs).addAllOutput(List.of(outputs));
    }

    /** A float input; a dimension that is no number is symbolic. */
    static ValueInfoProto.Builder input(String name, String... dims) {
        return input(name, DataType.FLOAT, dims);
    }

    static ValueInfoProto.Builder input(String name, DataType type, String... dims) {
        var shape = TensorShapeProto.newBuilder();
        for (String dim : dims) {
            var dimension = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(dim.matches("-?\\d+") ? dimension.setDimValue(Long.parseLong(dim)) : dimension.setDimParam(dim));
        }
        return ValueInfoProto.newBuilder().setName(name)
                .setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)));
    }

    static ValueInfoProto.Builder output(String name) {
        return ValueInfoProto.newBuilder().setName(name);
    }

    static TensorProto.Builder floats(String name, List<Long> dims, float... values) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            raw.putFloat(value);
        }
        return TensorProto.newBuilder().setName(name).addAllDims(dims).setDataType(DataType.FLOAT.getNumber())
                .setRawData(ByteString.copyFrom(raw.array()));
    }

    static TensorProto.Builder longs(String name, List<Long> dims, long... values) {
        var tensor = TensorProto.newBuilder().setName(name).addAllDims(dims).setDataType(DataType.INT64.getNumber());
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor;
    }

    static AttributeProto.Builder attribute(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value);
    }

    static AttributeProto.Builder attribute(String name, long... values) {
        var attribute = AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute;
    }

    static AttributeProto.Builder attribute(String name, GraphProto.Builder body) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.GRAPH).setG(body);
    }

    /** y = x·w + b with x [batch, 3], the smallest model with weights. */
    static ModelProto.Builder dense() {
        return model(17, graph(node("fc1", "Gemm", List.of("x", "w", "b"), "y")).addInput(input("x", "batch", "3")).addOutput(output("y"))
                .addInitializer(floats("w", List.of(3L, 2L), 1, 2, 3, 4, 5, 6)).addInitializer(floats("b", List.of(2L), 0.5f, -0.5f)));
    }

    static Tensor vector(float... values) {
        return Tensor.ofFloats(Shape.of(values.length), values);
    }
}
