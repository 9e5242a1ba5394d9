package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sweeps of the nonlinear functions over their planned domains, against their definitions in doubles. */
class FunctionAccuracyTest {
    private static final int POINTS = 20_000;
    private static final double ABSOLUTE = 0x1p-14;
    private static final double RELATIVE = 0x1p-14;

    /** The protocols that a sweep runs under. */
    enum Under {
        PLAINTEXT(Sweep.PLAINTEXT), REPLICATED(Sweep.REPLICATED);

        private final Protocol protocol;

        Under(Protocol protocol) {
            this.protocol = protocol;
        }
    }

    @ParameterizedTest
    @EnumSource(Under.class)
    void boundedAndRampedFunctionsErrByAtMostTwoToTheMinusFourteen(Under under) {
        for (ScalarFunction function : List.of(Elementary.SIGMOID, Elementary.TANH, Elementary.ERF, Elementary.GELU, Elementary.GELU_TANH,
                Elementary.SOFTPLUS, Elementary.MISH, new ScalarFunction.Swish(1), new ScalarFunction.Elu(1), new ScalarFunction.Celu(2))) {
            for (Interval range : List.of(Interval.symmetric(16), Interval.symmetric(1), new Interval(-4000, 3000), new Interval(2, 5))) {
                double error = Sweep.error(under.protocol, function, range, Sweep.points(range, POINTS), Sweep::absolute);
                assertTrue(error <= ABSOLUTE, function + " on " + range + " errs by " + error);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Under.class)
    void exponentialsOfNegativeNumbersErrByAtMostTwoToTheMinusFourteen(Under under) {
        for (Interval range : List.of(new Interval(-1, 0), new Interval(-32, 0), new Interval(-0x1p24, 0))) {
            double error = Sweep.error(under.protocol, Elementary.EXP, range, Sweep.points(range, POINTS), Sweep::absolute);
            assertTrue(error <= ABSOLUTE, "exp on " + range + " errs by " + error);
        }
    }

    @ParameterizedTest
    @EnumSource(Under.class)
    void functionsOfPositiveNumbersKeepTheirRelativeError(Under under) {
        var range = new Interval(0x1p-8, 256);
        Tensor points = Sweep.octaves(range, POINTS);
        for (Elementary function : List.of(Elementary.RECIPROCAL, Elementary.SQRT, Elementary.RSQRT)) {
            double error = Sweep.error(under.protocol, function, range, points, Sweep::relative);
            assertTrue(error <= RELATIVE, function + " on " + range + " errs by " + error + " of its value");
        }
        double log = Sweep.error(under.protocol, Elementary.LOG, range, points, Sweep::absolute);
        assertTrue(log <= ABSOLUTE, "log errs by " + log);
        var small = new Interval(0, 8);
        double exp = Sweep.error(under.protocol, Elementary.EXP, small, Sweep.points(small, POINTS), Sweep::relative);
        assertTrue(exp <= RELATIVE, "exp errs by " + exp + " of its value");
    }

    @ParameterizedTest
    @EnumSource(Under.class)
    void trigonometricAndHyperbolicFunctionsKeepTheirError(Under under) {
        // Sums of several steps: each adds its share to the error.
        double bound = 0x1p-13;
        check(under, Elementary.SIN, Interval.symmetric(3), bound);
        check(under, Elementary.SIN, new Interval(-30_000, 50_000), bound);
        check(under, Elementary.COS, new Interval(-100, 50), bound);
        check(under, Elementary.TAN, Interval.symmetric(1), bound);
        check(under, Elementary.ASIN, Interval.symmetric(1), bound);
        check(under, Elementary.ACOS, Interval.symmetric(1), bound);
        check(under, Elementary.ATAN, Interval.symmetric(16), bound);
        check(under, Elementary.ATAN, new Interval(-4e6, 3e6), bound);
        check(under, Elementary.SINH, Interval.symmetric(1), bound);
        check(under, Elementary.ASINH, Interval.symmetric(4), bound);
        check(under, Elementary.ASINH, Interval.symmetric(4000), bound);
        check(under, Elementary.ACOSH, new Interval(1, 16), bound);
        check(under, Elementary.ATANH, Interval.symmetric(0.875), bound);
        check(under, Elementary.SOFTSIGN, Interval.symmetric(4), bound);
        check(under, Elementary.SOFTSIGN, Interval.symmetric(4000), bound);
        check(under, new ScalarFunction.Power(1.0 / 3), new Interval(0, 16), 0x1p-10);
    }

    private static void check(Under under, ScalarFunction function, Interval range, double bound) {
        double error = Sweep.error(under.protocol, function, range, Sweep.points(range, POINTS), Sweep::absolute);
        assertTrue(error <= bound, function + " on " + range + " errs by " + error);
    }

    @ParameterizedTest
    @EnumSource(Under.class)
    void powersKeepTheirRelativeError(Under under) {
        var range = new Interval(0.25, 16);
        Tensor points = Sweep.octaves(range, POINTS);
        for (double exponent : new double[] {0.5, 1.5, -0.5, -1, -2, -0.75, 1.0 / 3, 2.7}) {
            double error = Sweep.error(under.protocol, new ScalarFunction.Power(exponent), range, points, Sweep::relative);
            assertTrue(error <= 0x1p-13, "power " + exponent + " errs by " + error + " of its value");
        }
        var hyperbolic = new Interval(1, 8);
        for (Elementary function : List.of(Elementary.SINH, Elementary.COSH)) {
            double error = Sweep.error(under.protocol, function, hyperbolic, Sweep.points(hyperbolic, POINTS), Sweep::relative);
            assertTrue(error <= 0x1p-13, function + " errs by " + error + " of its value");
        }
    }

    @Test
    void aWindowOfThirtyTwoOctavesKeepsTheRelativeErrorOfAnInverseRoot() {
        var range = new Interval(1e-5, 65536);
        double error = Sweep.error(Sweep.REPLICATED, Elementary.RSQRT, range, Sweep.octaves(range, POINTS), Sweep::relative);
        assertTrue(error <= RELATIVE, "rsqrt errs by " + error + " of its value");
    }

    @Test
    void secretExponentsServeNegativeBasesToo() {
        var random = new Random(5);
        double[] base = new double[4000];
        double[] exponent = new double[base.length];
        for (int i = 0; i < base.length; i++) {
            boolean whole = i % 2 == 0;
            exponent[i] = whole ? Math.rint(4 * random.nextDouble()) : 4 * random.nextDouble() - 1;
            base[i] = whole ? 6 * random.nextDouble() - 3 : 0.5 + 2.5 * random.nextDouble();
        }
        Shape shape = Shape.of(base.length);
        var op = new Op.Binary(Op.Binary.Function.POW);
        List<Tensor> inputs = List.of(Tensor.ofDoubles(ElementType.FLOAT64, shape, base), Tensor.ofDoubles(ElementType.FLOAT64, shape, exponent));
        Tensor answer = Sweep.run(Sweep.REPLICATED, op, List.of(Interval.symmetric(3), new Interval(-1, 4)), inputs);
        for (int i = 0; i < base.length; i++) {
            double exact = Math.pow(base[i], exponent[i]);
            assertTrue(Math.abs(answer.getDouble(i) - exact) <= 1e-3 * (1 + Math.abs(exact)), base[i] + " to the " + exponent[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 1000})
    void softmaxHoldsForRowsOfAnyLengthAndAnySpread(int n) {
        for (Protocol protocol : List.of(Sweep.PLAINTEXT, Sweep.REPLICATED)) {
            for (double span : new double[] {1, 8, 30, 0x1p24}) {
                Tensor rows = rows(n, span);
                for (Op op : List.of(new Op.Softmax(1), new Op.LogSoftmax(1))) {
                    Tensor answer = Sweep.run(protocol, op, List.of(Interval.symmetric(span)), List.of(rows));
                    Tensor exact = Evaluator.evaluate(op, List.of(rows)).getFirst();
                    for (int i = 0; i < answer.size(); i++) {
                        double error = Sweep.absolute(answer.getDouble(i), exact.getDouble(i));
                        assertTrue(error <= 0x1p-13, op + " of " + n + " within " + span + " errs by " + error);
                    }
                }
            }
        }
    }

    /** Random rows of growing spread; rows of equal elements, rows with one high element, rows with masked elements. */
    private static Tensor rows(int n, double span) {
        var random = new Random(n);
        int count = 32;
        double[] values = new double[count * n];
        for (int row = 0; row < count; row++) {
            double spread = Math.min(span, 30) * (row + 1) / count;
            for (int i = 0; i < n; i++) {
                values[row * n + i] = switch (row % 4) {
                    case 0 -> spread;
                    case 1 -> i == n / 2 ? span : 0;
                    case 2 -> i % 3 == 1 ? -span : spread * (2 * random.nextDouble() - 1);
                    default -> spread * (2 * random.nextDouble() - 1);
                };
            }
        }
        return Tensor.ofDoubles(ElementType.FLOAT64, Shape.of(count, n), values);
    }
}
