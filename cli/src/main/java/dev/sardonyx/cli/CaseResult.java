package dev.sardonyx.cli;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How one ONNX test folder went.
 *
 * @param op its operator, or several
 * @param maxAbsError greatest difference, where the case ran
 * @param reason why it does not pass; empty if it does
 * @param ranges planned bounds of its secret inputs
 */
record CaseResult(String path, Status status, String op, OptionalDouble maxAbsError, String reason, String ranges) {
    enum Status {
        PASS, FAIL, UNSUPPORTED
    }

    String line() {
        String error = maxAbsError.isPresent() ? "  |error| " + Text.error(maxAbsError.getAsDouble()) : "";
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
        });
    }
}
