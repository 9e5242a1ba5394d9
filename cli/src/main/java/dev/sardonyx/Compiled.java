package dev.sardonyx;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.Tensors;
import dev.sardonyx.secureops.execute.WeightSource;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.ModelPlanner.PlannedModel;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    /** Rows of inputs that show how large numbers usually are. */
    public static final int USUAL_ROWS = 16;

    /**
     * What a model is compiled for.
     *
     * @param shapes shapes of the secret inputs
     * @param publicInputs values of the inputs that decide the graph's structure
     * @param samples inputs whose intermediate values tighten the planned ranges
     */
    public record Inputs(Map<String, Shape> shapes, Map<String, Tensor> publicInputs, Samples samples) {
    }

    /** Inputs to calibrate on. */
    @FunctionalInterface
    public interface Samples {
        /** None: ranges come from interval analysis alone. */
        Samples NONE = _ -> List.of();

        /** Secret inputs of some calls, each with these shapes. */
        List<Map<String, Tensor>> of(Map<String, Shape> shapes);
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
        return new Compiled(ModelPlanner.plan(name, graphs, batch, options, rows -> inputs.samples().of(free ? withRows(inputs.shapes(), rows) : inputs.shapes())), batch);
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

    /** Calibrates on a data set, in calls of as many rows as the shapes have; the last call is filled up from the first sample on. */
    public static Samples samples(OnnxModel model, DataSet data) {
        boolean free = DataSet.isFreeBatch(DataSet.batchAxes(model.inputs().stream().filter(input -> !model.publicInputs().contains(input.name())).toList()));
        return shapes -> {
            int rows = free && !shapes.isEmpty() ? shapes.values().iterator().next().dim(0) : 1;
            List<Map<String, Tensor>> calls = new ArrayList<>();
            for (int from = 0; from < Math.min(data.samples(), MOST_CALIBRATION_ROWS); from += rows) {
                Map<String, Tensor> call = free ? filled(data, from, rows) : new LinkedHashMap<>(data.batch(from, from + 1).inputs());
                call.keySet().removeAll(model.publicInputs());
                calls.add(call);
            }
            return calls;
        };
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

    /**
     * A call's inputs in pieces of as many rows as the lowered graph has; the last one is filled up with its own last row.
     *
     * @param inputs the model's inputs, public ones too
     */
    public List<Map<String, Tensor>> pieces(Map<String, Tensor> inputs) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        planned.graph().inputs().stream().map(planned.graph()::value).forEach(value -> shapes.put(value.name(), value.shape()));
        Map<String, Tensor> given = new LinkedHashMap<>(inputs);
        given.keySet().retainAll(shapes.keySet());
        if (given.entrySet().stream().allMatch(entry -> entry.getValue().shape().equals(shapes.get(entry.getKey())))) {
            return List.of(given);
        }
        int rows = shapes.values().iterator().next().dim(0);
        int all = given.values().iterator().next().shape().dim(0);
        List<Map<String, Tensor>> pieces = new ArrayList<>();
        for (int from = 0; from < all; from += rows) {
            int start = from;
            int end = Math.min(all, from + rows);
            Map<String, Tensor> piece = new LinkedHashMap<>();
            given.forEach((name, tensor) -> {
                List<Tensor> parts = new ArrayList<>(List.of(Tensors.slice(tensor, start, end)));
                parts.addAll(Collections.nCopies(start + rows - end, Tensors.slice(tensor, end - 1, end)));
                piece.put(name, parts.size() == 1 ? parts.getFirst() : Tensors.concat(parts));
            });
            pieces.add(piece);
        }
        return pieces;
    }

    /**
     * What the plan states of its error for inputs like these.
     *
     * @param inputs the model's inputs, public ones too; the first {@value #USUAL_ROWS} rows or so are looked at
     */
    public PlanAccuracy accuracyOn(Map<String, Tensor> inputs) {
        List<Map<String, Tensor>> pieces = pieces(inputs);
        return planned.accuracy().forInputsLike(planned.graph(), pieces.subList(0, Math.min(pieces.size(), Math.max(1, USUAL_ROWS / Math.max(1, batch)))));
    }

    public LanedPlan plans() {
        return planned.plans();
    }

    /** The plan that every lane runs. */
    public Plan plan() {
        return planned.plans().plan();
    }

    /** What the parties compare before they start. */
    public String planHash() {
        return PlanDigest.hex(plan());
    }

    /** The numbers that the model owner shares. */
    public WeightSource weights() {
        Map<ValueId, Constant> constants = planned.constants();
        return id -> {
            Constant constant = constants.get(id);
            if (constant == null) {
                throw new IllegalArgumentException("the model has no constant " + id.index());
            }
            return constant.tensor();
        };
    }
}
