package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a plan states of its own accuracy. It concerns fixed point against the model in exact arithmetic; ONNX Runtime's own float32 is
 * off by about 1e-7 of the greatest number on the way.
 *
 * @param outputs the outputs, in order
 * @param values the graph's computed values
 * @param basis what the bounds rest on
 * @param loosest the node where the bounds become large beside the values, if one does; see {@link #warnings}
 */
public record PlanAccuracy(List<Output> outputs, Map<ValueId, ErrorBound> values, Basis basis, Optional<Origin> loosest) {

    /**
     * An output.
     *
     * @param range bounds of its values: planned ones, or the usual ones that samples gave
     * @param error how far it may be from the model's
     * @param whole whether it holds indices, whole numbers or booleans, which are the same or, at a tie, the next
     */
    public record Output(String name, Interval range, ErrorBound error, boolean whole) {
        /** Whether the error may be a large part of all that the output can be. */
        public boolean isLoose() {
            return !whole && AccuracyAnalysis.isLoose(error, range);
        }
    }

    /** A node of the model's file. */
    public record Origin(String node, String op) {
    }

    /**
     * What bounds rest on.
     *
     * @param calibrated whether planned ranges come from samples, so that all bounds hold for inputs like those only
     * @param sampled whether the likely bounds take magnitudes from samples
     */
    public record Basis(boolean calibrated, boolean sampled) {
    }

    public PlanAccuracy {
        outputs = List.copyOf(outputs);
        values = Map.copyOf(values);
    }

    /** One line for each output of which the plan cannot promise much; none for a plan whose bounds are useful. */
    public List<String> warnings() {
        var warnings = new ArrayList<String>();
        for (Output output : outputs) {
            if (output.isLoose()) {
                String where = loosest.map(origin -> "; the bound grows at '" + origin.node() + "' (" + origin.op() + ")").orElse("");
                String much = Double.isInfinite(output.error().likely()) ? "none"
                        : String.format(Locale.ROOT, "%.1e for values up to %.1e", output.error().likely(), output.range().magnitude());
                warnings.add("output '" + output.name() + "': the plan has no useful bound of its error (" + much + ")" + where
                        + "; hold it against float with 'compare' on data like yours");
            }
        }
        return warnings;
    }
}
