package dev.sardonyx.secureops.execute;

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

/** A protocol whose role 2 misbehaves at products while a fault is planted. */
final class FaultyProtocol implements Protocol {
    enum Fault {
        NONE, THROW, /** Takes part, but what it should send is never sent. */ STALL, EXTRA_MESSAGE
    }

    private static final int ROLE = 2;

    private final Protocol sound;
    private volatile Fault fault = Fault.NONE;

    FaultyProtocol(Protocol sound) {
        this.sound = sound;
    }

    void fault(Fault next) {
        fault = next;
    }

    @Override
    public String name() {
        return sound.name();
    }

    @Override
    public int parties() {
        return sound.parties();
    }

    @Override
    public String assumption() {
        return sound.assumption();
    }

    @Override
    public Engine engine() {
        return new FaultyEngine(sound.engine());
    }

    @Override
    public StepCost cost(Instruction instruction, List<PlanValue> inputs, List<PlanValue> outputs) {
        return sound.cost(instruction, inputs, outputs);
    }

    @Override
    public List<Numbers> split(Shape shape, long[] values, IntFunction<long[]> random) {
        return sound.split(shape, values, random);
    }

    @Override
    public List<Bits> splitBits(Shape shape, long[] words, IntFunction<long[]> random) {
        return sound.splitBits(shape, words, random);
    }

    @Override
    public long[] join(List<Numbers> shares, int width) {
        return sound.join(shares, width);
    }

    @Override
    public long[] joinBits(List<Bits> shares) {
        return sound.joinBits(shares);
    }

    private final class FaultyEngine implements Engine {
        private final Engine engine;

        FaultyEngine(Engine engine) {
            this.engine = engine;
        }

        @Override
        public int constantSlot(int role) {
            return engine.constantSlot(role);
        }

        @Override
        public Numbers multiply(StepContext context, List<Product> terms, PlanValue output) {
            if (context.role() != ROLE) {
                return engine.multiply(context, terms, output);
            }
            return switch (fault) {
                case NONE -> engine.multiply(context, terms, output);
                case THROW -> throw new IllegalStateException("planted");
                case STALL -> engine.multiply(new Silent(context), terms, output);
                case EXTRA_MESSAGE -> {
                    Numbers product = engine.multiply(context, terms, output);
                    context.send(0, Phase.ONLINE, new byte[1]);
                    yield product;
                }
            };
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
    }

    private record Silent(StepContext context) implements StepContext {
        @Override
        public int role() {
            return context.role();
        }

        @Override
        public void send(int role, Phase phase, byte[] payload) {
            // Dropped: that is the fault.
        }

        @Override
        public byte[] receive(int role, int length) {
            return context.receive(role, length);
        }

        @Override
        public byte[] exchange(int to, Phase phase, byte[] payload, int from, int length) {
            return context.receive(from, length);
        }

        @Override
        public long[] common(int role, int count, int width) {
            return context.common(role, count, width);
        }
    }
}
