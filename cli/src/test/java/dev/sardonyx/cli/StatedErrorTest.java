package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.files.Numpy;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of a plan's error, and of inputs that it was not made for. */
class StatedErrorTest {
    private static final Path MODELS = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models");
    private static final String MLP = MODELS.resolve("mlp/mlp.onnx").toString();

    @TempDir
    Path folder;

    private record Said(int status, String out, String err) {
    }

    @Test
    void inspectStatesABoundForEachOutputAndEachNode() {
        String json = said("inspect", MLP, "--json").out();
        assertTrue(number(json, "likely") > 0 && number(json, "likely") <= number(json, "proven"), json);
        assertEquals(6, Pattern.compile("\"statedError\": \\{\\s+\"proven\"").matcher(json).results().count(), json);
        String text = said("inspect", MLP).out();
        assertTrue(text.contains("stated scores: |error| at most ") && text.contains("|error| ") && text.contains(" proven"), text);
    }

    @Test
    void anAnswerIsHeldAgainstThePlansBound() {
        for (String command : List.of("run", "compare")) {
            Said said = said(command, MLP, "--limit", "8", "--json");
            double error = number(said.out(), "maxAbsError");
            assertTrue(error <= number(said.out(), "likely"), said.out());
            assertFalse(said.err().contains("warning"), said.err());
            assertTrue(said.out().contains("\"rangeViolations\": []"), said.out());
        }
    }

    @Test
    void inputsThatLeaveCalibratedRangesAreKnownByTheNode() {
        Map<String, Tensor> samples = Numpy.readAll(MODELS.resolve("mlp/samples.npz"));
        Tensor bright = samples.get("image");
        double[] values = bright.toDoubles();
        for (int i = 0; i < values.length; i++) {
            values[i] *= 0x1p-8;
        }
        Path dark = folder.resolve("dark.npz");
        Numpy.writeAll(dark, Map.of("image", Tensor.ofDoubles(bright.type(), bright.shape(), values)));
        for (String command : List.of("run", "compare")) {
            Said said = said(command, MLP, "--limit", "4", "--calibrate", dark.toString(), "--json");
            assertTrue(said.err().contains("outside the planned [") && said.err().contains("calibrate on samples like these"), said.err());
            assertTrue(said.err().contains("of 'node_linear"), said.err());
            assertEquals(ExitCode.REFUSED.status(), said.status(), said.err());
        }
    }

    private static double number(String json, String key) {
        Matcher matcher = Pattern.compile("\"" + key + "\": ([-+.0-9eE]+)").matcher(json);
        assertTrue(matcher.find(), json);
        return Double.parseDouble(matcher.group(1));
    }

    private static Said said(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = Main.run(List.of(arguments), Terminal.of(new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8)));
        return new Said(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
