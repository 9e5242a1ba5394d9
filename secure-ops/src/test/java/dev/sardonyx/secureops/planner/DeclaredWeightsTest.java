package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanText;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Plans that know two bounds of all weights together and nothing else of them. */
class DeclaredWeightsTest {
    private static final long SEED = 20261128;
    private static final int WIDTH = 64;
    private static final int LAYERS = 4;

    @Test
    void boundsOfRowsHoldWhateverTheNumbersAre() {
        var random = new Random(SEED);
        for (int draw = 0; draw < 2_000; draw++) {
            Shape shape = Shape.of(1 + random.nextInt(3), 1 + random.nextInt(6), 1 + random.nextInt(6));
            double[] numbers = random.doubles(shape.size(), -random.nextDouble() - 1e-3, Math.scalb(1.0, random.nextInt(6) - 3)).toArray();
            Tensor weights = Tensor.ofDoubles(ElementType.FLOAT64, shape, numbers);
            double low = 4 * random.nextDouble() - 2;
            var x = new Interval(low, low + 3 * random.nextDouble());
            for (WeightRows rows : new WeightRows[] {WeightRows.left(shape), WeightRows.right(shape), WeightRows.filters(shape)}) {
                var bounds = new PlanOptions.WeightBounds(Scales.range(weights), rows.greatest(weights) / Math.sqrt(rows.depth()));
                Interval declared = bounds.product(x, rows.depth()).union(Interval.point(0));
                Interval exact = rows.product(weights, x);
                String what = "seed " + SEED + ", draw " + draw + ", " + rows + ": " + exact + " in " + declared;
                double rounding = 1e-12 * (1 + exact.magnitude());
                assertTrue(declared.low() <= exact.low() + rounding && exact.high() <= declared.high() + rounding, what);
            }
        }
    }

    @Test
    void rowsAreThoseThatTheOperatorsSumOver() {
        var random = new Random(SEED + 1);
        Tensor weights = Tensor.ofDoubles(ElementType.FLOAT64, Shape.of(2, 3, 5), random.doubles(30, -1, 1).toArray());
        assertEquals(greatest(2, 5, 3, at -> weights.getDouble(at[0] * 15 + at[2] * 5 + at[1])), WeightRows.right(weights.shape()).greatest(weights), 1e-12);
        assertEquals(greatest(2, 3, 5, at -> weights.getDouble(at[0] * 15 + at[1] * 5 + at[2])), WeightRows.left(weights.shape()).greatest(weights), 1e-12);
        assertEquals(greatest(1, 2, 15, at -> weights.getDouble(at[1] * 15 + at[2])), WeightRows.filters(weights.shape()).greatest(weights), 1e-12);
        assertEquals(Optional.empty(), WeightRows.of(new Op.Relu(), 0, weights.shape()));
    }

    @Test
    void aPlanTellsNothingOfWeightsButTheTwoBounds() {
        assertEquals(PlanText.of(planned(1).plan()), PlanText.of(planned(2).plan()), "other signs and another order of the same sizes");
    }

    @Test
    void answersAtTheCornersOfTheInputStayWithinTheRing() {
        Planner.Planned planned = planned(1);
        var random = new Random(SEED + 2);
        try (var cluster = Sweep.open(new PlaintextProtocol())) {
            var loaded = cluster.load(LanedPlan.single(planned.plan()), id -> planned.constants().get(id).tensor());
            for (int draw = 0; draw < 20; draw++) {
                Tensor corner = Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(1, WIDTH), random.doubles(WIDTH).map(v -> v < 0.5 ? -4 : 4).toArray());
                Tensor exact = Evaluator.outputs(graph(1), Map.of("x", corner)).get("y");
                Tensor answer = loaded.run(Map.of("x", corner)).outputs().get("y");
                for (int i = 0; i < exact.size(); i++) {
                    assertEquals(exact.getDouble(i), answer.getDouble(i), 1e-3 + 1e-3 * Math.abs(exact.getDouble(i)), "seed " + SEED + ", draw " + draw);
                }
            }
        }
    }

    private static double greatest(int matrices, int rows, int depth, ToDoubleFunction<int[]> weight) {
        double greatest = 0;
        for (int matrix = 0; matrix < matrices; matrix++) {
            for (int row = 0; row < rows; row++) {
                double sum = 0;
                for (int i = 0; i < depth; i++) {
                    sum += Math.abs(weight.applyAsDouble(new int[] {matrix, row, i}));
                }
                greatest = Math.max(greatest, sum);
            }
        }
        return greatest;
    }

    private static Planner.Planned planned(int order) {
        PlanOptions options = PlanOptions.of(new PlaintextProtocol(), Map.of("x", Interval.symmetric(4)));
        return Planner.plan("net", graph(order), options.withRanges(PlanOptions.RangeSource.DECLARED));
    }

    /** A net whose weights have the same two bounds in every order: each column holds the same sizes. */
    private static Graph graph(int order) {
        var random = new Random(SEED + order);
        double[] sizes = new Random(SEED).doubles(WIDTH, 0, 0.3).toArray();
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT32, Shape.of(1, WIDTH));
        for (int layer = 0; layer < LAYERS; layer++) {
            double[] weights = new double[WIDTH * WIDTH];
            for (int column = 0; column < WIDTH; column++) {
                int shift = random.nextInt(WIDTH);
                for (int row = 0; row < WIDTH; row++) {
                    weights[row * WIDTH + column] = random.nextBoolean() ? sizes[(row + shift) % WIDTH] : -sizes[(row + shift) % WIDTH];
                }
            }
            x = b.add(new Op.Relu(), b.add(new Op.MatMul(), x,
                    b.constant("w" + layer, Constant.secret(Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(WIDTH, WIDTH), weights)))));
        }
        b.output("y", x);
        return b.build();
    }
}
