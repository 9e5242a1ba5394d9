package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.execute.EmbeddedCluster;
import dev.sardonyx.secureops.execute.RunResult;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.function.UnaryOperator;

/** Plans and runs one operator on secret inputs, and measures how far the answer is from the operator's definition. */
final class Sweep {
    static final Protocol PLAINTEXT = new PlaintextProtocol();
    static final Protocol REPLICATED = new Replicated3();
    private static final long SEED = Long.getLong("sardonyx.masks.seed", 1);

    private Sweep() {
    }

    /** A cluster whose masks, which decide how results round, can be drawn again. */
    static EmbeddedCluster open(Protocol protocol) {
        return EmbeddedCluster.open(protocol, EmbeddedCluster.Options.standard().withInsecureSeed(SEED));
    }

    /** What one element costs: bytes, mean over the parties since roles rotate, and rounds. */
    record Cost(double bytes, int rounds) {
    }

    static Graph graph(Op op, List<Tensor> inputs) {
        var builder = new GraphBuilder();
        ValueId[] ids = new ValueId[inputs.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = builder.input("x" + i, inputs.get(i).type(), inputs.get(i).shape());
        }
        builder.output("y", builder.add(op, ids));
        return builder.build();
    }

    static Tensor run(Protocol protocol, Op op, List<Interval> ranges, List<Tensor> inputs) {
        return run(protocol, op, ranges, inputs, options -> options);
    }

    static Tensor run(Protocol protocol, Op op, List<Interval> ranges, List<Tensor> inputs, UnaryOperator<PlanOptions> adjust) {
        var bounds = new HashMap<String, Interval>();
        var feed = new HashMap<String, Tensor>();
        for (int i = 0; i < inputs.size(); i++) {
            bounds.put("x" + i, ranges.get(i));
            feed.put("x" + i, inputs.get(i));
        }
        Planner.Planned planned = Planner.plan("sweep", graph(op, inputs), adjust.apply(PlanOptions.of(protocol, bounds)));
        try (var cluster = open(protocol)) {
            RunResult result = cluster.load(LanedPlan.single(planned.plan()), id -> constant(planned, id)).run(feed);
            return result.outputs().get("y");
        }
    }

    private static Tensor constant(Planner.Planned planned, ValueId id) {
        Constant constant = planned.constants().get(id);
        if (constant == null) {
            throw new IllegalArgumentException("no constant " + id);
        }
        return constant.tensor();
    }

    static Cost cost(Op op, Interval range, Shape shape) {
        var builder = new GraphBuilder();
        builder.output("y", builder.add(op, builder.input("x", ElementType.FLOAT32, shape)));
        var plan = Planner.plan("cost", builder.build(), PlanOptions.of(REPLICATED, Map.of("x", range))).plan();
        PlanCost cost = PlanCost.of(plan, REPLICATED);
        long total = Arrays.stream(cost.onlineBytes()).sum() + Arrays.stream(cost.preprocessingBytes()).sum();
        return new Cost((double) total / REPLICATED.parties() / shape.size(), cost.rounds());
    }

    /** Numbers all over an interval: evenly, both ends, zero and next to it. */
    static Tensor points(Interval range, int count) {
        double[] values = new double[count + 8];
        for (int i = 0; i < count; i++) {
            values[i] = range.low() + (range.high() - range.low()) * i / (count - 1);
        }
        double[] special = {0, 0x1p-16, -0x1p-16, 0x1p-12, -0x1p-12, 0x1p-8, range.low(), range.high()};
        for (int i = 0; i < special.length; i++) {
            values[count + i] = Math.clamp(special[i], range.low(), range.high());
        }
        return Tensor.ofDoubles(ElementType.FLOAT64, Shape.of(values.length), values);
    }

    /** Numbers evenly by their logarithm. */
    static Tensor octaves(Interval range, int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = Math.clamp(range.low() * Math.pow(range.high() / range.low(), i / (count - 1.0)), range.low(), range.high());
        }
        return Tensor.ofDoubles(ElementType.FLOAT64, Shape.of(count), values);
    }

    /** The greatest error of a function over points. */
    static double error(Protocol protocol, ScalarFunction function, Interval range, Tensor points, ToDoubleBiFunction<Double, Double> error) {
        Tensor answer = run(protocol, new Op.Unary(function), List.of(range), List.of(points));
        Tensor exact = Evaluator.evaluate(new Op.Unary(function), List.of(points)).getFirst();
        double worst = 0;
        for (int i = 0; i < answer.size(); i++) {
            double e = error.applyAsDouble(answer.getDouble(i), exact.getDouble(i));
            if (!(e <= worst)) {
                worst = e;
            }
        }
        return worst;
    }

    static double absolute(double answer, double exact) {
        return Math.abs(answer - exact);
    }

    static double relative(double answer, double exact) {
        return Math.abs(answer - exact) / Math.abs(exact);
    }
}
