package dev.sardonyx.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.Model;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ImportException;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.AccuracyTally;
import dev.sardonyx.reference.Classes;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.reference.files.InputFiles;
import dev.sardonyx.reference.files.Numpy;
import dev.sardonyx.reference.files.Pixels;
import dev.sardonyx.transport.LinkProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The sample models on secret shares, through the library's front door, against ONNX Runtime. */
class SampleModelsTest {
    private static final Path MODELS = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models");
    private static final Path SHARED = Path.of(System.getProperty("sardonyx.shared", "../../shared"));
    private static final int IMAGES = 256;
    /** Truncation errs by chance, and two classes may be as good as equal: with one seed a run is right every time or never. */
    private static final long SEED = 20_261_011;

    private static Sardonyx sardonyx;

    @BeforeAll
    static void open() {
        sardonyx = seeded(Protocol.REPLICATED_3);
    }

    private static Sardonyx seeded(Protocol protocol) {
        return Sardonyx.embedded(protocol, LinkProfile.NONE, OptionalLong.of(SEED));
    }

    @AfterAll
    static void close() {
        sardonyx.close();
    }

    @TestFactory
    Stream<DynamicTest> everySampleModelAgreesWithOnnxRuntime() throws IOException {
        try (Stream<Path> folders = Files.list(MODELS)) {
            List<Path> models = folders.map(folder -> folder.resolve(folder.getFileName() + ".onnx")).filter(Files::exists).sorted().toList();
            assertTrue(models.size() >= 5, () -> "sample models: " + models);
            return Protocol.secureLabels().stream().flatMap(protocol -> models.stream()
                    .map(model -> DynamicTest.dynamicTest(model.getParent().getFileName() + " under " + protocol, () -> {
                        try (var parties = seeded(Protocol.named(protocol).orElseThrow())) {
                            agrees(parties, model);
                        }
                    })));
        }
    }

    private static void agrees(Sardonyx parties, Path path) {
        OnnxModel model = OnnxModel.read(path);
        DataSet samples = InputFiles.open(model.inputs(), model.metadata(), List.of(path.resolveSibling("samples.npz").toString()), Pixels.UNSAID);
        Map<String, Tensor> inputs = samples.batch(0, samples.samples()).inputs();
        try (var onnxRuntime = OnnxRuntimeReference.open(path, 1)) {
            Map<String, Tensor> expected = onnxRuntime.run(inputs);
            Map<String, Tensor> actual = parties.load(path).predict(inputs);
            Comparison comparison = Comparison.of(expected, actual, new Tolerance(1e-3, 0));
            assertTrue(comparison.within(), () -> "max |error| " + comparison.maxAbsError() + " " + comparison.mismatch());
            Classes classes = Classes.in(expected, samples.samples()).orElseThrow();
            for (int i = 0; i < samples.samples(); i++) {
                assertEquals(classes.of(expected, i), classes.of(actual, i), "sample " + i);
            }
        }
    }

    @Test
    void leNetAgreesOnPicturesOfMnist() {
        Path images = SHARED.resolve("data/mnist-t10k-images-idx3-ubyte.gz");
        assumeTrue(Files.exists(images), () -> "missing: " + images);
        Path path = MODELS.resolve("lenet/lenet.onnx");
        OnnxModel model = OnnxModel.read(path);
        DataSet data = InputFiles.open(model.inputs(), model.metadata(), List.of(images.toString()), Pixels.UNSAID);
        DataSet.Batch batch = data.batch(0, IMAGES);
        try (var onnxRuntime = OnnxRuntimeReference.open(path, 1)) {
            Map<String, Tensor> expected = onnxRuntime.run(batch.inputs());
            var tally = new AccuracyTally(new Tolerance(1e-3, 0));
            Map<String, Tensor> actual = sardonyx.load(path).predict(batch.inputs());
            tally.add(0, IMAGES, batch.labels(), new AccuracyTally.Runs(expected, expected, actual));
            assertTrue(tally.within(), () -> tally.secureError() + " " + tally.disagreements());
            assertEquals(tally.referenceAccuracy(), tally.secureAccuracy());
            assertTrue(tally.secureAccuracy().orElseThrow() > 0.98, () -> "accuracy " + tally.secureAccuracy());
        }
    }

    @Test
    void weightsDrawnAfreshAreBoundByName(@TempDir Path folder) {
        Random random = new Random(SEED);
        Path path = MODELS.resolve("mlp/mlp.onnx");
        Map<String, Tensor> weights = new LinkedHashMap<>();
        OnnxModel.read(path).weights().forEach((name, tensor) -> {
            float[] values = new float[tensor.size()];
            double spread = 1 / Math.sqrt(tensor.shape().dim(-1));
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * spread);
            }
            weights.put(name, Tensor.ofFloats(tensor.shape(), values));
        });
        Path file = folder.resolve("weights.npz");
        Numpy.writeAll(file, weights);
        Model model = sardonyx.load(path, file);
        weights.forEach((name, tensor) -> assertTrue(tensor.sameAs(model.weights().get(name)), name));
        Tensor image = Numpy.readAll(path.resolveSibling("samples.npz")).get("image");
        Tensor expected = Evaluator.outputs(OnnxModel.read(path).withWeights(weights).graph(Map.of("image", image.shape())), Map.of("image", image)).values()
                .iterator().next();
        Comparison comparison = Comparison.of("scores", expected, model.predict(image), Tolerance.DEFAULT);
        assertTrue(comparison.within(), () -> "seed " + SEED + ": max |error| " + comparison.maxAbsError() + " " + comparison.mismatch());
    }

    @Test
    void weightsThatDoNotFitAreListedByName(@TempDir Path folder) {
        Path path = MODELS.resolve("mlp/mlp.onnx");
        Map<String, Tensor> weights = new LinkedHashMap<>(OnnxModel.read(path).weights());
        String first = weights.keySet().iterator().next();
        weights.remove(first);
        weights.put("of.another.model", Tensor.scalar(1));
        Path file = folder.resolve("weights.npz");
        Numpy.writeAll(file, weights);
        var e = assertThrows(ImportException.class, () -> sardonyx.load(path, file));
        assertEquals(ImportException.Kind.WEIGHTS, e.kind());
        assertTrue(e.getMessage().contains("'" + first + "'") && e.getMessage().contains("'of.another.model'"), e.getMessage());
    }

    @Test
    void aTensorThatDoesNotFitIsRefusedByName() {
        Model lenet = sardonyx.load(MODELS.resolve("lenet/lenet.onnx"));
        var e = assertThrows(InputException.class, () -> lenet.predict(Tensor.ofFloats(dev.sardonyx.graph.Shape.of(1, 27, 28), new float[27 * 28])));
        assertEquals(InputException.Kind.SHAPE, e.kind());
        assertTrue(e.getMessage().contains("'image'"), e.getMessage());
    }
}
