package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Op;
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
            case ScalarFunction.Power(double exponent) -> PowerKernels.power(builder, x, exponent);
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
            case SIN -> TrigonometricKernels.sin(builder, x);
            case COS -> TrigonometricKernels.cos(builder, x);
            case TAN -> TrigonometricKernels.tan(builder, x);
            case ASIN -> TrigonometricKernels.asin(builder, x);
            case ACOS -> TrigonometricKernels.acos(builder, x);
            case ATAN -> TrigonometricKernels.atan(builder, x);
            case SINH -> HyperbolicKernels.sinh(builder, x);
            case COSH -> HyperbolicKernels.cosh(builder, x);
            case ASINH -> HyperbolicKernels.asinh(builder, x);
            case ACOSH -> HyperbolicKernels.acosh(builder, x);
            case ATANH -> HyperbolicKernels.atanh(builder, x);
            case SOFTSIGN -> HyperbolicKernels.softsign(builder, x);
            case NEGATE, ABS, SIGN, FLOOR, CEIL, ROUND, TRUNCATE -> throw builder.unsupported("function " + function);
        };
    }

    private static Draft piecewise(PlanBuilder builder, Object function, Curve curve, Draft x) {
        return PiecewiseKernel.apply(builder, function, curve, x);
    }

    /** base to a secret exponent. */
    static Draft power(PlanBuilder builder, Draft base, Draft exponent) {
        return PowerKernels.power(builder, base, exponent);
    }

    /**
     * Whether an operator magnifies errors of this input, so that the input should be encoded as finely as the ring allows: poles and
     * vertical tangents within its range.
     */
    static boolean isDelicate(Op op, int input) {
        return switch (op) {
            case Op.Unary(Elementary function) -> switch (function) {
                case LOG, SQRT, RSQRT, RECIPROCAL, TAN, ASIN, ACOS, ACOSH, ATANH -> true;
                case NEGATE, ABS, SIGN, FLOOR, CEIL, ROUND, TRUNCATE, EXP, SIGMOID, TANH, ERF, GELU, GELU_TANH, SOFTPLUS, SOFTSIGN, MISH,
                        SIN, COS, ATAN, SINH, COSH, ASINH -> false;
            };
            case Op.Unary(ScalarFunction.Power(double exponent)) -> exponent < 1;
            case Op.Binary(var function) -> function == Op.Binary.Function.DIV && input == 1
                    || function == Op.Binary.Function.POW && input == 0;
            default -> false;
        };
    }

    static Draft softmax(PlanBuilder builder, Draft x, int axis) {
        return SoftmaxKernels.softmax(builder, x, axis);
    }

    static Draft logSoftmax(PlanBuilder builder, Draft x, int axis) {
        return SoftmaxKernels.logSoftmax(builder, x, axis);
    }
}
