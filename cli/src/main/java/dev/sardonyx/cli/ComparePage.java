package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.cli.NodeDivergence.Cause;
import dev.sardonyx.reference.AccuracyTally;
import dev.sardonyx.reference.AccuracyTally.Disagreement;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.report.ComparisonReport;
import dev.sardonyx.reference.report.ComparisonReport.NodeCost;
import dev.sardonyx.reference.report.ComparisonReport.NodeError;
import dev.sardonyx.reference.report.ComparisonReport.Run;
import dev.sardonyx.reference.report.ComparisonReport.WorstSample;
import dev.sardonyx.reference.report.OutputTally.Worst;
import dev.sardonyx.reference.report.SamplePicture;
import dev.sardonyx.secureops.plan.CostReport;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Fills the HTML report of {@code compare}. */
final class ComparePage {
    private ComparePage() {
    }

    /**
     * What the page is made of.
     *
     * @param planned the plan of the first call
     * @param revealed whether a secure run's intermediates were revealed
     */
    record Subject(Opened opened, Protocol protocol, Planned planned, Diagnosis diagnosis, boolean revealed) {
        Compiled compiled() {
            return planned.compiled();
        }
    }

    /** A plan, and what it states of its error. */
    record Planned(Compiled compiled, PlanAccuracy accuracy) {
    }

    static ComparisonReport of(Subject subject, CompareProgress progress, Map<String, String> settings) {
        AccuracyTally tally = progress.tally();
        boolean healthy = tally.within() && subject.diagnosis().healthy();
        return new ComparisonReport(subject.opened().name(), subject.protocol().name(), tally.samples(), tally.agreement(), healthy,
                verdict(tally, subject.diagnosis()), runs(tally), facts(subject, progress), progress.outputs(), nodes(subject.diagnosis()), costs(subject),
                worst(subject.opened().data(), progress.outputs().worst()), tally.disagreements().stream().map(ComparePage::line).toList(),
                environment(subject, settings), subject.revealed());
    }

    private static String verdict(AccuracyTally tally, Diagnosis diagnosis) {
        String outputs = tally.within() ? "every output is within the tolerance" : "outputs leave the tolerance";
        return diagnosis.healthy() ? outputs : outputs + "; " + diagnosis.line();
    }

    private static List<Run> runs(AccuracyTally tally) {
        return List.of(new Run("ONNX Runtime, float", "float", tally.referenceAccuracy(), OptionalDouble.empty(), OptionalDouble.empty()),
                run("fixed point, in the clear", "fixed", tally.fixedPointAccuracy(), tally.fixedPointError()),
                run("secure", "secure", tally.secureAccuracy(), tally.secureError()));
    }

    private static Run run(String name, String kind, OptionalDouble accuracy, Comparison error) {
        boolean known = error.mismatch().isEmpty();
        return new Run(name, kind, accuracy, known ? OptionalDouble.of(error.maxAbsError()) : OptionalDouble.empty(),
                known ? OptionalDouble.of(error.meanAbsError()) : OptionalDouble.empty());
    }

    private static Map<String, String> facts(Subject subject, CompareProgress progress) {
        Spent spent = progress.spent();
        int samples = Math.max(1, progress.tally().samples());
        Map<String, String> facts = new LinkedHashMap<>();
        StatedError.greatest(subject.planned().accuracy())
                .ifPresent(error -> facts.put("the plan's own bound of it: likely (proven: " + StatedError.shown(error.proven()) + ")", StatedError.shown(error.likely())));
        facts.put("secure run, per sample", Text.seconds(spent.seconds() / samples));
        facts.put("sent by the busiest party, per sample", Text.bytes(spent.busiestBytes() / samples));
        facts.put("rounds per call, " + Text.plural(spent.calls(), "call"), Long.toString(spent.rounds() / Math.max(1, spent.calls())));
        return facts;
    }

