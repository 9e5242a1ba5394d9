package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Arithmetic on pairs of elements. */
final class ElementwiseKernels {
    /** Of a rough quotient, before what it leaves is divided. */
    private static final int ROUGH_QUOTIENT_BITS = 6;
    /** How many comparisons lead to a maximum, at most. */
    private static final int UNSEEN = 64;
    /** The part of a step by which rounding a dividend may move its quotient. */
    private static final double MISSED_STEP = 1.0 / 16;

    private ElementwiseKernels() {
    }

    static List<Draft> binary(Kernel.Request request, Op.Binary.Function function) {
        PlanBuilder builder = request.builder();
        Draft result = switch (function) {
            case ADD -> additive(request, true);
            case SUB -> additive(request, false);
            case MUL -> multiply(request);
            case DIV -> divide(request);
            case MAX -> {
                Draft[] pair = alignedPair(request);
                yield PoolKernels.maximum(builder, builder.moves().expand(pair[0], request.shape()), builder.moves().expand(pair[1], request.shape()));
            }
            case MIN -> {
                Draft[] pair = alignedPair(request);
                yield PoolKernels.minimum(builder, builder.moves().expand(pair[0], request.shape()), builder.moves().expand(pair[1], request.shape()));
            }
            case POW -> power(request);
            case MODULO -> DivisionKernels.remainder(request, true);
            case REMAINDER -> DivisionKernels.remainder(request, false);
        };
        return List.of(builder.moves().expand(result, request.shape()));
    }

    /** Both operands as numbers, a constant one at the other's scale. */
    static Draft[] alignedPair(Kernel.Request request) {
        PlanBuilder builder = request.builder();
        Term left = request.input(0);
        Term right = request.input(1);
        if (left instanceof Term.Fixed && right instanceof Term.Computed) {
            Draft partner = request.number(1);
            return new Draft[] {Terms.aligned(builder, left, partner), partner};
        }
        Draft first = request.number(0);
        return new Draft[] {first, Terms.aligned(builder, right, first)};
    }

    private static Draft additive(Kernel.Request request, boolean plus) {
        Draft[] pair = alignedPair(request);
        PlanBuilder builder = request.builder();
        Draft result = plus ? builder.add(pair[0], pair[1]) : builder.subtract(pair[0], pair[1]);
        if (!plus && builder.isMaximum(pair[1], pair[0])) {
            result = builder.within(result, new Interval(Math.min(0, result.range().low()), 0));
        }
        requireDigitsBesideMask(request, result);
        return builder.within(result, request.bounded(result.range()));
    }

    /** Where a public constant is zero for some and great for others, the sum is the choice of one of two numbers. */
    private static void requireDigitsBesideMask(Kernel.Request request, Draft sum) {
        for (int side = 0; side < 2; side++) {
            if (request.input(side) instanceof Term.Fixed fixed && !fixed.constant().isSecret() && request.input(1 - side) instanceof Term.Computed) {
                double[] summands = fixed.constant().tensor().toDoubles();
                if (Arrays.stream(summands).anyMatch(summand -> summand == 0)) {
                    Terms.requireDigits(request.builder(), request.input(1 - side), sum);
                }
            }
        }
    }

    private static Draft multiply(Kernel.Request request) {
        PlanBuilder builder = request.builder();
        for (int side = 0; side < 2; side++) {
            if (request.input(side) instanceof Term.Fixed fixed && request.input(1 - side) instanceof Term.Computed) {
                Draft x = request.number(1 - side);
                if (!fixed.constant().isSecret() && fixed.constant().tensor().size() == 1) {
                    return builder.moves().expand(builder.scaleBy(x, fixed.constant().tensor().getDouble(0)), request.shape());
                }
                Interval constant = builder.scales().constantRange(fixed);
                Interval range = request.bounded(x.range().times(constant));
                Draft narrow = request.precision().fine() ? builder.rescaling().withRoomFor(constant, x, range) : builder.narrow(x);
                Draft factor = Terms.factor(builder, fixed, narrow, range);
                return builder.within(builder.multiply(narrow, factor), range);
            }
        }
        Term left = request.input(0);
        Term right = request.input(1);
        Draft a = request.value(0);
        Draft b = request.value(1);
        if (a.isBits() != b.isBits()) {
            return a.isBits() ? builder.bits().select(a, b) : builder.bits().select(b, a);
        }
        if (request.precision().fine() && !a.isBits()) {
            Interval range = left.equals(right) ? a.range().squared() : a.range().times(b.range());
            return builder.fineProduct(a, b, request.bounded(range));
        }
        Draft x = request.number(0);
        Draft y = left.equals(right) ? x : request.number(1);
        return builder.product(x, y, request.bounded(x.id() == y.id() ? x.range().squared() : x.range().times(y.range())));
    }

