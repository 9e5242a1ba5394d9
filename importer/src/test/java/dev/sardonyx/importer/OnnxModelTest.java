package dev.sardonyx.importer;

import static dev.sardonyx.importer.Protos.attribute;
import static dev.sardonyx.importer.Protos.dense;
import static dev.sardonyx.importer.Protos.floats;
import static dev.sardonyx.importer.Protos.graph;
import static dev.sardonyx.importer.Protos.input;
import static dev.sardonyx.importer.Protos.longs;
import static dev.sardonyx.importer.Protos.model;
import static dev.sardonyx.importer.Protos.node;
import static dev.sardonyx.importer.Protos.output;
import static dev.sardonyx.importer.Protos.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput.Dimension;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.FunctionProto;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.OperatorSetIdProto;
import dev.sardonyx.importer.proto.StringStringEntryProto;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading, weights, specialisation and what of a model is public. */
class OnnxModelTest {
    private static final Tensor ROW = Tensor.ofFloats(Shape.of(1, 3), 1, 2, 3);

    @TempDir
    Path directory;

    private static float[] run(OnnxModel model, Map<String, Tensor> inputs) {
        var shapes = new HashMap<String, Shape>();
        inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        return Evaluator.outputs(model.graph(shapes), inputs).get("y").toFloats();
    }

    @Test
    void aModelTellsItsInputsOutputsAndMetadata() {
        OnnxModel model = read(dense().setProducerName("torch").setProducerVersion("2")
                .addMetadataProps(StringStringEntryProto.newBuilder().setKey("sardonyx.input.scale").setValue("0.5")));
        assertEquals(List.of(new ModelInput("x", ElementType.FLOAT32, List.of(new Dimension.Symbolic("batch"), new Dimension.Known(3)), true)),
                model.inputs());
        assertEquals("[batch×3]", model.inputs().getFirst().shapeText());
        assertEquals(List.of("y"), model.outputs());
        assertEquals("torch 2", model.producer());
        assertEquals(Map.of("", 17L), model.opsets());
        assertEquals(Map.of("sardonyx.input.scale", "0.5"), model.metadata());
    }

    @Test
    void oneModelIsSpecialisedToSeveralBatches() {
        OnnxModel model = read(dense());
        for (int batch : new int[] { 1, 4 }) {
            Graph graph = model.graph(Map.of("x", Shape.of(batch, 3)));
            assertEquals(Shape.of(batch, 2), graph.value(graph.outputs().getFirst().value()).shape());
        }
        assertArrayEquals(new float[] { 22.5f, 27.5f }, run(model, Map.of("x", ROW)));
    }

    @Test
    void weightsCanBeReplacedAndMismatchesAreListedTogether() {
        OnnxModel model = read(dense());
        assertEquals(Set.of("w", "b"), model.weights().keySet());
        OnnxModel other = model.withWeights(Map.of("w", Tensor.ofFloats(Shape.of(3, 2), 0, 0, 0, 0, 0, 1), "b", Protos.vector(1, 2)));
        assertArrayEquals(new float[] { 1, 5 }, run(other, Map.of("x", ROW)));
        assertArrayEquals(new float[] { 22.5f, 27.5f }, run(model, Map.of("x", ROW)));
        ImportException e = assertThrows(ImportException.class,
                () -> model.withWeights(Map.of("w", Protos.vector(1, 2), "bias", Protos.vector(1, 2))));
        assertEquals(ImportException.Kind.WEIGHTS, e.kind());
        assertEquals("weights do not fit: 'w' has shape [2]; expected [3×2]; 'b' [2] is missing; 'bias' is no weight of the model", e.getMessage());
    }

