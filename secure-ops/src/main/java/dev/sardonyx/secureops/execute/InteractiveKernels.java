package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.PartyValue.Public;
import dev.sardonyx.secureops.protocol.PartyValue.PublicBits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Steps that the protocol does where their operands are secret, and that every party does for itself where they are public. */
final class InteractiveKernels {
    private InteractiveKernels() {
    }

    static Kernel truncate(int bits, PlanValue input, PlanValue output) {
        return (seat, inputs) -> List.of(switch (Mixture.full(inputs.getFirst())) {
            case Numbers x -> seat.engine().truncate(seat.context(), x, bits, input, output);
            case Public(var _, var x) -> new Public(output.shape(), shiftRight(x, bits));
            case PartyValue other -> throw Mixture.refuse("numbers", other);
        });
    }

    private static long[] shiftRight(long[] values, int bits) {
        long[] out = new long[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[i] >> bits;
        }
        return out;
    }

    static Kernel compare(Instruction.Compare compare, PlanValue input) {
        return (seat, inputs) -> switch (Mixture.full(inputs.getFirst())) {
            case Numbers x -> List.copyOf(seat.engine().compare(seat.context(), x, compare, input));
            case Public(var shape, var x) -> {
                var outputs = new ArrayList<PartyValue>();
                for (long threshold : compare.thresholds()) {
                    outputs.add(new PublicBits(shape, atLeast(x, threshold)));
                }
                yield outputs;
            }
            case PartyValue other -> throw Mixture.refuse("numbers", other);
        };
    }

    /** Packed bits: value ≥ threshold, as signed numbers. */
    private static long[] atLeast(long[] values, long threshold) {
        long[] words = new long[PackedBits.words(values.length)];
        for (int i = 0; i < values.length; i++) {
            words[i >>> 6] |= (values[i] >= threshold ? 1L : 0L) << i;
        }
        return words;
    }

    /** A public number under a secret bit is taken as shared: a bit's share gives no product by itself. */
    static Kernel select(Shape bitShape, Shape numberShape, PlanValue output) {
        Shape shape = output.shape();
        Rearrangement spreadBits = Rearrangement.broadcast(bitShape, shape);
        Kernel spreadNumber = LinearKernels.map(shape, x -> Rearrangement.broadcast(numberShape, shape).numbers(List.of(x)));
        return (seat, inputs) -> {
            PartyValue bit = LinearKernels.spread(inputs.get(0), spreadBits, shape);
            PartyValue x = spreadNumber.run(seat, List.of(inputs.get(1))).getFirst();
            return List.of(switch (bit) {
                case PublicBits(var _, var words) -> keep(words, x, shape);
                case Bits bits -> seat.engine().select(seat.context(), bits,
                        (Numbers) Mixture.alike(List.of(x, bits), seat.constantSlot()).getFirst(), output);
                case PartyValue other -> throw Mixture.refuse("booleans", other);
            });
        };
    }

    private static PartyValue keep(long[] words, PartyValue x, Shape shape) {
        return switch (x) {
            case Numbers(var _, var components) -> new Numbers(shape, LinearKernels.each(components, c -> keep(words, c)));
            case Public(var _, var values) -> new Public(shape, keep(words, values));
            case PartyValue other -> throw Mixture.refuse("numbers", other);
        };
    }

    private static long[] keep(long[] words, long[] values) {
        long[] out = new long[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[i] & -(words[i >>> 6] >>> i & 1);
        }
        return out;
    }

    /** If some bits are public and some are not, all are taken as shared. */
    static Kernel combine(Instruction.Combine combine, PlanValue output) {
        return (seat, inputs) -> {
            List<PartyValue> alike = Mixture.alike(inputs, seat.constantSlot());
            if (alike.getFirst() instanceof Bits) {
                List<Bits> bits = alike.stream().map(Bits.class::cast).toList();
                return List.copyOf(seat.engine().combine(seat.context(), bits, combine, output));
            }
            var outputs = new ArrayList<PartyValue>();
            for (int c = 0; c < combine.base().size(); c++) {
                outputs.add(new Public(output.shape(), combination(combine.base().get(c), combine.coefficients().get(c), alike, output)));
            }
            return outputs;
        };
    }

    private static long[] combination(long base, List<Long> coefficients, List<PartyValue> bits, PlanValue output) {
        long[] out = new long[output.size()];
        Arrays.fill(out, base);
        for (int t = 0; t < bits.size(); t++) {
            long coefficient = coefficients.get(t);
            if (!(bits.get(t) instanceof PublicBits(var _, var words))) {
                throw Mixture.refuse("booleans", bits.get(t));
            }
            for (int i = 0; i < out.length; i++) {
                out[i] += coefficient & -(words[i >>> 6] >>> i & 1);
            }
        }
        return out;
    }

    static Kernel and(Shape left, Shape right, Shape output) {
        Rearrangement spreadLeft = Rearrangement.broadcast(left, output);
        Rearrangement spreadRight = Rearrangement.broadcast(right, output);
        return (seat, inputs) -> {
            PartyValue a = LinearKernels.spread(inputs.get(0), spreadLeft, output);
            PartyValue b = LinearKernels.spread(inputs.get(1), spreadRight, output);
            return List.of(switch (a) {
                case Bits x when b instanceof Bits y -> seat.engine().and(seat.context(), x, y);
                case Bits(var _, var x) when b instanceof PublicBits(var _, var y) -> new Bits(output, LinearKernels.each(x, c -> and(c, y)));
                case PublicBits(var _, var x) when b instanceof Bits(var _, var y) -> new Bits(output, LinearKernels.each(y, c -> and(c, x)));
                case PublicBits(var _, var x) when b instanceof PublicBits(var _, var y) -> new PublicBits(output, and(x, y));
                case PartyValue _ -> throw Mixture.refuse("booleans", a, b);
            });
        };
    }

    private static long[] and(long[] a, long[] b) {
        long[] out = new long[a.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = a[i] & b[i];
        }
        return out;
    }
}
