package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.passes.GraphPasses;
import dev.sardonyx.secureops.execute.PlanMemory;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.LanedPlan.Lane;
import dev.sardonyx.secureops.planner.Planner.Planned;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Plans a whole model: passes over the graph, lanes of the batch, and one plan that all lanes run. */
public final class ModelPlanner {
    /** A batch smaller than this stays in one lane: filling up the last lane would cost more than rotation saves. */
    private static final int SMALLEST_CUT_BATCH = 24;
    /** A lane that holds more live bytes than this is cut further: it would only wait for memory. */
    private static final long MOST_LANE_BYTES = 24L << 20;

    /**
     * A model that is ready to run.
     *
     * @param plans the lanes; all run the same plan
     * @param constants the model owner's side: the tensor behind each {@code Weight} step
     * @param graph the graph that was lowered, after passes
     * @param effects what each graph pass did
     * @param traces where the plan holds the graph's values
     * @param accuracy bounds how far values may be from the model's
     */
    public record PlannedModel(LanedPlan plans, Map<ValueId, Constant> constants, Graph graph, List<GraphPasses.Effect> effects,
            Map<ValueId, Planner.Trace> traces, AccuracyAnalysis accuracy) {
    }

    private ModelPlanner() {
    }

    /**
     * Plans for a batch.
     *
     * @param graphs the model specialised to a number of rows of its batch axis
     * @param batch rows of a call (cut into lanes only if the rows prove to be independent); a model without a batch axis passes 1 and ignores the argument of {@code graphs}
     * @param samples calibration samples, each with as many rows as the graph it is asked for; empty for interval analysis alone
     */
    public static PlannedModel plan(String model, IntFunction<Graph> graphs, int batch, PlanOptions options,
            IntFunction<List<Map<String, Tensor>>> samples) {
        checkNames(options.disabled());
        int lanes = lanes(graphs, batch, options);
        PlannedModel planned = plan(model, graphs, new Cut(batch, lanes), options, samples);
        long live = PlanMemory.of(planned.plans().plan(), options.protocol()).peakBytes();
        if (lanes == 1 || options.lanes() > 0 || live <= MOST_LANE_BYTES) {
            return planned;
        }
        int more = (int) Math.min(batch, lanes * ((live + MOST_LANE_BYTES - 1) / MOST_LANE_BYTES));
        return plan(model, graphs, new Cut(batch, more), options, samples);
    }

    /** A batch in that many lanes of equally many rows, the last one perhaps with fewer. */
    private record Cut(int batch, int lanes) {
        int rows() {
            return (batch + lanes - 1) / lanes;
        }
    }

    private static PlannedModel plan(String model, IntFunction<Graph> graphs, Cut cut, PlanOptions options,
            IntFunction<List<Map<String, Tensor>>> samples) {
        Set<String> graphPasses = GraphPasses.ALL.stream().map(dev.sardonyx.graph.passes.GraphPass::name).collect(Collectors.toSet());
        Set<String> disabledGraph = options.disabled().stream().filter(graphPasses::contains).collect(Collectors.toSet());
        Set<String> disabledPlan = options.disabled().stream().filter(name -> !graphPasses.contains(name)).collect(Collectors.toSet());
        GraphPasses.Result passed = GraphPasses.apply(graphs.apply(cut.rows()), disabledGraph);
        PlanOptions planOptions = options.withDisabled(disabledPlan);
        List<Map<String, Tensor>> calibration = samples.apply(cut.rows());
        if (!calibration.isEmpty()) {
            planOptions = planOptions.withCalibration(Calibration.observe(passed.graph(), calibration));
        }
        Planned planned = Planner.plan(model, passed.graph(), planOptions);
        return new PlannedModel(lanes(planned, cut, options), planned.constants(), passed.graph(), passed.effects(), planned.traces(),
                planned.accuracy());
    }

    /**
     * Plans by interval analysis and, only if that refuses, with ranges observed on samples.
     *
     * @param onCalibration told why interval analysis refused, before samples are looked at
     */
    public static PlannedModel planOrCalibrate(String model, IntFunction<Graph> graphs, int batch, PlanOptions options,
            IntFunction<List<Map<String, Tensor>>> samples, Consumer<String> onCalibration) {
        try {
            return plan(model, graphs, batch, options);
        } catch (PlanException e) {
            if (e.kind() != PlanException.Kind.RANGE) {
                throw e;
            }
            onCalibration.accept(e.getMessage());
            return plan(model, graphs, batch, options, samples);
        }
    }

    /** Plans without calibration. */
    public static PlannedModel plan(String model, IntFunction<Graph> graphs, int batch, PlanOptions options) {
        return plan(model, graphs, batch, options, rows -> List.of());
    }

    /** Names of all passes, those of the graph first. */
    public static List<String> passNames() {
        return Stream.concat(GraphPasses.ALL.stream().map(dev.sardonyx.graph.passes.GraphPass::name),
                Arrays.stream(PlanPass.values()).map(PlanPass::label)).toList();
    }

    private static void checkNames(Set<String> disabled) {
        var unknown = new TreeSet<>(disabled);
        unknown.removeAll(passNames());
        if (!unknown.isEmpty()) {
            throw new PlanException(PlanException.Kind.OPTION, String.join(", ", unknown), "pass",
                    "unknown; expected one of " + String.join(", ", passNames()));
        }
    }

    private static int lanes(IntFunction<Graph> graphs, int batch, PlanOptions options) {
        boolean rotates = options.enabled(PlanPass.LANE_ROTATION) && options.protocol().rolesRotate();
        int usual = rotates && batch >= SMALLEST_CUT_BATCH ? options.protocol().parties() : 1;
        int wanted = options.lanes() > 0 ? Math.clamp(options.lanes(), 1, Math.max(1, batch)) : usual;
        return wanted > 1 && RowIndependence.holds(graphs, options.inputRanges()) ? wanted : 1;
    }

    private static LanedPlan lanes(Planned planned, Cut cut, PlanOptions options) {
        if (cut.lanes() == 1) {
            return LanedPlan.single(planned.plan());
        }
        boolean rotates = options.enabled(PlanPass.LANE_ROTATION) && options.protocol().rolesRotate();
        var list = new ArrayList<Lane>();
        for (int first = 0; first < cut.batch(); first += cut.rows()) {
            int rotation = rotates ? list.size() % options.protocol().parties() : 0;
            list.add(new Lane(rotation, first, Math.min(cut.rows(), cut.batch() - first)));
        }
        return new LanedPlan(planned.plan(), list);
    }
}