    private static List<NodeError> nodes(Diagnosis diagnosis) {
        return diagnosis.nodes().stream().map(node -> new NodeError(node.name(), node.op(), node.maxAbsError(), node.ownError(), node.cause().label(),
                diagnosis.faulty().filter(node::equals).isPresent(), node.fractionBits() + " fraction bits, " + node.freeBits() + " bits free",
                node.protocolError())).toList();
    }

    /** Lanes rotate roles, so the busiest party is found over all lanes and each node's part in its load is summed. */
    private static List<NodeCost> costs(Subject subject) {
        Protocol protocol = subject.protocol();
        Map<CostReport.NodeCost, long[]> bytes = new LinkedHashMap<>();
        int busiest = 0;
        long[] totals = new long[protocol.parties()];
        for (CostReport.NodeCost node : CostReport.of(subject.compiled().plan(), protocol).nodes()) {
            long[] sent = new long[protocol.parties()];
            for (LanedPlan.Lane lane : subject.compiled().plans().lanes()) {
                for (int role = 0; role < sent.length; role++) {
                    sent[(lane.rotation() + role) % sent.length] += node.bytes().get(role);
                }
            }
            bytes.put(node, sent);
            for (int party = 0; party < totals.length; party++) {
                totals[party] += sent[party];
                busiest = totals[party] > totals[busiest] ? party : busiest;
            }
        }
        List<NodeCost> costs = new ArrayList<>();
        for (var entry : bytes.entrySet()) {
            CostReport.NodeCost node = entry.getKey();
            long sent = entry.getValue()[busiest];
            if (sent > 0 || node.rounds() > 0) {
                costs.add(new NodeCost(node.node(), node.kernel(), sent, node.rounds()));
            }
        }
        return costs;
    }

    private static List<WorstSample> worst(DataSet data, List<Worst> worst) {
        List<WorstSample> samples = new ArrayList<>();
        for (Worst one : worst) {
            Optional<String> picture = data.batch(one.sample(), one.sample() + 1).inputs().values().stream().findFirst()
                    .filter(tensor -> tensor.type().isFloating()).flatMap(SamplePicture::png);
            String classes = one.reference() < 0 ? "" : "float " + one.reference() + ", secure " + one.secure() + one.label().map(label -> ", label " + label).orElse("") + " · ";
            samples.add(new WorstSample("sample " + one.sample(), classes + "error " + ComparisonReport.error(one.error()), picture, one.reference() != one.secure()));
        }
        return samples;
    }

    private static String line(Disagreement one) {
        return "sample " + one.sample() + ": float " + one.reference() + ", secure " + one.secure() + ", scores " + ComparisonReport.error(one.gap()) + " apart"
                + one.label().map(label -> ", label " + label).orElse("") + (one.tie() ? " (a tie)" : "");
    }

    private static Map<String, String> environment(Subject subject, Map<String, String> settings) {
        Compiled compiled = subject.compiled();
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("Plan", "SHA-256 " + compiled.planHash());
        environment.put("Protocol", subject.protocol().name() + ", " + Text.parties(subject.protocol().parties()) + ", all in this process");
        environment.put("Call", Text.plural(compiled.batch(), "sample") + " in " + Text.plural(compiled.plans().lanes().size(), "lane"));
        environment.put("Input ranges", compiled.plan().inputs().stream().map((Plan.InputSpec input) -> input.name() + " " + Text.bound(input.low()) + " to "
                + Text.bound(input.high())).collect(Collectors.joining(", ")));
        environment.putAll(settings);
        environment.put("Machine", Machine.processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores, " + Machine.system());
        environment.put("Java", Machine.java());
        String nodes = subject.diagnosis().nodes().stream().filter(node -> node.cause() != Cause.NONE).map(node -> node.cause().label())
                .collect(Collectors.groupingBy(cause -> cause, Collectors.counting())).toString();
        environment.put("Causes by node", nodes.substring(1, nodes.length() - 1).replace("=", " "));
        return environment;
    }
}
