package dev.sardonyx.secureops.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.plan.Visibility;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The common suite on {@link Replicated3}, and what is particular to it. */
final class Replicated3Test extends ProtocolConformance {
    private final Replicated3 replicated3 = new Replicated3();

    @Override
    Protocol protocol() {
        return replicated3;
    }

    private List<Numbers> share(long seed, long[] values) {
        var draw = new Draw(seed);
        return replicated3.split(Shape.of(values.length), values, draw::words);
    }

    @Test
    void onePartyLacksOneComponentAndItsNeighboursHoldIt() {
        List<Numbers> shares = share(1, new long[] {42});
        for (int party = 0; party < 3; party++) {
            long held = shares.get(party).components()[0][0] + shares.get(party).components()[1][0];
            assertEquals(42 - held, shares.get((party + 1) % 3).components()[1][0]);
            assertEquals(42 - held, shares.get((party + 2) % 3).components()[0][0]);
        }
    }

    @Test
    void differingCopiesAreRejected() {
        for (int party = 0; party < 3; party++) {
            for (int slot = 0; slot < 2; slot++) {
                List<Numbers> shares = share(2, new long[] {1, 2, 3});
                shares.get(party).components()[slot][2] ^= 1L << 15;
                assertThrows(ShareMismatchException.class, () -> replicated3.join(shares, 16));
                shares.get(party).components()[slot][2] ^= 1L << 15 | 1L << 16;
                assertArrayEquals(new long[] {1, 2, 3}, replicated3.join(shares, 16), "bits above the width do not count");

                List<Bits> bits = replicated3.splitBits(Shape.of(65), new long[] {5, 1}, new Draw(3)::words);
                bits.get(party).components()[slot][1] ^= 2;
                assertArrayEquals(new long[] {5, 1}, replicated3.joinBits(bits), "bits behind the last element do not count");
                bits.get(party).components()[slot][1] ^= 1;
                assertThrows(ShareMismatchException.class, () -> replicated3.joinBits(bits));
            }
        }
    }

    @Test
    void sharesOfTheWrongSizeAreRejected() {
        List<Numbers> shares = new ArrayList<>(share(4, new long[] {1, 2}));
        assertThrows(IllegalArgumentException.class, () -> replicated3.join(shares.subList(0, 2), 64));
        shares.set(1, new Numbers(Shape.of(2), new long[][] {{1}, {2}}));
        assertThrows(IllegalArgumentException.class, () -> replicated3.join(shares, 64));
    }

    /** The bounds that {@link Engine#compare} states for dropped bits, and an error of half a unit of the lowest bit looked at. */
    @Test
    void droppedBitsErrByHalfAUnitUpToTheStatedBounds() {
        for (int seed = 0; seed < 200; seed++) {
            var draw = new Draw(seed);
            int low = draw.between(1, 40);
            int width = draw.between(2, 64 - low);
            long bound = (1L << low + width - 2) - (1L << low - 1) + (1L << low + width - 2);
            long half = 1L << low - 1;
            long threshold = draw.signed(61);
            long[] distances = {-bound, -bound + 1, -half - 1, half, half + 1, bound - 1};
            long[] x = LongStream.of(distances).map(distance -> threshold + distance).toArray();
            var compare = new Instruction.Compare(List.of(threshold), low, draw.tree(width));
            try (var session = new Session(replicated3, seed, seed % 3)) {
                List<Numbers> shares = share(seed, x);
                List<List<Bits>> results = session.run((context, party) -> replicated3.engine().compare(context, shares.get(party),
                        compare, Values.numbers(x.length, 64)));
                long joined = replicated3.joinBits(results.stream().map(List::getFirst).toList())[0];
                assertEquals(0b111000, joined, compare + ", seed " + seed);
            }
        }
    }

    /** Weights are shared and packed once, whatever role their party plays in a lane. */
    @Test
    void oneLastingOperandServesLanesOfAllRotations() {
        var draw = new Draw(6);
        long[] weights = draw.words(12);
        List<Operand> operands = share(7, weights).stream().map(Operand::lasting).toList();
        Bilinear form = Forms.matrices(2, 4, 3);
        for (int rotation = 0; rotation < 6; rotation++) {
            long[] x = draw.words(8);
            long[] expected = new long[6];
            form.apply(x, form.prepare(weights), expected, false);
            try (var session = new Session(replicated3, rotation, rotation % 3)) {
                List<Numbers> shares = share(8, x);
                List<Numbers> products = session.run((context, party) -> replicated3.engine().multiply(context,
                        List.of(new Product(form, shares.get(party), operands.get(party))), Values.numbers(6, 64)));
                assertArrayEquals(expected, replicated3.join(products, 64), "rotation " + rotation);
            }
        }
    }

    @Test
    void aComparisonBeyondTheRingIsRefused() {
        var compare = new Instruction.Compare(List.of(0L), 4, CarryTree.uniform(29, 2, 2));
        try (var session = new Session(replicated3, 1, 0)) {
            List<Numbers> shares = share(5, new long[1]);
            assertThrows(AssertionError.class, () -> session.run((context, party) -> replicated3.engine().compare(context,
                    shares.get(party), compare, Values.numbers(1, 32))));
        }
    }

    @Test
    void costsFollowTheTableInTheDocumentation() {
        PlanValue wide = Values.numbers(128, 64);
        PlanValue narrow = Values.numbers(128, 20);
        PlanValue bits = Values.bits(128);
        PlanValue open = Values.number(Shape.of(128), 64, Visibility.PUBLIC);
        PlanValue openBits = Values.bits(128, Visibility.PUBLIC);
        assertCost(1024, 1024, 1, new Instruction.Multiply(), List.of(wide, wide, wide, wide), wide);
        assertCost(384, 384, 1, new Instruction.MatMul(), List.of(wide, wide), narrow);
        assertCost(0, 0, 0, new Instruction.Multiply(), List.of(wide, open), wide);
        assertCost(1024, 1024, 1, new Instruction.Multiply(), List.of(wide, open, wide, wide), wide);
        assertCost(0, 0, 0, new Instruction.Add(), List.of(wide, wide), wide);
        assertCost(384, 0, 0, new Instruction.Truncate(16), List.of(wide), narrow);
        assertCost(1024 + 256, 1024, 1, new Instruction.Truncate(16), List.of(wide), wide);
        assertCost(0, 0, 0, new Instruction.Truncate(0), List.of(wide), narrow);
        assertCost(16 * (35 + 2 * 18), 16 * 2 * 41, 5, new Instruction.Compare(List.of(0L, 1L), 0, CarryTree.uniform(24, 2, 2)),
                List.of(wide), bits);
        assertCost(2048, 1024, 1, new Instruction.Select(), List.of(bits, wide), wide);
        assertCost(0, 0, 0, new Instruction.Select(), List.of(openBits, wide), wide);
        assertCost(2 * 384, 384, 1, new Instruction.Combine(List.of(0L), List.of(List.of(1L, 2L))), List.of(bits, bits), narrow);
        assertCost(16, 16, 1, new Instruction.And(), List.of(bits, bits), bits);
        assertCost(0, 0, 0, new Instruction.And(), List.of(bits, openBits), bits);
    }

    private void assertCost(long helper, long worker, int rounds, Instruction instruction, List<PlanValue> inputs, PlanValue output) {
        var expected = new StepCost(List.of(helper, 0L, 0L), List.of(0L, worker, worker), rounds);
        assertEquals(expected, replicated3.cost(instruction, inputs, List.of(output)), instruction.toString());
    }
}
