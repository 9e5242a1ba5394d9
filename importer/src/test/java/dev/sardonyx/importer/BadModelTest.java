package dev.sardonyx.importer;

import static dev.sardonyx.importer.Protos.attribute;
import static dev.sardonyx.importer.Protos.dense;
import static dev.sardonyx.importer.Protos.floats;
import static dev.sardonyx.importer.Protos.graph;
import static dev.sardonyx.importer.Protos.input;
import static dev.sardonyx.importer.Protos.model;
import static dev.sardonyx.importer.Protos.node;
import static dev.sardonyx.importer.Protos.output;
import static dev.sardonyx.importer.Protos.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Malformed, hostile and unsupported models: each ends in one line that says what, where and what was expected. */
class BadModelTest {
    @TempDir
    Path directory;

    private static ImportException refused(Kind kind, String expected, Executable work) {
        ImportException e = assertThrows(ImportException.class, work);
        assertEquals(kind, e.kind(), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage() + " should contain: " + expected);
        assertFalse(String.valueOf(e.getMessage()).contains("\n"), e.getMessage());
        return e;
    }

    private static void refused(Kind kind, String expected, ModelProto.Builder model) {
        refused(kind, expected, () -> read(model).graph(Map.of()));
    }

    @Test
    void aMissingFileAndADirectoryAreUnreadable() {
        refused(Kind.UNREADABLE, "no such file", () -> OnnxModel.read(directory.resolve("none.onnx")));
        refused(Kind.UNREADABLE, "is a directory", () -> OnnxModel.read(directory));
    }

    @Test
    void otherFilesAreNoOnnxModels() {
        for (String text : List.of("", "PK\u0003\u0004 a zip", "{\"json\": 1}", "import torch\n")) {
            refused(Kind.NOT_ONNX, "is not an ONNX model", () -> OnnxModel.read(text.getBytes(StandardCharsets.UTF_8), directory));
        }
    }

    @Test
    void everyTruncationIsReportedAsSuch() throws IOException {
        byte[] whole = dense().build().toByteArray();
        for (int length = 3; length < whole.length - 1; length++) {
            Path file = directory.resolve("cut.onnx");
            Files.write(file, Arrays.copyOf(whole, length));
            ImportException e = assertThrows(ImportException.class, () -> OnnxModel.read(file).graph(Map.of("x", Shape.of(1, 3))), "length " + length);
            assertTrue(List.of(Kind.TRUNCATED, Kind.MALFORMED, Kind.NOT_ONNX).contains(e.kind()), e.getMessage());
        }
        refused(Kind.TRUNCATED, "truncated", () -> OnnxModel.read(Arrays.copyOf(whole, whole.length / 2), directory));
    }

