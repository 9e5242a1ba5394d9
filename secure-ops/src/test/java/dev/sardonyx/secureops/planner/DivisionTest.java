package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole quotients, remainders and powers come out exactly. */
class DivisionTest {
    private static final long SEED = 20261121;

    @ParameterizedTest
    @EnumSource(names = {"DIV", "MODULO", "REMAINDER"})
    void secretDivisorsGiveExactQuotientsAndRemainders(Op.Binary.Function function) {
        for (long bound : new long[] {10, 200, 30_000, 1L << 24}) {
            for (Protocol protocol : List.of(Sweep.PLAINTEXT, Sweep.REPLICATED)) {
                assertExact(protocol, function, numbers(bound, -bound, 600), numbers(bound + 1, -bound, 600), bound);
                assertExact(protocol, function, numbers(bound, 0, 600), numbers(bound + 1, 1, 600), bound);
            }
        }
    }

    private static void assertExact(Protocol protocol, Op.Binary.Function function, Tensor dividends, Tensor divisors, long bound) {
        var op = new Op.Binary(function);
        boolean positive = dividends.toLongs()[0] >= 0 && Arrays.stream(dividends.toLongs()).allMatch(v -> v >= 0);
        Interval range = new Interval(positive ? 0 : -bound, bound);
        Tensor answer = Sweep.run(protocol, op, List.of(range, range), List.of(dividends, divisors));
        Tensor exact = Evaluator.evaluate(op, List.of(dividends, divisors)).getFirst();
        for (int i = 0; i < answer.size(); i++) {
            assertEquals(exact.getLong(i), answer.getLong(i),
                    function + " of " + dividends.getLong(i) + " and " + divisors.getLong(i) + " under " + protocol.name());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DIV", "MODULO", "REMAINDER"})
    void publicDivisorsGiveExactQuotientsAndRemainders(Op.Binary.Function function) {
        Tensor dividends = numbers(5000, -5000, 1000);
        Tensor divisors = Tensor.ofLongs(ElementType.INT64, Shape.of(2, 1), 7, -12);
        var builder = new GraphBuilder();
        var x = builder.input("x", ElementType.INT64, dividends.shape());
        builder.output("y", builder.add(new Op.Binary(function), x, builder.constant("divisors", Constant.open(divisors))));
        var planned = Planner.plan("division", builder.build(), PlanOptions.of(Sweep.PLAINTEXT, Map.of("x", Interval.symmetric(5000))));
        try (var cluster = Sweep.open(Sweep.PLAINTEXT)) {
            Tensor answer = cluster.load(LanedPlan.single(planned.plan()), id -> divisors).run(Map.of("x", dividends)).outputs().get("y");
            Tensor exact = Evaluator.evaluate(new Op.Binary(function), List.of(dividends, divisors)).getFirst();
            for (int i = 0; i < answer.size(); i++) {
                assertEquals(exact.getLong(i), answer.getLong(i), function + " of " + dividends.getLong(i % 1000));
            }
        }
    }

    @Test
    void wholePowersAreWhole() {
        Tensor base = Tensor.ofLongs(ElementType.INT64, Shape.of(6), 1, 2, 3, 3, 0, 2);
        Tensor exponent = Tensor.ofLongs(ElementType.INT64, Shape.of(6), 4, 5, 6, 0, 3, 6);
        Tensor answer = Sweep.run(Sweep.REPLICATED, new Op.Binary(Op.Binary.Function.POW), List.of(new Interval(0, 4), new Interval(0, 8)),
                List.of(base, exponent));
        assertArrayEquals(new long[] {1, 32, 729, 1, 0, 64}, answer.toLongs());
    }

    /** Whole numbers from low to bound, none of them zero, small ones among them. */
    private static Tensor numbers(long bound, long low, int count) {
        var random = new Random(SEED + bound);
        long top = Math.max(1, bound - 1);
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            long reach = i % 3 == 0 ? Math.min(10, top) : top;
            long value = 1 + (long) (random.nextDouble() * reach);
            values[i] = low < 0 && random.nextBoolean() ? -Math.min(value, -low) : Math.min(value, top);
        }
        return Tensor.ofLongs(ElementType.INT64, Shape.of(count), values);
    }

    /** A weighted mean: sums of thousands, whose ranges reach zero. The reciprocal alone would keep no bits of 1/6480. */
    @Test
    void quotientsOfLargeNumbersKeepTheirDigits() {
        var random = new Random(SEED);
        int count = 600;
        double[] dividends = random.doubles(count, 0, 20_000).toArray();
        double[] divisors = random.doubles(count, 4, 6480).toArray();
        for (boolean signed : new boolean[] {false, true}) {
            if (signed) {
                Arrays.setAll(divisors, i -> i % 3 == 0 ? -divisors[i] : divisors[i]);
                Arrays.setAll(dividends, i -> i % 2 == 0 ? -dividends[i] : dividends[i]);
            }
            Tensor x = Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(count), dividends);
            Tensor y = Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(count), divisors);
            List<Interval> ranges = signed ? List.of(Interval.symmetric(32_768), Interval.symmetric(6480))
                    : List.of(new Interval(0, 32_768), new Interval(0, 6480));
            for (Protocol protocol : List.of(Sweep.PLAINTEXT, Sweep.REPLICATED)) {
                Tensor answer = Sweep.run(protocol, new Op.Binary(Op.Binary.Function.DIV), ranges, List.of(x, y));
                for (int i = 0; i < count; i++) {
                    double exact = x.getDouble(i) / y.getDouble(i);
                    assertEquals(exact, answer.getDouble(i), 1e-4 + 2e-4 * Math.abs(exact),
                            x.getDouble(i) + " / " + y.getDouble(i) + " under " + protocol.name());
                }
            }
        }
    }
}
