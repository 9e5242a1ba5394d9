package dev.sardonyx.secureops.protocol.replicated3;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.protocol.Engine;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.masked.MaskedCosts;
import dev.sardonyx.secureops.protocol.masked.MaskedEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Replicated sharing among three parties of which one may be semi-honest (Araki, Furukawa, Lindell, Nof, Ohara, CCS 2016): a number is
 * the sum modulo 2^64 of three components, each uniform, of which party i holds all but component i; a bit is their exclusive or.
 *
 * <p>Steps run in the masked form of the same sharing (Chaudhari, Choudhury, Patra, Suresh, "ASTRA", CCSW 2019): in a lane rotated by h
 * the component that party h lacks is the masked value, the other two are its mask, and party h, who sees only masks, sends nothing
 * but preprocessing. Because the storage does not depend on h, one sharing of a model's weights serves lanes of every rotation.
 */
public final class Replicated3 implements Protocol {
    private final Engine engine = new MaskedEngine();

    @Override
    public String name() {
        return "replicated3";
    }

    @Override
    public int parties() {
        return Replication.PARTIES;
    }

    @Override
    public List<Integer> components(int party) {
        return Replication.held(party);
    }

    @Override
    public String assumption() {
        return "no two of the three parties collude, and every party follows the protocol";
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public StepCost cost(Instruction instruction, List<PlanValue> inputs, List<PlanValue> outputs) {
        return MaskedCosts.of(instruction, inputs, outputs);
    }

    @Override
    public List<Numbers> split(Shape shape, long[] values, IntFunction<long[]> random) {
        long[] first = random.apply(values.length);
        long[] second = random.apply(values.length);
        var third = new long[values.length];
        for (int i = 0; i < third.length; i++) {
            third[i] = values[i] - first[i] - second[i];
        }
        var shares = new ArrayList<Numbers>();
        for (int party = 0; party < Replication.PARTIES; party++) {
            shares.add(new Numbers(shape, Replication.of(party, new long[][] {first, second, third})));
        }
        return shares;
    }

    @Override
    public List<Bits> splitBits(Shape shape, long[] words, IntFunction<long[]> random) {
        long[] first = random.apply(words.length);
        long[] second = random.apply(words.length);
        var third = new long[words.length];
        for (int i = 0; i < third.length; i++) {
            third[i] = words[i] ^ first[i] ^ second[i];
        }
        var shares = new ArrayList<Bits>();
        for (int party = 0; party < Replication.PARTIES; party++) {
            shares.add(new Bits(shape, Replication.of(party, new long[][] {first, second, third})));
        }
        return shares;
    }

    @Override
    public long[] join(List<Numbers> shares, int width) {
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
    public long[] joinBits(List<Bits> shares) {
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
