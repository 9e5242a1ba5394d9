package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.PartyValue.Public;
import dev.sardonyx.secureops.protocol.PartyValue.PublicBits;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.random.RandomSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What model owner and data owner do for themselves: encode, split into shares, join. No two parties are given the same array, though
 * some of their components are equal.
 */
public final class Owner {
    private final Protocol protocol;
    private final RandomSource random;

    /** @param random the owner's own randomness, which makes the shares */
    public Owner(Protocol protocol, RandomSource random) {
        this.protocol = protocol;
        this.random = random;
    }

    /**
     * Splits the learned constants that a plan's steps want; one that several want at one scale is split once, and serves all lanes.
     *
     * @return one store for each party
     * @throws RunException if a constant is not finite, or larger than the plan says
     */
    public List<WeightStore> weights(LanedPlan plans, WeightSource source) {
        return weights(plans, source, (_, _, share) -> share);
    }

    /** What a party keeps of a share; the share is given up. */
    @FunctionalInterface
    interface Keeper {
        PartyValue kept(int party, WeightStore.Key key, PartyValue share);
    }

    /** As {@link #weights(LanedPlan, WeightSource)}, where parties keep something else than shares. */
    List<WeightStore> weights(LanedPlan plans, WeightSource source, Keeper keeper) {
        var stores = new ArrayList<Map<WeightStore.Key, PartyValue>>();
        for (int party = 0; party < protocol.parties(); party++) {
            stores.add(new HashMap<>());
        }
        eachWeight(plans, source, new BlockSink() {
            private List<PartyValue> whole = List.of();

            @Override
            public void take(WeightStore.Key key, PlanValue value, int from, List<? extends PartyValue> blocks) {
                if (from == 0) {
                    whole = blocks.stream().map(block -> empty(block, value)).toList();
                }
                int count = 0;
                for (int party = 0; party < blocks.size(); party++) {
                    long[][] block = ShareBytes.arrays(blocks.get(party));
                    long[][] all = ShareBytes.arrays(whole.get(party));
                    for (int c = 0; c < block.length; c++) {
                        count = block[c].length;
                        System.arraycopy(block[c], 0, all[c], from, count);
                    }
                }
                if (from + count == ShareBytes.words(value)) {
                    for (int party = 0; party < whole.size(); party++) {
                        stores.get(party).put(key, keeper.kept(party, key, whole.get(party)));
                    }
                }
            }
        });
        return stores.stream().map(WeightStore::new).toList();
    }

    /** A share of the whole value, like that of a block of it. */
    private static PartyValue empty(PartyValue block, PlanValue value) {
        long[][] arrays = new long[ShareBytes.arrays(block).length][ShareBytes.words(value)];
        return ShareBytes.value(value, arrays);
    }

    /** Takes what each party is given next. */
    @FunctionalInterface
    public interface WeightSink {
        /** @param byParty some bytes for every party, of similar length; empty for one that is given no more of a constant */
        void next(List<byte[]> byParty);
    }

    /**
     * Splits the learned constants as {@link #weights(LanedPlan, WeightSource)} does, and gives the shares away block by block, as
     * {@link ShareBytes#readWeights} reads them: no party waits long for the next, and no more than a block is held.
     *
     * @throws RunException if a constant is not finite, or larger than the plan says
     */
    public void streamWeights(LanedPlan plans, WeightSource source, WeightSink sink) {
        eachWeight(plans, source, (_, value, _, blocks) -> {
            if (value.size() > 0) {
                sink.next(blocks.stream().map(ShareBytes::arrays).map(block -> ShareBytes.weightBlock(block, 0, block[0].length)).toList());
            }
        });
    }

    /** Takes shares of one block of a constant after the other. */
    @FunctionalInterface
    private interface BlockSink {
        /**
         * @param from the first word of the block; 0 for a new constant
         * @param blocks by party; parties that know the same may be given the same array
         */
        void take(WeightStore.Key key, PlanValue value, int from, List<? extends PartyValue> blocks);
    }

    private void eachWeight(LanedPlan plans, WeightSource source, BlockSink sink) {
        var seen = new HashSet<WeightStore.Key>();
        for (Step step : plans.plan().steps()) {
            if (step.instruction() instanceof Instruction.Weight weight) {
                PlanValue value = plans.plan().value(step.outputs().getFirst());
                var key = WeightStore.Key.of(weight, value);
                Tensor tensor = fitting(weight, value, source);
                if (seen.add(key)) {
                    int words = ShareBytes.words(value);
                    int from = 0;
                    do {
                        int count = Math.min(ShareBytes.WEIGHT_BLOCK, words - from);
                        sink.take(key, value, from, split(value, tensor, from, count));
                        from += count;
                    } while (from < words);
                }
            }
        }
    }

