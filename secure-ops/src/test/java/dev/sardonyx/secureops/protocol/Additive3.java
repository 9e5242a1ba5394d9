package dev.sardonyx.secureops.protocol;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.ring.RingKernels;
import dev.sardonyx.secureops.ring.WirePacking;
import dev.sardonyx.transport.Phase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A protocol as simple as can be, to show what the interface asks for: three parties hold one summand each of every number and one
 * exclusive-or part of every bit. For a product each party sends its parts, under fresh shares of zero, to the party before it, and
 * multiplies what two parties then have (Araki, Furukawa, Lindell, Nof, Ohara, CCS 2016, section 2). All else is made of products:
 * numbers are added up bit by bit, as ABY3 (Mohassel, Rindal, CCS 2018, section 5.3) turns additive into boolean sharings, with a carry
 * that ripples. Nothing is preprocessed and every number takes eight bytes.
 */
final class Additive3 implements Protocol, Engine {
    private static final int PARTIES = 3;

    @Override
    public String name() {
        return "additive3";
    }

    @Override
    public int parties() {
        return PARTIES;
    }

    @Override
    public String assumption() {
        return "no two of the three parties collude, and every party follows the protocol";
    }

    @Override
    public Engine engine() {
        return this;
    }

    // ---- owners

    @Override
    public List<Numbers> split(Shape shape, long[] values, IntFunction<long[]> random) {
        return parts(values, random, false).stream().map(part -> new Numbers(shape, new long[][] {part})).toList();
    }

    @Override
    public List<Bits> splitBits(Shape shape, long[] words, IntFunction<long[]> random) {
        return parts(words, random, true).stream().map(part -> new Bits(shape, new long[][] {part})).toList();
    }

    private static List<long[]> parts(long[] values, IntFunction<long[]> random, boolean bits) {
        long[] first = random.apply(values.length);
        long[] second = random.apply(values.length);
        return List.of(first, second, difference(difference(values, first, bits), second, bits));
    }

    @Override
    public long[] join(List<Numbers> shares, int width) {
        return Arrays.stream(sum(shares.stream().map(share -> share.components()[0]).toList(), false))
                .map(value -> Values.in(value, width)).toArray();
    }

    @Override
    public long[] joinBits(List<Bits> shares) {
        return sum(shares.stream().map(share -> share.components()[0]).toList(), true);
    }

    // ---- vectors: numbers modulo 2^64, or words of bits

