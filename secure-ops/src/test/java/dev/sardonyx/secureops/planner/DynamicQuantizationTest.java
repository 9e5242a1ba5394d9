package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Integers by a tensor's own reach, and the scale that brings the sums of their products back, far below what could be. */
class DynamicQuantizationTest {
    private static final int ROWS = 8;
    private static final int COLUMNS = 12;
    private static final int STEPS = 255;
    private static final double WEIGHT_SCALE = 0x1p-8;
    /** About what comparisons at any of the ranges below tell from zero. */
    private static final int LEAST_EXPONENT = -16;
    private static final int EXPONENTS = 8;
    /** Several of each exponent: rounding that masks decide goes the rarer way now and then. */
    private static final int RUNS = 64;
    private static final int LARGEST_WEIGHT = 127;
    private static final long SEED = 23;

    @Test
    void whatLiesFarBelowItsRangeKeepsItsDigits() {
        var random = new Random(SEED);
        Tensor x = Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(ROWS, COLUMNS), random.doubles(ROWS * COLUMNS, -1, 1).toArray());
        Graph graph = layer();
        Tensor exact = Evaluator.outputs(graph, Map.of("x", x)).get("y");
        // Each integer may be the next one.
        double step = 2.0 / STEPS * WEIGHT_SCALE * COLUMNS * LARGEST_WEIGHT;
        for (Protocol protocol : List.of(Sweep.PLAINTEXT, Sweep.REPLICATED)) {
            for (int reach = 0; reach <= 24; reach += 8) {
                var planned = Planner.plan("dynamic", graph, PlanOptions.of(protocol, Map.of("x", Interval.symmetric(Math.scalb(1.0, reach)))));
                try (var cluster = Sweep.open(protocol)) {
                    Tensor answer = cluster.load(LanedPlan.single(planned.plan()), id -> planned.constants().get(id).tensor()).run(Map.of("x", x)).outputs()
                            .get("y");
                    String where = protocol.name() + ", inputs up to 2^" + reach + ", seed " + SEED;
                    double mean = 0;
                    for (int i = 0; i < exact.size(); i++) {
                        double error = Math.abs(answer.getDouble(i) - exact.getDouble(i));
                        assertTrue(error < step, () -> where + ": off by " + error);
                        mean += error / exact.size();
                    }
                    assertEquals(0, mean, step / 32, where);
                }
            }
        }
    }

    /**
     * The least and the greatest element may be missed by then, and what is divided by their distance must stay in the ring all the same.
     * The scale is a digit of the working scale too long at most, and so is each step; the zero point, which nothing clips here, is at most
     * the least element by a reciprocal that is four times too large next to nothing.
     */
    @ParameterizedTest
    @ValueSource(doubles = {1, 0x1p12, 0x1p24})
    void whatNoComparisonTellsFromZeroStaysNextToNothing(double reach) {
        for (Protocol protocol : List.of(Sweep.PLAINTEXT, Sweep.REPLICATED)) {
            var planned = Planner.plan("dynamic", layer(), PlanOptions.of(protocol, Map.of("x", Interval.symmetric(reach))));
            try (var cluster = Sweep.open(protocol)) {
                var model = cluster.load(LanedPlan.single(planned.plan()), id -> planned.constants().get(id).tensor());
                for (int run = 0; run < RUNS; run++) {
                    double size = Math.scalb(1.0, LEAST_EXPONENT + run % EXPONENTS);
                    double most = (8 * size + STEPS * Math.scalb(1.0, -Scales.WORKING_BITS)) * WEIGHT_SCALE * COLUMNS * LARGEST_WEIGHT;
                    long seed = SEED + run;
                    Tensor x = Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(ROWS, COLUMNS),
                            new Random(seed).doubles(ROWS * COLUMNS, -size, size).toArray());
                    Tensor answer = model.run(Map.of("x", x)).outputs().get("y");
                    for (int i = 0; i < answer.size(); i++) {
                        assertEquals(0, answer.getDouble(i), most, () -> protocol.name() + ", inputs up to " + size + ", seed " + seed);
                    }
                }
            }
        }
    }

    @Test
    void whatHasNoDigitsLeftIsRefused() {
        var refused = assertThrows(PlanException.class,
                () -> Planner.plan("dynamic", layer(), PlanOptions.of(Sweep.PLAINTEXT, Map.of("x", Interval.symmetric(0x1p33)))));
        assertEquals(PlanException.Kind.RANGE, refused.kind());
        assertTrue(String.valueOf(refused.getMessage()).contains("2^33"), refused.getMessage());
    }

    /** DynamicQuantizeLinear, but for the zero point's saturation, MatMulInteger and Mul as ONNX Runtime's quantiser writes them. */
    private static Graph layer() {
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT32, Shape.of(ROWS, COLUMNS));
        ValueId high = b.add(new Op.Clip(0, Double.POSITIVE_INFINITY), b.add(new Op.Reduce(Op.Reduce.Function.MAX, List.of(0, 1)), x));
        ValueId low = b.add(new Op.Clip(Double.NEGATIVE_INFINITY, 0), b.add(new Op.Reduce(Op.Reduce.Function.MIN, List.of(0, 1)), x));
        ValueId scale = b.add(new Op.Binary(Function.MUL), b.add(new Op.Binary(Function.SUB), high, low),
                b.constant("step", Constant.open(Tensor.ofDoubles(ElementType.FLOAT32, Shape.SCALAR, 1.0 / STEPS))));
        ValueId zero = whole(b, b.add(new Op.Unary(Elementary.NEGATE), b.add(new Op.Binary(Function.DIV), low, scale)));
        ValueId integers = b.add(new Op.Clip(0, STEPS), b.add(new Op.Binary(Function.ADD), whole(b, b.add(new Op.Binary(Function.DIV), x, scale)), zero));
        ValueId centred = b.add(new Op.Binary(Function.SUB), b.add(new Op.Cast(ElementType.INT32), integers), b.add(new Op.Cast(ElementType.INT32), zero));
        long[] weights = LongStream.range(0, COLUMNS * COLUMNS).map(i -> i * 37 % 255 - LARGEST_WEIGHT).toArray();
        ValueId sums = b.add(new Op.MatMul(), centred,
                b.constant("w", Constant.secret(Tensor.ofLongs(ElementType.INT32, Shape.of(COLUMNS, COLUMNS), weights))));
        ValueId joint = b.add(new Op.Binary(Function.MUL), scale,
                b.constant("weightScale", Constant.secret(Tensor.ofDoubles(ElementType.FLOAT32, Shape.SCALAR, WEIGHT_SCALE))));
        b.output("y", b.add(new Op.Binary(Function.MUL), b.add(new Op.Cast(ElementType.FLOAT32), sums), joint));
        return b.build();
    }

    private static ValueId whole(GraphBuilder b, ValueId x) {
        return b.add(new Op.Unary(Elementary.ROUND), x);
    }
}
