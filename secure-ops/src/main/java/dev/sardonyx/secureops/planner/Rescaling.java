package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.secureops.plan.Instruction;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Brings values from the scales they have to the scales that their readers need. Each value is shifted or truncated at most once to a
 * given scale, however many read it there.
 */
final class Rescaling {
    /** The operands of a product. */
    record Factors(Draft left, Draft right) {
    }

    private record Target(int draft, int fractionBits) {
    }

    private final PlanOptions options;
    private final Scales scales;
    private final StepLog log;
    private final Map<Target, Draft> rescaled = new HashMap<>();
    private final Set<Integer> fine = new HashSet<>();

    Rescaling(PlanOptions options, Scales scales, StepLog log) {
        this.options = options;
        this.scales = scales;
        this.log = log;
    }

    /** The same value at another scale: shifted up, or truncated down. */
    Draft rescale(Draft a, int fractionBits) {
        if (a.fractionBits() == fractionBits) {
            return a;
        }
        return rescaled.computeIfAbsent(new Target(a.id(), fractionBits), key -> fractionBits > a.fractionBits()
                ? log.number(new Instruction.ShiftLeft(fractionBits - a.fractionBits()), List.of(a), a.shape(), fractionBits, a.range())
                : log.number(new Instruction.Truncate(a.fractionBits() - fractionBits), List.of(a), a.shape(), fractionBits,
                        a.range().widened(a.isPublic() ? 0 : Math.scalb(1.0, -fractionBits))));
    }

    /**
     * The same raw numbers read at another scale: a product or quotient by a power of two. A scale below zero, which raw numbers
     * cannot have, is reached by a shift.
     */
    Draft reinterpret(Draft a, int fractionBits, Interval range) {
        if (fractionBits >= 0) {
            // A move that moves nothing: the step is what carries the new scale.
            return log.number(new Instruction.Move(new Op.Reshape(a.shape())), List.of(a), a.kind(), a.visibility(), a.shape(), fractionBits,
                    range);
        }
        return log.number(new Instruction.ShiftLeft(-fractionBits), List.of(a), a.shape(), 0, range);
    }

    /** The value at the working scale of its range, if it is finer than that; integers stay as they are. */
    Draft narrow(Draft a) {
        if (a.isBits()) {
            return a;
        }
        int working = isFine(a) ? scales.fine(a.range()) : scales.working(a.range());
        Draft narrow = a.fractionBits() > working ? rescale(a, working) : a;
        if (isFine(a)) {
            keepFine(narrow);
        }
        return narrow;
    }

    /** Has {@link #narrow} keep more bits of a value than of others. */
    void keepFine(Draft a) {
        if (!a.isBits()) {
            fine.add(a.id());
        }
    }

    /** Whether {@link #narrow} keeps more bits of a value than of others. */
    boolean isFine(Draft a) {
        return fine.contains(a.id());
    }

    /** The value at a scale coarse enough for a result with this range to fit. */
    Draft withRoom(Draft a, Interval result) {
        int finest = scales.finest(result);
        return a.fractionBits() > finest && finest >= 0 ? rescale(a, finest) : a;
    }

    /** The value as fine as a product of this range with a constant allows, the constant having the bits that it wants. */
    Draft withRoomFor(Interval constant, Draft a, Interval product) {
        int most = Math.max(scales.working(a.range()), scales.finest(product) - scales.wanted(constant));
        return a.fractionBits() > most ? rescale(a, most) : a;
    }

    /** The finer of two scales, or the finest at which their sum or difference fits. */
    int commonScale(Draft a, Draft b, Interval result) {
        int finer = Math.max(a.fractionBits(), b.fractionBits());
        return Math.min(finer, scales.finest(result));
    }

    /** Two factors coarse enough for their product, bounded by {@code range}, to fit into the ring. */
    Factors fit(Draft a, Draft b, Interval range) {
        Draft left = narrowBeside(a, b);
        Draft right = a.id() == b.id() ? left : narrowBeside(b, a);
        int room = scales.finest(range);
        int excess = left.fractionBits() + right.fractionBits() - room;
        if (excess > 0) {
            int fromLeft = Math.clamp((excess + left.fractionBits() - right.fractionBits() + 1) / 2, 0, excess);
            int leftBits = Math.max(0, left.fractionBits() - fromLeft);
            int rightBits = Math.max(0, right.fractionBits() - (excess - fromLeft));
            left = rescale(left, leftBits);
            right = rescale(right, rightBits);
        }
        return new Factors(left, right);
    }

    /** Two factors as fine as the ring allows for their product, bounded by {@code range}. */
    Factors fitFine(Draft a, Draft b, Interval range) {
        int room = scales.finest(range);
        if (room < 0) {
            throw log.outOfRange("a product in ±2^" + range.magnitudeExponent() + " needs more bits than the ring has");
        }
        int excess = Math.max(0, a.fractionBits() + b.fractionBits() - room);
        // The factor with more significant bits gives up more.
        int fromLeft = Math.clamp((excess + a.magnitudeBits() - b.magnitudeBits()) / 2, Math.max(0, excess - b.fractionBits()),
                Math.min(excess, a.fractionBits()));
        return new Factors(rescale(a, a.fractionBits() - fromLeft), rescale(b, b.fractionBits() - (excess - fromLeft)));
    }

    /**
     * As {@link #narrow}, for a factor of {@code partner}. A whole number is exact and magnifies the factor's rounding by all that it is:
     * what scales the sums of an integer product may be far below one, with all its digits beyond the working scale.
     */
    private Draft narrowBeside(Draft a, Draft partner) {
        int magnified = partner.range().magnitudeExponent();
        int working = scales.working(a.range());
        if (a.isBits() || partner.isBits() || partner.fractionBits() != 0 || magnified <= 0 || a.fractionBits() <= working || isFine(a)
                || options.fractionBits().isPresent()) {
            return narrow(a);
        }
        return rescale(a, Math.min(a.fractionBits(), working + magnified));
    }
}
