package dev.sardonyx.secureops.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * The shape of the circuit that finds the carry into the top bit of {@code m + λ} where two parties know m and the third knows λ.
 *
 * <p>The low {@code width − 1} bits are cut into groups of {@code firstGroup} bits. In the first level generate and propagate of
 * each group are linear in products of λ's bits, which the helper shares beforehand, so that no message is needed. Each further
 * level opens masked generate and propagate bits (one round) and joins up to {@code radices.get(level)} neighbouring groups into
 * one, by products of masks that the helper again shares beforehand. The last level leaves one group, whose generate bit is the
 * carry; one more round opens the masked result.
 *
 * <p>Fewer, wider levels cost fewer rounds and more helper bits; see {@code docs/protocols.md} for the counts.
 *
 * @param width bits compared, sign included; at least 1
 * @param firstGroup bits in a group of the first level, 1 to 4
 * @param radices groups joined at each further level, each 2 to 4
 */
public record CarryTree(int width, int firstGroup, List<Integer> radices) {
    public CarryTree {
        radices = List.copyOf(radices);
        if (width < 1 || width > 64 || firstGroup < 1 || firstGroup > 4) {
            throw new IllegalArgumentException("carry tree of " + width + " bits in groups of " + firstGroup);
        }
        int groups = (width - 1 + firstGroup - 1) / firstGroup;
        for (int radix : radices) {
            if (radix < 2 || radix > 4) {
                throw new IllegalArgumentException("carry tree joins " + radix + " groups; expected 2 to 4");
            }
            groups = (groups + radix - 1) / radix;
        }
        if (groups > 1) {
            throw new IllegalArgumentException("carry tree leaves " + groups + " groups; expected one");
        }
    }

    /** A tree of the given width whose further levels join {@code radix} groups each. */
    public static CarryTree uniform(int width, int firstGroup, int radix) {
        var radices = new ArrayList<Integer>();
        for (int groups = (width - 1 + firstGroup - 1) / firstGroup; groups > 1; groups = (groups + radix - 1) / radix) {
            radices.add(Math.min(radix, groups));
        }
        return new CarryTree(width, firstGroup, radices);
    }

    /** The number of groups that enter each further level. */
    public List<Integer> groups() {
        var groups = new ArrayList<Integer>();
        int count = (width - 1 + firstGroup - 1) / firstGroup;
        for (int radix : radices) {
            groups.add(count);
            count = (count + radix - 1) / radix;
        }
        return groups;
    }

    /** Rounds between the two parties that know m: one a level and one that opens the masked result. */
    public int rounds() {
        return radices.size() + 1;
    }
}
