package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.planner.StepLog.DraftStep;
import java.util.List;
import java.util.Optional;

/**
 * Errors of operators whose steps say less than their meaning: a maximum chosen by a bit moves no further than its operands do, a
 * function by polynomials is as steep as the function. What jumps, as rounding and comparisons do, may be on either side of the jump.
 */
final class NodeErrors {
    /** Of a softmax or its logarithm by itself: exponentials, their sum and its reciprocal. */
    private static final double SOFTMAX = 0x1p-13;
    /** Deviation of the error of comparisons that ignore low bits: one in a hundred numbers being that close to the threshold. */
    private static final double MISJUDGED = 1.0 / 16;
    private static final double QUOTIENT = 2 * RootKernels.ERROR;
    /** Of exp(y·log x), relative, for each unit of y. */
    private static final double POWER = 0x1p-13;

    /**
     * A node as it was lowered.
     *
     * @param op its operator
     * @param inputs what its kernel was given
     * @param outputs what its kernel made
     * @param types element types of the outputs
     * @param steps what it emitted
     * @param wraps whether outputs are taken modulo their integer type
     */
    record Lowered(Op op, List<Term> inputs, List<Draft> outputs, List<ElementType> types, List<DraftStep> steps, boolean wraps) {
    }

    private final StepErrors errors;
    private final Scales scales;
    private final FunctionErrors functions;

    NodeErrors(StepErrors errors, PlanOptions options) {
        this.errors = errors;
        this.scales = new Scales(options);
        this.functions = new FunctionErrors(options);
    }

    /** Errors of a node's outputs, in order; nothing where its steps tell them. */
    Optional<List<ErrorBound>> of(Lowered node) {
        if (node.wraps()) {
            return Optional.of(node.outputs().stream().map(output -> jump(node, output)).toList());
        }
        return switch (node.op()) {
            case Op.Unary(var function) -> unary(node, function).map(List::of);
            case Op.Relu() -> Optional.of(List.of(carried(node, 1)));
            case Op.LeakyRelu(double slope) -> Optional.of(List.of(carried(node, Math.max(1, Math.abs(slope)))
                    .plus(ErrorBound.systematic(range(node, 0).magnitude() * Math.scalb(1.0, -Scales.WORKING_BITS - 1)))));
            case Op.Clip _, Op.MaxPool _ -> Optional.of(List.of(carried(node, 1)));
            case Op.Reduce(var function, var _) -> function == Op.Reduce.Function.MAX || function == Op.Reduce.Function.MIN
                    ? Optional.of(List.of(carried(node, 1))) : Optional.empty();
            case Op.TopK _ -> Optional.of(List.of(carried(node, 1), jump(node, node.outputs().get(1))));
            case Op.ArgMax _ -> Optional.of(List.of(jump(node, node.outputs().getFirst())));
            case Op.Softmax _ -> Optional.of(List.of(softmax(node, 0.5, 1)));
            case Op.LogSoftmax _ -> Optional.of(List.of(softmax(node, 2, Double.POSITIVE_INFINITY)));
            case Op.Binary(var function) -> binary(node, function).map(List::of);
            case Op.Where() -> node.types().getFirst() == ElementType.BOOL ? Optional.empty() : Optional.of(List.of(where(node)));
            case Op.GatherSecret _ -> Optional.of(List.of(error(node, 1).isExact() ? error(node, 0).plus(slack(node)) : jump(node, node.outputs().getFirst())));
            case Op.Cast(var to) -> to.isInteger() && node.inputs().getFirst().type().isFloating()
                    ? Optional.of(List.of(rounded(node))) : Optional.empty();
            case Op.Compare _, Op.Logic _, Op.Not _, Op.MatMul _, Op.Conv _, Op.AveragePool _, Op.Movement _, Op.OneHot _, Op.CumSum _ -> Optional.empty();
        };
    }

    // ---- what a kernel was given

