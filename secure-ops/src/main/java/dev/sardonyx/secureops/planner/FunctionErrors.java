package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import java.util.OptionalInt;
import java.util.function.DoubleUnaryOperator;

/**
 * Errors of the functions of one number: what their polynomials are off by, as {@code docs/accuracy.md} promises and sweeps measure, and
 * how far the function carries the error of its argument.
 */
final class FunctionErrors {
    /** Of a function by pieces, where it reaches 1; relative to its greatest value where it does not. */
    private static final double PIECES = 2 * PiecewiseKernel.ERROR;
    /** Of a function by one range reduction, relative; of a logarithm, absolute. */
    private static final double REDUCED = 2 * RootKernels.ERROR;
    /** Of a function that several others make up. */
    private static final double COMPOSED = 4 * RootKernels.ERROR;
    /** Half a unit of a factor of 16 significant bits. */
    private static final double FACTOR = 0x1p-16;
    private static final double LEAST_PIECE = 0x1p-16;
    /** Scales that functions by pieces keep beyond the working scale for small domains. */
    private static final int SMALL_BITS = 8;

    private final OptionalInt fractionBits;
    private final Scales scales;

    FunctionErrors(PlanOptions options) {
        this.fractionBits = options.fractionBits();
        this.scales = new Scales(options);
    }

    /** What a function is off by itself. */
    private enum Family {
        /** Pieces of polynomials at the working scale. */
        PIECES,
        /** Relative to the greatest value. */
        RELATIVE, ABSOLUTE, COMPOSED_ABSOLUTE, COMPOSED_RELATIVE
    }

    private static Family family(ScalarFunction function) {
        return switch (function) {
            case Elementary elementary -> switch (elementary) {
                case SIGMOID, TANH, ERF, GELU, GELU_TANH, SOFTPLUS, MISH -> Family.PIECES;
                case EXP, SQRT, RSQRT, RECIPROCAL -> Family.RELATIVE;
                case LOG -> Family.ABSOLUTE;
                case SIN, COS, ASIN, ACOS, ATAN, ASINH, ACOSH, ATANH, SOFTSIGN -> Family.COMPOSED_ABSOLUTE;
                case TAN, SINH, COSH -> Family.COMPOSED_RELATIVE;
                case NEGATE, ABS, SIGN, FLOOR, CEIL, ROUND, TRUNCATE -> throw new IllegalArgumentException(elementary + " has no polynomial");
            };
            case ScalarFunction.Elu _, ScalarFunction.Celu _, ScalarFunction.Selu _, ScalarFunction.Swish _ -> Family.PIECES;
            case ScalarFunction.Power(double exponent) -> Math.abs(exponent) < 1 ? Family.RELATIVE : Family.COMPOSED_RELATIVE;
        };
    }

    /**
     * The error of a function's value.
     *
     * @param out the value
     */
    ErrorBound of(ScalarFunction function, Argument argument, Draft out) {
        ErrorBound proven = over(argument.x().range(), function, argument, out);
        if (argument.usual().equals(argument.x().range())) {
            return proven;
        }
        ErrorBound likely = over(argument.usual(), function, argument, out);
        return ErrorBound.of(proven.proven(), likely.shift(), likely.spread());
    }

    /**
     * What a function is applied to.
     *
     * @param error its error
     * @param usual where it usually lies
     */
    record Argument(Draft x, ErrorBound error, Interval usual) {
    }

    private ErrorBound over(Interval domain, ScalarFunction function, Argument of, Draft out) {
        Draft x = of.x();
        DoubleUnaryOperator exact = Evaluator.function(function);
        var modulus = new Modulus(exact, domain);
        Family family = family(function);
        boolean narrows = switch (family) {
            case PIECES, COMPOSED_ABSOLUTE, COMPOSED_RELATIVE -> true;
            case RELATIVE, ABSOLUTE -> function == Elementary.EXP;
        };
        ErrorBound argument = narrows ? of.error().truncated(coordinate(x)) : of.error();
        double size = modulus.magnitude();
        double own = switch (family) {
            case PIECES -> PIECES * Math.clamp(size, LEAST_PIECE, 1);
            case RELATIVE -> REDUCED * size;
            case ABSOLUTE -> REDUCED;
            case COMPOSED_ABSOLUTE -> COMPOSED;
            case COMPOSED_RELATIVE -> COMPOSED * size * exponent(function);
        };
        // A fixed scale may be coarser than what the polynomials are made for: their coefficients and what they are added to have it too.
        double working = fractionBits.isPresent() ? 2 * Math.scalb(1.0, -fractionBits.getAsInt()) : 0;
        return modulus.apply(argument).plus(ErrorBound.systematic(own + gain(function, domain) + working + 2 * StepErrors.unit(out)));
    }

    /** The rounding of the factor of the part that is a ReLU. */
    private static double gain(ScalarFunction function, Interval range) {
        return function instanceof ScalarFunction.Selu(double _, double gamma) ? Math.abs(gamma) * range.magnitude() * FACTOR : 0;
    }

    /** Errors of powers grow with the exponent. */
    private static double exponent(ScalarFunction function) {
        return function instanceof ScalarFunction.Power(double exponent) ? 1 + Math.abs(exponent) : 1;
    }

    /** The unit to which an argument is truncated before its polynomial. */
    private double coordinate(Draft x) {
        int small = Math.clamp(-x.range().magnitudeExponent(), 0, SMALL_BITS);
        int bits = Math.min(fractionBits.orElse(Scales.WORKING_BITS) + small, Math.max(1, scales.working(x.range())));
        return Math.scalb(1.0, -Math.min(x.fractionBits(), bits));
    }
}
