package dev.sardonyx.graph;

/** Real functions that {@link Math} lacks, to within a few units in the last place of a double. */
final class SpecialFunctions {
    private static final double SQRT_PI = Math.sqrt(Math.PI);

    /** From here on erf by the continued fraction takes no more terms than by the series. */
    private static final double ERF_BY_FRACTION = 2.2;

    /** From here on 1 − erf(x) would lose digits. */
    private static final double ERFC_BY_FRACTION = 1;

    private SpecialFunctions() {
    }

    /** The error function. */
    static double erf(double x) {
        double size = Math.abs(x);
        if (size < ERF_BY_FRACTION) {
            return series(x);
        }
        return Math.copySign(1 - continuedFraction(size), x);
    }

    /** 1 − erf(x), also where erf(x) is next to 1. */
    static double erfc(double x) {
        if (x < -ERF_BY_FRACTION) {
            return 2 - continuedFraction(-x);
        }
        return x < ERFC_BY_FRACTION ? 1 - series(x) : continuedFraction(x);
    }

    /** erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)): no cancellation (Abramowitz and Stegun 7.1.6). */
    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 0x1p-56 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / SQRT_PI * expOfMinusSquare(x) * sum;
    }

    /** erfc(x) for x &gt; 0 by its continued fraction (Abramowitz and Stegun 7.1.14), evaluated backwards. */
    private static double continuedFraction(double x) {
        if (x > 30) {
            return 0;
        }
        int terms = (int) (20 + 200 / (x * x));
        double tail = x;
        for (int n = terms; n > 0; n--) {
            tail = x + n / 2.0 / tail;
        }
        return expOfMinusSquare(x) / (SQRT_PI * tail);
    }

    private static double expOfMinusSquare(double x) {
        double square = x * x;
        double rest = Math.fma(x, x, -square);
        return Math.exp(-square) * (1 - rest);
    }

    /** 1 / (1 + exp(−x)). */
    static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return (x >= 0 ? 1 : e) / (1 + e);
    }

    /** log(1 + exp(x)). */
    static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    /** x·Φ(x). */
    static double gelu(double x) {
        return x == Double.NEGATIVE_INFINITY ? 0 : 0.5 * x * erfc(-x / Math.sqrt(2));
    }

    /** 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). */
    static double geluTanh(double x) {
        double inner = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
        return x == Double.NEGATIVE_INFINITY ? 0 : x * sigmoid(2 * inner);
    }

    static double asinh(double x) {
        double size = Math.abs(x);
        double value = size > 0x1p500 ? Math.log(size) + Math.log(2) : Math.log1p(size + size * size / (1 + Math.hypot(1, size)));
        return Math.copySign(value, x);
    }

    static double acosh(double x) {
        double above = x - 1;
        return x > 0x1p500 ? Math.log(x) + Math.log(2) : Math.log1p(above + Math.sqrt(above * (x + 1)));
    }

    static double atanh(double x) {
        double size = Math.abs(x);
        return Math.copySign(0.5 * Math.log1p(2 * size / (1 - size)), x);
    }

    /** {@code base} to a whole exponent ≥ 0, wrapping modulo 2^64. */
    static long power(long base, long exponent) {
        long result = 1;
        for (long square = base, left = exponent; left > 0; left >>= 1, square *= square) {
            result = (left & 1) == 1 ? result * square : result;
        }
        return result;
    }
}