    private static Tensor fitting(Instruction.Weight weight, PlanValue value, WeightSource source) {
        Tensor tensor = source.tensor(weight.constant());
        if (tensor.size() != value.size()) {
            throw new RunException(RunException.Kind.BAD_INPUT,
                    constant(value) + " has shape " + tensor.shape() + "; the plan wants " + value.shape());
        }
        return tensor;
    }

    private static String constant(PlanValue value) {
        return "constant '" + value.name() + "'";
    }

    /** Shares of so many words of a constant. */
    private List<? extends PartyValue> split(PlanValue value, Tensor tensor, int from, int count) {
        return switch (value.kind()) {
            case NUMBER -> share(value, Shape.of(count), FixedPoint.encode(constant(value), value, tensor, from, count));
            case BITS -> {
                int first = from * Long.SIZE;
                int bits = Math.min(count * Long.SIZE, tensor.size() - first);
                yield share(value, Shape.of(bits), FixedPoint.encodeBits(tensor, first, bits));
            }
        };
    }

    /** Raw numbers or packed bits as one value for each party; parties that know the same may be given the same array. */
    private List<? extends PartyValue> share(PlanValue value, Shape shape, long[] data) {
        if (!value.isSecret()) {
            return IntStream.range(0, protocol.parties()).mapToObj(_ -> switch (value.kind()) {
                case NUMBER -> (PartyValue) new Public(shape, data);
                case BITS -> new PublicBits(shape, data);
            }).toList();
        }
        return switch (value.kind()) {
            case NUMBER -> protocol.split(shape, data, random::longs);
            case BITS -> protocol.splitBits(shape, data, random::longs);
        };
    }

    /** The same in arrays that nobody else has. */
    private static PartyValue ownArrays(PartyValue share) {
        return switch (share) {
            case Numbers(var shape, var components) -> new Numbers(shape, copy(components));
            case Bits(var shape, var components) -> new Bits(shape, copy(components));
            case Public(var shape, var values) -> new Public(shape, values.clone());
            case PublicBits(var shape, var words) -> new PublicBits(shape, words.clone());
            case PartyValue.Kept _ -> throw Mixture.refuse("a share that was just made", share);
        };
    }

    private static long[][] copy(long[][] components) {
        long[][] copies = new long[components.length][];
        for (int c = 0; c < copies.length; c++) {
            copies[c] = components[c].clone();
        }
        return copies;
    }

    /**
     * Encodes, cuts into lanes and shares the inputs.
     *
     * @return by party and lane, shares by input name
     * @throws RunException if an input is missing, unknown, of another shape, not finite or out of its declared range
     */
    public List<List<Map<String, PartyValue>>> inputs(LanedPlan plans, Map<String, Tensor> tensors) {
        checkNames(plans.plan(), tensors);
        var parties = new ArrayList<List<Map<String, PartyValue>>>();
        for (int party = 0; party < protocol.parties(); party++) {
            parties.add(new ArrayList<>());
        }
        for (LanedPlan.Lane lane : plans.lanes()) {
            parties.forEach(lanes -> lanes.add(new LinkedHashMap<>()));
            for (Plan.InputSpec spec : plans.plan().inputs()) {
                PlanValue value = plans.plan().value(spec.value());
                Tensor part = cut(plans, lane, spec, tensors.get(spec.name()));
                List<? extends PartyValue> shares = share(value, value.shape(), FixedPoint.encodeInput(spec, value, part));
                for (int party = 0; party < shares.size(); party++) {
                    parties.get(party).getLast().put(spec.name(), ownArrays(shares.get(party)));
                }
            }
        }
        return parties;
    }

