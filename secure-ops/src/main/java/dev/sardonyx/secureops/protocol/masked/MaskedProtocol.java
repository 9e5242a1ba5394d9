package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.protocol.Engine;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What protocols over {@link MaskedEngine} have in common: a number is the sum modulo 2^64 of three components of which party i lacks
 * component i, a bit their exclusive or. In a lane rotated by h component h is the masked value and the other two are the halves of its
 * mask, so party h holds masks alone. A protocol adds who may be party h, and what has to be assumed of the parties.
 */
public abstract class MaskedProtocol implements Protocol {
    private final Engine engine = new MaskedEngine();

    @Override
    public final int parties() {
        return Replication.PARTIES;
    }

    @Override
    public final List<Integer> components(int party) {
        return Replication.held(party);
    }

    @Override
    public final Engine engine() {
        return engine;
    }

    @Override
    public final StepCost cost(Instruction instruction, List<PlanValue> inputs, List<PlanValue> outputs) {
        return MaskedCosts.of(instruction, inputs, outputs);
    }

    /** {@inheritDoc} Components 1 and 2 are the random words as they come: what party 0 gets does not depend on the values at all. */
    @Override
    public final List<Numbers> split(Shape shape, long[] values, IntFunction<long[]> random) {
        long[] first = random.apply(values.length);
        long[] second = random.apply(values.length);
        var rest = new long[values.length];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = values[i] - first[i] - second[i];
        }
        var shares = new ArrayList<Numbers>();
        for (int party = 0; party < Replication.PARTIES; party++) {
            shares.add(new Numbers(shape, Replication.of(party, new long[][] {rest, first, second})));
        }
        return shares;
    }

    /** {@inheritDoc} As {@link #split}. */
    @Override
    public final List<Bits> splitBits(Shape shape, long[] words, IntFunction<long[]> random) {
        long[] first = random.apply(words.length);
        long[] second = random.apply(words.length);
        var rest = new long[words.length];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = words[i] ^ first[i] ^ second[i];
        }
        var shares = new ArrayList<Bits>();
        for (int party = 0; party < Replication.PARTIES; party++) {
            shares.add(new Bits(shape, Replication.of(party, new long[][] {rest, first, second})));
        }
        return shares;
    }

    @Override
    public final long[] join(List<Numbers> shares, int width) {
        int unused = Long.SIZE - width;
        long mask = -1L >>> unused;
        long[][] components = Replication.components(shares.stream().map(Numbers::components).toList(), shares.get(0).shape().size(),
                mask, mask);
        var values = new long[components[0].length];
        for (int i = 0; i < values.length; i++) {
            values[i] = components[0][i] + components[1][i] + components[2][i] << unused >> unused;
        }
        return values;
    }

    @Override
    public final long[] joinBits(List<Bits> shares) {
        int size = shares.get(0).shape().size();
        long lastMask = -1L >>> -size;
        long[][] components = Replication.components(shares.stream().map(Bits::components).toList(), Bits.words(size), -1L, lastMask);
        var words = new long[components[0].length];
        for (int i = 0; i < words.length; i++) {
            words[i] = components[0][i] ^ components[1][i] ^ components[2][i];
        }
        if (words.length > 0) {
            words[words.length - 1] &= lastMask;
        }
        return words;
    }
}
