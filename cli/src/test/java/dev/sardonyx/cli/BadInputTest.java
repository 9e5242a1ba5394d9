package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.OperatorSetIdProto;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TensorShapeProto;
import dev.sardonyx.importer.proto.TypeProto;
import dev.sardonyx.importer.proto.ValueInfoProto;
import dev.sardonyx.reference.files.Numpy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of bad input ends in one line that says what, where and what was expected, and in the right exit code. */
class BadInputTest {
    private static final Path MODELS = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models");
    private static final String LOGISTIC = MODELS.resolve("logistic/logistic.onnx").toString();

    @TempDir
    Path folder;

    private record Ended(int status, String out, String err) {
    }

    @Test
    void aTruncatedModelIsNamed() throws IOException {
        byte[] whole = Files.readAllBytes(MODELS.resolve("mlp/mlp.onnx"));
        Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(whole, whole.length / 2));
        assertOneLine(2, "truncated", run("run", cut.toString()));
    }

    @Test
    void aFileThatIsNoModelIsNamed() throws IOException {
        Path text = Files.writeString(folder.resolve("notes.onnx"), "These are notes, and no model at all.");
        assertOneLine(2, "notes.onnx' is not an ONNX model", run("run", text.toString()));
        assertOneLine(2, "is a directory; expected an .onnx file", run("inspect", folder.toString()));
    }

    @Test
    void aPathThatIsNotThereIsNamed() {
        assertOneLine(2, "absent.onnx': no such file", run("run", folder.resolve("absent.onnx").toString()));
        assertOneLine(2, "absent.npz: no such file", run("run", LOGISTIC, "--input", folder.resolve("absent.npz").toString()));
        assertOneLine(2, "no such folder", run("verify", folder.resolve("absent").toString()));
    }

    @Test
    void whatATerminalWouldObeyIsNotPrinted() {
        assertOneLine(2, "a?[2Kb?.onnx': no such file", run("run", folder.resolve("a\u001b[2Kb\u202e.onnx").toString()));
    }

    @Test
    void aWrongShapeIsNamed() {
        assertOneLine(2, "shape [1×29] for input 'features'; expected [batch×30]", run("run", LOGISTIC, "--input", npz(Map.of("features", floats(1, 29)))));
    }

    @Test
    void aWrongElementTypeIsNamed() {
        Tensor integers = Tensor.ofLongs(ElementType.INT64, Shape.of(1, 30), new long[30]);
        assertOneLine(2, "INT64 for input 'features'; expected FLOAT32", run("run", LOGISTIC, "--input", npz(Map.of("features", integers))));
    }

    @Test
    void missingAndUnknownNamesAreListed() {
        assertOneLine(2, "lacks 'features', has 'x' that the model does not know", run("run", LOGISTIC, "--input", npz(Map.of("x", floats(1, 30)))));
        assertOneLine(2, "has 'y' that the model does not know", run("run", LOGISTIC, "--input", npz(Map.of("features", floats(1, 30), "y", floats(1, 1)))));
    }

    @Test
    void aMissingInputIsNamed() throws IOException {
        Path alone = Files.copy(Path.of(LOGISTIC), folder.resolve("alone.onnx"));
        assertOneLine(2, "no --input, and no samples.npz beside", run("run", alone.toString()));
    }

    @Test
    void notANumberInTheInputIsNamedByIndexAndNotShown() {
        float[] values = new float[60];
        values[37] = Float.NaN;
        values[38] = 4321.5f;
        Ended ended = run("run", LOGISTIC, "--input", npz(Map.of("features", Tensor.ofFloats(Shape.of(2, 30), values))));
        assertOneLine(2, "input 'features': NaN or infinity at index [1, 7]", ended);
        assertFalse(ended.err.contains("4321"), ended.err);
    }

    @Test
    void everyUnsupportedNodeIsListedByNameOperatorOpsetAndReason() throws IOException {
        Path model = Files.write(folder.resolve("five.onnx"), unsupportedModel(5));
        Path input = folder.resolve("in.npz");
        Numpy.writeAll(input, Map.of("x", floats(2, 3)));
        for (List<String> command : List.of(List.of("run", model.toString(), "--input", input.toString()), List.of("inspect", model.toString()))) {
            Ended ended = run(command.toArray(String[]::new));
            assertEquals(3, ended.status, ended.err);
            List<String> lines = ended.err.lines().toList();
            assertEquals("sardonyx: 5 unsupported nodes:", lines.getFirst());
            for (int node = 0; node < 5; node++) {
                assertTrue(lines.get(node + 1).startsWith("  'node " + node + "' (NonZero, opset 17): "), ended.err);
            }
        }
        Ended json = run("inspect", model.toString(), "--json");
        assertEquals(3, json.status);
        assertTrue(json.out.contains("\"node\": \"node 4\"") && json.out.contains("\"opset\": 17"), json.out);
    }

    @Test
    void optionsThatMakeNoSenseAreNamed() {
        for (List<String> options : List.of(List.of("--protocol", "magic"), List.of("--protocol", "plaintext"), List.of("--network", "fast"),
                List.of("--input-range", "features"), List.of("--input-range", "features=3,1"), List.of("--fraction-bits", "99"), List.of("--reveal", "some"),
                List.of("--ranges", "guessed"), List.of("--model-visibility", "open"), List.of("--tolerance", "much"), List.of("--disable-pass", "magic"),
                List.of("--limit", "0"), List.of("--scale", "big"), List.of("--scale", "0"), List.of("--std", "1,0"), List.of("--mean", "a"), List.of("--no-such-option"))) {
            List<String> command = new ArrayList<>(List.of("run", LOGISTIC));
            command.addAll(options);
            Ended ended = run(command.toArray(String[]::new));
            assertEquals(2, ended.status, () -> options + ": " + ended.err);
            assertTrue(ended.err.startsWith("sardonyx: ") && ended.err.lines().count() <= 2, ended.err);
            assertEquals("", ended.out);
        }
    }

    @Test
    void numbersOutsideTheDeclaredRangeAreRefused() {
        Ended ended = run("run", LOGISTIC, "--input-range", "features=0,1");
        assertEquals(5, ended.status, ended.err);
        assertTrue(ended.err.contains("features"), ended.err);
    }

    @Test
    void aPlanThatIsNotTheSignedOneIsRefused() throws IOException {
        Path plan = folder.resolve("plan.txt");
        assertEquals(0, run("inspect", LOGISTIC, "--batch", "16", "--plan", plan.toString()).status);
        assertEquals(0, run("run", LOGISTIC, "--plan", plan.toString()).status);
        Ended other = run("run", LOGISTIC, "--plan", plan.toString(), "--fraction-bits", "12");
        assertEquals(5, other.status, other.err);
        assertTrue(other.err.contains("plan.txt, line "), other.err);
    }

    private static void assertOneLine(int status, String part, Ended ended) {
        assertEquals(status, ended.status, ended.err);
        assertEquals(1, ended.err.lines().count(), ended.err);
        assertTrue(ended.err.startsWith("sardonyx: ") && ended.err.contains(part), ended.err);
        assertEquals("", ended.out);
    }

    static Ended run(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = Main.run(List.of(arguments), Terminal.of(new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8)));
        return new Ended(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private String npz(Map<String, Tensor> tensors) {
        Path file = folder.resolve("samples-" + tensors.size() + ".npz");
        Numpy.writeAll(file, new LinkedHashMap<>(tensors));
        return file.toString();
    }

    private static Tensor floats(int... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[shape.size()];
        Arrays.fill(values, 0.5f);
        return Tensor.ofFloats(shape, values);
    }

    /** A model of nodes whose output's extent depends on data. */
    private static byte[] unsupportedModel(int nodes) {
        var graph = GraphProto.newBuilder().setName("unsupported").addInput(value("x", TensorProto.DataType.FLOAT, 2, 3));
        for (int node = 0; node < nodes; node++) {
            graph.addNode(NodeProto.newBuilder().setName("node " + node).setOpType("NonZero").addInput("x").addOutput("y" + node));
            graph.addOutput(value("y" + node, TensorProto.DataType.INT64));
        }
        return ModelProto.newBuilder().setIrVersion(8).setGraph(graph).addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17)).build().toByteArray();
    }

    private static ValueInfoProto value(String name, TensorProto.DataType type, int... dims) {
        var tensor = TypeProto.Tensor.newBuilder().setElemType(type.getNumber());
        if (dims.length > 0) {
            var shape = TensorShapeProto.newBuilder();
            Arrays.stream(dims).forEach(dim -> shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim)));
            tensor.setShape(shape);
        }
        return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(tensor)).build();
    }
}