    private static Draft divide(Kernel.Request request) {
        PlanBuilder builder = request.builder();
        boolean integer = request.outputs().getFirst().type().isInteger();
        if (integer) {
            return DivisionKernels.quotient(request);
        }
        Draft x = request.number(0);
        if (request.precision().fine()) {
            Draft divisor = request.number(1);
            requireDigits(builder, x, divisor);
            Draft quotient = request.quotient().isPresent() ? fineQuotient(builder, x, divisor, request.quotient().getAsDouble())
                    : fineQuotient(builder, x, divisor);
            return builder.within(quotient, request.bounded(quotient.range()));
        }
        Draft y = request.number(1);
        if (y.size() == request.shape().size() && builder.options().fractionBits().isEmpty()) {
            Optional<Draft> quotient = RootKernels.quotient(builder, x, y);
            if (quotient.isPresent()) {
                return builder.within(quotient.get(), request.bounded(quotient.get().range()));
            }
        }
        Draft inverse = RootKernels.reciprocal(builder, y);
        return builder.product(x, inverse, request.bounded(x.range().times(inverse.range())));
    }

    /**
     * x / y with a relative error of about 2^-20: the rough quotient q, and what it leaves of x, x − q·y, divided once more. The
     * reciprocal of what y's scale does not tell from zero stays below four times the greatest one; so does all that follows.
     */
    private static Draft fineQuotient(PlanBuilder builder, Draft x, Draft y) {
        Draft inverse = RootKernels.reciprocal(builder, y);
        Interval range = x.range().times(inverse.range());
        Draft rough = builder.fineProduct(x, inverse, range);
        Interval reach = Interval.symmetric(4 * x.range().magnitude());
        Draft rest = builder.within(builder.subtract(x, builder.fineProduct(rough, y, reach)), reach);
        Draft correction = builder.fineProduct(rest, inverse, Interval.symmetric(4 * range.magnitude()));
        return builder.within(builder.add(rough, correction), Interval.symmetric(range.magnitude()));
    }

    /**
     * As above where the quotient of exact numbers is known not to exceed {@code most}, which its operands' ranges do not tell. The
     * remainder is taken of the rough quotient's first bits, exactly; so all bits that the ring has are left to y, whose error it multiplies.
     */
    private static Draft fineQuotient(PlanBuilder builder, Draft x, Draft y, double most) {
        Draft inverse = RootKernels.reciprocal(builder, y);
        // Next to nothing the reciprocal is up to four times too large, and y may miss all that comparisons did not look at.
        double missed = UNSEEN * builder.scales().resolution(x.range()) * inverse.range().magnitude();
        Interval range = x.range().times(inverse.range()).intersect(Interval.symmetric(4 * most + missed));
        Draft product = builder.fineProduct(x, inverse, range);
        Draft rough = builder.rescale(product, Math.min(product.fractionBits(), ROUGH_QUOTIENT_BITS));
        Interval reach = Interval.symmetric(4 * x.range().magnitude());
        Draft divisor = builder.rescale(y, Math.clamp(builder.scales().finest(reach) - rough.fractionBits(), 0, y.fractionBits()));
        Draft back = builder.sumOfProducts(List.of(rough, divisor), reach);
        Draft rest = builder.within(builder.subtract(x, back), reach);
        Draft correction = builder.fineProduct(rest, inverse, Interval.symmetric(4 * range.magnitude()));
        return builder.within(builder.add(rough, correction), range);
    }

