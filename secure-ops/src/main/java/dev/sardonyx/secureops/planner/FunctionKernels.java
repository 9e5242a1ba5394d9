package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ScalarFunction;

/** Nonlinear functions of one number. */
final class FunctionKernels {
    private FunctionKernels() {
    }

    static Draft apply(PlanBuilder builder, ScalarFunction function, Draft x) {
        throw builder.unsupported("function " + function + " of " + x.shape());
    }

    static Draft power(PlanBuilder builder, Draft base, Draft exponent) {
        throw builder.unsupported("power of " + base.shape() + " by a secret exponent " + exponent.shape());
    }

    /** x / y for real numbers. */
    static Draft divide(PlanBuilder builder, Draft x, Draft y) {
        throw builder.unsupported("quotient of " + x.shape() + " by " + y.shape());
    }

    static Draft softmax(PlanBuilder builder, Draft x, int axis) {
        throw builder.unsupported("softmax along axis " + axis + " of " + x.shape());
    }

    static Draft logSoftmax(PlanBuilder builder, Draft x, int axis) {
        throw builder.unsupported("log-softmax along axis " + axis + " of " + x.shape());
    }
}
