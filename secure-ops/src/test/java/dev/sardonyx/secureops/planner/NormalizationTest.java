package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Normalisation by mean and variance under one plan for rows of very different spread. */
class NormalizationTest {
    private static final int ROWS = 64;
    private static final int COLUMNS = 48;
    private static final long SEED = 17;

    @Test
    void aPlanServesAWindowOfTwoToTheSixteenInVariance() {
        assertNormalises(256, 16, 1e-5);
    }

    @Test
    void aPlanServesAWindowOfTwoToTheTwentyFourInVariance() {
        assertNormalises(1024, 24, 1e-5);
    }

    @Test
    void smallNumbersAreNormalisedAsWellAsLargeOnes() {
        assertNormalises(1, 12, 1e-5);
    }

    /** Rows whose standard deviations go down from a quarter of the bound by 2^(octaves/2). */
    private static void assertNormalises(double bound, int octaves, double epsilon) {
        var random = new Random(SEED);
        double[] values = new double[ROWS * COLUMNS];
        for (int row = 0; row < ROWS; row++) {
            double deviation = bound / 4 * Math.pow(2, -octaves / 2.0 * row / (ROWS - 1));
            double shift = bound / 8 * random.nextGaussian() * 0.5;
            for (int i = 0; i < COLUMNS; i++) {
                values[row * COLUMNS + i] = Math.clamp(shift + deviation * random.nextGaussian(), -bound, bound);
            }
        }
        Tensor x = Tensor.ofDoubles(ElementType.FLOAT64, Shape.of(ROWS, COLUMNS), values);
        Graph graph = graph(epsilon);
        Tensor exact = Evaluator.outputs(graph, Map.of("x", x)).get("y");
        for (Protocol protocol : List.of(Sweep.PLAINTEXT, Sweep.REPLICATED)) {
            var planned = Planner.plan("norm", graph, PlanOptions.of(protocol, Map.of("x", Interval.symmetric(bound))));
            try (var cluster = Sweep.open(protocol)) {
                Tensor answer = cluster.load(LanedPlan.single(planned.plan()), id -> planned.constants().get(id).tensor())
                        .run(Map.of("x", x)).outputs().get("y");
                for (int i = 0; i < answer.size(); i++) {
                    double error = Math.abs(answer.getDouble(i) - exact.getDouble(i));
                    assertTrue(error <= 1e-3, "row " + i / COLUMNS + " within " + bound + " errs by " + error + " under " + protocol.name());
                }
            }
        }
    }

    /** (x − mean) · rsqrt(mean((x − mean)²) + ε). */
    static Graph graph(double epsilon) {
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT64, Shape.of(ROWS, COLUMNS));
        ValueId mean = b.add(new Op.Reduce(Op.Reduce.Function.MEAN, List.of(1)), x);
        ValueId centred = b.add(new Op.Binary(Function.SUB), x, mean);
        ValueId square = b.add(new Op.Binary(Function.MUL), centred, centred);
        ValueId variance = b.add(new Op.Reduce(Op.Reduce.Function.MEAN, List.of(1)), square);
        ValueId eps = b.constant("eps", Constant.open(Tensor.ofDoubles(ElementType.FLOAT64, Shape.SCALAR, epsilon)));
        ValueId inverse = b.add(new Op.Unary(Elementary.RSQRT), b.add(new Op.Binary(Function.ADD), variance, eps));
        b.output("y", b.add(new Op.Binary(Function.MUL), centred, inverse));
        return b.build();
    }
}
