package dev.sardonyx.graph;

/** A real function of one real number, applied to each element by {@link Op.Unary}. Parameters are public. */
public sealed interface ScalarFunction {

    /** The functions without parameters. */
    enum Elementary implements ScalarFunction {
        NEGATE, ABS, SIGN, FLOOR, CEIL,
        /** Halves go to the even neighbour. */
        ROUND,
        /** Cuts the fraction off, as a cast to an integer type does. */
        TRUNCATE, EXP, LOG, SQRT,
        /** 1 / sqrt(x). */
        RSQRT, RECIPROCAL, SIGMOID, TANH, ERF,
        /** x·Φ(x) by erf. */
        GELU,
        /** The tanh form of GELU. */
        GELU_TANH, SOFTPLUS, SOFTSIGN, MISH, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH
    }

    /** x for x ≥ 0, alpha·(exp(x) − 1) below. */
    record Elu(double alpha) implements ScalarFunction {
    }

    /** max(0, x) + min(0, alpha·(exp(x/alpha) − 1)). */
    record Celu(double alpha) implements ScalarFunction {
    }

    /** gamma·x for x > 0, gamma·alpha·(exp(x) − 1) otherwise. */
    record Selu(double alpha, double gamma) implements ScalarFunction {
    }

    /** x·sigmoid(alpha·x). */
    record Swish(double alpha) implements ScalarFunction {
    }

    /** x raised to a public exponent. */
    record Power(double exponent) implements ScalarFunction {
    }
}
