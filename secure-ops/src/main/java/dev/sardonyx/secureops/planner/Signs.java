package dev.sardonyx.secureops.planner;

/** Takes signs off and puts them back on by a bit that is set where something is positive: 2·(x where it is set) − x. */
final class Signs {
    private Signs() {
    }

    /** The value where the bit is set, else its negative. */
    static Draft turned(PlanBuilder builder, Draft positive, Draft value) {
        return builder.within(flipped(builder, positive, value), Interval.symmetric(value.range().magnitude()));
    }

    /** |x|, where the bit is set for x at or above zero. */
    static Draft magnitude(PlanBuilder builder, Draft positive, Draft x) {
        return builder.within(flipped(builder, positive, x), new Interval(0, x.range().magnitude()));
    }

    private static Draft flipped(PlanBuilder builder, Draft positive, Draft value) {
        return builder.subtract(builder.scaleBy(builder.bits().select(positive, value), 2), value);
    }
}
