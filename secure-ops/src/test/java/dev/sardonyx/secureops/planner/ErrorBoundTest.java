package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a plan states of its error, held against what the error is. */
class ErrorBoundTest {
    private static final int POINTS = 200;

    /** The answer of a plan of one operator, what it should be, and what the plan states of it. */
    private record Answered(Tensor answer, Tensor exact, PlanAccuracy.Output stated) {
        double error() {
            double most = 0;
            for (int i = 0; i < answer.size(); i++) {
                double e = exact.getDouble(i);
                most = Double.isFinite(e) ? Math.max(most, Math.abs(answer.getDouble(i) - e)) : most;
            }
            return most;
        }
    }

    private static Answered answered(Protocol protocol, Op op, List<Interval> ranges, List<Tensor> inputs) {
        var bounds = new HashMap<String, Interval>();
        var feed = new HashMap<String, Tensor>();
        for (int i = 0; i < inputs.size(); i++) {
            bounds.put("x" + i, ranges.get(i));
            feed.put("x" + i, inputs.get(i));
        }
        var planned = Planner.plan("bound", Sweep.graph(op, inputs), PlanOptions.of(protocol, bounds));
        try (var cluster = Sweep.open(protocol)) {
            Tensor answer = cluster.load(LanedPlan.single(planned.plan()), id -> planned.constants().get(id).tensor()).run(feed).outputs().get("y");
            return new Answered(answer, Evaluator.evaluate(op, inputs).getFirst(), planned.accuracy().forAnyInput().outputs().getFirst());
        }
    }

    static List<Interval> ranges() {
        return FunctionRangeTest.ranges();
    }

    @ParameterizedTest
    @MethodSource("ranges")
    void noFunctionErrsByMoreThanItsPlanStates(Interval range) {
        int bounded = 0;
        var failures = new ArrayList<String>();
        for (ScalarFunction function : FunctionRangeTest.functions()) {
            Answered answered;
            try {
                answered = answered(Sweep.PLAINTEXT, new Op.Unary(function), List.of(range), List.of(Sweep.points(range, POINTS)));
            } catch (PlanException refused) {
                continue;
            }
            ErrorBound stated = answered.stated().error();
            bounded += answered.stated().isLoose() ? 0 : 1;
            if (!(answered.error() <= stated.likely())) {
                failures.add(function + " on " + range + " errs by " + answered.error() + "; its plan states " + stated);
            }
        }
        assertEquals(List.of(), failures);
        assertTrue(bounded >= FunctionRangeTest.functions().size() / 2, "only " + bounded + " useful bounds on " + range);
    }

    @Test
    void aFunctionsBoundIsNoMoreThanAFewTimesItsError() {
        var range = Interval.symmetric(4);
        for (Elementary function : List.of(Elementary.SIGMOID, Elementary.TANH, Elementary.GELU, Elementary.ERF)) {
            Answered answered = answered(Sweep.PLAINTEXT, new Op.Unary(function), List.of(range), List.of(Sweep.points(range, 4000)));
            assertTrue(answered.stated().error().proven() <= 8 * answered.error(), function + ": " + answered.error() + " of " + answered.stated());
        }
    }

    @Test
    void aSoftmaxStaysWithinItsBoundUnderThreeParties() {
        var range = Interval.symmetric(16);
        Tensor x = Sweep.points(range, 4992).reshaped(Shape.of(50, 100));
        Answered answered = answered(Sweep.REPLICATED, new Op.Softmax(1), List.of(range), List.of(x));
        assertTrue(answered.error() <= answered.stated().error().proven(), answered.error() + " of " + answered.stated());
        assertTrue(answered.stated().error().proven() <= 0x1p-12, answered.stated().toString());
    }

    @Test
    void roundingMayEndOnTheOtherSideOfAHalfAndThePlanSaysSo() {
        var range = Interval.symmetric(100);
        Answered answered = answered(Sweep.PLAINTEXT, new Op.Unary(Elementary.FLOOR), List.of(range), List.of(Sweep.points(range, POINTS)));
        assertTrue(answered.stated().error().proven() >= 1, answered.stated().toString());
        assertTrue(answered.error() <= answered.stated().error().proven(), answered.stated().toString());
    }

    @Test
    void wholeNumbersAreExact() {
        Tensor a = Tensor.ofLongs(ElementType.INT32, Shape.of(4), -7, 3, 0, 12);
        Tensor b = Tensor.ofLongs(ElementType.INT32, Shape.of(4), 5, -2, 9, 1);
        var range = Interval.symmetric(16);
        for (Op.Binary.Function function : List.of(Op.Binary.Function.ADD, Op.Binary.Function.MUL, Op.Binary.Function.MAX)) {
            Answered answered = answered(Sweep.PLAINTEXT, new Op.Binary(function), List.of(range, range), List.of(a, b));
            assertEquals(0, answered.error());
            assertEquals(ErrorBound.EXACT, answered.stated().error(), function.toString());
        }
    }

    /** x times a constant row, plus another. */
    private static Tensor answer(double factor, double summand) {
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT32, Shape.of(2));
        ValueId scale = b.constant("scale", Constant.secret(Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(2), 1, factor)));
        ValueId shift = b.constant("shift", Constant.secret(Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(2), 0, summand)));
        b.output("y", b.add(new Op.Binary(Op.Binary.Function.ADD), b.add(new Op.Binary(Op.Binary.Function.MUL), x, scale), shift));
        var planned = Planner.plan("constants", b.build(), PlanOptions.of(Sweep.PLAINTEXT, Map.of("x", Interval.UNIT)));
        try (var cluster = Sweep.open(Sweep.PLAINTEXT)) {
            return cluster.load(LanedPlan.single(planned.plan()), id -> planned.constants().get(id).tensor())
                    .run(Map.of("x", Tensor.ofFloats(Shape.of(2), 0.5f, 0.5f))).outputs().get("y");
        }
    }

    @Test
    void greatConstantsAreWhatTheyAreInAnAnswerAndWhatStandsForInfinityIsRefused() {
        assertEquals(6e7, answer(1.2e8, 0).getDouble(1), 60);
        assertEquals(3e7, answer(1, 3e7).getDouble(1), 4);
        assertEquals(-1e9, answer(1, -1e9).getDouble(1), 100);
        for (double mask : new double[] {-3.4e38, Double.NEGATIVE_INFINITY}) {
            assertEquals(PlanException.Kind.UNSUPPORTED, assertThrows(PlanException.class, () -> answer(1, mask)).kind());
        }
    }
}