    @Test
    void randomBytesAndFlippedBitsNeverCrash() {
        long seed = 20_261_121;
        var random = new Random(seed);
        byte[] whole = dense().build().toByteArray();
        for (int trial = 0; trial < 3000; trial++) {
            byte[] bytes = trial % 2 == 0 ? new byte[random.nextInt(200)] : whole.clone();
            if (trial % 2 == 0) {
                random.nextBytes(bytes);
            } else {
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            try {
                OnnxModel.read(bytes, directory).graph(Map.of("x", Shape.of(1, 3)));
            } catch (ImportException e) {
                assertFalse(String.valueOf(e.getMessage()).isEmpty(), "seed " + seed + ", trial " + trial);
            }
        }
    }

    @Test
    void aMissingOpsetImportIsAnError() {
        refused(Kind.MALFORMED, "opset_import is missing", dense().clearOpsetImport());
    }

    @Test
    void cyclesDuplicatesAndMissingValuesAreErrors() {
        refused(Kind.MALFORMED, "cycle", model(13, graph(node("a", "Relu", List.of("q"), "p"), node("b", "Relu", List.of("p"), "q"))
                .addOutput(output("q"))));
        refused(Kind.MALFORMED, "node 'b' (Relu) makes 'p', which is made elsewhere too", model(13,
                graph(node("a", "Relu", List.of("x"), "p"), node("b", "Relu", List.of("x"), "p")).addInput(input("x", "1")).addOutput(output("p"))));
        refused(Kind.MALFORMED, "node 'a' (Relu) reads 'z', which no input, initialiser or node makes",
                model(13, graph(node("a", "Relu", List.of("z"), "p")).addOutput(output("p"))));
        refused(Kind.MALFORMED, "graph output 'y' is made by no node",
                model(13, graph(node("a", "Relu", List.of("x"), "p")).addInput(input("x", "1")).addOutput(output("y"))));
        refused(Kind.MALFORMED, "two constants are named 'w'", model(13, graph().addInitializer(floats("w", List.of(1L), 1))
                .addInitializer(floats("w", List.of(1L), 1)).addOutput(output("w"))));
    }

    @Test
    void nodesOutOfOrderArePutInOrder() {
        var model = model(13, graph(node("b", "Neg", List.of("p"), "q"), node("a", "Relu", List.of("x"), "p")).addInput(input("x", "2"))
                .addOutput(output("q")));
        assertEquals(List.of("a", "b"), read(model).graph(Map.of()).nodes().stream().map(node -> node.origin().name()).toList());
    }

    @Test
    void tensorsMustHoldWhatTheirShapeSays() {
        refused(Kind.MALFORMED, "tensor 'w': raw data of 4 bytes; expected 12 for FLOAT[3]", model(13, graph(node("a", "Relu", List.of("w"), "y"))
                .addInitializer(floats("w", List.of(3L), 1)).addOutput(output("y"))));
        TensorProto.Builder huge = TensorProto.newBuilder().setName("w").setDataType(DataType.FLOAT.getNumber()).addDims(2_000_000_000)
                .addFloatData(1);
        refused(Kind.MALFORMED, "initialiser 0: fewer elements", model(13, graph().addInitializer(huge).addOutput(output("w"))));
        TensorProto.Builder overflow = TensorProto.newBuilder().setName("w").setDataType(DataType.FLOAT.getNumber()).addDims(1L << 31).addDims(1L << 31);
        refused(Kind.MALFORMED, "tensor 'w': extent 2147483648; expected 0 to 2^31-1",
                model(13, graph().addInitializer(overflow).addOutput(output("w"))));
        TensorProto.Builder many = TensorProto.newBuilder().setName("w").setDataType(DataType.FLOAT.getNumber()).addDims(1 << 20).addDims(1 << 20);
        refused(Kind.MALFORMED, "tensor 'w': shape", model(13, graph().addInitializer(many).addOutput(output("w"))));
    }

    @Test
    void wrongAttributesNameTheNodeAndWhatWasExpected() {
        ModelProto.Builder model = dense();
        model.getGraphBuilder().getNodeBuilder(0).addAttribute(attribute("transA", 2));
        refused(Kind.MALFORMED, "node 'fc1' (Gemm): transA=2; expected 0 or 1", () -> read(model).graph(Map.of("x", Shape.of(1, 3))));
    }

    @Test
    void shapesThatDoNotFitNameTheNode() {
        var model = model(13, graph(node("m", "MatMul", List.of("a", "b"), "y")).addInput(input("a", "2", "3")).addInput(input("b", "4", "5"))
                .addOutput(output("y")));
        refused(Kind.SHAPE, "node 'm' (MatMul)", model);
    }

    @Test
    void allUnsupportedNodesAreListedOnce() {
        var model = model(17, graph(node("one", "StringNormalizer", List.of("x"), "a"), node("two", "RandomNormalLike", List.of("x"), "b"),
                node("three", "Multinomial", List.of("b"), "c"), node("four", "NonZero", List.of("x"), "d"), node("after", "Relu", List.of("d"), "e"),
                node("five", "Foo", List.of("x"), "f").setDomain("com.example")).addInput(input("x", "2", "2"))
                .addOutput(output("a")).addOutput(output("c")).addOutput(output("e")).addOutput(output("f")));
        ImportException e = refused(Kind.UNSUPPORTED, "5 unsupported nodes", () -> read(model).graph(Map.of()));
        // What reads a poisoned value is not reported again, and not even looked up beyond its name.
        assertEquals(List.of("one", "two", "three", "four", "five"), e.unsupported().stream().map(Unsupported::node).toList());
        assertEquals("com.example.Foo", e.unsupported().getLast().op());
        assertEquals(17, e.unsupported().getFirst().opset());
        assertTrue(e.unsupported().get(3).reason().contains("number of non-zero elements"));
    }

    @Test
    void opsetsOutsideTheKnownOnesAreUnsupported() {
        for (long opset : new long[] { 3, 99 }) {
            refused(Kind.UNSUPPORTED, "(Relu, opset " + opset + ")",
                    model(opset, graph(node("a", "Relu", List.of("x"), "y")).addInput(input("x", "2")).addOutput(output("y"))));
        }
    }

    @Test
    void inputShapesAreHeldAgainstTheDeclaredOnes() {
        var two = model(13, graph(node("a", "Add", List.of("p", "q"), "y")).addInput(input("p", "n", "3")).addInput(input("q", "n", "3"))
                .addOutput(output("y")));
        OnnxModel model = read(two);
        refused(Kind.SHAPE, "input 'p' has shape [2×4]; expected [n×3]", () -> model.graph(Map.of("p", Shape.of(2, 4))));
        refused(Kind.SHAPE, "input 'q' has shape [5×3] where 'n' is 5, but another input sets it to 2",
                () -> model.graph(Map.of("p", Shape.of(2, 3), "q", Shape.of(5, 3))));
        refused(Kind.SHAPE, "input 'p' is declared [n×3]; expected a shape for it", () -> model.graph(Map.of()));
        refused(Kind.INPUT, "no graph input is named [r]", () -> model.graph(Map.of("r", Shape.of(1))));
    }

    @Test
    void longRawDataThatIsCutOffIsReportedAsSuch() throws IOException {
        ModelProto.Builder model = dense();
        model.getGraphBuilder().setInitializer(0, floats("w", List.of(3L, 4000L), new float[12_000])).setInitializer(1, floats("b", List.of(1L), 1));
        byte[] whole = model.build().toByteArray();
        Path file = directory.resolve("cut.onnx");
        for (int length : new int[] { 5_000, 24_000, 47_000 }) {
            Files.write(file, Arrays.copyOf(whole, length));
            refused(Kind.TRUNCATED, "truncated", () -> OnnxModel.read(file));
        }
    }

    @Test
    void externalDataStaysInsideTheModelsDirectory() throws IOException {
        Files.write(directory.resolve("short.bin"), new byte[7]);
        for (var entry : Map.of("../secret.bin", "expected a relative path inside", "/etc/passwd", "expected a relative path inside", "none.bin",
                "is not beside the model", "short.bin", "ends at byte 7").entrySet()) {
            ModelProto.Builder model = dense();
            model.getGraphBuilder().getInitializerBuilder(0).clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL)
                    .addExternalDataBuilder().setKey("location").setValue(entry.getKey());
            refused(Kind.EXTERNAL_DATA, entry.getValue(), () -> OnnxModel.read(model.build().toByteArray(), directory));
        }
    }

    @Test
    void aLinkOutOfTheDirectoryIsRefused() throws IOException {
        Path inside = Files.createDirectory(directory.resolve("inside"));
        Files.write(directory.resolve("outside.bin"), new byte[24]);
        Files.createSymbolicLink(inside.resolve("link.bin"), directory.resolve("outside.bin"));
        ModelProto.Builder model = dense();
        model.getGraphBuilder().getInitializerBuilder(0).clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalDataBuilder().setKey("location").setValue("link.bin");
        refused(Kind.EXTERNAL_DATA, "leads out of the model's directory", () -> OnnxModel.read(model.build().toByteArray(), inside));
    }
}
