package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every function on ranges of every size and place: a right answer or a refusal, never an internal error. */
class FunctionRangeTest {
    private static final double TOLERANCE = 1e-3;
    private static final int POINTS = 250;

    static List<Interval> ranges() {
        return List.of(new Interval(-1e-4, 1e-4), new Interval(0, 1e-4), new Interval(-0.01, 0.02), new Interval(-0.5, 0.25), new Interval(0, 1),
                new Interval(-1, 1), new Interval(0.3, 0.7), new Interval(1, 2), new Interval(-3, -1), new Interval(-5, 3), new Interval(2, 9),
                new Interval(-20, -12), new Interval(15, 40), new Interval(-100, 7), new Interval(0, 300), new Interval(100, 101),
                new Interval(-1000, 1000), new Interval(1e-4, 1e4), new Interval(-1e4, 1e4), new Interval(0, 1e6), new Interval(5, 5));
    }

    static List<ScalarFunction> functions() {
        var functions = new ArrayList<ScalarFunction>(List.of(Elementary.values()));
        functions.addAll(List.of(new ScalarFunction.Elu(0.5), new ScalarFunction.Celu(2), new ScalarFunction.Selu(1.67, 1.05),
                new ScalarFunction.Swish(1), new ScalarFunction.Swish(1.7), new ScalarFunction.Power(3), new ScalarFunction.Power(-1),
                new ScalarFunction.Power(0.3), new ScalarFunction.Power(-1.5), new ScalarFunction.Power(0)));
        return functions;
    }

    @ParameterizedTest
    @MethodSource("ranges")
    void everyFunctionIsRightOrRefused(Interval range) {
        int answered = 0;
        for (ScalarFunction function : functions()) {
            Tensor points = Sweep.points(range, POINTS);
            Tensor exact = Evaluator.evaluate(new Op.Unary(function), List.of(points)).getFirst();
            Tensor answer;
            try {
                answer = Sweep.run(Sweep.PLAINTEXT, new Op.Unary(function), List.of(range), List.of(points));
            } catch (PlanException refused) {
                assertEquals(PlanException.Kind.RANGE, refused.kind(), function + " on " + range + ": " + refused.getMessage());
                continue;
            }
            answered++;
            for (int i = 0; i < answer.size(); i++) {
                double e = exact.getDouble(i);
                if (isWellConditioned(function, range, points.getDouble(i), e)) {
                    double error = Math.abs(answer.getDouble(i) - e);
                    assertTrue(error <= TOLERANCE * (1 + Math.abs(e)),
                            function + " on " + range + " at " + points.getDouble(i) + ": " + answer.getDouble(i) + " for " + e);
                }
            }
        }
        assertTrue(answered >= functions().size() / 2, "only " + answered + " functions on " + range);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 12, 20, 24})
    void aFixedNumberOfFractionBitsGivesItsPrecision(int bits) {
        double unit = Math.scalb(1.0, -bits);
        for (Interval range : List.of(new Interval(-4, 4), new Interval(0.5, 8))) {
            Tensor points = Sweep.points(range, POINTS);
            for (ScalarFunction function : functions()) {
                Tensor exact = Evaluator.evaluate(new Op.Unary(function), List.of(points)).getFirst();
                Tensor answer = Sweep.run(Sweep.PLAINTEXT, new Op.Unary(function), List.of(range), List.of(points),
                        options -> options.withFractionBits(bits));
                var f = Evaluator.function(function);
                for (int i = 0; i < answer.size(); i++) {
                    double x = points.getDouble(i);
                    double e = exact.getDouble(i);
                    double spread = Math.max(Math.abs(f.applyAsDouble(x + unit) - e), Math.abs(f.applyAsDouble(x - unit) - e));
                    double error = Math.abs(answer.getDouble(i) - e);
                    boolean poor = !(spread < 0.25);
                    assertTrue(poor || error <= TOLERANCE * (1 + Math.abs(e)) + 4 * (unit + spread) * (1 + Math.abs(e)),
                            function + " on " + range + " at " + x + ": " + answer.getDouble(i) + " for " + e);
                }
            }
        }
    }

    /** Whether half a unit of the input's last place, as an input of that range is encoded, leaves the value within half the tolerance. */
    private static boolean isWellConditioned(ScalarFunction function, Interval range, double x, double exact) {
        double step = Math.scalb(1.0, -17) * Math.min(1, range.magnitude());
        var f = Evaluator.function(function);
        double spread = Math.max(Math.abs(f.applyAsDouble(x + step) - exact), Math.abs(f.applyAsDouble(x - step) - exact));
        return Double.isFinite(exact) && spread <= TOLERANCE / 2 * (1 + Math.abs(exact));
    }
}
