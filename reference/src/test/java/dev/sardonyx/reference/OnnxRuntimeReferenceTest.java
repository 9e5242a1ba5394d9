package dev.sardonyx.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.files.Numpy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxRuntimeReferenceTest {
    private static final Path ROOT = Path.of(System.getProperty("sardonyx.root", ".."));

    @Test
    void aModelRunsOnItsSamplesAndNamesTheirLabels() {
        Map<String, Tensor> samples = new LinkedHashMap<>(Numpy.readAll(ROOT.resolve("models/lenet/samples.npz")));
        Tensor labels = samples.remove("labels");
        try (var reference = OnnxRuntimeReference.open(ROOT.resolve("models/lenet/lenet.onnx"), 1)) {
            assertEquals(reference.inputs(), List.copyOf(samples.keySet()));
            Map<String, Tensor> outputs = reference.run(samples);
            assertEquals(reference.outputs(), List.copyOf(outputs.keySet()));
            Classes classes = Classes.in(outputs, labels.size()).orElseThrow();
            int right = 0;
            for (int i = 0; i < labels.size(); i++) {
                right += classes.of(outputs, i) == labels.getLong(i) ? 1 : 0;
            }
            assertTrue(right >= labels.size() - 1, right + " of " + labels.size() + " right");
        }
    }

    @Test
    void mapsOfProbabilitiesComeBackAsATable() {
        Path model = Path.of(System.getProperty("sardonyx.shared", "")).resolve("models/iris-logreg/model.onnx");
        assumeTrue(Files.exists(model), () -> "missing: " + model);
        try (var reference = OnnxRuntimeReference.open(model, 1)) {
            Map<String, Tensor> outputs = reference.run(Map.of("float_input", Tensor.ofFloats(Shape.of(1, 4), 5.1f, 3.5f, 1.4f, 0.2f)));
            Tensor table = outputs.get("output_probability");
            assertEquals(Shape.of(1, 3), table.shape());
            assertEquals(1, table.getDouble(0) + table.getDouble(1) + table.getDouble(2), 1e-5);
        }
    }

    @Test
    void whatIsNoModelIsRefusedInOneLine() {
        var e = assertThrows(ReferenceException.class, () -> OnnxRuntimeReference.open(new byte[]{1, 2, 3}, 1));
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }
}
