package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ImportException;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.importer.Unsupported;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.TestFolders;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.reference.files.Range;
import dev.sardonyx.reference.files.TensorProtoFile;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import dev.sardonyx.secureops.planner.PlanException;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs ONNX test folders one after the other on parties that stay up; parties that a case brought down are started anew. */
final class CaseRunner implements AutoCloseable {
    private static final int MOST_OPS_NAMED = 3;
    private static final int CALIBRATION_CALLS = 9;
    private static final long CALIBRATION_SEED = 1;

    private final Supplier<Sardonyx> opening;
    private final Function<Map<String, Range>, PlanOptions> planning;
    private final Tolerance tolerance;
    private @Nullable Sardonyx cluster;

    CaseRunner(Supplier<Sardonyx> opening, Function<Map<String, Range>, PlanOptions> planning, Tolerance tolerance) {
        this.opening = opening;
        this.planning = planning;
        this.tolerance = tolerance;
    }

    /** What is known of a case while it runs. */
    private static final class Progressing {
        private String op = "?";
        private String ranges = "";
        private Comparison comparison = Comparison.NONE;
        private OptionalDouble stated = OptionalDouble.empty();
        private final List<String> warnings = new ArrayList<>();
    }

    CaseResult run(TestFolders.Case one) {
        String path = one.folder().toString();
        var state = new Progressing();
        try {
            OnnxModel model = OnnxModel.read(one.model());
            if (one.dataSets().isEmpty()) {
                return new CaseResult(path, CaseResult.Status.UNSUPPORTED, operators(model, Map.of(), Map.of()), OptionalDouble.empty(),
                        "no test_data_set_* beside the model", "", CaseResult.Stated.NOTHING);
            }
            for (TestFolders.DataSet dataSet : one.dataSets()) {
                run(model, dataSet, state, Sardonyx.nameOf(one.model()));
            }
            Comparison all = state.comparison;
            String reason = all.mismatch().orElse(all.within() ? "" : all.outside() + " of " + Text.plural(all.elements(), "number") + " outside " + tolerance);
            return new CaseResult(path, all.within() ? CaseResult.Status.PASS : CaseResult.Status.FAIL, state.op, OptionalDouble.of(all.maxAbsError()), reason,
                    state.ranges, new CaseResult.Stated(state.stated, state.warnings));
        } catch (ImportException e) {
            state.op = e.unsupported().isEmpty() ? state.op : e.unsupported().stream().map(Unsupported::op).distinct().collect(Collectors.joining(" "));
            return stopped(path, state, e.kind() == ImportException.Kind.UNSUPPORTED, e);
        } catch (PlanException e) {
            return stopped(path, state, true, e);
        } catch (InputException e) {
            return stopped(path, state, e.kind() == InputException.Kind.VALUE, e);
        } catch (RunException e) {
            restart();
            return stopped(path, state, e.kind() == RunException.Kind.OUT_OF_RANGE, e);
        } catch (RuntimeException | StackOverflowError e) {
            restart();
            return stopped(path, state, false, e);
        }
    }

    private static CaseResult stopped(String path, Progressing state, boolean unsupported, Throwable cause) {
        return new CaseResult(path, unsupported ? CaseResult.Status.UNSUPPORTED : CaseResult.Status.FAIL, state.op, OptionalDouble.empty(),
                String.join("; ", Failures.lines(cause)), state.ranges, new CaseResult.Stated(OptionalDouble.empty(), state.warnings));
    }

