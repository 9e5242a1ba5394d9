package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Tensor;

/** How kernels turn a term into a planned value. */
final class Terms {
    /** The part of its range that a value may lose to greater ones beside it: about what outputs are compared to. */
    private static final double LOST_DIGITS = 0x1p-10;

    private Terms() {
    }

    /** The planned value; a constant at the working scale of its range (integers at 0, booleans as bits). */
    static Draft value(PlanBuilder builder, Term term) {
        return switch (term) {
            case Term.Computed computed -> computed.draft();
            case Term.Fixed fixed -> builder.sources().constant(fixed, fixed.type().isFloating()
                    ? builder.scales().working(builder.scales().constantRange(fixed)) : 0);
        };
    }

    /** The planned number; bits become 0 and 1. */
    static Draft number(PlanBuilder builder, Term term) {
        Draft value = value(builder, term);
        return value.isBits() ? builder.bits().toNumber(value) : value;
    }

    /** The planned number at a partner's scale where the term is a constant and may choose; else as it is. */
    static Draft aligned(PlanBuilder builder, Term term, Draft partner) {
        if (term instanceof Term.Fixed fixed && fixed.type() != dev.sardonyx.graph.ElementType.BOOL) {
            Interval range = builder.scales().constantRange(fixed);
            int scale = fixed.type().isFloating()
                    ? Math.min(Math.max(partner.fractionBits(), builder.scales().working(range)), builder.scales().finest(range))
                    : 0;
            return builder.sources().constant(fixed, scale);
        }
        return number(builder, term);
    }

    /** The planned constant as a factor of {@code partner} in a product bounded by {@code range}. */
    static Draft factor(PlanBuilder builder, Term.Fixed fixed, Draft partner, Interval range) {
        if (!fixed.type().isFloating()) {
            return number(builder, fixed);
        }
        return builder.sources().constant(fixed, builder.scales().partnerScale(builder.scales().constantRange(fixed), partner, range));
    }

    /**
     * Refuses to put a term beside numbers so much greater that the ring has no digits left for it.
     *
     * @param together what holds both
     */
    static void requireDigits(PlanBuilder builder, Term term, Draft together) {
        if (!term.type().isFloating() || builder.options().fractionBits().isPresent()) {
            return;
        }
        double lost = switch (term) {
            case Term.Computed(Draft draft, var _) -> draft.fractionBits() > together.fractionBits() ? Math.scalb(1.0, -together.fractionBits()) : 0;
            case Term.Fixed fixed -> builder.scales().mayLookAt(fixed) ? rounding(fixed.constant().tensor(), together.fractionBits()) : 0;
        };
        Interval range = term instanceof Term.Computed(Draft draft, var _) ? draft.range() : builder.scales().constantRange((Term.Fixed) term);
        if (lost > LOST_DIGITS * range.magnitude()) {
            throw builder.outOfRange("numbers up to 2^" + range.magnitudeExponent() + " stand beside others up to 2^" + together.range().magnitudeExponent()
                    + ", and the ring's " + StepLog.MAX_MAGNITUDE_BITS + " bits cannot hold both: an error of 2^" + -together.fractionBits()
                    + " would be left. A smaller number in the place of the great one, or an output without it, would do");
        }
    }

    private static double rounding(Tensor tensor, int fractionBits) {
        double most = 0;
        for (int i = 0; i < tensor.size(); i++) {
            double raw = Math.scalb(tensor.getDouble(i), fractionBits);
            most = Math.max(most, Math.abs(raw - Math.rint(raw)));
        }
        return Math.scalb(most, -fractionBits);
    }
}
