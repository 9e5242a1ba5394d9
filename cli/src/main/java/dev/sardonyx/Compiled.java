package dev.sardonyx;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.Tensors;
import dev.sardonyx.secureops.execute.WeightSource;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.ModelPlanner.PlannedModel;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * A model specialised to the shapes of its inputs, rewritten and planned.
 *
 * @param planned what the parties run, and the numbers that the model owner shares for it
 * @param batch rows of a call, 1 for a model without a batch axis
 */
public record Compiled(PlannedModel planned, int batch) {
    /** Calibration runs the model in floating point; this many rows say enough. */
    private static final int MOST_CALIBRATION_ROWS = 256;

    /**
     * What a model is compiled for.
     *
     * @param shapes shapes of the secret inputs
     * @param publicInputs values of the inputs that decide the graph's structure
     * @param samples inputs whose intermediate values tighten the planned ranges
     */
    public record Inputs(Map<String, Shape> shapes, Map<String, Tensor> publicInputs, Optional<DataSet> samples) {
    }

    /**
     * Compiles a model.
     *
     * @param name what the plan calls it
     * @throws dev.sardonyx.importer.ImportException if the model cannot be translated for these inputs
     * @throws dev.sardonyx.secureops.planner.PlanException if it cannot be planned
     */
    public static Compiled of(String name, OnnxModel model, Inputs inputs, PlanOptions options) {
        Set<String> axes = DataSet.batchAxes(model.inputs().stream().filter(input -> inputs.shapes().containsKey(input.name())).toList());
        boolean free = !inputs.shapes().isEmpty() && DataSet.isFreeBatch(axes);
        int batch = free ? inputs.shapes().values().iterator().next().dim(0) : 1;
        IntFunction<Graph> graphs = rows -> model.graph(free ? withRows(inputs.shapes(), rows) : inputs.shapes(), inputs.publicInputs());
        return new Compiled(ModelPlanner.plan(name, graphs, batch, options, rows -> samples(model, inputs, free ? rows : 0)), batch);
    }

    /** Compiles a graph that was made by hand, for the shapes it has. */
    public static Compiled of(String name, Graph graph, PlanOptions options) {
        return new Compiled(ModelPlanner.plan(name, _ -> graph, 1, options), 1);
    }

    private static Map<String, Shape> withRows(Map<String, Shape> shapes, int rows) {
        Map<String, Shape> changed = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> changed.put(name, shape.with(0, rows)));
        return changed;
    }

    /** The samples in calls of so many rows, the last one filled up from the first; 0 rows: as many as the shapes say. */
    private static List<Map<String, Tensor>> samples(OnnxModel model, Inputs inputs, int rows) {
        if (inputs.samples().isEmpty()) {
            return List.of();
        }
        DataSet data = inputs.samples().get();
        List<Map<String, Tensor>> calls = new ArrayList<>();
        if (rows == 0) {
            for (int i = 0; i < Math.min(data.samples(), MOST_CALIBRATION_ROWS); i++) {
                calls.add(secretOnly(model, data.batch(i, i + 1).inputs()));
            }
            return calls;
        }
        for (int from = 0; from < Math.min(data.samples(), MOST_CALIBRATION_ROWS); from += rows) {
            calls.add(secretOnly(model, filled(data, from, rows)));
        }
        return calls;
    }

    private static Map<String, Tensor> filled(DataSet data, int from, int rows) {
        Map<String, List<Tensor>> parts = new LinkedHashMap<>();
        int start = from;
        for (int missing = rows; missing > 0;) {
            int end = Math.min(data.samples(), start + missing);
            data.batch(start, end).inputs().forEach((name, tensor) -> parts.computeIfAbsent(name, _ -> new ArrayList<>()).add(tensor));
            missing -= end - start;
            start = 0;
        }
        Map<String, Tensor> whole = new LinkedHashMap<>();
        parts.forEach((name, tensors) -> whole.put(name, Tensors.concat(tensors)));
        return whole;
    }

    private static Map<String, Tensor> secretOnly(OnnxModel model, Map<String, Tensor> inputs) {
        Map<String, Tensor> secret = new LinkedHashMap<>(inputs);
        secret.keySet().removeAll(model.publicInputs());
        return secret;
    }

    /** The names of the inputs that callers give in shares. */
    static List<String> secretInputs(OnnxModel model) {
        return model.inputs().stream().map(ModelInput::name).filter(name -> !model.publicInputs().contains(name)).toList();
    }

    public LanedPlan plans() {
        return planned.plans();
    }

    /** The plan that every lane runs. */
    public Plan plan() {
        return planned.plans().lanes().getFirst().plan();
    }

    /** What the parties compare before they start. */
    public String planHash() {
        return PlanDigest.hex(plan());
    }

    WeightSource weights() {
        Map<dev.sardonyx.graph.ValueId, Constant> constants = planned.constants();
        return id -> {
            Constant constant = constants.get(id);
            if (constant == null) {
                throw new IllegalArgumentException("the model has no constant " + id.index());
            }
            return constant.tensor();
        };
    }
}
