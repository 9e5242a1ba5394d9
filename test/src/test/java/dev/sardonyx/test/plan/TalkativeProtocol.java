package dev.sardonyx.test.plan;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.protocol.Engine;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.Product;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.transport.Phase;
import java.util.List;
import java.util.function.IntFunction;

/** A protocol whose role 1 sends one byte more than it declares with each product. */
record TalkativeProtocol(Protocol honest) implements Protocol {

    @Override
    public String name() {
        return honest.name();
    }

    @Override
    public int parties() {
        return honest.parties();
    }

    @Override
    public String assumption() {
        return honest.assumption();
    }

    @Override
    public StepCost cost(Instruction instruction, List<PlanValue> inputs, List<PlanValue> outputs) {
        return honest.cost(instruction, inputs, outputs);
    }

    @Override
    public List<Numbers> split(Shape shape, long[] values, IntFunction<long[]> random) {
        return honest.split(shape, values, random);
    }

    @Override
    public List<Bits> splitBits(Shape shape, long[] words, IntFunction<long[]> random) {
        return honest.splitBits(shape, words, random);
    }

    @Override
    public long[] join(List<Numbers> shares, int width) {
        return honest.join(shares, width);
    }

    @Override
    public long[] joinBits(List<Bits> shares) {
        return honest.joinBits(shares);
    }

    @Override
    public Engine engine() {
        Engine engine = honest.engine();
        return new Engine() {
            @Override
            public int constantSlot(int role) {
                return engine.constantSlot(role);
            }

            @Override
            public Numbers multiply(StepContext context, List<Product> terms, PlanValue output) {
                if (context.role() == 1) {
                    context.send(0, Phase.ONLINE, new byte[1]);
                }
                return engine.multiply(context, terms, output);
            }

            @Override
            public Numbers truncate(StepContext context, Numbers x, int bits, PlanValue input, PlanValue output) {
                return engine.truncate(context, x, bits, input, output);
            }

            @Override
            public List<Bits> compare(StepContext context, Numbers x, Instruction.Compare compare, PlanValue input) {
                return engine.compare(context, x, compare, input);
            }

            @Override
            public Numbers select(StepContext context, Bits bits, Numbers x, PlanValue output) {
                return engine.select(context, bits, x, output);
            }

            @Override
            public List<Numbers> combine(StepContext context, List<Bits> bits, Instruction.Combine combine, PlanValue output) {
                return engine.combine(context, bits, combine, output);
            }

            @Override
            public Bits and(StepContext context, Bits a, Bits b) {
                return engine.and(context, a, b);
            }
        };
    }
}
