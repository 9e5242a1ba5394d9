package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import java.util.List;

/** Comparisons, booleans, choice and casts. */
final class LogicKernels {
    private LogicKernels() {
    }

    static Draft compare(Kernel.Request request, Op.Compare.Relation relation) {
        PlanBuilder builder = request.builder();
        Bits bits = builder.bits();
        Draft left = request.value(0);
        Draft right = request.value(1);
        if (left.isBits() && right.isBits()) {
            return builder.moves().expand(bits.not(bits.xor(left, right)), request.shape());
        }
        Draft[] pair = ElementwiseKernels.alignedPair(request);
        Draft difference = builder.moves().expand(builder.subtract(pair[0], pair[1]), request.shape());
        double unit = Math.scalb(1.0, -difference.fractionBits());
        return switch (relation) {
            case GREATER_OR_EQUAL -> bits.atLeast(difference, 0, 0);
            case LESS -> bits.not(bits.atLeast(difference, 0, 0));
            case GREATER -> bits.atLeast(difference, unit, 0);
            case LESS_OR_EQUAL -> bits.not(bits.atLeast(difference, unit, 0));
            case EQUAL -> equalsZero(builder, difference);
        };
    }

    /** Whether a number is zero to the last bit: not less than 0, yet less than one unit. */
    static Draft equalsZero(PlanBuilder builder, Draft x) {
        List<Draft> reached = builder.bits().atLeast(x, List.of(0.0, Math.scalb(1.0, -x.fractionBits())), 0);
        return builder.bits().xor(reached.getFirst(), reached.getLast());
    }

    static Draft logic(Kernel.Request request, Op.Logic.Function function) {
        PlanBuilder builder = request.builder();
        Bits bits = builder.bits();
        Draft a = request.value(0);
        Draft b = request.value(1);
        return builder.moves().expand(switch (function) {
            case AND -> bits.and(a, b);
            case OR -> bits.not(bits.and(bits.not(a), bits.not(b)));
            case XOR -> bits.xor(a, b);
        }, request.shape());
    }

    static Draft where(Kernel.Request request) {
        PlanBuilder builder = request.builder();
        Bits bits = builder.bits();
        Draft condition = request.value(0);
        if (request.outputs().getFirst().type() == ElementType.BOOL) {
            Draft a = request.value(1);
            Draft b = request.value(2);
            // b ⊕ c·(a ⊕ b)
            return builder.moves().expand(bits.xor(b, bits.and(condition, bits.xor(a, b))), request.shape());
        }
        Draft whenTrue = request.input(2) instanceof Term.Computed ? Terms.aligned(builder, request.input(1), request.number(2))
                : request.number(1);
        Draft whenFalse = Terms.aligned(builder, request.input(2), whenTrue);
        if (request.input(2) instanceof Term.Fixed fixed && !fixed.constant().isSecret() && isZero(fixed)) {
            return builder.moves().expand(bits.select(condition, whenTrue), request.shape());
        }
        Draft chosen = choose(builder, condition, whenTrue, whenFalse);
        Terms.requireDigits(builder, request.input(1), chosen);
        Terms.requireDigits(builder, request.input(2), chosen);
        return builder.moves().expand(chosen, request.shape());
    }

    /** whenTrue where the bit is set, else whenFalse. */
    static Draft choose(PlanBuilder builder, Draft bits, Draft whenTrue, Draft whenFalse) {
        Draft difference = builder.subtract(whenTrue, whenFalse);
        Draft chosen = builder.add(builder.rescale(whenFalse, difference.fractionBits()), builder.bits().select(bits, difference));
        return builder.within(chosen, whenTrue.range().union(whenFalse.range()));
    }

    private static boolean isZero(Term.Fixed fixed) {
        Interval range = Scales.range(fixed.constant().tensor());
        return range.low() == 0 && range.high() == 0;
    }

    static Draft cast(Kernel.Request request, ElementType to) {
        PlanBuilder builder = request.builder();
        Draft x = request.value(0);
        if (to == ElementType.BOOL) {
            return x.isBits() ? x : builder.bits().not(equalsZero(builder, x));
        }
        Draft number = x.isBits() ? builder.bits().toNumber(x) : x;
        boolean whole = to.isInteger() && request.input(0).type().isFloating();
        return whole ? IntegerKernels.truncateTowardsZero(builder, number) : number;
    }
}