    private static long[] sum(List<long[]> parts, boolean bits) {
        long[] sum = new long[parts.getFirst().length];
        for (long[] part : parts) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] = bits ? sum[i] ^ part[i] : sum[i] + part[i];
            }
        }
        return sum;
    }

    private static long[] difference(long[] x, long[] y, boolean bits) {
        long[] result = new long[x.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = bits ? x[i] ^ y[i] : x[i] - y[i];
        }
        return result;
    }

    private static long[] concat(List<long[]> parts) {
        return parts.stream().flatMapToLong(Arrays::stream).toArray();
    }

    /** What party {@code owner} put in, as shared by all: the others' parts are zero. */
    private static long[] from(StepContext context, int owner, long[] own) {
        return context.role() == owner ? own : new long[own.length];
    }

    private static long[] bitsOf(long[] words, int size) {
        long[] bits = new long[size];
        for (int i = 0; i < size; i++) {
            bits[i] = words[i >>> 6] >>> i & 1;
        }
        return bits;
    }

    // ---- products

    /** A fresh share of zero. */
    private static long[] zero(StepContext context, int length, boolean bits) {
        int role = context.role();
        return difference(context.commonWords((role + 1) % PARTIES, length), context.commonWords((role + 2) % PARTIES, length), bits);
    }

    /** This party's part under a fresh share of zero, and the next party's. One round, 8 bytes a word. */
    private static long[][] twoParts(StepContext context, long[] share, boolean bits) {
        long[] mine = sum(List.of(share, zero(context, share.length, bits)), bits);
        byte[] payload = WirePacking.packBytes(mine, Long.BYTES);
        byte[] next = context.exchange((context.role() + 2) % PARTIES, Phase.ONLINE, payload, (context.role() + 1) % PARTIES, payload.length);
        return new long[][] {mine, WirePacking.unpackBytes(next, share.length, Long.BYTES)};
    }

    /** Element by element: products of numbers, or conjunctions. One round, 16 bytes a word. */
    private static long[] product(StepContext context, long[] x, long[] y, boolean bits) {
        long[][] both = twoParts(context, concat(List.of(x, y)), bits);
        long[] result = zero(context, x.length, bits);
        for (int i = 0; i < x.length; i++) {
            long x0 = both[0][i];
            long x1 = both[1][i];
            long y0 = both[0][x.length + i];
            long y1 = both[1][x.length + i];
            result[i] = bits ? result[i] ^ x0 & (y0 ^ y1) ^ x1 & y0 : result[i] + x0 * (y0 + y1) + x1 * y0;
        }
        return result;
    }

    @Override
    public int constantSlot(int role) {
        return role == 0 ? 0 : -1;
    }

    @Override
    public Numbers multiply(StepContext context, List<Product> terms, PlanValue output) {
        long[][] both = twoParts(context, concat(terms.stream()
                .flatMap(term -> List.of(term.left().components()[0], term.right().share().components()[0]).stream()).toList()), false);
        long[] result = zero(context, output.size(), false);
        int at = 0;
        for (Product term : terms) {
            int middle = at + term.left().shape().size();
            int end = middle + term.right().share().shape().size();
            long[] y0 = Arrays.copyOfRange(both[0], middle, end);
            long[] y1 = Arrays.copyOfRange(both[1], middle, end);
            Bilinear form = term.form();
            form.apply(Arrays.copyOfRange(both[0], at, middle), form.prepare(sum(List.of(y0, y1), false)), result, true);
            form.apply(Arrays.copyOfRange(both[1], at, middle), form.prepare(y0), result, true);
            at = end;
        }
        return new Numbers(output.shape(), new long[][] {result});
    }

    @Override
    public Bits and(StepContext context, Bits a, Bits b) {
        return new Bits(a.shape(), new long[][] {product(context, a.components()[0], b.components()[0], true)});
    }

    // ---- numbers to bits and back

    /** The low {@code width} bits of numbers as planes; a carry-save adder for the three summands, then one whose carry ripples. */
    private static long[][] planes(StepContext context, long[] x, int width) {
        long[][] own = RingKernels.best().toBitPlanes(x, 0, width);
        if (width == 1) {
            return own;
        }
        int words = own[0].length;
        long[] low = concat(List.of(own).subList(0, width - 1));
        long[] none = new long[low.length];
        int role = context.role();
        // Of summands A, B, C at parties 0, 1, 2 the carries are (A ⊕ B)(A ⊕ C) ⊕ A.
        long[] carries = sum(List.of(product(context, role == 2 ? none : low, role == 1 ? none : low, true), from(context, 0, low)), true);
        long[] carry = new long[words];
        for (int bit = 1; bit < width; bit++) {
            long[] saved = Arrays.copyOfRange(carries, (bit - 1) * words, bit * words);
            long[] x0 = own[bit];
            own[bit] = sum(List.of(x0, saved, carry), true);
            if (bit < width - 1) {
                long[] both = product(context, sum(List.of(x0, carry), true), sum(List.of(saved, carry), true), true);
                carry = sum(List.of(both, carry), true);
            }
        }
        return own;
    }

    private static StepCost planesCost(long words, int width) {
        return width == 1 ? StepCost.free(PARTIES) : online(16 * words * (width - 1 + width - 2), width - 1);
    }

    /** Bits, one a number and known by their exclusive-or parts, as numbers: x ⊕ y = x + y − 2xy twice. Two rounds, 32 bytes each. */
    private static long[] numbers(StepContext context, long[] parts) {
        long[] a = from(context, 0, parts);
        for (int party = 1; party < PARTIES; party++) {
            long[] b = from(context, party, parts);
            long[] both = product(context, a, b, false);
            a = difference(sum(List.of(a, b), false), sum(List.of(both, both), false), false);
        }
        return a;
    }

    @Override
    public Numbers truncate(StepContext context, Numbers x, int bits, PlanValue input, PlanValue output) {
        int width = input.width();
        int size = output.size();
        long offset = width < 2 ? 0 : 1L << width - 2;
        long[] shifted = x.components()[0].clone();
        long[] result = new long[size];
        if (context.role() == 0) {
            Arrays.setAll(shifted, i -> shifted[i] + offset);
            Arrays.fill(result, -(offset >>> bits));
        }
        long[][] planes = planes(context, shifted, width);
        int kept = Math.max(0, width - 1 - bits);
        if (kept > 0) {
            long[] digits = numbers(context, concat(Arrays.stream(planes, bits, bits + kept).map(plane -> bitsOf(plane, size)).toList()));
            for (int i = 0; i < digits.length; i++) {
                result[i % size] += digits[i] << i / size;
            }
        }
        return new Numbers(output.shape(), new long[][] {result});
    }

    @Override
    public List<Bits> compare(StepContext context, Numbers x, Instruction.Compare compare, PlanValue input) {
        int width = compare.lowBit() + compare.carry().width();
        int words = Bits.words(input.size());
        int count = compare.thresholds().size();
        if (count == 0) {
            return List.of();
        }
        long[] all = new long[count * words * 64];
        for (int t = 0; t < count; t++) {
            for (int i = 0; i < input.size(); i++) {
                all[t * words * 64 + i] = x.components()[0][i] - (context.role() == 0 ? compare.thresholds().get(t) : 0);
            }
        }
        long[] sign = planes(context, all, width)[width - 1];
        long flip = context.role() == 0 ? -1 : 0;
        long[] atLeast = Arrays.stream(sign).map(word -> word ^ flip).toArray();
        var results = new ArrayList<Bits>();
        for (int t = 0; t < count; t++) {
            results.add(new Bits(x.shape(), new long[][] {Arrays.copyOfRange(atLeast, t * words, (t + 1) * words)}));
        }
        return results;
    }

    @Override
    public Numbers select(StepContext context, Bits bits, Numbers x, PlanValue output) {
        long[] factors = numbers(context, bitsOf(bits.components()[0], output.size()));
        return new Numbers(output.shape(), new long[][] {product(context, factors, x.components()[0], false)});
    }

    @Override
    public List<Numbers> combine(StepContext context, List<Bits> bits, Instruction.Combine combine, PlanValue output) {
        int size = output.size();
        long[] digits = numbers(context, concat(bits.stream().map(share -> bitsOf(share.components()[0], size)).toList()));
        var results = new ArrayList<Numbers>();
        for (int c = 0; c < combine.base().size(); c++) {
            long[] result = new long[size];
            Arrays.fill(result, context.role() == 0 ? combine.base().get(c) : 0);
            for (int i = 0; i < digits.length; i++) {
                result[i % size] += combine.coefficients().get(c).get(i / size) * digits[i];
            }
            results.add(new Numbers(output.shape(), new long[][] {result}));
        }
        return results;
    }

    // ---- costs

    private static StepCost online(long bytes, int rounds) {
        return new StepCost(Collections.nCopies(PARTIES, 0L), Collections.nCopies(PARTIES, bytes), rounds);
    }

    private static StepCost then(StepCost first, long bytes, int rounds) {
        return online(first.onlineBytes().getFirst() + bytes, first.rounds() + rounds);
    }

    @Override
    public StepCost cost(Instruction instruction, List<PlanValue> inputs, List<PlanValue> outputs) {
        if (inputs.stream().noneMatch(PlanValue::isSecret)) {
            return StepCost.free(PARTIES);
        }
        PlanValue first = inputs.getFirst();
        long size = outputs.isEmpty() ? 0 : outputs.getFirst().size();
        return switch (instruction) {
            case Instruction.Local local -> StepCost.free(PARTIES);
            case Instruction.Multiply multiply -> products(inputs);
            case Instruction.MatMul matMul -> products(inputs);
            case Instruction.Convolve convolve -> products(inputs);
            case Instruction.Truncate truncate -> {
                int kept = Math.max(0, first.width() - 1 - truncate.bits());
                yield then(planesCost(Bits.words(first.size()), first.width()), 32 * kept * size, kept > 0 ? 2 : 0);
            }
            case Instruction.Compare compare -> outputs.isEmpty() ? StepCost.free(PARTIES)
                    : planesCost((long) Bits.words(first.size()) * outputs.size(), compare.lowBit() + compare.carry().width());
            case Instruction.Select select -> first.isSecret() ? online(48 * size, 3) : StepCost.free(PARTIES);
            case Instruction.Combine combine -> online(32 * size * inputs.size(), 2);
            case Instruction.And and -> inputs.stream().allMatch(PlanValue::isSecret) ? online(16L * Bits.words((int) size), 1)
                    : StepCost.free(PARTIES);
        };
    }

    private static StepCost products(List<PlanValue> inputs) {
        long elements = 0;
        for (int i = 0; i < inputs.size(); i += 2) {
            boolean secret = inputs.get(i).isSecret() && inputs.get(i + 1).isSecret();
            elements += secret ? inputs.get(i).size() + inputs.get(i + 1).size() : 0;
        }
        return elements == 0 ? StepCost.free(PARTIES) : online(8 * elements, 1);
    }
}
