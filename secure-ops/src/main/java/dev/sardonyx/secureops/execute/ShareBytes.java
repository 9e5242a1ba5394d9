package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.PartyValue.Public;
import dev.sardonyx.secureops.protocol.PartyValue.PublicBits;
import dev.sardonyx.secureops.ring.WirePacking;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One party's shares as bytes, between an owner and the party. The plan says what comes in which order and how long it is, so the bytes
 * hold numbers alone: components one after the other, inputs and outputs in the bytes of their planned width, learned constants in
 * eight bytes a number and blocks of {@value #WEIGHT_BLOCK} numbers, of which each holds all components, booleans packed 64 a word. What is not secret travels like shares of one component.
 */
public final class ShareBytes {
    private static final int WORD = Long.BYTES;
    /** Words of each component of a constant that are written together: an owner makes shares of so many at a time. */
    static final int WEIGHT_BLOCK = 1 << 13;

    /** More than there ever are; a plan may speak of so many that their sum is none. */
    private static final long MOST = 1L << 60;

    private final LanedPlan plans;
    private final int components;

    /** @param components components that the party's shares have */
    public ShareBytes(LanedPlan plans, int components) {
        this.plans = plans;
        this.components = components;
    }

    // ---- inputs and outputs

    /** Bytes of a request's inputs. */
    public long inputBytes() {
        return bytes(inputValues());
    }

    /** Bytes of a request's outputs. */
    public long outputBytes() {
        return bytes(outputValues());
    }

    private long bytes(List<Map<String, PlanValue>> lanes) {
        return lanes.stream().flatMap(lane -> lane.values().stream()).mapToLong(this::bytes).reduce(0, (sum, more) -> Math.min(MOST, sum + more));
    }

    /** The inputs of a request, by lane, as bytes. */
    public byte[] inputs(List<Map<String, PartyValue>> lanes) {
        return packed(inputValues(), lanes);
    }

    /** The inputs of a request, by lane. @throws RunException if there are too many or too few bytes */
    public List<Map<String, PartyValue>> inputs(byte[] bytes) {
        return unpacked(inputValues(), bytes, false);
    }

    /** The outputs of a request, by lane, as bytes. */
    public byte[] outputs(List<Map<String, PartyValue>> lanes) {
        return packed(outputValues(), lanes);
    }

    /** The outputs of a request, by lane. @throws RunException if the bytes are not what the plan says */
    public List<Map<String, PartyValue>> outputs(byte[] bytes) {
        return unpacked(outputValues(), bytes, true);
    }

    private List<Map<String, PlanValue>> inputValues() {
        Map<String, PlanValue> values = new LinkedHashMap<>();
        plans.plan().inputs().forEach(spec -> values.put(spec.name(), plans.plan().value(spec.value())));
        return Collections.nCopies(plans.lanes().size(), values);
    }

    private List<Map<String, PlanValue>> outputValues() {
        Map<String, PlanValue> values = new LinkedHashMap<>();
        plans.plan().outputs().forEach(output -> values.put(output.name(), plans.plan().value(output.value())));
        return Collections.nCopies(plans.lanes().size(), values);
    }

    private long bytes(PlanValue value) {
        long one = value.kind() == PlanValue.Kind.BITS ? (long) WORD * PackedBits.words(value.size()) : (long) value.bytesPerElement() * value.size();
        return one * (value.isSecret() ? components : 1);
    }

    private byte[] packed(List<Map<String, PlanValue>> values, List<Map<String, PartyValue>> lanes) {
        long length = bytes(values);
        if (length > Integer.MAX_VALUE - WORD) {
            throw new RunException(RunException.Kind.BAD_INPUT, "a request of " + length + " bytes; expected less than 2^31");
        }
        byte[] out = new byte[(int) length];
        int at = 0;
        for (int lane = 0; lane < values.size(); lane++) {
            for (var entry : values.get(lane).entrySet()) {
                PartyValue value = Mixture.full(lanes.get(lane).get(entry.getKey()));
                PlanValue planned = entry.getValue();
                for (long[] component : arrays(value)) {
                    int each = planned.kind() == PlanValue.Kind.BITS ? WORD : planned.bytesPerElement();
                    WirePacking.packBytes(component, 0, component.length, each, out, at);
                    at += component.length * each;
                }
            }
        }
        if (at != out.length) {
            throw new RunException(RunException.Kind.BAD_PLAN, "shares of " + at + " bytes; the plan says " + out.length);
        }
        return out;
    }

    private List<Map<String, PartyValue>> unpacked(List<Map<String, PlanValue>> values, byte[] bytes, boolean outputs) {
        var lanes = new ArrayList<Map<String, PartyValue>>();
        int at = 0;
        for (Map<String, PlanValue> parts : values) {
            var lane = new LinkedHashMap<String, PartyValue>();
            for (var entry : parts.entrySet()) {
                PlanValue planned = entry.getValue();
                long length = bytes(planned);
                if (at + length > bytes.length) {
                    throw wrongLength(bytes, outputs);
                }
                int each = planned.kind() == PlanValue.Kind.BITS ? WORD : planned.bytesPerElement();
                var arrays = new long[planned.isSecret() ? components : 1][(int) (length / each / (planned.isSecret() ? components : 1))];
                for (long[] array : arrays) {
                    WirePacking.unpackBytes(bytes, at, each, array, 0, array.length);
                    at += array.length * each;
                }
                lane.put(entry.getKey(), value(planned, arrays));
            }
            lanes.add(lane);
        }
        if (at != bytes.length) {
            throw wrongLength(bytes, outputs);
        }
        return lanes;
    }

    private RunException wrongLength(byte[] bytes, boolean outputs) {
        return new RunException(outputs ? RunException.Kind.PARTY_FAILED : RunException.Kind.BAD_INPUT,
                "shares of " + (outputs ? "outputs" : "inputs") + " take " + bytes.length + " bytes, which is not what the plan says");
    }

    static PartyValue value(PlanValue planned, long[][] arrays) {
        Shape shape = planned.shape();
        return switch (planned.kind()) {
            case NUMBER -> planned.isSecret() ? new Numbers(shape, arrays) : new Public(shape, arrays[0]);
            case BITS -> planned.isSecret() ? new Bits(shape, arrays) : new PublicBits(shape, arrays[0]);
        };
    }

    /** The arrays behind a value, in order. */
    static long[][] arrays(PartyValue value) {
        return switch (value) {
            case Numbers(var _, var x) -> x;
            case Bits(var _, var x) -> x;
            case PartyValue.Kept(var operand, var _) -> operand.share().components();
            case Public(var _, var x) -> new long[][] {x};
            case PublicBits(var _, var x) -> new long[][] {x};
        };
    }

    // ---- learned constants

    private Map<WeightStore.Key, PlanValue> weightLayout() {
        var layout = new LinkedHashMap<WeightStore.Key, PlanValue>();
        for (Step step : plans.plan().steps()) {
            if (step.instruction() instanceof Instruction.Weight weight && step.outputs().size() == 1) {
                PlanValue value = plans.plan().value(step.outputs().getFirst());
                layout.putIfAbsent(WeightStore.Key.of(weight, value), value);
            }
        }
        return layout;
    }

    /** Words of one component of a constant. */
    static int words(PlanValue value) {
        return value.kind() == PlanValue.Kind.BITS ? PackedBits.words(value.size()) : value.size();
    }

    /** Bytes of the learned constants. */
    public long weightBytes() {
        return weightLayout().values().stream().mapToLong(value -> (long) WORD * words(value) * (value.isSecret() ? components : 1)).sum();
    }

    /** Writes a party's learned constants. */
    public void writeWeights(WeightStore store, OutputStream out) throws IOException {
        for (WeightStore.Key key : weightLayout().keySet()) {
            long[][] arrays = arrays(Mixture.full(store.get(key)));
            for (int from = 0; from < arrays[0].length; from += WEIGHT_BLOCK) {
                out.write(weightBlock(arrays, from, Math.min(WEIGHT_BLOCK, arrays[0].length - from)));
            }
        }
    }

    /** So many words of all components from one word on, as they are written: at most {@link #WEIGHT_BLOCK}. */
    static byte[] weightBlock(long[][] components, int from, int count) {
        byte[] bytes = new byte[components.length * count * WORD];
        for (int c = 0; c < components.length; c++) {
            WirePacking.packBytes(components[c], from, count, WORD, bytes, c * count * WORD);
        }
        return bytes;
    }

    /**
     * Reads a party's learned constants to the end of the stream.
     *
     * @throws IOException if there are too many or too few bytes, or they cannot be read
     */
    public WeightStore readWeights(InputStream in) throws IOException {
        byte[] block = new byte[WEIGHT_BLOCK * WORD];
        var values = new LinkedHashMap<WeightStore.Key, PartyValue>();
        for (var entry : weightLayout().entrySet()) {
            PlanValue value = entry.getValue();
            var arrays = new long[value.isSecret() ? components : 1][words(value)];
            for (int from = 0; from < words(value); from += WEIGHT_BLOCK) {
                int count = Math.min(WEIGHT_BLOCK, words(value) - from);
                for (long[] array : arrays) {
                    if (in.readNBytes(block, 0, count * WORD) != count * WORD) {
                        throw new EOFException("the shares end early");
                    }
                    WirePacking.unpackBytes(block, 0, WORD, array, from, count);
                }
            }
            values.put(entry.getKey(), value(value, arrays));
        }
        if (in.read() >= 0) {
            throw new IOException("more shares than the plan says");
        }
        return new WeightStore(values);
    }
}
