package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.reference.files.Numpy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each command prints for scripts and for people, on small models. */
class CommandsTest {
    private static final Path MODELS = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models");
    private static final String LOGISTIC = MODELS.resolve("logistic/logistic.onnx").toString();
    private static final String MLP = MODELS.resolve("mlp/mlp.onnx").toString();

    @TempDir
    Path folder;

    @Test
    void inspectMapsEachNodeToItsKernel() {
        String text = ok("inspect", MODELS.resolve("lenet/lenet.onnx").toString());
        assertTrue(Pattern.compile("Conv +convolution .*MaxPool +max-pooling .*Relu +relu .*Gemm +dense ", Pattern.DOTALL).matcher(text).find(), text);
        assertTrue(text.contains("learns the data owner: every number of scores"), text);
    }

    @Test
    void inspectGivesTheKeysThatScriptsRelyOn() {
        assertKeys(ok("inspect", MLP, "--json", "--passes"), "nodes", "total", "learns", "ranges", "passes", "unsupported", "planHash");
    }

    @Test
    void inspectWritesTheWeights() {
        Path file = folder.resolve("weights.npz");
        ok("inspect", MLP, "--weights", file.toString());
        Map<String, Tensor> written = Numpy.readAll(file);
        Map<String, Tensor> weights = OnnxModel.read(Path.of(MLP)).weights();
        assertEquals(weights.keySet(), written.keySet());
        weights.forEach((name, tensor) -> assertTrue(tensor.sameAs(written.get(name)), name));
    }

    @Test
    void compareGivesTheKeysThatScriptsRelyOn() {
        String json = ok("compare", MLP, "--batch", "8", "--limit", "12", "--json");
        assertKeys(json, "samples", "referenceAccuracy", "fixedPointAccuracy", "secureAccuracy", "agreement", "maxAbsError", "meanAbsError", "nodes");
        assertTrue(json.contains("\"samples\": 12") && json.contains("\"agreement\": 1.0"), json);
        assertTrue(json.contains("\"cause\": \"precision\""), json);
    }

    @Test
    void benchGivesTheKeysThatScriptsRelyOn() {
        for (String json : List.of(ok("bench", LOGISTIC, "--batch", "4", "--repeat", "2", "--warmup", "0", "--json"),
                ok("bench", "--primitive", "matmul", "--shape", "8x9x10", "--repeat", "2", "--warmup", "0", "--json"))) {
            assertKeys(json, "batch", "secondsMedian", "secondsMin", "secondsMax", "bytesPerParty", "totalBytes", "rounds", "preprocessing", "input", "reveal",
                    "peakMemoryBytes", "allocatedBytes", "kernel", "lanes", "network", "reference", "plaintextSecondsMedian", "environment");
            assertTrue(json.contains("\"withinTolerance\": true"), json);
        }
    }

    @Test
    void revealingTheArgMaxRevealsIndicesAlone() {
        String json = ok("run", MLP, "--reveal", "argmax", "--limit", "4", "--json");
        assertTrue(json.contains("\"maxAbsError\": null") && json.contains("\"argmaxAgrees\": true"), json);
        assertTrue(json.contains("\"shape\": [4],\n      \"values\": [0, 0, 1, 1]"), json);
    }

    @Test
    void oneSeedGivesOneAnswerToTheLastBit() {
        String[] command = {"run", LOGISTIC, "--limit", "3", "--insecure-seed", "7", "--json"};
        Pattern outputs = Pattern.compile("\"outputs\": \\{.*?\\n  \\}", Pattern.DOTALL);
        assertEquals(find(outputs, ok(command)), find(outputs, ok(command)));
    }

    @Test
    void scaleMeanAndStdShiftTheRangeThatIsPlanned() {
        assertTrue(ok("run", MLP, "--limit", "1", "--scale", "1/2", "--mean", "0.25", "--std", "0.5", "--tolerance", "1,1").contains("image in [-0.5, 0.5]"));
    }

    @Test
    void doctorLooksAtThisMachine() {
        String json = ok("doctor", "--json");
        assertKeys(json, "checks");
        assertTrue(json.contains("\"seat\": \"this machine\"") && json.contains("replicated3 (3 parties)"), json);
    }

    @Test
    void verifyAnswersABatchOfNothing() throws IOException {
        Files.copy(Path.of(LOGISTIC), folder.resolve("model.onnx"));
        Path data = Files.createDirectory(folder.resolve("test_data_set_0"));
        var none = TensorProto.newBuilder().setDataType(TensorProto.DataType.FLOAT_VALUE).addDims(0);
        Files.write(data.resolve("input_0.pb"), none.clone().addDims(30).build().toByteArray());
        Files.write(data.resolve("output_0.pb"), none.clone().addDims(1).build().toByteArray());
        assertTrue(ok("verify", folder.toString(), "--insecure-plaintext").contains("1 of 1 case pass"));
    }

    @Test
    void helpNamesTheExitCodes() {
        assertTrue(ok("--help").contains("3   unsupported model"));
    }

    private static String find(Pattern pattern, String text) {
        var matcher = pattern.matcher(text);
        assertTrue(matcher.find(), text);
        return matcher.group();
    }

    private static void assertKeys(String json, String... keys) {
        for (String key : keys) {
            assertTrue(json.contains("\n  \"" + key + "\": "), () -> key + " in " + json);
        }
    }

    private static String ok(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = Main.run(List.of(arguments), Terminal.of(new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8)));
        assertEquals(0, status, () -> err.toString(StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }
}
