package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.files.Numpy;
import dev.sardonyx.reference.files.TensorProtoFile;
import dev.sardonyx.reference.files.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trained models from public repositories on their samples, on shares of three parties. */
class RealModelAccuracyTest {
    private static final Path MODELS = Path.of(System.getProperty("sardonyx.shared", "../../shared")).resolve("models");
    private static final int CLASSES = 1000;
    private static final int TOP = 5;

    @TempDir
    Path folder;

    private static Path model(String name) {
        Path file = MODELS.resolve(name).resolve("model.onnx");
        assumeTrue(Files.isReadable(file), () -> "the model " + name + " is not beside the repository: " + file);
        return file;
    }

    private static String sample(Path model, int set, int input) {
        return model.resolveSibling("test_data_set_" + set).resolve("input_" + input + ".pb").toString();
    }

    @Test
    void squeezeNetNamesTheSameFiveClassesAndItsProbabilitiesAreRightToAThousandth() {
        Path model = model("squeezenet-fp32");
        Tensor both = Tensors.concat(List.of(TensorProtoFile.read(Path.of(sample(model, 0, 0))), TensorProtoFile.read(Path.of(sample(model, 1, 0)))));
        Path pictures = folder.resolve("pictures.npz");
        Numpy.writeAll(pictures, Map.of("data_0", both));
        String json = ok("run", model.toString(), "--input", pictures.toString(), "--calibrate", pictures.toString(), "--json");
        Matcher values = Pattern.compile("\"values\": \\[([^]]*)]").matcher(json);
        double[] secure = next(values);
        double[] floating = next(values);
        assertEquals(both.shape().dim(0) * CLASSES, secure.length);
        for (int first = 0; first < secure.length; first += CLASSES) {
            assertEquals(best(floating, first), best(secure, first));
        }
        double error = IntStream.range(0, secure.length).mapToDouble(i -> Math.abs(secure[i] - floating[i])).max().orElseThrow();
        assertTrue(error < 1e-3, "greatest error of a probability: " + error);
    }

    @Test
    void aSmallBertIsRightToAThousandth() {
        Path model = model("tinybert");
        String json = ok("compare", model.toString(), "--data", "input_ids=" + sample(model, 0, 0), "attention_mask=" + sample(model, 0, 1),
                "token_type_ids=" + sample(model, 0, 2), "--tolerance", "1e-3,0", "--json");
        assertTrue(json.contains("\"withinTolerance\": true") && json.contains("\"healthy\": true"), json);
    }

    private static double[] next(Matcher values) {
        assertTrue(values.find());
        return Arrays.stream(values.group(1).split(",")).mapToDouble(Double::parseDouble).toArray();
    }

    private static List<Integer> best(double[] scores, int first) {
        return IntStream.range(0, CLASSES).boxed().sorted(Comparator.comparingDouble(i -> -scores[first + i])).limit(TOP).toList();
    }

    private static String ok(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = Main.run(List.of(arguments), Terminal.of(new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8)));
        assertEquals(0, status, () -> err.toString(StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }
}
