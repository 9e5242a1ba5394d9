package dev.sardonyx.cli;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How one ONNX test folder went.
 *
 * @param op its operator, or several
 * @param maxAbsError greatest difference, where the case ran
 * @param reason why it does not pass; empty if it does
 * @param ranges planned bounds of its secret inputs
 * @param stated what its plan states of its error
 */
record CaseResult(String path, Status status, String op, OptionalDouble maxAbsError, String reason, String ranges, Stated stated) {
    /**
     * A plan's word on its accuracy.
     *
     * @param likely the greatest bound of a real output; empty if there is none, or no plan
     * @param warnings what a person should know before trusting the numbers
     */
    record Stated(OptionalDouble likely, List<String> warnings) {
        static final Stated NOTHING = new Stated(OptionalDouble.empty(), List.of());

        Stated {
            warnings = List.copyOf(warnings);
        }
    }

    enum Status {
        PASS, FAIL, UNSUPPORTED
    }

    String line() {
        String error = maxAbsError.isPresent() ? "  |error| " + Text.error(maxAbsError.getAsDouble())
                + (stated.likely().isPresent() ? " of " + StatedError.shown(stated.likely().getAsDouble()) + " stated" : "") : "";
        return String.format(Locale.ROOT, "%-11s %s", status.name().toLowerCase(Locale.ROOT), path) + error + (ranges.isEmpty() ? "" : "  " + ranges)
                + (reason.isEmpty() ? "" : "  (" + reason + ")");
    }

    void write(Json json) {
        json.object(() -> {
            json.name("path").value(path);
            json.name("status").value(status.name().toLowerCase(Locale.ROOT));
            json.name("op").value(op);
            json.name("maxAbsError").value(maxAbsError);
            json.name("reason");
            if (reason.isEmpty()) {
                json.nothing();
            } else {
                json.value(reason);
            }
            json.name("ranges").value(ranges);
            json.name("statedError").value(stated.likely());
            json.name("warnings").array(() -> stated.warnings().forEach(json::value));
        });
    }
}
