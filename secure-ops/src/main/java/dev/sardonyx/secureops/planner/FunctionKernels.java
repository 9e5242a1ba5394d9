package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import java.util.function.DoubleUnaryOperator;

/** Nonlinear functions of one number, each by the way that costs least over its planned range. */
final class FunctionKernels {
    private FunctionKernels() {
    }

    static Draft apply(PlanBuilder builder, ScalarFunction function, Draft x) {
        DoubleUnaryOperator exact = Evaluator.function(function);
        return switch (function) {
            case Elementary elementary -> elementary(builder, elementary, exact, x);
            case ScalarFunction.Elu(double alpha) -> piecewise(builder, function, Curve.hinge(v -> alpha * Math.expm1(v), -alpha, 1), x);
            case ScalarFunction.Celu(double alpha) ->
                piecewise(builder, function, Curve.hinge(v -> alpha * Math.expm1(v / alpha), -alpha, 1), x);
            case ScalarFunction.Selu(double alpha, double gamma) ->
                piecewise(builder, function, Curve.hinge(v -> gamma * alpha * Math.expm1(v), -gamma * alpha, gamma), x);
            case ScalarFunction.Swish(double alpha) -> piecewise(builder, function, Curve.ramp(exact, 1), x);
            case ScalarFunction.Power(double exponent) -> throw builder.unsupported("power " + exponent);
        };
    }

    private static Draft elementary(PlanBuilder builder, Elementary function, DoubleUnaryOperator exact, Draft x) {
        return switch (function) {
            case EXP -> ExponentialKernels.exp(builder, x);
            case LOG -> RootKernels.log(builder, x);
            case SQRT -> RootKernels.sqrt(builder, x);
            case RSQRT -> RootKernels.rsqrt(builder, x);
            case RECIPROCAL -> RootKernels.reciprocal(builder, x);
            case SIGMOID -> piecewise(builder, function, Curve.step(exact, 0, 1), x);
            case TANH, ERF -> piecewise(builder, function, Curve.step(exact, -1, 1), x);
            case GELU, GELU_TANH, SOFTPLUS, MISH -> piecewise(builder, function, Curve.ramp(exact, 1), x);
            case NEGATE, ABS, SIGN, FLOOR, CEIL, ROUND, TRUNCATE, SOFTSIGN, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH,
                    ATANH -> throw builder.unsupported("function " + function + " of " + x.shape());
        };
    }

    private static Draft piecewise(PlanBuilder builder, Object function, Curve curve, Draft x) {
        return PiecewiseKernel.apply(builder, function, curve, x);
    }

    static Draft power(PlanBuilder builder, Draft base, Draft exponent) {
        throw builder.unsupported("power of " + base.shape() + " by a secret exponent " + exponent.shape());
    }

    /** x / y for real numbers. */
    static Draft divide(PlanBuilder builder, Draft x, Draft y) {
        return builder.product(x, RootKernels.reciprocal(builder, y));
    }

    static Draft softmax(PlanBuilder builder, Draft x, int axis) {
        return SoftmaxKernels.softmax(builder, x, axis);
    }

    static Draft logSoftmax(PlanBuilder builder, Draft x, int axis) {
        return SoftmaxKernels.logSoftmax(builder, x, axis);
    }
}
