package dev.sardonyx.secureops.protocol.plaintext;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.protocol.Engine;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.List;
import java.util.function.IntFunction;

/**
 * One party that holds everything in the clear. It runs the same plans with the same kernels as the secure protocols and is exact
 * where they may err by a unit in the last place, so that a difference between the two is the protocol's.
 */
public final class PlaintextProtocol implements Protocol {
    private final Engine engine = new PlaintextEngine();

    @Override
    public String name() {
        return "plaintext";
    }

    @Override
    public int parties() {
        return 1;
    }

    @Override
    public String assumption() {
        return "nothing is secret: the one party sees inputs and weights";
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public StepCost cost(Instruction instruction, List<PlanValue> inputs, List<PlanValue> outputs) {
        return StepCost.free(1);
    }

    @Override
    public List<Numbers> split(Shape shape, long[] values, IntFunction<long[]> random) {
        return List.of(new Numbers(shape, new long[][] {values.clone()}));
    }

    @Override
    public List<Bits> splitBits(Shape shape, long[] words, IntFunction<long[]> random) {
        return List.of(new Bits(shape, new long[][] {words.clone()}));
    }

    @Override
    public long[] join(List<Numbers> shares, int width) {
        return PlaintextEngine.signExtended(shares.getFirst().components()[0], width);
    }

    @Override
    public long[] joinBits(List<Bits> shares) {
        return shares.getFirst().components()[0].clone();
    }
}
