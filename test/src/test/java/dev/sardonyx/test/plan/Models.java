package dev.sardonyx.test.plan;

import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.ModelPlanner.PlannedModel;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** The sample models of the repository (and others beside it), ready to be planned with random inputs. */
final class Models {
    static final Path ROOT = Path.of(System.getProperty("sardonyx.root", "."));
    static final Path SHARED = Path.of(System.getProperty("sardonyx.shared", "../shared"));

    private Models() {
    }

    /** A model under the name of its folder. */
    record Named(String name, OnnxModel model) {
        @Override
        public String toString() {
            return name;
        }

        boolean hasFreeBatch() {
            return model.inputs().stream().allMatch(input -> !input.dims().isEmpty()
                    && !(input.dims().getFirst() instanceof ModelInput.Dimension.Known));
        }

        Graph graph(int rows) {
            return model.graph(shapes(rows));
        }

        Map<String, Shape> shapes(int rows) {
            Map<String, Shape> shapes = new LinkedHashMap<>();
            for (ModelInput input : model.inputs()) {
                int[] dims = input.dims().stream().mapToInt(dim -> dim instanceof ModelInput.Dimension.Known(int extent) ? extent : 8).toArray();
                if (dims.length > 0 && !(input.dims().getFirst() instanceof ModelInput.Dimension.Known)) {
                    dims[0] = rows;
                }
                shapes.put(input.name(), Shape.of(dims));
            }
            return shapes;
        }

        /** Inputs uniform in [0, 1], or small whole numbers. */
        Map<String, Tensor> inputs(int rows, long seed) {
            var random = new Random(seed);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            shapes(rows).forEach((name, shape) -> {
                ModelInput input = model.inputs().stream().filter(i -> i.name().equals(name)).findFirst().orElseThrow();
                tensors.put(name, input.type().isFloating()
                        ? Tensor.ofDoubles(input.type(), shape, random.doubles(shape.size()).toArray())
                        : Tensor.ofLongs(input.type(), shape, random.longs(shape.size(), 0, 2).toArray()));
            });
            return tensors;
        }

        PlanOptions ranged(PlanOptions options) {
            Map<String, Interval> ranges = new LinkedHashMap<>();
            model.inputs().forEach(input -> ranges.put(input.name(), Interval.UNIT));
            return PlanOptions.of(options.protocol(), ranges).withNetwork(options.network()).withDisabled(options.disabled())
                    .withPublicWeights(options.publicWeights()).withReveal(options.reveal());
        }

        PlannedModel plan(int batch, PlanOptions options) {
            return ModelPlanner.planOrCalibrate(name, this::graph, batch, ranged(options), rows -> List.of(inputs(rows, 1)), why -> {
            });
        }
    }

    /** Bounds of given inputs, rounded outward to powers of two. */
    static Map<String, Interval> ranges(Map<String, Tensor> inputs) {
        Map<String, Interval> ranges = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> {
            double[] values = tensor.toDoubles();
            double low = java.util.Arrays.stream(values).min().orElse(0);
            double high = java.util.Arrays.stream(values).max().orElse(0);
            ranges.put(name, new Interval(Math.min(0, low), Math.max(0, high)).outward());
        });
        return ranges;
    }

    static Named sample(String name) {
        return new Named(name, OnnxModel.read(ROOT.resolve("models").resolve(name).resolve(name + ".onnx")));
    }

    static List<Named> samples() {
        return Stream.of("lenet", "lenet5", "mlp", "mlp-keras", "logistic").map(Models::sample).toList();
    }

    /** The models beside the repository; empty where there are none. */
    static List<Named> shared() {
        Path folder = SHARED.resolve("models");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.filter(Files::isDirectory).sorted()
                    .map(path -> new Named(path.getFileName().toString(), OnnxModel.read(path.resolve("model.onnx")))).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
