package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Kept;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.PartyValue.Public;
import dev.sardonyx.secureops.protocol.PartyValue.PublicBits;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Public values among shared ones. */
final class Mixture {
    /** The number of components of a value that is not shared: not zero, which is what a helper holds that sees no data. */
    private static final int PUBLIC = -1;

    private Mixture() {
    }

    /** The value with an element for each place: a single public number that stands for all is repeated. */
    static PartyValue full(PartyValue value) {
        if (value instanceof Public(var shape, var values) && values.length != shape.size()) {
            long[] all = new long[shape.size()];
            Arrays.fill(all, values[0]);
            return new Public(shape, all);
        }
        return value;
    }

    /** Public values as shares if any value is shared: the number in one component, zero in the others. */
    static List<PartyValue> alike(List<PartyValue> values, int slot) {
        int components = PUBLIC;
        for (PartyValue value : values) {
            components = Math.max(components, switch (value) {
                case Numbers(var _, var x) -> x.length;
                case Bits(var _, var x) -> x.length;
                case Kept _ -> throw refuse("values that can be moved", value);
                case Public _, PublicBits _ -> PUBLIC;
            });
        }
        int count = components;
        return values.stream().map(Mixture::full).map(value -> count == PUBLIC ? value : shared(value, count, slot)).toList();
    }

    private static PartyValue shared(PartyValue value, int components, int slot) {
        return switch (value) {
            case Numbers _, Bits _, Kept _ -> value;
            case Public(var shape, var values) -> new Numbers(shape, placed(values, components, slot));
            case PublicBits(var shape, var words) -> new Bits(shape, placed(words, components, slot));
        };
    }

    private static long[][] placed(long[] values, int components, int slot) {
        long[][] out = new long[components][];
        for (int c = 0; c < components; c++) {
            out[c] = c == slot ? values : new long[values.length];
        }
        return out;
    }

    static IllegalStateException refuse(String wanted, PartyValue... values) {
        return new IllegalStateException(
                "expected " + wanted + ", got " + Stream.of(values).map(String::valueOf).collect(Collectors.joining(" and ")));
    }
}
