package dev.sardonyx.secureops.planner;

/** How kernels turn a term into a planned value. */
final class Terms {
    private Terms() {
    }

    /** The planned value; a constant at the working scale of its range (integers at 0, booleans as bits). */
    static Draft value(PlanBuilder builder, Term term) {
        return switch (term) {
            case Term.Computed computed -> computed.draft();
            case Term.Fixed fixed -> builder.constant(fixed, fixed.type().isFloating()
                    ? builder.scales().working(builder.scales().constantRange(fixed)) : 0);
        };
    }

    /** The planned number; bits become 0 and 1. */
    static Draft number(PlanBuilder builder, Term term) {
        Draft value = value(builder, term);
        return value.isBits() ? builder.toNumber(value) : value;
    }

    /** The planned number at a partner's scale where the term is a constant and may choose; else as it is. */
    static Draft aligned(PlanBuilder builder, Term term, Draft partner) {
        if (term instanceof Term.Fixed fixed && fixed.type() != dev.sardonyx.graph.ElementType.BOOL) {
            Interval range = builder.scales().constantRange(fixed);
            int scale = fixed.type().isFloating()
                    ? Math.min(Math.max(partner.fractionBits(), builder.scales().working(range)), builder.scales().finest(range))
                    : 0;
            return builder.constant(fixed, scale);
        }
        return number(builder, term);
    }

    /** The planned constant as a factor of {@code partner} in a product bounded by {@code range}. */
    static Draft factor(PlanBuilder builder, Term.Fixed fixed, Draft partner, Interval range) {
        if (!fixed.type().isFloating()) {
            return number(builder, fixed);
        }
        return builder.constant(fixed, builder.scales().partnerScale(builder.scales().constantRange(fixed), partner, range));
    }
}