    @Test
    void weightsAreReadFromFilesBesideTheModel() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + 24).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(-1);
        for (int i = 1; i <= 6; i++) {
            bytes.putFloat(i);
        }
        Files.write(Files.createDirectory(directory.resolve("sub")).resolve("w.bin"), bytes.array());
        ModelProto.Builder model = dense();
        model.getGraphBuilder().getInitializerBuilder(0).clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue("sub/w.bin"))
                .addExternalData(StringStringEntryProto.newBuilder().setKey("offset").setValue("8"))
                .addExternalData(StringStringEntryProto.newBuilder().setKey("length").setValue("24"));
        Path file = directory.resolve("m.onnx");
        Files.write(file, model.build().toByteArray());
        assertArrayEquals(new float[] { 22.5f, 27.5f }, run(OnnxModel.read(file), Map.of("x", ROW)));
    }

    @Test
    void everyStoredTypeIsDecoded() {
        assertDecoded(ElementType.INT8, DataType.INT8, new byte[] { -1, 5 }, -1, 5);
        assertDecoded(ElementType.UINT8, DataType.UINT8, new byte[] { -1, 5 }, 255, 5);
        assertDecoded(ElementType.INT16, DataType.INT16, new byte[] { -2, -1, 1, 1 }, -2, 257);
        assertDecoded(ElementType.UINT16, DataType.UINT16, new byte[] { -2, -1, 1, 1 }, 65_534, 257);
        assertDecoded(ElementType.UINT32, DataType.UINT32, new byte[] { -1, -1, -1, -1, 1, 0, 0, 0 }, 4_294_967_295.0, 1);
        assertDecoded(ElementType.BOOL, DataType.BOOL, new byte[] { 1, 0 }, 1, 0);
        assertDecoded(ElementType.FLOAT16, DataType.FLOAT16, new byte[] { 0, 0x3C, 0, (byte) 0xC0 }, 1, -2);
        assertDecoded(ElementType.BFLOAT16, DataType.BFLOAT16, new byte[] { (byte) 0x80, 0x3F, 0, (byte) 0xC0 }, 1, -2);
        assertDecoded(ElementType.INT8, DataType.INT4, new byte[] { (byte) 0x7F }, -1, 7);
        assertDecoded(ElementType.UINT8, DataType.UINT4, new byte[] { (byte) 0x7F }, 15, 7);
        assertDecoded(ElementType.FLOAT64, DataType.DOUBLE, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putDouble(0.1).putDouble(-3).array(),
                0.1, -3);
    }

    private static void assertDecoded(ElementType type, DataType wire, byte[] raw, double... expected) {
        TensorProto.Builder proto = TensorProto.newBuilder().setName("c").addDims(expected.length).setDataType(wire.getNumber())
                .setRawData(ByteString.copyFrom(raw));
        Graph graph = read(model(21, graph().addInitializer(proto).addOutput(output("c")))).graph(Map.of());
        Tensor tensor = graph.constants().get(graph.outputs().getFirst().value()).tensor();
        assertEquals(type, tensor.type());
        assertArrayEquals(expected, tensor.toDoubles());
    }

    @Test
    void shapeArithmeticVanishes() {
        Graph graph = read(model(13, graph(node("s", "Shape", List.of("x"), "s"), node("g", "Gather", List.of("s", "zero"), "n"),
                node("u", "Unsqueeze", List.of("n", "axes"), "n1"), node("c", "Concat", List.of("n1", "rest"), "to").addAttribute(attribute("axis", 0)),
                node("r", "Reshape", List.of("x", "to"), "y")).addInput(input("x", "batch", "2", "3")).addOutput(output("y"))
                .addInitializer(longs("zero", List.of(), 0)).addInitializer(longs("axes", List.of(1L), 0)).addInitializer(longs("rest", List.of(1L), -1))))
                .graph(Map.of("x", Shape.of(4, 2, 3)));
        assertEquals(List.of(new Op.Reshape(Shape.of(4, 6))), graph.nodes().stream().map(Node::op).toList());
    }

    @Test
    void learnedTensorsAreSecretAndStructureIsPublic() {
        OnnxModel model = read(model(13, graph(node("e", "Gather", List.of("table", "ids"), "e"), node("p", "Gather", List.of("table", "places"), "p"),
                node("a", "Add", List.of("e", "p"), "a"), node("m", "Mul", List.of("a", "half"), "m"),
                node("q", "DequantizeLinear", List.of("int8w", "scale", "zero"), "q"), node("f", "MatMul", List.of("m", "q"), "y"))
                .addInput(input("ids", DataType.INT64, "2")).addOutput(output("y")).addInitializer(floats("table", List.of(3L, 2L), 1, 2, 3, 4, 5, 6))
                .addInitializer(longs("places", List.of(2L), 0, 1)).addInitializer(floats("half", List.of(), 0.5f))
                .addInitializer(floats("scale", List.of(), 0.1f))
                .addInitializer(TensorProto.newBuilder().setName("zero").setDataType(DataType.INT8.getNumber()).addInt32Data(1))
                .addInitializer(TensorProto.newBuilder().setName("int8w").addDims(2).addDims(2).setDataType(DataType.INT8.getNumber())
                        .addAllInt32Data(List.of(1, 2, 3, 4)))));
        assertEquals(Set.of("table", "int8w", "scale", "zero"), model.weights().keySet());
        assertEquals(Set.of("half"), model.publicScalars().keySet());
        Graph graph = model.graph(Map.of());
        graph.constants().forEach((id, constant) -> {
            String name = graph.value(id).name();
            assertEquals(Set.of("table", "int8w", "scale", "zero").contains(name), constant.isSecret(), name);
        });
    }

    @Test
    void integerDataOfArithmeticIsSecretUnlessItMakesAShape() {
        OnnxModel model = read(model(13, graph(node("a", "Add", List.of("ids", "offsets"), "a"), node("s", "Shape", List.of("ids"), "s"),
                node("d", "Mul", List.of("s", "twice"), "d"), node("x", "Expand", List.of("a", "d"), "y"))
                .addInput(input("ids", DataType.INT64, "1")).addOutput(output("y")).addInitializer(longs("offsets", List.of(1L), 5))
                .addInitializer(longs("twice", List.of(1L), 2))));
        assertEquals(Set.of("offsets"), model.weights().keySet());
    }

    @Test
    void inputsThatMakeShapesMustBePublic() {
        OnnxModel model = read(model(13, graph(node("n", "Mul", List.of("k", "k"), "kk"), node("r", "Reshape", List.of("x", "kk"), "y"))
                .addInput(input("x", "4")).addInput(input("k", DataType.INT64, "2")).addOutput(output("y"))));
        assertEquals(Set.of("k"), model.publicInputs());
        ImportException e = assertThrows(ImportException.class, () -> model.graph(Map.of()));
        assertEquals(ImportException.Kind.INPUT, e.kind());
        Graph graph = model.graph(Map.of(), Map.of("k", Tensor.vector(2, 1)));
        assertEquals(Shape.of(4, 1), graph.value(graph.outputs().getFirst().value()).shape());
    }

    @Test
    void aSecretConditionComputesBothBranches() {
        OnnxModel model = read(model(13, graph(node("i", "If", List.of("c"), "y")
                .addAttribute(attribute("then_branch", graph(node("t", "Neg", List.of("x"), "a")).addOutput(output("a"))))
                .addAttribute(attribute("else_branch", graph(node("e", "Relu", List.of("x"), "b")).addOutput(output("b")))))
                .addInput(input("c", DataType.BOOL)).addInput(input("x", "2")).addOutput(output("y"))));
        Tensor x = Protos.vector(-1, 2);
        assertArrayEquals(new float[] { 1, -2 }, run(model, Map.of("c", Tensor.ofLongs(ElementType.BOOL, Shape.SCALAR, 1), "x", x)));
        assertArrayEquals(new float[] { 0, 2 }, run(model, Map.of("c", Tensor.ofLongs(ElementType.BOOL, Shape.SCALAR, 0), "x", x)));
        Graph open = model.graph(Map.of(), Map.of("c", Tensor.ofLongs(ElementType.BOOL, Shape.SCALAR, 0)));
        assertEquals(1, open.nodes().size());
    }

    @Test
    void functionsOfTheModelAreInlined() {
        var function = FunctionProto.newBuilder().setName("Scaled").setDomain("local").addInput("v").addOutput("r").addAttribute("slope")
                .addNode(node("leak", "LeakyRelu", List.of("v"), "t").addAttribute(AttributeProto.newBuilder().setName("alpha").setRefAttrName("slope")
                        .setType(AttributeProto.AttributeType.FLOAT)))
                .addNode(node("twice", "Add", List.of("t", "t"), "r"));
        var call = node("call", "Scaled", List.of("x"), "y").setDomain("local").addAttribute(AttributeProto.newBuilder().setName("slope")
                .setType(AttributeProto.AttributeType.FLOAT).setF(0.25f));
        OnnxModel model = read(model(13, graph(call).addInput(input("x", "2")).addOutput(output("y"))).addFunctions(function)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("local").setVersion(1)));
        assertArrayEquals(new float[] { -2, 6 }, run(model, Map.of("x", Protos.vector(-4, 3))));
    }

    @Test
    void constantsKeepTheirNamesAndOriginsTheirNodes() {
        Graph graph = read(dense()).graph(Map.of("x", Shape.of(1, 3)));
        assertTrue(graph.nodes().stream().allMatch(node -> node.origin().name().equals("fc1") && node.origin().opType().equals("Gemm")));
        assertEquals(Set.of("w", "b"), Set.copyOf(graph.constants().entrySet().stream().filter(entry -> entry.getValue().isSecret())
                .map(entry -> graph.value(entry.getKey()).name()).toList()));
        assertEquals("y", graph.value(graph.outputs().getFirst().value()).name());
    }

    @Test
    void theRegistryListsEachOperatorOnceWithItsVersions() {
        assertTrue(OperatorRegistry.all().size() > 160, OperatorRegistry.all().size() + " operators");
        assertEquals(Set.of(1), OperatorRegistry.find("", "Reshape").orElseThrow().publicInputs());
        assertEquals(List.of(6, 13), OperatorRegistry.find("ai.onnx", "Softmax").orElseThrow().versions());
        assertFalse(OperatorRegistry.find("", "Foo").isPresent());
    }

    @Test
    void toStringShowsNoNumber() {
        assertFalse(read(dense()).toString().contains("22"));
        assertFalse(new Constant(ROW, Constant.Confidentiality.SECRET).toString().contains("2.0"));
    }

    @Test
    void longTensorsAreTheSameFromAFileAsFromMemory() throws IOException {
        float[] first = new float[12_000];
        float[] second = new float[40_000];
        for (int i = 0; i < second.length; i++) {
            first[i % first.length] = i;
            second[i] = -i;
        }
        ModelProto.Builder model = dense();
        model.getGraphBuilder().setInitializer(0, floats("w", List.of(3L, 4000L), first)).setInitializer(1, floats("b", List.of(1L), 0.25f))
                .addInitializer(floats("v", List.of(10L, 4000L), second)).addInitializer(floats("c", List.of(2L), 1, 2));
        byte[] bytes = model.build().toByteArray();
        Path file = Files.write(directory.resolve("long.onnx"), bytes);
        Map<String, Tensor> fromFile = OnnxModel.read(file).weights();
        Map<String, Tensor> fromMemory = OnnxModel.read(bytes, directory).weights();
        assertEquals(List.of("w", "b", "v", "c"), List.copyOf(fromFile.keySet()));
        fromMemory.forEach((name, tensor) -> assertTrue(tensor.sameAs(fromFile.get(name)), name));
        assertTrue(fromFile.get("v").sameAs(Tensor.ofFloats(Shape.of(10, 4000), second)));
    }
}
