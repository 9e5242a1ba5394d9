package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.passes.GraphPasses;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.secureops.execute.PlanMemory;
import dev.sardonyx.secureops.plan.CostReport;
import dev.sardonyx.secureops.plan.CostReport.NodeCost;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.planner.ErrorBound;
import dev.sardonyx.secureops.planner.NetworkProfile;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code inspect} shows of a plan. */
final class InspectReport {
    private static final int LONGEST_NAME = 36;
    private static final int HASH_SHOWN = 16;

    private final String name;
    private final OnnxModel model;
    private final ModelShapes shapes;
    private final PlanOptions options;
    private final Compiled compiled;
    private final PlanAccuracy accuracy;
    private final List<PassEffect> passes;
    private final List<Line> nodes;
    private final long[] bytesPerParty;
    private final PlanCost cost;
    private final long peakBytes;

    /** One ONNX node, and what serves it unless a pass folded it into another. */
    private record Line(String node, String op, Optional<NodeCost> cost) {
    }

    /** A plan, and what it states of its error. */
    record Planned(Compiled compiled, PlanAccuracy accuracy) {
    }

    InspectReport(String name, OnnxModel model, ModelShapes shapes, PlanOptions options, Planned planned, List<PassEffect> passes) {
        Compiled compiled = planned.compiled();
        this.name = name;
        this.model = model;
        this.shapes = shapes;
        this.options = options;
        this.compiled = compiled;
        this.accuracy = planned.accuracy();
        this.passes = passes;
        this.nodes = nodes(model.graph(shapes.shapes(), shapes.publicInputs()), CostReport.of(compiled.plan(), options.protocol()));
        this.bytesPerParty = PlanCost.bytesPerParty(compiled.plans(), options.protocol());
        this.cost = PlanCost.of(compiled.plan(), options.protocol());
        this.peakBytes = PlanMemory.peakBytes(compiled.plans(), options.protocol());
    }

    private static List<Line> nodes(Graph imported, CostReport report) {
        Map<String, NodeCost> costs = new LinkedHashMap<>();
        report.nodes().forEach(node -> costs.put(node.node(), node));
        Map<String, String> origins = new LinkedHashMap<>();
        imported.nodes().stream().map(Node::origin).forEach(origin -> origins.putIfAbsent(origin.name(), origin.opType()));
        List<Line> lines = new ArrayList<>();
        origins.forEach((node, op) -> lines.add(new Line(node, op, Optional.ofNullable(costs.remove(node)))));
        costs.forEach((node, rest) -> lines.add(new Line(node, "", Optional.of(rest))));
        return lines;
    }

    private long busiest() {
        return Arrays.stream(bytesPerParty).max().orElse(0);
    }

    private long[] preprocessingBytes() {
        return PlanCost.preprocessingBytesPerParty(compiled.plans(), options.protocol());
    }

    private double seconds(NetworkProfile network) {
        return network.seconds(cost.rounds(), busiest());
    }

    String json() {
        var json = new Json();
        json.object(() -> {
            json.name("model").value(name);
            json.name("protocol").value(options.protocol().name());
            json.name("batch").value(compiled.batch());
            json.name("lanes").value(compiled.plans().lanes().size());
            json.name("planHash").value(compiled.planHash());
            json.name("nodes").array(() -> nodes.forEach(node -> node(json, node)));
            json.name("total").object(() -> {
                json.name("bytes").value(busiest());
                json.name("bytesPerParty").numbers(bytesPerParty);
                json.name("totalBytes").value(Arrays.stream(bytesPerParty).sum());
                json.name("preprocessingBytesPerParty").numbers(preprocessingBytes());
                json.name("rounds").value(cost.rounds());
                json.name("lanSeconds").value(seconds(NetworkProfile.LAN));
                json.name("wanSeconds").value(seconds(NetworkProfile.WAN));
                json.name("peakMemoryBytes").value(peakBytes);
            });
            StatedError.write(json, accuracy);
            json.name("learns").array(() -> compiled.plan().disclosures().forEach(disclosure -> json.object(() -> {
                json.name("role").value(disclosure.role());
                json.name("what").value(disclosure.what());
            })));
            json.name("ranges").object(() -> compiled.plan().inputs()
                    .forEach(input -> json.name(input.name()).numbers(new double[]{input.low(), input.high()})));
            json.name("passes").array(() -> passes(json));
            json.name("unsupported").array(() -> {
            });
        });
        return json.toString();
    }

    private void node(Json json, Line line) {
        json.object(() -> {
            json.name("name").value(line.node());
            json.name("op").value(line.op());
            json.name("kernel").value(line.cost().map(NodeCost::kernel).orElse("folded"));
            json.name("steps").value(line.cost().map(NodeCost::steps).orElse(0));
            line.cost().ifPresentOrElse(cost -> {
                json.name("visibility").value(cost.result().visibility().name().toLowerCase(Locale.ROOT));
                json.name("shape").numbers(cost.result().shape().dims().stream().mapToLong(Integer::longValue).toArray());
                json.name("scale").value(cost.result().fractionBits());
                json.name("magnitudeBits").value(cost.result().magnitudeBits());
                error(line).ifPresent(error -> json.name("statedError").object(() -> StatedError.bounds(json, error)));
            }, () -> {
                json.name("visibility").nothing();
                json.name("shape").nothing();
                json.name("scale").nothing();
            });
            json.name("bytes").value(line.cost().map(InspectReport::busiest).orElse(0L));
            json.name("rounds").value(line.cost().map(NodeCost::rounds).orElse(0));
        });
    }