    private ErrorBound error(Lowered node, int input) {
        return switch (node.inputs().get(input)) {
            case Term.Computed(Draft draft, var _) -> errors.of(draft);
            case Term.Fixed fixed -> fixed.type().isFloating() ? ErrorBound.EXACT.rounded(Math.scalb(1.0, -scales.working(range(node, input)))) : ErrorBound.EXACT;
        };
    }

    private Interval range(Lowered node, int input) {
        return switch (node.inputs().get(input)) {
            case Term.Computed(Draft draft, var _) -> draft.range();
            case Term.Fixed fixed -> fixed.type() == ElementType.BOOL ? Interval.UNIT : scales.constantRange(fixed);
        };
    }

    private Interval usual(Lowered node, int input) {
        return node.inputs().get(input) instanceof Term.Computed(Draft draft, var _) ? errors.usual(draft) : range(node, input);
    }

    private int fractionBits(Lowered node, int input) {
        return switch (node.inputs().get(input)) {
            case Term.Computed(Draft draft, var _) -> draft.fractionBits();
            case Term.Fixed fixed -> fixed.type().isFloating() ? scales.working(range(node, input)) : 0;
        };
    }

    // ---- rules

    /** Carried on by a function that is nowhere steeper than {@code slope}. */
    private ErrorBound carried(Lowered node, double slope) {
        return error(node, 0).times(slope).plus(slack(node));
    }

    /** What comparisons that ignore low bits may judge wrongly, and what truncations inside a kernel cut off. */
    private ErrorBound slack(Lowered node) {
        ErrorBound slack = ErrorBound.EXACT;
        for (DraftStep step : node.steps()) {
            slack = switch (step.instruction()) {
                case Instruction.Compare compare when compare.lowBit() > 0 -> slack.plusIndependent(misjudged(Math.scalb(1.0, compare.lowBit()
                        - step.inputs().getFirst().fractionBits())));
                case Instruction.Truncate _ -> slack.truncated(StepErrors.unit(step.outputs().getFirst()));
                case Instruction _ -> slack;
            };
        }
        return slack;
    }

    /** Only numbers that close to the threshold are misjudged, and by no more than their distance: few, and each by itself. */
    private static ErrorBound misjudged(double resolution) {
        return new ErrorBound(resolution, 0, resolution * MISJUDGED);
    }

    /** The same if all inputs are exact; else anything in the output's range. */
    private ErrorBound jump(Lowered node, Draft output) {
        for (int i = 0; i < node.inputs().size(); i++) {
            if (!error(node, i).isExact()) {
                return ErrorBound.systematic(output.range().high() - output.range().low());
            }
        }
        return ErrorBound.EXACT;
    }

    /** A whole number next to one that may lie on the other side. */
    private ErrorBound rounded(Lowered node) {
        ErrorBound error = error(node, 0);
        return error.isExact() ? ErrorBound.EXACT : error.plus(ErrorBound.systematic(1));
    }

    private Optional<ErrorBound> unary(Lowered node, ScalarFunction function) {
        Draft out = node.outputs().getFirst();
        return switch (function) {
            case Elementary.NEGATE -> Optional.empty();
            case Elementary.ABS -> Optional.of(carried(node, 1));
            case Elementary.SIGN -> Optional.of(jump(node, out));
            case Elementary.FLOOR, Elementary.CEIL, Elementary.ROUND, Elementary.TRUNCATE -> Optional.of(rounded(node));
            case ScalarFunction.Power(double exponent) when exponent >= 0 && exponent == Math.rint(exponent) -> Optional.empty();
            case ScalarFunction _ -> node.inputs().getFirst() instanceof Term.Computed(Draft x, var _)
                    ? Optional.of(functions.of(function, new FunctionErrors.Argument(x, errors.of(x), errors.usual(x)), out)) : Optional.empty();
        };
    }

    private ErrorBound softmax(Lowered node, double slope, double most) {
        ErrorBound x = error(node, 0).truncated(Math.scalb(1.0, -Math.min(fractionBits(node, 0), scales.working(range(node, 0)))));
        ErrorBound carried = x.times(slope);
        ErrorBound all = carried.plus(ErrorBound.systematic(SOFTMAX + StepErrors.unit(node.outputs().getFirst())));
        return ErrorBound.of(Math.min(most, all.proven()), Math.min(most, all.shift()), all.spread());
    }

