package dev.sardonyx.cli;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.planner.ErrorBound;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import dev.sardonyx.secureops.planner.PlanAccuracy.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a plan states of its error, for people and scripts, and whether an answer kept to it. */
final class StatedError {
    /** ONNX Runtime reckons in float32, which is off by itself: this part of the greatest number that an output may be. */
    private static final double FLOAT = 0x1p-20;

    private StatedError() {
    }

    /** The member {@code statedError} of a JSON object. */
    static void write(Json json, PlanAccuracy accuracy) {
        json.name("statedError").object(() -> {
            json.name("outputs").array(() -> accuracy.outputs().forEach(output -> json.object(() -> {
                json.name("name").value(output.name());
                bounds(json, output.error());
                json.name("range").numbers(new double[]{output.range().low(), output.range().high()});
            })));
            json.name("calibrated").value(accuracy.basis().calibrated());
            json.name("sampled").value(accuracy.basis().sampled());
            json.name("warnings").array(() -> accuracy.warnings().forEach(json::value));
        });
    }

    /** The members {@code proven} and {@code likely}; null where there is no bound. */
    static void bounds(Json json, ErrorBound error) {
        json.name("proven").value(error.proven());
        json.name("likely").value(error.likely());
    }

    /** A line for each output. */
    static List<String> lines(PlanAccuracy accuracy) {
        List<String> lines = new ArrayList<>();
        for (Output output : accuracy.outputs()) {
            lines.add("stated " + output.name() + ": " + (output.whole() ? whole(output) : "|error| at most " + shown(output.error().likely()) + " ("
                    + ErrorBound.DEVIATIONS + " standard deviations" + (accuracy.basis().sampled() ? ", inputs like the samples" : "") + "), "
                    + shown(output.error().proven()) + " proven"));
        }
        if (accuracy.basis().calibrated()) {
            lines.add("stated for values within what calibration saw, doubled; others may wrap");
        }
        return lines;
    }

    private static String whole(Output output) {
        return output.error().isExact() ? "exact" : "exact but at ties and halves that rounding may decide either way";
    }

    /** Says of each output of whole numbers that one of them may be another where rounding decides. */
    static List<String> cautions(PlanAccuracy accuracy) {
        return accuracy.outputs().stream().filter(output -> output.whole() && !output.error().isExact())
                .map(output -> "output '" + output.name() + "' is " + whole(output)).toList();
    }

    /** A bound in a table; nothing where the value is exact. */
    static String shown(double bound) {
        return Double.isInfinite(bound) ? "none" : Text.error(bound);
    }

    /** The greatest bound of a real output. */
    static Optional<ErrorBound> greatest(PlanAccuracy accuracy) {
        return accuracy.outputs().stream().filter(output -> !output.whole()).map(Output::error).max((a, b) -> Double.compare(a.likely(), b.likely()));
    }

    /** Says of each output that errs by more than its plan states. */
    static List<String> exceeded(PlanAccuracy accuracy, Map<String, Tensor> expected, Map<String, Tensor> answered) {
        List<String> exceeded = new ArrayList<>();
        for (Output output : accuracy.outputs()) {
            Tensor reference = expected.get(output.name());
            Tensor answer = answered.get(output.name());
            if (output.whole() || reference == null || answer == null || !reference.shape().equals(answer.shape())) {
                continue;
            }
            double most = 0;
            for (int i = 0; i < reference.size(); i++) {
                double error = Math.abs(reference.getDouble(i) - answer.getDouble(i));
                most = Double.isNaN(error) ? most : Math.max(most, error);
            }
            exceeded(output, most).ifPresent(exceeded::add);
        }
        return exceeded;
    }

    private static Optional<String> exceeded(Output output, double error) {
        return within(output, error) ? Optional.empty() : Optional.of("output '" + output.name() + "' errs by " + Text.error(error)
                + ", more than the " + Text.error(output.error().likely()) + " that its plan states: look for values outside their planned ranges, or report it");
    }

    private static boolean within(Output output, double error) {
        return error <= output.error().likely() + FLOAT * (1 + output.range().magnitude());
    }

    /** Whether the greatest error of all outputs is one that the plan's bounds allow. */
    static boolean within(PlanAccuracy accuracy, double error) {
        return accuracy.outputs().stream().allMatch(Output::whole) || accuracy.outputs().stream().anyMatch(output -> !output.whole() && within(output, error));
    }
}