    /** The greatest error of what a node makes; nothing for one that was folded, or makes no real numbers. */
    private Optional<ErrorBound> error(Line line) {
        Graph graph = compiled.planned().graph();
        return graph.nodes().stream().filter(node -> node.origin().name().equals(line.node())).flatMap(node -> node.outputs().stream())
                .filter(output -> graph.value(output).type().isFloating() && accuracy.values().containsKey(output))
                .map(output -> accuracy.values().get(output)).max((a, b) -> Double.compare(a.likely(), b.likely()));
    }

    private void passes(Json json) {
        Map<String, GraphPasses.Effect> effects = compiled.planned().effects().stream()
                .collect(Collectors.toMap(effect -> effect.pass().name(), effect -> effect, (a, b) -> a, LinkedHashMap::new));
        if (passes.isEmpty()) {
            effects.forEach((pass, effect) -> json.object(() -> effect(json, pass, effect)));
        }
        passes.forEach(pass -> json.object(() -> {
            if (effects.containsKey(pass.name())) {
                effect(json, pass.name(), effects.get(pass.name()));
            } else {
                json.name("name").value(pass.name());
                json.name("enabled").value(pass.enabled());
            }
            json.name("savedRounds").value(pass.rounds());
            json.name("savedBytes").value(pass.bytes());
        }));
    }

    private static void effect(Json json, String pass, GraphPasses.Effect effect) {
        json.name("name").value(pass);
        json.name("enabled").value(effect.enabled());
        json.name("changed").value(effect.changed());
        json.name("nodesBefore").value(effect.nodesBefore());
        json.name("nodesAfter").value(effect.nodesAfter());
    }

    private static long busiest(NodeCost cost) {
        return cost.bytes().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    List<String> lines() {
        Plan plan = compiled.plan();
        List<String> lines = new ArrayList<>();
        lines.add(name + " · " + (model.producer().isEmpty() ? "unknown exporter" : model.producer()) + " · opset "
                + model.opsets().entrySet().stream().map(entry -> (entry.getKey().isEmpty() ? "" : entry.getKey() + " ") + entry.getValue()).collect(Collectors.joining(", "))
                + " · " + options.protocol().name() + ", batch " + compiled.batch());
        for (ModelInput input : model.inputs()) {
            lines.add("input  " + input.name() + " " + input.type() + " " + input.shapeText() + (shapes.publicInputs().containsKey(input.name())
                    ? " · public: it decides the graph's structure"
                    : " · secret" + plan.input(input.name()).map(spec -> ", in [" + Text.bound(spec.low()) + ", " + Text.bound(spec.high()) + "]"
                            + (shapes.assumed().contains(input.name()) ? " (assumed; say --input-range)" : "")).orElse("")));
        }
        lines.add("");
        var table = new Table("node", "operator", "secure kernel", "steps", "result", "bits", "|error|", "bytes", "rounds");
        for (Line line : nodes) {
            table.row(shortened(line.node()), line.op(), line.cost().map(NodeCost::kernel).orElse("· folded"), line.cost().map(cost -> String.valueOf(cost.steps())).orElse(""),
                    line.cost().map(cost -> cost.result().visibility().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + cost.result().shape()).orElse(""),
                    line.cost().map(cost -> cost.result().magnitudeBits() + "." + cost.result().fractionBits()).orElse(""),
                    line.cost().flatMap(cost -> error(line)).map(error -> StatedError.shown(error.likely())).orElse(""),
                    line.cost().map(cost -> Text.bytes(busiest(cost))).orElse(""), line.cost().map(cost -> String.valueOf(cost.rounds())).orElse(""));
        }
        lines.addAll(table.lines());
        lines.add("bits: magnitude.fraction of the ring's 64; |error|: at most so far from float, likely; bytes: sent by the busiest role in one lane, preprocessing included");
        lines.add("");
        lines.add("total  " + Text.bytes(busiest()) + " sent by the busiest party, " + Text.bytes(Arrays.stream(bytesPerParty).sum()) + " in all, "
                + Text.bytes(Arrays.stream(preprocessingBytes()).sum()) + " of it ahead of the input · "
                + Text.plural(cost.rounds(), "round") + " · " + Text.plural(compiled.plans().lanes().size(), "lane"));
        lines.add("links  " + Text.seconds(seconds(NetworkProfile.LAN)) + " on a LAN (0.2 ms, 10 Gbit/s), " + Text.seconds(seconds(NetworkProfile.WAN))
                + " on a WAN (40 ms, 100 Mbit/s), computing aside");
        lines.add("memory " + Text.bytes(peakBytes) + " of live values at each party");
        lines.addAll(StatedError.lines(accuracy));
        plan.disclosures().forEach(disclosure -> lines.add("learns " + disclosure.role() + ": " + disclosure.what()));
        lines.add("plan   " + compiled.planHash().substring(0, HASH_SHOWN) + " (" + Text.plural(plan.steps().size(), "step") + ")");
        if (!passes.isEmpty()) {
            lines.add("");
            lines.addAll(passTable());
        }
        return lines;
    }

    private List<String> passTable() {
        var table = new Table("pass", "saves rounds", "saves bytes");
        for (PassEffect pass : passes) {
            table.row(pass.name() + (pass.enabled() ? "" : " (off)"), pass.rounds() == 0 ? "" : String.valueOf(pass.rounds()),
                    pass.bytes() == 0 ? "" : (pass.bytes() < 0 ? "-" : "") + Text.bytes(Math.abs(pass.bytes())));
        }
        return table.lines();
    }

    private static String shortened(String node) {
        return node.length() <= LONGEST_NAME ? node : "…" + node.substring(node.length() - LONGEST_NAME + 1);
    }
}
