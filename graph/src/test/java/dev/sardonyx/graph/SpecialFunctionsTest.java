package dev.sardonyx.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpecialFunctionsTest {
    private static final MathContext PRECISION = new MathContext(80);

    static LongStream seeds() {
        return Draw.seeds(3);
    }

    /** The Maclaurin series with enough digits that its cancellation does not matter for |x| up to 9. */
    private static BigDecimal erf(double x) {
        var exact = new BigDecimal(x);
        BigDecimal square = exact.multiply(exact).negate();
        BigDecimal power = exact;
        BigDecimal sum = exact;
        for (int n = 1; n < 300; n++) {
            power = power.multiply(square).divide(BigDecimal.valueOf(n), PRECISION);
            sum = sum.add(power.divide(BigDecimal.valueOf(2 * n + 1), PRECISION), PRECISION);
        }
        return sum.multiply(BigDecimal.TWO).divide(pi().sqrt(PRECISION), PRECISION);
    }

    /** Machin's formula. */
    private static BigDecimal pi() {
        return arctanOfInverse(5).multiply(BigDecimal.valueOf(16)).subtract(arctanOfInverse(239).multiply(BigDecimal.valueOf(4)));
    }

    private static BigDecimal arctanOfInverse(int x) {
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal power = BigDecimal.ONE.divide(BigDecimal.valueOf(x), PRECISION);
        for (int n = 1; power.signum() != 0 && n < 400; n += 2) {
            sum = sum.add(power.divide(BigDecimal.valueOf(n % 4 == 1 ? n : -n), PRECISION));
            power = power.divide(BigDecimal.valueOf((long) x * x), PRECISION);
        }
        return sum;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void erfAndErfcAreRightToAFewUnitsInTheLastPlace(long seed) {
        var draw = new Draw(seed);
        DoubleStream.concat(DoubleStream.of(0, 1e-300, 1e-9, 1, Math.nextDown(1.0), 2.2, -2.2, Math.nextDown(2.2), 6), DoubleStream.generate(() -> draw.real(-8, 8)).limit(60))
                .forEach(x -> {
                    BigDecimal exact = erf(x);
                    double erf = exact.doubleValue();
                    assertEquals(erf, SpecialFunctions.erf(x), 2e-15 * Math.abs(erf), () -> "erf(" + x + ")");
                    double erfc = BigDecimal.ONE.subtract(exact).doubleValue();
                    assertEquals(erfc, SpecialFunctions.erfc(x), 1e-14 * erfc, () -> "erfc(" + x + ")");
                });
    }

    @Test
    void errorFunctionsKeepTheirLimits() {
        assertEquals(1, SpecialFunctions.erf(Double.POSITIVE_INFINITY));
        assertEquals(-1, SpecialFunctions.erf(Double.NEGATIVE_INFINITY));
        assertEquals(2, SpecialFunctions.erfc(Double.NEGATIVE_INFINITY));
        assertEquals(0, SpecialFunctions.erfc(Double.POSITIVE_INFINITY));
        assertEquals(Double.NaN, SpecialFunctions.erf(Double.NaN));
        assertEquals(Double.NaN, SpecialFunctions.erfc(Double.NaN));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void inverseHyperbolicsUndoTheHyperbolics(long seed) {
        var draw = new Draw(seed);
        for (int i = 0; i < 200; i++) {
            double x = draw.real(-5, 5);
            assertEquals(x, SpecialFunctions.asinh(Math.sinh(x)), 1e-14 * Math.abs(x));
            // Near 1 acosh amplifies the rounding of its argument by 1 / |x|.
            assertEquals(Math.abs(x), SpecialFunctions.acosh(Math.cosh(x)), 1e-15 * Math.cosh(x) / Math.abs(Math.sinh(x)) + 1e-14);
            double y = draw.real(-2, 2);
            assertEquals(y, SpecialFunctions.atanh(Math.tanh(y)), 1e-13);
        }
        assertEquals(Math.log(2) + 600 * Math.log(2), SpecialFunctions.asinh(0x1p600), 1e-12);
        assertEquals(Math.log(2) + 600 * Math.log(2), SpecialFunctions.acosh(0x1p600), 1e-12);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void activationsFollowTheirDefinitions(long seed) {
        var draw = new Draw(seed);
        for (int i = 0; i < 500; i++) {
            double x = draw.real(-12, 12);
            assertEquals(1 / (1 + Math.exp(-x)), SpecialFunctions.sigmoid(x), 1e-15);
            assertEquals(Math.log(1 + Math.exp(x)), SpecialFunctions.softplus(x), 1e-14 * (1 + Math.abs(x)));
            assertEquals(0.5 * x * (1 + SpecialFunctions.erf(x / Math.sqrt(2))), SpecialFunctions.gelu(x), 1e-14 * (1 + Math.abs(x)));
            double tanh = Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * Math.pow(x, 3)));
            assertEquals(0.5 * x * (1 + tanh), SpecialFunctions.geluTanh(x), 1e-14 * (1 + Math.abs(x)));
        }
    }

    @Test
    void wholePowersWrap() {
        assertEquals(1, SpecialFunctions.power(0, 0));
        assertEquals(-27, SpecialFunctions.power(-3, 3));
        assertEquals(0, SpecialFunctions.power(2, 64));
    }
}