    private static void checkNames(Plan plan, Map<String, Tensor> tensors) {
        List<String> wanted = plan.inputs().stream().map(Plan.InputSpec::name).toList();
        List<String> missing = wanted.stream().filter(name -> !tensors.containsKey(name)).toList();
        List<String> unknown = tensors.keySet().stream().filter(name -> !wanted.contains(name)).sorted().toList();
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new RunException(RunException.Kind.BAD_INPUT, (missing.isEmpty() ? "" : "missing inputs " + missing + "; ")
                    + (unknown.isEmpty() ? "" : "unknown inputs " + unknown + "; ") + "the model's inputs are " + wanted);
        }
    }

    private static Tensor cut(LanedPlan plans, LanedPlan.Lane lane, Plan.InputSpec spec, Tensor whole) {
        Shape wanted = plans.plan().value(spec.value()).shape();
        Shape all = plans.isCut() ? wanted.with(0, plans.lanes().stream().mapToInt(LanedPlan.Lane::rows).sum()) : wanted;
        if (!whole.shape().equals(all)) {
            throw new RunException(RunException.Kind.BAD_INPUT,
                    "input '" + spec.name() + "' has shape " + whole.shape() + "; the plan wants " + all);
        }
        return plans.isCut() ? rows(whole, lane.offset(), wanted) : whole;
    }

    /** Rows from {@code offset} on; where the whole ends before the part is full, its last row is repeated: it is within range. */
    private static Tensor rows(Tensor whole, int offset, Shape part) {
        int row = part.size(1, part.rank());
        int[] places = IntStream.range(0, part.size())
                .map(i -> Math.min(offset + i / Math.max(1, row), whole.shape().dim(0) - 1) * row + i % Math.max(1, row)).toArray();
        return whole.type().isFloating()
                ? Tensor.ofDoubles(whole.type(), part, Arrays.stream(places).mapToDouble(whole::getDouble).toArray())
                : Tensor.ofLongs(whole.type(), part, Arrays.stream(places).mapToLong(whole::getLong).toArray());
    }

    /** The first rows of a lane's answer: those that are not filling. */
    private static Tensor firstRows(Tensor part, int rows) {
        return part.shape().dim(0) == rows ? part : rows(part, 0, part.shape().with(0, rows));
    }

    /**
     * Joins the parties' shares of the outputs.
     *
     * @param outputs by party and lane, shares by output name
     * @throws RunException if a value left a range that the plan relies on and samples alone vouch for
     * @throws dev.sardonyx.secureops.protocol.ShareMismatchException if parties' copies differ
     */
    public Map<String, Tensor> outputs(LanedPlan plans, List<List<Map<String, PartyValue>>> outputs) {
        checkRanges(plans, outputs);
        return uncheckedOutputs(plans, outputs);
    }

    /** As {@link #outputs}, whether or not the ranges held that the plan relies on. */
    Map<String, Tensor> uncheckedOutputs(LanedPlan plans, List<List<Map<String, PartyValue>>> outputs) {
        var joined = new LinkedHashMap<String, Tensor>();
        for (Plan.Output output : plans.plan().answers()) {
            var parts = new ArrayList<Tensor>();
            for (int lane = 0; lane < plans.lanes().size(); lane++) {
                Tensor part = join(plans.plan().value(output.value()), given(outputs, lane, output.name()), output.type());
                parts.add(plans.isCut() ? firstRows(part, plans.lanes().get(lane).rows()) : part);
            }
            joined.put(output.name(), parts.size() == 1 ? parts.getFirst() : stack(parts));
        }
        return joined;
    }

    private void checkRanges(LanedPlan plans, List<List<Map<String, PartyValue>>> outputs) {
        for (Plan.Output check : plans.plan().outputs().stream().filter(Plan.Output::isRangeCheck).toList()) {
            for (int lane = 0; lane < plans.lanes().size(); lane++) {
                if (join(plans.plan().value(check.value()), given(outputs, lane, check.name()), check.type()).getLong(0) == 0) {
                    throw new RunException(RunException.Kind.OUT_OF_RANGE, "for these inputs a value inside the model leaves the range that calibration"
                            + " samples showed, and the answer would be wrong; expected inputs like the samples: calibrate on more of them");
                }
            }
        }
    }

    /** All parties' shares of one lane's output. */
    private static List<PartyValue> given(List<List<Map<String, PartyValue>>> outputs, int lane, String name) {
        return outputs.stream().map(party -> given(party.get(lane), name)).toList();
    }

    private static PartyValue given(Map<String, PartyValue> outputs, String name) {
        PartyValue share = outputs.get(name);
        if (share == null) {
            throw new RunException(RunException.Kind.PARTY_FAILED, "a party gave no share of output '" + name + "'");
        }
        return share;
    }

    /** One value from all parties' parts of it. */
    Tensor join(PlanValue value, List<PartyValue> shares, ElementType type) {
        return switch (Mixture.full(shares.getFirst())) {
            case Numbers _ -> FixedPoint.decode(protocol.join(shares.stream().map(Numbers.class::cast).toList(), value.width()), value, type);
            case Bits _ -> FixedPoint.decodeBits(protocol.joinBits(shares.stream().map(Bits.class::cast).toList()), type, value.shape());
            case PartyValue.Kept _ -> throw Mixture.refuse("a share of an output", shares.getFirst());
            case Public(var _, var values) -> FixedPoint.decode(values, value, type);
            case PublicBits(var shape, var words) -> FixedPoint.decodeBits(words, type, shape);
        };
    }

    private static Tensor stack(List<Tensor> parts) {
        Tensor first = parts.getFirst();
        Shape shape = first.shape().with(0, parts.stream().mapToInt(part -> part.shape().dim(0)).sum());
        if (first.type().isFloating()) {
            double[] all = parts.stream().flatMapToDouble(part -> Arrays.stream(part.toDoubles())).toArray();
            return Tensor.ofDoubles(first.type(), shape, all);
        }
        return Tensor.ofLongs(first.type(), shape, parts.stream().flatMapToLong(part -> Arrays.stream(part.toLongs())).toArray());
    }
}
