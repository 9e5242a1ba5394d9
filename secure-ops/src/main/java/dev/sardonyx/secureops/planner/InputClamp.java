package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Plan;
import java.util.List;

/**
 * Brings an input, whatever ring element its owner shared, into its declared range [l, h].
 *
 * <p>The number arrives modulo 2^w. Let u = x − l and R = h − l, both modulo 2^w and read with a sign. Of u the sign is exact for every
 * ring element, and where u ≥ 0 that of u − R is too, since neither leaves the ring. With p = [u ≥ 0] and q = [u ≥ R],
 * {@code l + p·R + (p ∧ ¬q)·(u − R)} is x within the range, h above and l below it, "above" being the half of the ring that follows l.
 * That holds only if both comparisons look at all w bits: one that looks at fewer takes a number that differs in the others for one in
 * range. How wide the number arrives is known once all readers are, see {@link Bits#wholeWidth}.
 */
final class InputClamp {
    /** Numbers up to so many times the range (to a power of two) are told to be above and not below it. */
    private static final int ROOM_BITS = 4;

    private InputClamp() {
    }

    /** The steps of it: a comparison with two thresholds, a conjunction, and a select beside a combination. */
    static Draft clamped(PlanBuilder builder, String input, Draft arrived) {
        builder.at(input, "input", Plan.CLAMP);
        Bits bits = builder.bits();
        int scale = arrived.fractionBits();
        long low = Math.round(Math.scalb(arrived.range().low(), scale));
        long reach = Math.round(Math.scalb(arrived.range().high(), scale)) - low;
        double range = Math.scalb((double) reach, -scale);
        // Nothing may take its sign for granted: whoever shared it may have shared anything.
        Draft above = shifted(builder, arrived, -low, Interval.symmetric(range));
        List<Draft> atLeast = bits.atLeastWhole(above, List.of(0L, reach), ROOM_BITS);
        Draft inside = bits.and(atLeast.getFirst(), bits.not(atLeast.getLast()));
        Draft shortfall = bits.select(inside, shifted(builder, above, -reach, new Interval(-range, 0)));
        Draft whole = bits.combine(List.of(atLeast.getFirst()), new double[] {0}, new double[][] {{range}}, new int[] {scale},
                List.of(new Interval(0, range))).getFirst();
        Draft sum = builder.addWide(whole, shortfall, new Interval(0, range));
        return shifted(builder, sum, low, arrived.range());
    }

    /** Adds raw units, at whatever scale: nothing may be rounded before it is known to be in range. */
    private static Draft shifted(PlanBuilder builder, Draft a, long raw, Interval range) {
        return raw == 0 ? builder.within(a, range)
                : builder.addWide(a, builder.sources().literal(Shape.SCALAR, Math.scalb((double) raw, -a.fractionBits()), a.fractionBits()), range);
    }
}
