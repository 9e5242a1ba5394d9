package dev.sardonyx.cli.fuzz;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.importer.ImportException;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.ModelInput.Dimension;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.PlanException;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model files from anywhere: each is imported, or refused with an {@link ImportException}; what is imported is planned, or refused with a {@link PlanException}. */
class ModelFuzzTest {
    private static final Path MODELS = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models");
    private static final Path CASES = Path.of(System.getProperty("sardonyx.shared", "missing")).resolve("onnx-node-tests/node");
    private static final long LONGEST_SAMPLE = 4096;
    private static final int MOST_DIM = 64;

    @TempDir
    Path folder;

    private static List<byte[]> samples(int everyNth) throws IOException {
        var samples = new ArrayList<byte[]>();
        samples.add(Files.readAllBytes(MODELS.resolve("logistic/logistic.onnx")));
        if (Files.isDirectory(CASES)) {
            List<Path> models;
            try (Stream<Path> files = Files.walk(CASES)) {
                models = files.filter(file -> file.getFileName().toString().equals("model.onnx")).sorted().toList();
            }
            for (int i = 0; i < models.size(); i += everyNth) {
                if (Files.size(models.get(i)) < LONGEST_SAMPLE) {
                    samples.add(Files.readAllBytes(models.get(i)));
                }
            }
        }
        return samples;
    }

    private static Map<String, Shape> shapes(OnnxModel model) {
        var shapes = new LinkedHashMap<String, Shape>();
        for (ModelInput input : model.inputs()) {
            if (!model.publicInputs().contains(input.name())) {
                int[] dims = input.dims().stream().mapToInt(dim -> dim instanceof Dimension.Known known ? Math.min(known.extent(), MOST_DIM) : 1).toArray();
                shapes.put(input.name(), Shape.of(dims));
            }
        }
        return shapes;
    }

    private static Fuzz with(Fuzz fuzz, List<byte[]> samples) throws IOException {
        var protos = new ArrayList<ModelProto>();
        for (byte[] sample : samples) {
            fuzz.sample(sample);
            protos.add(ModelProto.parseFrom(sample));
        }
        return fuzz.grammar(random -> {
            ModelProto start = protos.get(random.nextInt(protos.size()));
            var changed = start.toBuilder();
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                ProtoMutator.change(changed, random);
            }
            return changed.build().toByteArray();
        });
    }

    @Test
    void modelsAreImportedOrRefused() throws Exception {
        with(Fuzz.of("onnx"), samples(7)).documented(ImportException.class).allocates(256L << 20, 4096).run(bytes -> {
            OnnxModel model = OnnxModel.read(bytes, folder);
            model.graph(shapes(model), Map.of());
        });
    }

    @Test
    void whatIsImportedIsPlannedOrRefused() throws Exception {
        with(Fuzz.of("onnx to plan"), samples(11)).documented(ImportException.class, PlanException.class).allocates(2L << 30, 1 << 16).run(bytes -> {
            OnnxModel model = OnnxModel.read(bytes, folder);
            Map<String, Shape> shapes = shapes(model);
            var ranges = new LinkedHashMap<String, Interval>();
            shapes.keySet().forEach(name -> ranges.put(name, new Interval(-1, 1)));
            Compiled.of("fuzzed", model, new Compiled.Inputs(shapes, Map.of(), Compiled.Samples.NONE), PlanOptions.of(Protocol.REPLICATED_3.implementation(), ranges));
        });
    }
}
