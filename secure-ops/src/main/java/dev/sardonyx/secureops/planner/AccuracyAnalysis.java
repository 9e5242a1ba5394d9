package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.planner.Lowering.Revealed;
import dev.sardonyx.secureops.planner.PlanAccuracy.Origin;
import dev.sardonyx.secureops.planner.StepLog.DraftStep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Bounds how far every value of a plan may be from the model's: a running error analysis over the emitted steps (N. Higham, "Accuracy and
 * Stability of Numerical Algorithms", 2nd ed., section 3.3), with the rule of its operator for every node that is not linear. It holds for
 * inputs in their declared ranges as long as intermediate values stay in their planned ones, which interval analysis proves and
 * calibration does not. It looks at weights and stays with whoever makes the plan: no party is sent it.
 */
public final class AccuracyAnalysis {
    /** An error of this part of a value's range says that hardly anything is known of it. */
    static final double LOOSE = 0x1p-5;

    /** A node's place among the emitted steps. */
    record Place(Node node, NodeErrors.Lowered lowered, int end) {
    }

    /** An input, what is left of it within its range, and the number of steps emitted by then. */
    record Clamped(Draft given, Draft kept, int end) {
    }

    /** All that was emitted, and what the graph's values became. */
    record Emitted(Graph graph, List<DraftStep> steps, List<Clamped> clamped, List<Place> places, Map<ValueId, Term> terms) {
    }

    private final Emitted emitted;
    private final List<Revealed> revealed;
    private final PlanOptions options;

    AccuracyAnalysis(Emitted emitted, List<Revealed> revealed, PlanOptions options) {
        this.emitted = emitted;
        this.revealed = revealed;
        this.options = options;
    }

    /** Whether planned ranges come from samples, so that inputs unlike those may leave them. */
    public boolean calibrated() {
        return !options.calibration().isEmpty();
    }

    /** Bounds for every input in its declared range: magnitudes are the planned ones. */
    public PlanAccuracy forAnyInput() {
        return of(Map.of(), false);
    }

    /**
     * Bounds whose likely part takes magnitudes from samples, with a margin; the proven part is that of {@link #forAnyInput}.
     *
     * @param graph the graph that was lowered
     * @param samples inputs of the graph
     */
    public PlanAccuracy forInputsLike(Graph graph, List<Map<String, Tensor>> samples) {
        return of(Calibration.usual(graph, samples), true);
    }

    private PlanAccuracy of(Map<ValueId, Interval> usual, boolean sampled) {
        var errors = new StepErrors(emitted.graph());
        var rules = new NodeErrors(errors, options);
        Optional<Origin> loosest = Optional.empty();
        int next = 0;
        for (Clamped input : emitted.clamped()) {
            for (; next < input.end(); next++) {
                errors.pass(emitted.steps().get(next));
            }
            // Inputs in their declared range are what they were.
            errors.state(input.kept(), errors.of(input.given()));
        }
        for (Place place : emitted.places()) {
            for (; next < place.end(); next++) {
                errors.pass(emitted.steps().get(next));
            }
            state(place, errors, rules);
            Node node = place.node();
            for (int i = 0; i < node.outputs().size(); i++) {
                Interval range = usual.get(node.outputs().get(i));
                if (range != null) {
                    errors.usually(place.lowered().outputs().get(i), range);
                }
            }
            if (loosest.isEmpty() && loosens(place, errors)) {
                loosest = Optional.of(new Origin(node.origin().name(), node.origin().opType()));
            }
        }
        for (; next < emitted.steps().size(); next++) {
            errors.pass(emitted.steps().get(next));
        }
        Map<ValueId, ErrorBound> values = new HashMap<>();
        emitted.terms().forEach((id, term) -> {
            if (term instanceof Term.Computed(Draft draft, var _)) {
                values.put(id, errors.of(draft));
            }
        });
        List<PlanAccuracy.Output> outputs = revealed.stream().map(output -> new PlanAccuracy.Output(output.name(), errors.usual(output.draft()),
                errors.of(output.draft()), !output.type().isFloating())).toList();
        return new PlanAccuracy(outputs, values, new PlanAccuracy.Basis(calibrated(), sampled), loosest);
    }

    private static void state(Place place, StepErrors errors, NodeErrors rules) {
        rules.of(place.lowered()).ifPresent(stated -> {
            for (int i = 0; i < stated.size(); i++) {
                errors.state(place.lowered().outputs().get(i), stated.get(i));
            }
        });
    }

    /** Whether a node makes a value of which little is known from values of which much is. */
    private static boolean loosens(Place place, StepErrors errors) {
        boolean given = place.lowered().inputs().stream()
                .anyMatch(term -> term instanceof Term.Computed(Draft draft, var type) && type.isFloating() && isLoose(errors.of(draft), errors.usual(draft)));
        return !given && place.lowered().outputs().stream().anyMatch(draft -> !draft.isBits() && isLoose(errors.of(draft), errors.usual(draft)));
    }

    /** Whether an error may be large beside everything that a value can be. */
    static boolean isLoose(ErrorBound error, Interval range) {
        return !(error.likely() <= LOOSE * range.magnitude()) && !error.isExact();
    }
}
