package dev.sardonyx.secureops.protocol.masked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.secureops.plan.CarryTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** {@link CarryCircuit} against evaluation in the clear. */
final class CarryCircuitTest {

    /** Every tree of a width with first groups of 1 to {@code widest} bits. */
    private static List<CarryTree> trees(int width, int widest) {
        var trees = new ArrayList<CarryTree>();
        for (int firstGroup = 1; firstGroup <= widest; firstGroup++) {
            extend(width, firstGroup, (width - 1 + firstGroup - 1) / firstGroup, List.of(), trees);
        }
        return trees;
    }

    private static void extend(int width, int firstGroup, int groups, List<Integer> radices, List<CarryTree> into) {
        if (groups <= 1) {
            into.add(new CarryTree(width, firstGroup, radices));
            return;
        }
        for (int radix = 2; radix <= 4; radix++) {
            var longer = new ArrayList<>(radices);
            longer.add(radix);
            extend(width, firstGroup, (groups + radix - 1) / radix, longer, into);
        }
    }

    @Test
    void theCircuitFindsTheCarryIntoTheTopBit() {
        var random = new Random(1);
        for (int width = 1; width <= 64; width++) {
            for (int i = 0; i < 20; i++) {
                List<CarryTree> all = trees(width, 4);
                var tree = all.get(random.nextInt(all.size()));
                long mask = width == 64 ? -1L : (1L << width) - 1;
                long a = random.nextLong() & mask;
                long b = (random.nextInt(3) == 0 ? ~a : random.nextLong()) & mask;
                boolean expected = ((a + b ^ a ^ b) >>> width - 1 & 1) != 0;
                assertEquals(expected, carry(CarryCircuit.of(tree), a, b), a + " + " + b + " by " + tree);
            }
        }
    }

    /** The circuit's groups and joins on known bits. */
    private static boolean carry(CarryCircuit circuit, long a, long b) {
        var generate = new ArrayList<Boolean>();
        var propagate = new ArrayList<Boolean>();
        for (CarryCircuit.FirstGroup group : circuit.firstGroups()) {
            boolean g = false;
            boolean p = true;
            for (int bit = group.lowBit(); bit < group.lowBit() + group.bits(); bit++) {
                boolean x = (a >>> bit & 1) != 0;
                boolean y = (b >>> bit & 1) != 0;
                g = x && y || (x ^ y) && g;
                p &= x ^ y;
            }
            generate.add(g);
            propagate.add(p);
        }
        for (CarryCircuit.Level level : circuit.levels()) {
            assertEquals(level.groups(), generate.size());
            var nextGenerate = new ArrayList<Boolean>();
            var nextPropagate = new ArrayList<Boolean>();
            int taken = 0;
            for (CarryCircuit.Join join : level.joins()) {
                assertEquals(taken, join.first());
                boolean g = false;
                boolean p = true;
                for (int group = join.first(); group < join.first() + join.size(); group++) {
                    g = generate.get(group) || propagate.get(group) && g;
                    p &= propagate.get(group);
                }
                nextGenerate.add(g);
                nextPropagate.add(p);
                taken += join.size();
            }
            for (int group = taken; group < level.groups(); group++) {
                nextGenerate.add(generate.get(group));
                nextPropagate.add(propagate.get(group));
            }
            assertTrue(level.groups() - taken <= 1, "at most one group waits");
            generate = nextGenerate;
            propagate = nextPropagate;
        }
        assertTrue(generate.size() <= 1, "one group is left");
        return !generate.isEmpty() && generate.get(0);
    }

    @Test
    void opensAndSharesWhatTheDocumentedCountsSay() {
        assertCounts(CarryTree.uniform(24, 2, 2), 5, 53, 41);
        assertCounts(CarryTree.uniform(64, 2, 2), 6, 152, 120);
        assertCounts(CarryTree.uniform(64, 3, 3), 4, 219, 58);
        assertCounts(CarryTree.uniform(1, 1, 2), 1, 1, 1);
        assertCounts(CarryTree.uniform(4, 3, 2), 1, 8, 1);
    }

    /** Rounds, bits a value that the helper shares, and bits that each worker opens, for one threshold. */
    private static void assertCounts(CarryTree tree, int rounds, int shared, int opened) {
        var circuit = CarryCircuit.of(tree);
        assertEquals(rounds, circuit.rounds());
        assertEquals(shared, circuit.sharedPlanes() + circuit.thresholdPlanes());
        assertEquals(opened, circuit.openedPlanes());
    }

    @Test
    void placesDoNotOverlap() {
        for (int width : new int[] {2, 9, 24, 40, 64}) {
            for (CarryTree tree : trees(width, 4)) {
                var circuit = CarryCircuit.of(tree);
                int monomials = 0;
                for (CarryCircuit.FirstGroup group : circuit.firstGroups()) {
                    assertEquals(monomials, group.monomialAt());
                    monomials += (1 << group.bits()) - 1;
                }
                assertEquals(monomials + 1, circuit.sharedPlanes());
                for (CarryCircuit.Level level : circuit.levels()) {
                    int opened = 0;
                    int shared = 0;
                    for (CarryCircuit.Join join : level.joins()) {
                        assertEquals(opened, join.openAt());
                        assertEquals(shared, join.monomialAt());
                        assertPlacesAreTaken(join);
                        opened += join.opened();
                        shared += join.monomials().size();
                    }
                    assertEquals(opened, level.opened());
                    assertEquals(shared, level.monomials());
                }
                assertEquals(tree.rounds(), circuit.rounds());
            }
        }
    }

    private static void assertPlacesAreTaken(CarryCircuit.Join join) {
        int next = 0;
        for (int variable = 0; variable < 2 * join.size(); variable++) {
            if (join.opens(variable)) {
                assertEquals(next++, join.openedPlace(variable));
            }
        }
        assertEquals(next, join.opened());
    }
}