    /** Refuses to round a quotient to whole numbers of which a number this far below its range has no digits. */
    private static void requireDigits(PlanBuilder builder, Draft x, Draft y) {
        int digits = x.fractionBits();
        boolean coarse = digits < LinearKernels.COARSEST_FACTOR && x.range().magnitudeExponent() > Scales.WORKING_MAGNITUDE_BITS - LinearKernels.COARSEST_FACTOR;
        boolean fine = y.range().low() > 0 && Math.scalb(1.0, -digits) <= MISSED_STEP * y.range().low();
        if (coarse && !fine && builder.options().fractionBits().isEmpty()) {
            throw builder.outOfRange("by interval analysis what is quantised may reach 2^" + x.range().magnitudeExponent() + ", which leaves it "
                    + digits + " fraction bits. Declare tighter --input-range or --calibrate with samples");
        }
    }

    /** Powers of whole numbers are whole. */
    private static Draft power(Kernel.Request request) {
        PlanBuilder builder = request.builder();
        Draft result = FunctionKernels.power(builder, request.number(0), request.number(1));
        return request.outputs().getFirst().type().isInteger() ? IntegerKernels.round(builder, result) : result;
    }

    static Draft unary(Kernel.Request request, ScalarFunction function) {
        PlanBuilder builder = request.builder();
        Draft x = request.number(0);
        return switch (function) {
            case Elementary.NEGATE -> builder.negate(x);
            case Elementary.ABS -> absolute(builder, x);
            case Elementary.SIGN -> sign(builder, x);
            case Elementary.FLOOR -> IntegerKernels.floor(builder, x);
            case Elementary.CEIL -> builder.negate(IntegerKernels.floor(builder, builder.negate(x)));
            case Elementary.ROUND -> IntegerKernels.roundHalfEven(builder, x, request.precision().exactInput());
            case Elementary.TRUNCATE -> IntegerKernels.truncateTowardsZero(builder, x);
            default -> {
                boolean fine = function == Elementary.RECIPROCAL && request.precision().fine();
                Draft result = fine ? RootKernels.fineReciprocal(builder, x) : FunctionKernels.apply(builder, function, x);
                yield builder.within(result, request.bounded(result.range()));
            }
        };
    }

    /** |x|. */
    static Draft absolute(PlanBuilder builder, Draft x) {
        if (x.range().isNonNegative()) {
            return x;
        }
        Draft positive = builder.bits().atLeast(x, 0, builder.scales().resolution(x.range()));
        return Signs.magnitude(builder, positive, x);
    }

    /** -1, 0 or 1, judged to the last bit. */
    private static Draft sign(PlanBuilder builder, Draft x) {
        double unit = Math.scalb(1.0, -x.fractionBits());
        List<Draft> bits = builder.bits().atLeast(x, List.of(0.0, unit), 0);
        return builder.bits().combine(bits, new double[] {-1}, new double[][] {{1, 1}}, new int[] {0}, List.of(Interval.symmetric(1))).getFirst();
    }

    static Draft leakyRelu(PlanBuilder builder, Draft x, double slope) {
        if (x.range().isNonNegative()) {
            return x;
        }
        // slope·x + (1 − slope)·relu(x)
        Draft positive = PoolKernels.relu(builder, x);
        Draft result = builder.add(builder.scaleBy(x, slope), builder.scaleBy(positive, 1 - slope));
        double low = Math.min(Math.min(slope * x.range().low(), 0), slope * Math.min(0, x.range().high()));
        double high = Math.max(Math.max(0, x.range().high()), slope * x.range().low());
        return builder.within(result, new Interval(low, high));
    }

    static Draft clip(PlanBuilder builder, Draft x, double low, double high) {
        Draft result = x;
        if (low > high) {
            // ONNX: the upper bound wins.
            return builder.sources().literal(x.shape(), high, x.fractionBits());
        }
        if (low > x.range().low()) {
            Draft lifted = PoolKernels.relu(builder, builder.addConstant(result, -low));
            result = builder.within(builder.addConstant(lifted, low), x.range().max(Interval.point(low)));
        }
        if (high < x.range().high()) {
            Draft lowered = PoolKernels.relu(builder, builder.subtractFrom(high, result));
            result = builder.within(builder.subtractFrom(high, lowered), result.range().min(Interval.point(high)));
        }
        return result;
    }
}
