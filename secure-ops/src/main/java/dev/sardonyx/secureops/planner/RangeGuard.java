package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.PlanValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets a plan rely on ranges that samples showed and no proof holds: each such value is compared with its range while it still lies in
 * a ring that holds whatever its inputs can make of it. Up to the first value that leaves its range all are what they should be, so
 * that one is seen, and what follows is not believed. All comparisons join in one bit, which goes to the data owner with the answer.
 *
 * <p>Only the bits above half the range are looked at, so that a comparison is a few bits wide.
 */
final class RangeGuard {
    /** A range that is not this many bits wider than what samples showed stays as it is: ring bits cost less than comparisons. */
    private static final int LEAST_GAIN = 3;

    private final PlanBuilder builder;
    private final List<Draft> checks = new ArrayList<>();

    RangeGuard(PlanBuilder builder) {
        this.builder = builder;
    }

    /** The value in the range that samples showed, if that is much smaller than the proven one. */
    Draft checked(Draft value, Interval seen) {
        boolean secretNumber = value.kind() == PlanValue.Kind.NUMBER && !value.isPublic() && value.size() > 0;
        int bound = Interval.symmetric(seen.magnitude()).magnitudeExponent();
        if (!secretNumber || value.range().magnitudeExponent() - bound < LEAST_GAIN) {
            return value;
        }
        double most = Math.scalb(1.0, Math.max(bound, LEAST_GAIN - value.fractionBits()));
        List<Double> thresholds = new ArrayList<>();
        if (value.range().low() < -most) {
            thresholds.add(-0.75 * most);
        }
        if (value.range().high() > most) {
            thresholds.add(0.75 * most);
        }
        if (thresholds.isEmpty()) {
            return value;
        }
        List<Draft> reached = builder.bits().atLeast(value, thresholds, most / 4);
        boolean belowToo = thresholds.getFirst() < 0;
        boolean aboveToo = thresholds.getLast() > 0;
        // Whoever reaches the upper threshold reached the lower one.
        checks.add(belowToo && aboveToo ? builder.bits().xor(reached.getFirst(), reached.getLast())
                : belowToo ? reached.getFirst() : builder.bits().not(reached.getFirst()));
        return builder.within(value, value.range().intersect(Interval.symmetric(most)));
    }

    /** One bit: whether every value was within its range; nothing if all ranges are proven. */
    Optional<Draft> verdict() {
        builder.at("ranges", "check", "range check");
        // In the order of the steps: what is made last joins last, and waits for nothing else.
        return checks.stream().map(this::all).reduce(builder.bits()::and);
    }

    private Draft all(Draft bits) {
        Moves moves = builder.moves();
        Draft rest = moves.reshape(bits, new Shape(List.of(bits.size())));
        while (rest.size() > 1) {
            int half = (rest.size() + 1) / 2;
            // The halves overlap in the middle where they must: a bit may be asked twice.
            rest = builder.bits().and(moves.slice(rest, 0, 0, 1, half), moves.slice(rest, 0, rest.size() - half, 1, half));
        }
        return moves.reshape(rest, Shape.SCALAR);
    }
}
