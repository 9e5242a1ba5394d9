package dev.sardonyx.secureops.protocol;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/** A sharing scheme: how owners split and join, what parties do at each interactive step, and what that costs. */
public interface Protocol {

    /** The name under which users choose it. */
    String name();

    /** Parties that take part: those that compute and, where there is one, the dealer. */
    int parties();

    /** The party that deals randomness to those that compute and sees nothing that depends on data, where there is one. */
    default OptionalInt dealer() {
        return OptionalInt.empty();
    }

    /** Whether every party may play every role, so that lanes can spread unequal loads; if not, party r plays role r in all of them. */
    default boolean rolesRotate() {
        return parties() > 1 && dealer().isEmpty();
    }

    /**
     * Which components of a sharing a party's share holds, in the order in which it holds them: parties that hold one component hold equal
     * copies. By default each party has one of its own.
     */
    default List<Integer> components(int party) {
        return List.of(party);
    }

    /** Who must not collude with whom, in one sentence. */
    String assumption();

    /** The parties' interactive steps. */
    Engine engine();

    /** Bytes by role and rounds of a step all of whose operands are secret unless their visibility says otherwise. */
    StepCost cost(Instruction instruction, List<PlanValue> inputs, List<PlanValue> outputs);

    /**
     * Splits numbers into one share for each party.
     *
     * @param random gives that many fresh uniform words, never the same twice
     */
    List<Numbers> split(Shape shape, long[] values, IntFunction<long[]> random);

    /** Splits bits (packed 64 a word) into one share for each party. */
    List<Bits> splitBits(Shape shape, long[] words, IntFunction<long[]> random);

    /**
     * Joins all parties' shares modulo 2^width, sign-extended from that width.
     *
     * @throws ShareMismatchException if copies that two parties hold in common differ
     */
    long[] join(List<Numbers> shares, int width);

    /** Joins all parties' shares of bits (packed). */
    long[] joinBits(List<Bits> shares);
}
