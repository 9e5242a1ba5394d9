package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.PartyValue.Public;
import dev.sardonyx.secureops.protocol.PartyValue.PublicBits;
import dev.sardonyx.secureops.ring.RingKernels;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** The steps that act on each component of a share by itself; public operands enter at one component of one or two roles. */
final class LinearKernels {
    private static final RingKernels RING = RingKernels.best();

    private LinearKernels() {
    }

    /** a + b or a − b with broadcasting. */
    static Kernel sum(Broadcast.Operation operation, Operands shapes) {
        Shape output = shapes.output();
        Broadcast broadcast = shapes.broadcast();
        Rearrangement left = shapes.spreadLeft();
        Rearrangement right = shapes.spreadRight();
        BinaryOperator<long[]> both = (a, b) -> broadcast.apply(operation, a, b);
        UnaryOperator<long[]> onlyLeft = a -> left.numbers(List.of(a));
        UnaryOperator<long[]> onlyRight = operation == Broadcast.Operation.ADD ? b -> right.numbers(List.of(b))
                : b -> negate(right.numbers(List.of(b)));
        return (seat, inputs) -> {
            PartyValue a = shapes.left(inputs);
            PartyValue b = shapes.right(inputs);
            return List.of(switch (a) {
                case Numbers(var _, var x) when b instanceof Numbers(var _, var y) -> new Numbers(output, each(x, y, both));
                case Numbers(var _, var x) when b instanceof Public(var _, var y) ->
                    new Numbers(output, eachBut(x, seat.constantSlot(), onlyLeft, at -> both.apply(at, y)));
                case Public(var _, var x) when b instanceof Numbers(var _, var y) ->
                    new Numbers(output, eachBut(y, seat.constantSlot(), onlyRight, at -> both.apply(x, at)));
                case Public(var _, var x) when b instanceof Public(var _, var y) -> new Public(output, both.apply(x, y));
                case PartyValue _ -> throw Mixture.refuse("numbers", a, b);
            });
        };
    }

    /** A linear map of numbers. */
    static Kernel map(Shape output, UnaryOperator<long[]> map) {
        return (_, inputs) -> List.of(switch (Mixture.full(inputs.getFirst())) {
            case Numbers(var _, var x) -> new Numbers(output, each(x, map));
            case Public(var _, var x) -> new Public(output, map.apply(x));
            case PartyValue other -> throw Mixture.refuse("numbers", other);
        });
    }

    static long[] negate(long[] values) {
        long[] out = new long[values.length];
        RING.negate(values, out);
        return out;
    }

    static UnaryOperator<long[]> shiftLeft(int bits) {
        return values -> {
            long[] out = new long[values.length];
            RING.shiftLeft(values, bits, out);
            return out;
        };
    }

    /** Rearranges numbers or bits; if some inputs are public and some are not, all are taken as shared. */
    static Kernel move(Op.Movement movement, List<Shape> inputs, Shape output) {
        Rearrangement rearrangement = Rearrangement.of(movement, inputs, output);
        return (seat, values) -> {
            List<PartyValue> alike = Mixture.alike(values, seat.constantSlot());
            return List.of(switch (alike.getFirst()) {
                case Numbers first -> new Numbers(output, eachOf(first.components().length,
                        c -> rearrangement.numbers(alike.stream().map(v -> ((Numbers) v).components()[c]).toList())));
                case Bits first -> new Bits(output, eachOf(first.components().length,
                        c -> rearrangement.bits(alike.stream().map(v -> ((Bits) v).components()[c]).toList())));
                case PartyValue.Kept kept -> throw Mixture.refuse("values that can be moved", kept);
                case Public _ -> new Public(output, rearrangement.numbers(alike.stream().map(v -> ((Public) v).values()).toList()));
                case PublicBits _ ->
                    new PublicBits(output, rearrangement.bits(alike.stream().map(v -> ((PublicBits) v).words()).toList()));
            });
        };
    }

    /** Exclusive or with broadcasting. */
    static Kernel xor(Shape left, Shape right, Shape output) {
        Rearrangement spreadLeft = Rearrangement.broadcast(left, output);
        Rearrangement spreadRight = Rearrangement.broadcast(right, output);
        return (seat, inputs) -> {
            PartyValue a = spread(inputs.get(0), spreadLeft, output);
            PartyValue b = spread(inputs.get(1), spreadRight, output);
            return List.of(switch (a) {
                case Bits(var _, var x) when b instanceof Bits(var _, var y) -> new Bits(output, each(x, y, LinearKernels::xor));
                case Bits(var _, var x) when b instanceof PublicBits(var _, var y) -> new Bits(output, xorAt(x, seat.constantSlot(), y));
                case PublicBits(var _, var x) when b instanceof Bits(var _, var y) -> new Bits(output, xorAt(y, seat.constantSlot(), x));
                case PublicBits(var _, var x) when b instanceof PublicBits(var _, var y) -> new PublicBits(output, xor(x, y));
                case PartyValue _ -> throw Mixture.refuse("booleans", a, b);
            });
        };
    }

    static Kernel not(Shape output) {
        return (seat, inputs) -> List.of(switch (inputs.getFirst()) {
            case Bits(var _, var x) ->
                new Bits(output, eachBut(x, seat.constantSlot(), UnaryOperator.identity(), LinearKernels::complement));
            case PublicBits(var _, var x) -> new PublicBits(output, complement(x));
            case PartyValue other -> throw Mixture.refuse("booleans", other);
        });
    }

    /** Bits broadcast to the output's shape. */
    static PartyValue spread(PartyValue bits, Rearrangement rearrangement, Shape output) {
        return switch (bits) {
            case Bits(var _, var x) -> new Bits(output, each(x, words -> rearrangement.bits(List.of(words))));
            case PublicBits(var _, var x) -> new PublicBits(output, rearrangement.bits(List.of(x)));
            case PartyValue other -> throw Mixture.refuse("booleans", other);
        };
    }

    private static long[][] xorAt(long[][] components, int slot, long[] words) {
        return eachBut(components, slot, UnaryOperator.identity(), at -> xor(at, words));
    }

    private static long[] xor(long[] a, long[] b) {
        long[] out = new long[a.length];
        RING.xor(a, b, out);
        return out;
    }

    private static long[] complement(long[] words) {
        long[] out = new long[words.length];
        RING.not(words, out);
        return out;
    }

    static long[][] each(long[][] components, UnaryOperator<long[]> map) {
        return eachBut(components, -1, map, map);
    }

    /** Maps one component by {@code special} and all others by {@code map}. */
    private static long[][] eachBut(long[][] components, int slot, UnaryOperator<long[]> map, UnaryOperator<long[]> special) {
        long[][] out = new long[components.length][];
        for (int c = 0; c < out.length; c++) {
            out[c] = (c == slot ? special : map).apply(components[c]);
        }
        return out;
    }

    private static long[][] each(long[][] left, long[][] right, BinaryOperator<long[]> map) {
        long[][] out = new long[left.length][];
        for (int c = 0; c < out.length; c++) {
            out[c] = map.apply(left[c], right[c]);
        }
        return out;
    }

    private static long[][] eachOf(int count, IntFunction<long[]> make) {
        long[][] out = new long[count][];
        for (int c = 0; c < count; c++) {
            out[c] = make.apply(c);
        }
        return out;
    }
}
