package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.ModelInput.Dimension;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.reference.files.InputFiles;
import dev.sardonyx.reference.files.Pixels;
import dev.sardonyx.reference.files.Range;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Shapes, public values and bounds of a model's inputs where nobody gives inputs to run on: those of the samples beside the model or
 * named by the user, else what the model declares.
 *
 * @param shapes shapes of the secret inputs
 * @param types their element types
 * @param publicInputs values of the others
 * @param ranges bounds of the secret inputs
 * @param assumed inputs whose bounds are nobody's word but the default of 0 to 1
 */
record ModelShapes(Map<String, Shape> shapes, Map<String, ElementType> types, Map<String, Tensor> publicInputs, Map<String, Range> ranges,
        List<String> assumed) {
    private static final Range UNIT = new Range(0, 1);

    /** @param batch rows of a call where the model leaves them open; 0: one */
    static ModelShapes of(OnnxModel model, Path path, List<String> files, Pixels pixels, int batch) {
        Optional<DataSet> data = samples(model, path, files, pixels);
        boolean free = DataSet.isFreeBatch(DataSet.batchAxes(model.inputs().stream().filter(input -> !model.publicInputs().contains(input.name())).toList()));
        if (batch > 1 && !free) {
            throw new InputException(InputException.Kind.SHAPE, "--batch " + batch + ": the model's inputs fix their batch; expected 1");
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Map<String, ElementType> types = new LinkedHashMap<>();
        Map<String, Tensor> open = new LinkedHashMap<>();
        Map<String, Range> ranges = new LinkedHashMap<>();
        List<String> assumed = new ArrayList<>();
        Optional<Map<String, Tensor>> first = data.map(all -> all.batch(0, 1).inputs());
        for (ModelInput input : model.inputs()) {
            String name = input.name();
            Optional<Tensor> sample = first.map(all -> all.get(name));
            if (model.publicInputs().contains(name)) {
                open.put(name, sample.orElseThrow(() -> new InputException(InputException.Kind.NAMES, "input '" + name
                        + "' decides the graph's structure; expected its value by --input")));
                continue;
            }
            Shape shape = sample.map(Tensor::shape).orElseGet(() -> declared(input));
            shapes.put(name, free && shape.rank() > 0 ? shape.with(0, Math.max(1, batch)) : shape);
            types.put(name, input.type());
            if (data.isEmpty() && input.type() != ElementType.BOOL) {
                assumed.add(name);
            }
            ranges.put(name, data.map(all -> all.ranges().getOrDefault(name, UNIT)).orElse(UNIT));
        }
        return new ModelShapes(shapes, types, open, ranges, assumed);
    }

    /** What a plan states of its error: for inputs like the samples, if there are any. */
    static PlanAccuracy accuracy(OnnxModel model, Path path, List<String> files, Pixels pixels, Compiled compiled) {
        return samples(model, path, files, pixels).map(data -> compiled.accuracyOn(data.batch(0, Math.min(Math.min(Compiled.USUAL_ROWS, data.largestBatch()), data.samples())).inputs()))
                .orElseGet(() -> compiled.planned().accuracy().forAnyInput());
    }

    private static Optional<DataSet> samples(OnnxModel model, Path path, List<String> files, Pixels pixels) {
        Path beside = path.resolveSibling("samples.npz");
        if (!files.isEmpty()) {
            return Optional.of(InputFiles.open(model.inputs(), model.metadata(), files, pixels));
        }
        if (!Files.isReadable(beside)) {
            return Optional.empty();
        }
        try {
            return Optional.of(InputFiles.open(model.inputs(), model.metadata(), List.of(beside.toString()), pixels));
        } catch (InputException e) {
            // A file of that name that is not this model's says nothing about it; the user named none.
            return Optional.empty();
        }
    }

    private static Shape declared(ModelInput input) {
        List<Integer> dims = new ArrayList<>();
        for (Dimension dim : input.dims()) {
            if (dim instanceof Dimension.Known(int extent)) {
                dims.add(extent);
            } else if (dims.isEmpty()) {
                dims.add(1);
            } else {
                throw open(input);
            }
        }
        if (!input.ranked()) {
            throw open(input);
        }
        return new Shape(dims);
    }

    private static InputException open(ModelInput input) {
        return new InputException(InputException.Kind.SHAPE, "input '" + input.name() + "' is declared " + input.shapeText()
                + "; expected a sample of it by --input, so that its extents are known");
    }
}
