package dev.sardonyx.cli;

import dev.sardonyx.cli.events.PlainText;
import dev.sardonyx.cli.service.ServiceException;
import dev.sardonyx.importer.ImportException;
import dev.sardonyx.reference.ReferenceException;
import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.planner.PlanException;
import dev.sardonyx.secureops.protocol.ShareMismatchException;
import dev.sardonyx.transport.TransportException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ParameterException;

/** What each kind of trouble means for the command: its exit code and its message. The only place that says so. */
final class Failures {
    private Failures() {
    }

    static ExitCode exitCode(Throwable failure) {
        return switch (failure) {
            case ParameterException e -> ExitCode.BAD_INPUT;
            case InputException e -> ExitCode.BAD_INPUT;
            case ReferenceException e -> ExitCode.BAD_INPUT;
            case ImportException e -> e.kind() == ImportException.Kind.UNSUPPORTED ? ExitCode.UNSUPPORTED_MODEL : ExitCode.BAD_INPUT;
            case PlanException e -> switch (e.kind()) {
                case UNSUPPORTED -> ExitCode.UNSUPPORTED_MODEL;
                case RANGE -> ExitCode.REFUSED;
                case OPTION -> ExitCode.BAD_INPUT;
            };
            case RunException e -> switch (e.kind()) {
                case BAD_INPUT -> ExitCode.BAD_INPUT;
                case OUT_OF_RANGE, PLAN_MISMATCH, REFUSED -> ExitCode.REFUSED;
                case BAD_PLAN, PARTY_FAILED -> ExitCode.PARTY_FAILED;
            };
            case ServiceException e -> switch (e.kind()) {
                case BAD_REQUEST -> ExitCode.BAD_INPUT;
                case REFUSED, BUSY -> ExitCode.REFUSED;
                case PARTY_FAILED -> ExitCode.PARTY_FAILED;
            };
            case TransportException e -> ExitCode.PARTY_FAILED;
            case ShareMismatchException e -> ExitCode.PARTY_FAILED;
            default -> ExitCode.PARTY_FAILED;
        };
    }

    /** One line for each problem, the first of which names the trouble. */
    static List<String> lines(Throwable failure) {
        return switch (failure) {
            case ImportException e when e.unsupported().size() > 1 -> listed(e.unsupported().size() + " unsupported nodes:", e.unsupported());
            case PlanException e when e.problems().size() > 1 -> listed(e.problems().size() + " problems:", e.problems());
            case ParameterException e -> List.of(oneLine(e.getMessage()), "Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            case OutOfMemoryError e -> List.of("out of memory (" + Runtime.getRuntime().maxMemory() / (1 << 20)
                    + " MiB heap); a smaller --batch or SARDONYX_JAVA_OPTIONS=-Xmx… helps");
            case InputException e -> List.of(oneLine(e.getMessage()));
            case ReferenceException e -> List.of(oneLine(e.getMessage()));
            case ImportException e -> List.of(oneLine(e.getMessage()));
            case PlanException e -> List.of(oneLine(e.getMessage()));
            case RunException e -> List.of(oneLine(e.getMessage()));
            case ServiceException e -> List.of(oneLine(e.getMessage()));
            case TransportException e -> List.of(oneLine(e.getMessage()));
            case ShareMismatchException e -> List.of(oneLine(e.getMessage()));
            default -> List.of("internal error (" + failure.getClass().getSimpleName() + ": " + oneLine(String.valueOf(failure.getMessage()))
                    + "); SARDONYX_TRACE=1 shows where");
        };
    }

    private static List<String> listed(String first, List<?> items) {
        List<String> lines = new ArrayList<>(List.of(first));
        items.forEach(item -> lines.add("  " + oneLine(item.toString())));
        return lines;
    }

    private static String oneLine(String text) {
        // Names and texts in it may come from a model's file or a party.
        return PlainText.of(text.lines().map(String::strip).filter(line -> !line.isEmpty()).reduce((a, b) -> a + " " + b).orElse(text));
    }
}
