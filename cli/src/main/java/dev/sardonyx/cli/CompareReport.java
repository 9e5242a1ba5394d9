package dev.sardonyx.cli;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.NodeDivergence.Cause;
import dev.sardonyx.reference.AccuracyTally;
import dev.sardonyx.reference.AccuracyTally.Disagreement;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** What {@code compare} shows. */
final class CompareReport {
    private static final int MOST_LISTED = 20;

    private final Opened opened;
    private final Protocol protocol;
    private final Tolerance tolerance;
    private final PlanAccuracy accuracy;
    private final AccuracyTally tally;
    private final Spent spent;
    private final Diagnosis diagnosis;
    private final RangeWatch watch;

    /**
     * What is compared.
     *
     * @param accuracy what the plan of the first call states of its error
     */
    record Subject(Opened opened, Protocol protocol, Tolerance tolerance, PlanAccuracy accuracy) {
    }

    CompareReport(Subject subject, CompareProgress done, Diagnosis diagnosis, RangeWatch watch) {
        this.opened = subject.opened();
        this.protocol = subject.protocol();
        this.tolerance = subject.tolerance();
        this.accuracy = subject.accuracy();
        this.tally = done.tally();
        this.spent = done.spent();
        this.diagnosis = diagnosis;
        this.watch = watch;
    }

    /** What a person should know before trusting the numbers. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>(accuracy.warnings());
        watch.violations().forEach(violation -> warnings.add(violation.line()));
        if (!withinStated()) {
            warnings.add("outputs err by " + Text.error(tally.secureError().maxAbsError()) + ", more than the plan states: look for values outside their planned ranges, or report it");
        }
        return warnings;
    }

    private boolean withinStated() {
        return tally.secureError().mismatch().isPresent() || StatedError.within(accuracy, tally.secureError().maxAbsError());
    }

    String json() {
        Comparison error = tally.secureError();
        var json = new Json();
        json.object(() -> {
            json.name("model").value(opened.name());
            json.name("protocol").value(protocol.label());
            json.name("samples").value(tally.samples());
            json.name("referenceAccuracy").value(tally.referenceAccuracy());
            json.name("fixedPointAccuracy").value(tally.fixedPointAccuracy());
            json.name("secureAccuracy").value(tally.secureAccuracy());
            json.name("agreement").value(tally.agreement());
            json.name("maxAbsError").value(error.mismatch().isPresent() ? OptionalDouble.empty() : OptionalDouble.of(error.maxAbsError()));
            json.name("meanAbsError").value(error.mismatch().isPresent() ? OptionalDouble.empty() : OptionalDouble.of(error.meanAbsError()));
            json.name("fixedPoint").object(() -> {
                json.name("maxAbsError").value(tally.fixedPointError().maxAbsError());
                json.name("meanAbsError").value(tally.fixedPointError().meanAbsError());
            });
            json.name("withinTolerance").value(tally.within());
            json.name("withinStated").value(withinStated());
            StatedError.write(json, accuracy);
            watch.write(json);
            json.name("outsideTolerance").value(error.outside());
            json.name("disagreements").array(() -> tally.disagreements().forEach(one -> json.object(() -> {
                json.name("sample").value(one.sample());
                json.name("reference").value(one.reference());
                json.name("secure").value(one.secure());
                json.name("gap").value(one.gap());
                json.name("tie").value(one.tie());
            })));
            json.name("nodes").array(() -> diagnosis.nodes().forEach(node -> node.write(json)));
            diagnosis.write(json);
            spent.write(json);
        });
        return json.toString();
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(opened.name() + " · " + Text.plural(tally.samples(), "sample") + " · " + protocol.label());
        lines.add("");
        var table = new Table("run", "accuracy", "max |error|", "mean |error|");
        table.row("ONNX Runtime, float", accuracy(tally.referenceAccuracy()), "–", "–");
        table.row("fixed point, in the clear", accuracy(tally.fixedPointAccuracy()), Text.error(tally.fixedPointError().maxAbsError()),
                Text.error(tally.fixedPointError().meanAbsError()));
        table.row("secure", accuracy(tally.secureAccuracy()), Text.error(tally.secureError().maxAbsError()), Text.error(tally.secureError().meanAbsError()));
        lines.addAll(table.lines());
        if (!diagnosis.nodes().isEmpty()) {
            lines.add("");
            var parting = new Table("node", "operator", "max |error|", "its own", "cause", "fraction bits", "free bits");
            diagnosis.nodes().forEach(node -> parting.row(node.name(), node.op(), Text.error(node.maxAbsError()), Text.error(node.ownError()),
                    node.cause() == Cause.NONE ? "–" : node.cause().label(), Integer.toString(node.fractionBits()), Integer.toString(node.freeBits())));
            lines.addAll(parting.lines());
            lines.add(diagnosis.line());
        }
        lines.add("");
        lines.addAll(disagreements());
        lines.add((tally.within() ? "✓ within " : "✗ outside ") + "the tolerance of " + tolerance
                + tally.secureError().mismatch().map(what -> ": " + what).orElse(""));
        lines.addAll(StatedError.lines(accuracy));
        lines.add(spent.line());
        return lines;
    }

    private List<String> disagreements() {
        if (tally.agreement().isEmpty()) {
            return List.of();
        }
        List<Disagreement> all = tally.disagreements();
        List<String> lines = new ArrayList<>();
        long ties = all.stream().filter(Disagreement::tie).count();
        lines.add("same class as ONNX Runtime on " + Text.percent(tally.agreement().getAsDouble()) + (all.isEmpty() ? " of the samples"
                : " of the samples; " + all.size() + " differ, " + ties + " of them ties (float scores less than " + AccuracyTally.TIE + " apart)"));
        for (Disagreement one : all.subList(0, Math.min(MOST_LISTED, all.size()))) {
            lines.add("  sample " + one.sample() + ": float " + one.reference() + ", secure " + one.secure() + ", scores " + Text.error(one.gap()) + " apart"
                    + one.label().map(label -> ", label " + label).orElse("") + (one.tie() ? " (tie)" : ""));
        }
        if (all.size() > MOST_LISTED) {
            lines.add("  and " + (all.size() - MOST_LISTED) + " more; --json lists them all");
        }
        return lines;
    }

    private static String accuracy(OptionalDouble accuracy) {
        return accuracy.isPresent() ? Text.percent(accuracy.getAsDouble()) : "–";
    }
}
