package dev.sardonyx.secureops.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.dealer2.Dealer2;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The common suite on {@link Dealer2}, and what is particular to it. */
final class Dealer2Test extends ProtocolConformance {
    private static final int DEALER = 0;

    private final Dealer2 dealer2 = new Dealer2();

    @Override
    Protocol protocol() {
        return dealer2;
    }

    @Test
    void theDealerHasOneRole() {
        assertEquals(OptionalInt.of(DEALER), dealer2.dealer());
        assertFalse(dealer2.rolesRotate());
    }

    @Test
    void whatOwnersGiveTheDealerDoesNotDependOnTheirData() {
        long[][] secrets = {{0, 0, 0}, {1, -1, Long.MAX_VALUE}};
        for (int seed = 0; seed < 100; seed++) {
            int same = seed;
            Numbers[] dealers = new Numbers[secrets.length];
            Bits[] dealersBits = new Bits[secrets.length];
            for (int i = 0; i < secrets.length; i++) {
                dealers[i] = dealer2.split(Shape.of(3), secrets[i], new Draw(same)::words).get(DEALER);
                dealersBits[i] = dealer2.splitBits(Shape.of(150), secrets[i], new Draw(same)::words).get(DEALER);
            }
            assertArrayEquals(dealers[0].components(), dealers[1].components());
            assertArrayEquals(dealersBits[0].components(), dealersBits[1].components());
        }
    }

    @Test
    void theComputingPartiesAloneHoldTheValue() {
        long[] values = {42, -7};
        List<Numbers> shares = dealer2.split(Shape.of(2), values, new Draw(1)::words);
        List<Integer> left = dealer2.components(1);
        List<Integer> right = dealer2.components(2);
        for (int i = 0; i < values.length; i++) {
            long sum = 0;
            for (int component = 0; component < 3; component++) {
                boolean atLeft = left.contains(component);
                Numbers holder = shares.get(atLeft ? 1 : 2);
                sum += holder.components()[(atLeft ? left : right).indexOf(component)][i];
            }
            assertEquals(values[i], sum);
        }
        assertFalse(dealer2.components(DEALER).contains(DEALER), "the dealer lacks the masked value");
    }

    @Test
    void aShareThatDiffersFromTheDealersCopyIsRejected() {
        List<Numbers> shares = dealer2.split(Shape.of(1), new long[] {5}, new Draw(2)::words);
        shares.get(1).components()[0][0]++;
        assertThrows(ShareMismatchException.class, () -> dealer2.join(shares, 64));
    }

    @Test
    void theDealersBytesAreOfflineAndTheOthersOnline() {
        PlanValue wide = Values.numbers(128, 64);
        PlanValue bits = Values.bits(128);
        assertEquals(new StepCost(List.of(1024L, 0L, 0L), List.of(0L, 1024L, 1024L), 1),
                dealer2.cost(new Instruction.Multiply(), List.of(wide, wide), List.of(wide)));
        assertEquals(new StepCost(List.of(16 * 53L, 0L, 0L), List.of(0L, 16 * 41L, 16 * 41L), 5),
                dealer2.cost(new Instruction.Compare(List.of(0L), 0, CarryTree.uniform(24, 2, 2)), List.of(wide), List.of(bits)));
    }
}
