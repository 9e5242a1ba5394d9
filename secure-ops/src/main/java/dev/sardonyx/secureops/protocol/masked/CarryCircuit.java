package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.plan.CarryTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The circuit that a {@link CarryTree} stands for: which bits are joined when, which masked bits the workers open, and which products
 * of masks ("monomials") the helper shares. Engine and cost formulas both read it, so that they cannot differ.
 *
 * <p>A group of neighbouring bits has a generate bit G (the group makes a carry by itself) and a propagate bit P (it hands a carry
 * through). Groups r−1 … 0, the highest first, join to
 * {@code G = G_{r-1} ⊕ P_{r-1}·G_{r-2} ⊕ … ⊕ P_{r-1}⋯P_1·G_0} and {@code P = P_{r-1}⋯P_0}. Since G and P of a group are never both 1,
 * exclusive or may stand for or (Kogge and Stone, IEEE Trans. Computers C-22(8), 1973, for the recurrence).
 *
 * <p>The lowest group's P is never needed: it is neither computed nor opened. A group that has no partner in a level waits, unopened,
 * for the next.
 */
public final class CarryCircuit {

    /**
     * A group of the first level.
     *
     * @param lowBit its lowest bit
     * @param bits number of its bits
     * @param monomialAt plane of its first monomial; the product of the mask bits in the non-empty subset S (bit i of S for bit
     *            {@code lowBit + i}) is plane {@code monomialAt + S - 1}
     */
    record FirstGroup(int lowBit, int bits, int monomialAt) {
    }

    /**
     * Some neighbouring groups that become one.
     *
     * @param first index of the lowest of them among the groups that enter the level
     * @param size how many, 2 to 4
     * @param lowest whether the lowest group of all is among them, so that no P results
     * @param openAt place of its first opened plane among those of its level
     * @param monomialAt place of its first monomial among those of its level
     * @param monomials subsets of the join's variables whose products the helper shares; variable j is G_j, variable
     *            {@code size + j} is P_j
     */
    record Join(int first, int size, boolean lowest, int openAt, int monomialAt, List<Integer> monomials) {

        /** Planes opened: G and P of each group but the P of the lowest of all. */
        int opened() {
            return 2 * size - (lowest ? 1 : 0);
        }

        /** Whether variable {@code variable} is opened: all but the lowest group's P are. */
        boolean opens(int variable) {
            return !lowest || variable != size;
        }

        /** The place among the join's opened planes of variable {@code variable}. */
        int openedPlace(int variable) {
            return lowest && variable > size ? variable - 1 : variable;
        }
    }

    /**
     * One round of joins.
     *
     * @param groups number of groups that enter
     * @param joins the joins, lowest first; a last group without a partner is in none of them
     * @param opened planes opened
     * @param monomials planes that the helper shares
     */
    record Level(int groups, List<Join> joins, int opened, int monomials) {
    }

    private static final Map<CarryTree, CarryCircuit> KNOWN = new ConcurrentHashMap<>();

    private final List<FirstGroup> firstGroups;
    private final List<Level> levels;
    private final int sharedPlanes;
    private final int thresholdPlanes;
    private final int openedPlanes;

    private CarryCircuit(CarryTree tree) {
        this.firstGroups = firstGroups(tree);
        int monomials = 0;
        for (FirstGroup group : firstGroups) {
            monomials += (1 << group.bits()) - 1;
        }
        this.sharedPlanes = monomials + 1;
        var all = new ArrayList<Level>();
        int groups = firstGroups.size();
        for (int radix : tree.radices()) {
            all.add(level(groups, radix));
            groups = (groups + radix - 1) / radix;
        }
        this.levels = List.copyOf(all);
        this.thresholdPlanes = levels.stream().mapToInt(Level::monomials).sum();
        this.openedPlanes = levels.stream().mapToInt(Level::opened).sum() + 1;
    }

    /** The circuit of a tree; kept, since plans use few trees and every step of every request asks. */
    public static CarryCircuit of(CarryTree tree) {
        return KNOWN.computeIfAbsent(tree, CarryCircuit::new);
    }

    private static List<FirstGroup> firstGroups(CarryTree tree) {
        var groups = new ArrayList<FirstGroup>();
        int monomialAt = 0;
        for (int bit = 0; bit < tree.width() - 1; bit += tree.firstGroup()) {
            int bits = Math.min(tree.firstGroup(), tree.width() - 1 - bit);
            groups.add(new FirstGroup(bit, bits, monomialAt));
            monomialAt += (1 << bits) - 1;
        }
        return List.copyOf(groups);
    }

    private static Level level(int groups, int radix) {
        var joins = new ArrayList<Join>();
        int opened = 0;
        int monomials = 0;
        for (int first = 0; first < groups - 1; first += radix) {
            int size = Math.min(radix, groups - first);
            if (size > 1) {
                var join = new Join(first, size, first == 0, opened, monomials, monomials(size, first > 0));
                joins.add(join);
                opened += join.opened();
                monomials += join.monomials().size();
            }
        }
        return new Level(groups, List.copyOf(joins), opened, monomials);
    }

    /** All subsets of two or more variables of the products that a join sums, ascending. */
    private static List<Integer> monomials(int size, boolean propagate) {
        var subsets = new TreeSet<Integer>();
        int above = 0;
        for (int j = size - 1; j >= 0; j--) {
            addSubsets(above | 1 << j, subsets);
            above |= 1 << size + j;
        }
        if (propagate) {
            addSubsets(above, subsets);
        }
        return List.copyOf(subsets);
    }

    private static void addSubsets(int product, TreeSet<Integer> subsets) {
        for (int subset = product; subset > 0; subset = subset - 1 & product) {
            if (Integer.bitCount(subset) > 1) {
                subsets.add(subset);
            }
        }
    }

    List<FirstGroup> firstGroups() {
        return firstGroups;
    }

    List<Level> levels() {
        return levels;
    }

    /** Bits an element that the helper shares once, whatever the number of thresholds: the first level's monomials and the top bit. */
    public int sharedPlanes() {
        return sharedPlanes;
    }

    /** Bits an element that the helper shares for each threshold: the joins' monomials. */
    public int thresholdPlanes() {
        return thresholdPlanes;
    }

    /** Bits an element that each worker sends for each threshold, the result's own opening included. */
    public int openedPlanes() {
        return openedPlanes;
    }

    /** Rounds between the workers. */
    public int rounds() {
        return levels.size() + 1;
    }
}