    private Optional<ErrorBound> binary(Lowered node, Op.Binary.Function function) {
        boolean whole = !node.types().getFirst().isFloating();
        return switch (function) {
            case ADD, SUB, MUL -> Optional.empty();
            case MAX, MIN -> Optional.of(error(node, 0).max(error(node, 1)).plus(slack(node)));
            case DIV -> Optional.of(whole ? jump(node, node.outputs().getFirst())
                    : StepErrors.likely(quotient(node, range(node, 0), range(node, 1)), quotient(node, usual(node, 0), usual(node, 1))));
            case POW -> Optional.of(StepErrors.likely(power(node, range(node, 0), range(node, 1)), power(node, usual(node, 0), usual(node, 1))));
            case MODULO, REMAINDER -> Optional.of(remainder(node, whole));
        };
    }

    /** Of numbers that are what they were when they were shared; their own rounding may take them past a multiple. */
    private ErrorBound remainder(Lowered node, boolean whole) {
        return whole ? jump(node, node.outputs().getFirst()) : ErrorBound.systematic(node.outputs().getFirst().range().high()
                - node.outputs().getFirst().range().low());
    }

    /** |x/y − x'/y'| ≤ (e_x + |x/y|·e_y) / |y'|; no bound where the divisor may be zero. */
    private ErrorBound quotient(Lowered node, Interval x, Interval y) {
        double least = y.low() > 0 ? y.low() : y.high() < 0 ? -y.high() : 0;
        ErrorBound divisor = error(node, 1);
        if (least <= 0) {
            return ErrorBound.UNBOUNDED;
        }
        ErrorBound numerator = error(node, 0).truncated(Math.scalb(1.0, -Math.min(fractionBits(node, 0), scales.working(range(node, 0)))));
        var inverse = new Interval(1 / y.magnitude(), 1 / least);
        ErrorBound reciprocal = new Modulus(v -> 1 / v, y.low() > 0 ? y : y.negated()).apply(divisor)
                .plus(ErrorBound.systematic(QUOTIENT / least + 2 * Math.scalb(1.0, -scales.working(inverse))));
        return numerator.times(1 / least).plus(reciprocal.times(x.magnitude())).plus(ErrorBound.systematic(numerator.likely() * reciprocal.likely()))
                .plus(ErrorBound.systematic(StepErrors.unit(node.outputs().getFirst())));
    }

    /** x^y for x above zero: relative error |y|·e_x/x + |log x|·e_y; no bound where the base may be zero. */
    private ErrorBound power(Lowered node, Interval x, Interval y) {
        if (!(x.low() > 0)) {
            return ErrorBound.UNBOUNDED;
        }
        double log = Math.max(Math.abs(Math.log(x.low())), Math.abs(Math.log(x.high())));
        double most = Math.exp(Math.max(Math.log(x.high()) * y.high(), Math.max(Math.log(x.low()) * y.low(), Math.max(Math.log(x.low()) * y.high(),
                Math.log(x.high()) * y.low()))));
        ErrorBound relative = error(node, 0).times(y.magnitude() / x.low()).plus(error(node, 1).times(log))
                .plus(ErrorBound.systematic(POWER * (1 + y.magnitude())));
        ErrorBound grown = ErrorBound.of(Math.expm1(relative.proven()), Math.expm1(relative.shift()),
                Math.max(0, Math.expm1(relative.likely()) - Math.expm1(relative.shift())) / ErrorBound.DEVIATIONS);
        return grown.times(most).plus(ErrorBound.systematic(2 * StepErrors.unit(node.outputs().getFirst())));
    }

    private ErrorBound where(Lowered node) {
        ErrorBound either = error(node, 1).max(error(node, 2)).plus(slack(node));
        if (error(node, 0).isExact()) {
            return either;
        }
        Interval all = range(node, 1).union(range(node, 2));
        return either.plus(ErrorBound.systematic(all.high() - all.low()));
    }
}
