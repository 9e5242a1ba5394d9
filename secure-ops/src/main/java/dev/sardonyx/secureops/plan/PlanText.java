package dev.sardonyx.secureops.plan;

import dev.sardonyx.graph.Indices;
import dev.sardonyx.graph.Op;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The canonical text of a plan: a person reads it, and its bytes are what {@link PlanDigest} digests. Different plans have different texts:
 * a name can neither end its line, since breaks and whatever else is not seen are escaped in it, nor pass for the note after a step.
 */
public final class PlanText {
    private PlanText() {
    }

    /** The whole plan, one line a step. */
    public static String of(Plan plan) {
        var text = new StringBuilder(header(plan));
        for (Step step : plan.steps()) {
            text.append(line(plan, step));
        }
        return text.append(footer(plan)).toString();
    }

    static String header(Plan plan) {
        var text = new StringBuilder();
        text.append("sardonyx plan 1\nmodel ").append(line(plan.model())).append("\nprotocol ").append(line(plan.protocol())).append('\n');
        for (Plan.InputSpec input : plan.inputs()) {
            text.append(String.format(Locale.ROOT, "input %s = %%%d of the data owner, range [%s, %s]", line(input.name()), input.value(),
                    input.low(), input.high())).append('\n');
        }
        return text.toString();
    }

    static String line(Plan plan, Step step) {
        String inputs = step.inputs().stream().map(id -> "%" + id).collect(Collectors.joining(" "));
        String outputs = plan.outputsOf(step).stream().map(PlanText::describe).collect(Collectors.joining(", "));
        return step.index() + ": " + outputs + (outputs.isEmpty() ? "" : " = ") + line(instruction(step.instruction())).replace("#", "\\u0023") + " " + inputs + "  # "
                + line(step.node()).replace("(", "\\u0028") + " (" + line(step.kernel()) + ")\n";
    }

    /** Long lists of indices are left out for people; their digest stands for them, so that a plan's digest covers them. */
    private static String instruction(Instruction instruction) {
        return instruction instanceof Instruction.Move(Op.Pick(var _, Indices indices)) ? instruction + " of sha256 " + PlanDigest.hex(indices)
                : instruction.toString();
    }

    static String footer(Plan plan) {
        var text = new StringBuilder();
        for (Plan.Output output : plan.outputs()) {
            text.append("reveal ").append(line(output.name())).append(" = %").append(output.value()).append(" as ").append(output.type())
                    .append(" to the data owner\n");
        }
        for (Plan.Disclosure disclosure : plan.disclosures()) {
            text.append(line(disclosure.role())).append(" learns ").append(line(disclosure.what())).append('\n');
        }
        return text.toString();
    }

    private static String line(String text) {
        if (text.chars().noneMatch(PlanText::isEscaped)) {
            return text;
        }
        var escaped = new StringBuilder();
        text.chars().forEach(c -> escaped.append(isEscaped(c) ? String.format(Locale.ROOT, "\\u%04x", c) : String.valueOf((char) c)));
        return escaped.toString();
    }

    private static boolean isEscaped(int c) {
        return c == '\\' || switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static String describe(PlanValue value) {
        String kind = switch (value.kind()) {
            case BITS -> "bits";
            case NUMBER -> "number/2^" + value.fractionBits() + (value.nonNegative() ? " in [0,2^" : " in ±2^") + value.magnitudeBits()
                    + (value.nonNegative() ? ")" : "") + " ring 2^" + value.width();
        };
        return "%" + value.id() + ": " + value.visibility().name().toLowerCase(Locale.ROOT) + " " + kind + " " + value.shape();
    }
}
