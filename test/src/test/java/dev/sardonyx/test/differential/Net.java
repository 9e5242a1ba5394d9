package dev.sardonyx.test.differential;

import com.google.protobuf.ByteString;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Tensor;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A small model with the numbers to run it on.
 *
 * @param opset version of the core operator set
 * @param inputs graph inputs, by name
 * @param constants initializers, by name
 * @param nodes in topological order
 * @param outputs names of the values that are compared
 */
record Net(int opset, Map<String, Tensor> inputs, Map<String, Tensor> constants, List<NodeProto> nodes, List<String> outputs) {
    private static final int ML_OPSET = 3;

    Net {
        inputs = new LinkedHashMap<>(inputs);
        constants = new LinkedHashMap<>(constants);
        nodes = List.copyOf(nodes);
        outputs = List.copyOf(outputs);
    }

    byte[] bytes() {
        var graph = GraphProto.newBuilder().setName("net").addAllNode(nodes);
        inputs.forEach((name, tensor) -> graph.addInput(info(name, tensor)));
        constants.forEach((name, tensor) -> graph.addInitializer(proto(tensor).setName(name)));
        outputs.forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
        var model = ModelProto.newBuilder().setIrVersion(opset > 20 ? 10 : 8).setGraph(graph)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset));
        nodes.stream().map(NodeProto::getDomain).filter(domain -> !domain.isEmpty()).distinct().forEach(domain -> model.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(domain.equals("ai.onnx.ml") ? ML_OPSET : 1)));
        return model.build().toByteArray();
    }

    private static ValueInfoProto info(String name, Tensor tensor) {
        var shape = TensorShapeProto.newBuilder();
        tensor.shape().dims().forEach(extent -> shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(extent)));
        return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(wire(tensor.type()).getNumber()).setShape(shape))).build();
    }

    /** A tensor as ONNX stores it. */
    static TensorProto.Builder proto(Tensor tensor) {
        ByteBuffer raw = ByteBuffer.allocate(8 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < tensor.size(); i++) {
            switch (wire(tensor.type())) {
                case FLOAT -> raw.putFloat((float) tensor.getDouble(i));
                case INT64 -> raw.putLong(tensor.getLong(i));
                case INT32 -> raw.putInt((int) tensor.getLong(i));
                default -> raw.put((byte) tensor.getLong(i));
            }
        }
        var proto = TensorProto.newBuilder().setDataType(wire(tensor.type()).getNumber()).setRawData(ByteString.copyFrom(raw.flip()));
        tensor.shape().dims().forEach(proto::addDims);
        return proto;
    }

    private static DataType wire(ElementType type) {
        return switch (type) {
            case FLOAT32 -> DataType.FLOAT;
            case INT64 -> DataType.INT64;
            case INT32 -> DataType.INT32;
            case INT8 -> DataType.INT8;
            case UINT8 -> DataType.UINT8;
            case BOOL -> DataType.BOOL;
            case FLOAT16, BFLOAT16, FLOAT64, INT16, UINT16, UINT32, UINT64, STRING -> throw new IllegalArgumentException("no random " + type);
        };
    }

    Net withOutputs(List<String> names) {
        return new Net(opset, inputs, constants, nodes, names);
    }

    /** The model as a person reads it: one line for each node, shapes of what is given. */
    @Override
    public String toString() {
        String given = inputs.entrySet().stream().map(entry -> shown("input", entry)).collect(Collectors.joining());
        String learned = constants.entrySet().stream().map(entry -> shown("constant", entry)).collect(Collectors.joining());
        String body = nodes.stream().map(node -> "  " + node.getOutputList() + " = " + node.getOpType() + node.getInputList() + node.getAttributeList()
                .stream().map(a -> " " + a.getName() + "=" + (a.hasI() ? a.getI() : a.hasF() ? a.getF() : a.hasS() ? a.getS().toStringUtf8()
                        : a.getIntsCount() > 0 ? a.getIntsList() : a.getStringsList().stream().map(ByteString::toStringUtf8).toList()))
                .collect(Collectors.joining()) + "\n").collect(Collectors.joining());
        return "opset " + opset + "\n" + given + learned + body + "  compared: " + outputs;
    }

    private static String shown(String what, Map.Entry<String, Tensor> entry) {
        Tensor tensor = entry.getValue();
        String numbers = tensor.size() <= 24 ? " " + java.util.Arrays.toString(tensor.toDoubles()) : "";
        return "  " + what + " " + entry.getKey() + " " + tensor.type() + tensor.shape() + numbers + "\n";
    }
}
