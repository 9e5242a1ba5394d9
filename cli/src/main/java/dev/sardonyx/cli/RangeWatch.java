package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.Value;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.Planner;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Runs the model in float beside a secure run and says which values leave the ranges that calibration gave them. A plan that relies on
 * such ranges checks most of them on shares, and its parties refuse an answer by one bit; which node it was only float can tell. Plans by
 * interval analysis need no watch: their ranges hold for every input that they accept.
 */
final class RangeWatch {
    private static final double ROOM = 1e-5;
    private static final int MOST_NAMED = 5;

    /** Parties compare no finer than this: what reaches so much of a range may be refused. */
    private static final double NEAR = 0.75;

    private final Map<String, Violation> violations = new LinkedHashMap<>();
    private final Map<String, Violation> near = new LinkedHashMap<>();

    /**
     * A node whose values left their planned range.
     *
     * @param low planned
     * @param high planned
     * @param seen the value farthest out
     * @param values how many did
     */
    record Violation(String node, String op, double low, double high, double seen, long values) {
        private double excess() {
            return Math.max(low - seen, seen - high);
        }

        private Violation with(Violation other) {
            return new Violation(node, op, low, high, other.excess() > excess() ? other.seen : seen, values + other.values);
        }

        String line() {
            return Text.plural(values, "value") + " of '" + node + "' (" + op + ") outside" + (low <= seen && seen <= high ? " three quarters of" : "") + " the planned [" + Text.bound(low)
                    + ", " + Text.bound(high) + "], up to " + Text.score(seen) + ": answers may be wrong; calibrate on samples like these";
        }
    }

    /** Runs something that this watch sees; where parties refuse it because values left their ranges, says which. */
    <T> T explaining(Terminal terminal, Supplier<T> run) {
        try {
            return run.get();
        } catch (RunException e) {
            if (e.kind() == RunException.Kind.OUT_OF_RANGE) {
                (violations.isEmpty() ? near : violations).values().stream().limit(MOST_NAMED).forEach(violation -> terminal.remark(violation.line()));
            }
            throw e;
        }
    }

    /** Watches one call: the secret inputs and what they were compiled to. */
    void see(Compiled compiled, Map<String, Tensor> inputs) {
        if (!compiled.planned().accuracy().calibrated()) {
            return;
        }
        Graph graph = compiled.planned().graph();
        Map<ValueId, Node> makers = new HashMap<>();
        graph.nodes().forEach(node -> node.outputs().forEach(output -> makers.put(output, node)));
        for (Map<String, Tensor> part : compiled.pieces(inputs)) {
            Evaluator.run(graph, part, (value, tensor) -> judge(compiled, value, tensor, makers));
        }
    }

    private void judge(Compiled compiled, Value value, Tensor tensor, Map<ValueId, Node> makers) {
        Planner.Trace trace = compiled.planned().traces().get(value.id());
        Node maker = makers.get(value.id());
        if (trace == null || maker == null || !value.type().isFloating()) {
            return;
        }
        double room = Math.scalb(1.0, -compiled.plan().value(trace.value()).fractionBits()) + ROOM * trace.range().magnitude();
        var planned = new Violation(maker.origin().name(), maker.origin().opType(), trace.range().low(), trace.range().high(), 0, 0);
        collect(violations, planned, new Interval(trace.range().low() - room, trace.range().high() + room), tensor);
        collect(near, planned, new Interval(NEAR * trace.range().low() - room, NEAR * trace.range().high() + room), tensor);
    }

    private static void collect(Map<String, Violation> all, Violation planned, Interval within, Tensor tensor) {
        Violation worst = planned;
        for (int i = 0; i < tensor.size(); i++) {
            double x = tensor.getDouble(i);
            if (!within.contains(x)) {
                var one = new Violation(worst.node, worst.op, worst.low, worst.high, x, 1);
                worst = worst.values == 0 ? one : worst.with(one);
            }
        }
        if (worst.values > 0) {
            all.merge(worst.node, worst, Violation::with);
        }
    }

    List<Violation> violations() {
        return List.copyOf(violations.values());
    }

    /** The member {@code rangeViolations} of a JSON object. */
    void write(Json json) {
        json.name("rangeViolations").array(() -> violations.values().forEach(violation -> json.object(() -> {
            json.name("node").value(violation.node());
            json.name("op").value(violation.op());
            json.name("planned").numbers(new double[]{violation.low(), violation.high()});
            json.name("seen").value(violation.seen());
            json.name("values").value(violation.values());
        })));
    }
}