    private void run(OnnxModel model, TestFolders.DataSet dataSet, Progressing state, String name) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Map<String, Tensor> secret = new LinkedHashMap<>();
        Map<String, Tensor> open = new LinkedHashMap<>();
        Map<String, Range> ranges = new LinkedHashMap<>();
        for (int i = 0; i < model.inputs().size(); i++) {
            ModelInput input = model.inputs().get(i);
            Path file = dataSet.inputs().get(i);
            if (file == null) {
                continue;
            }
            Tensor tensor = TensorProtoFile.read(file);
            if (model.publicInputs().contains(input.name())) {
                open.put(input.name(), tensor);
                continue;
            }
            requireFinite(input.name(), tensor);
            shapes.put(input.name(), tensor.shape());
            secret.put(input.name(), tensor);
            ranges.put(input.name(), tensor.type() == ElementType.BOOL ? new Range(0, 1) : Range.around(tensor));
        }
        state.op = operators(model, shapes, open);
        state.ranges = ranges.entrySet().stream().map(entry -> entry.getKey() + " in [" + Text.bound(entry.getValue().low()) + ", "
                + Text.bound(entry.getValue().high()) + "]").collect(Collectors.joining(", "))
                + (open.isEmpty() ? "" : (ranges.isEmpty() ? "" : ", ") + "public " + String.join(", ", open.keySet()));
        Compiled compiled = compiled(name, model, new Compiled.Inputs(shapes, open, Compiled.Samples.NONE), planning.apply(ranges), state);
        var watch = new RangeWatch();
        watch.see(compiled, secret);
        watch.violations().forEach(violation -> state.warnings.add(violation.line()));
        Map<String, Tensor> outputs = cluster().share(compiled).run(secret).outputs();
        Map<String, Tensor> expected = expected(model, dataSet);
        PlanAccuracy accuracy = compiled.accuracyOn(secret);
        StatedError.greatest(accuracy).ifPresent(error -> state.stated = OptionalDouble.of(Math.max(state.stated.orElse(0), error.likely())));
        state.warnings.addAll(accuracy.warnings());
        state.warnings.addAll(StatedError.cautions(accuracy));
        state.warnings.addAll(StatedError.exceeded(accuracy, expected, outputs));
        state.comparison = state.comparison.plus(Comparison.of(expected, outputs, tolerance));
    }

    /**
     * By interval analysis; where that is too wide for the ring, with ranges seen on random inputs from the planned input ranges. Neither
     * looks at the case's own numbers again.
     */
    private static Compiled compiled(String name, OnnxModel model, Compiled.Inputs inputs, PlanOptions options, Progressing state) {
        try {
            return Compiled.of(name, model, inputs, options);
        } catch (PlanException e) {
            if (e.kind() != PlanException.Kind.RANGE || inputs.shapes().isEmpty()) {
                throw e;
            }
            Map<String, ElementType> types = model.inputs().stream().collect(Collectors.toMap(ModelInput::name, ModelInput::type));
            Compiled.Samples random = shapes -> {
                var drawing = new RandomInputs(new ModelShapes(shapes, types, Map.of(), Map.of(), List.of()),
                        RandomInputs.withinTables(model.graph(shapes, inputs.publicInputs()), options.inputRanges()), CALIBRATION_SEED);
                return IntStream.range(0, CALIBRATION_CALLS).mapToObj(call -> drawing.nextInBlocks(1 << call)).toList();
            };
            Compiled calibrated = Compiled.of(name, model, new Compiled.Inputs(inputs.shapes(), inputs.publicInputs(), random), options);
            state.ranges += ", between them ranges seen on random inputs";
            return calibrated;
        }
    }

    private static Map<String, Tensor> expected(OnnxModel model, TestFolders.DataSet dataSet) {
        Map<String, Tensor> expected = new LinkedHashMap<>();
        List<String> names = model.outputs();
        for (int i = 0; i < names.size(); i++) {
            if (dataSet.outputs().containsKey(i)) {
                expected.put(names.get(i), TensorProtoFile.read(dataSet.outputs().get(i)));
            }
        }
        if (expected.isEmpty()) {
            throw new InputException(InputException.Kind.NAMES, dataSet.folder() + ": no output_*.pb to compare with");
        }
        return expected;
    }

    private static void requireFinite(String input, Tensor tensor) {
        for (int i = 0; tensor.type().isFloating() && i < tensor.size(); i++) {
            if (!Double.isFinite(tensor.getDouble(i))) {
                throw new InputException(InputException.Kind.VALUE, "input '" + input + "' holds NaN or infinity; shares hold finite numbers only");
            }
        }
    }

    private static String operators(OnnxModel model, Map<String, Shape> shapes, Map<String, Tensor> open) {
        List<String> ops = new ArrayList<>();
        for (Node node : model.graph(shapes, open).nodes()) {
            if (!ops.contains(node.origin().opType())) {
                ops.add(node.origin().opType());
            }
        }
        if (ops.isEmpty()) {
            return "(no operator left)";
        }
        return ops.size() > MOST_OPS_NAMED ? "(graph of " + ops.size() + " operators)" : String.join(" ", ops);
    }

    private Sardonyx cluster() {
        Sardonyx open = cluster;
        if (open == null) {
            open = opening.get();
            cluster = open;
        }
        return open;
    }

    private void restart() {
        close();
        cluster = null;
    }

    @Override
    public void close() {
        if (cluster != null) {
            cluster.close();
        }
    }
}
