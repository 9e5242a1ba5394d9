package dev.sardonyx.importer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.graph.Graph;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Trained models from public repositories and whole ImageNet architectures, held against the outputs stored beside them. */
class RealModelsTest {
    @Test
    void trainedModelsGiveTheOutputsExpected() {
        List<Verdict> wrong = TestFolder.under(shared("models")).stream().map(folder -> Verdict.of(folder, 1e-3, 1e-3))
                .filter(verdict -> verdict.status() != Verdict.Status.PASS).toList();
        assertEquals(List.of(), wrong);
    }

    @Test
    void exportsOfKnownArchitecturesGiveTheOutputsExpected() {
        Path root = Path.of(System.getProperty("sardonyx.root", "."), "test", "models");
        assumeTrue(Files.isDirectory(root), "no exported models at " + root);
        List<Verdict> wrong = TestFolder.under(root).stream().map(folder -> Verdict.of(folder, 1e-3, 1e-3))
                .filter(verdict -> verdict.status() != Verdict.Status.PASS).toList();
        assertEquals(List.of(), wrong);
    }

    @Test
    void wholeArchitecturesImport() {
        Path root = shared("onnx-light");
        for (TestFolder folder : TestFolder.under(root)) {
            OnnxModel model = folder.model();
            Path dataSet = folder.dataSets().getFirst();
            Graph graph = model.graph(Map.of());
            TestFolder.outputs(dataSet, model).forEach((name, expected) -> {
                Graph.Output output = graph.outputs().stream().filter(candidate -> candidate.name().equals(name)).findFirst().orElseThrow();
                assertEquals(expected.shape(), graph.value(output.value()).shape(), folder + " " + name);
            });
        }
    }

    @Test
    void aWholeArchitectureGivesTheOutputExpected() {
        var folder = new TestFolder(shared("onnx-light").resolve("light_squeezenet"));
        assertEquals(Verdict.Status.PASS, Verdict.of(folder, 1e-4, 1e-3).status());
    }

    private static Path shared(String folder) {
        Path root = Path.of(System.getProperty("sardonyx.shared", "")).resolve(folder);
        assumeTrue(Files.isDirectory(root), "no models at " + root);
        return root;
    }
}
