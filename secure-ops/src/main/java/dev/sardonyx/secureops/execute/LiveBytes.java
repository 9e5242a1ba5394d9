package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.protocol.PartyValue;

/** Bytes of the arrays behind a party's values. */
final class LiveBytes {
    private LiveBytes() {
    }

    static long of(PartyValue value) {
        return switch (value) {
            case PartyValue.Numbers(var _, var components) -> bytes(components);
            case PartyValue.Bits(var _, var components) -> bytes(components);
            case PartyValue.Kept(var operand, var _) -> 8L * operand.components() * operand.shape().size();
            case PartyValue.Public(var _, var values) -> 8L * values.length;
            case PartyValue.PublicBits(var _, var words) -> 8L * words.length;
        };
    }

    private static long bytes(long[][] components) {
        long words = 0;
        for (long[] component : components) {
            words += component.length;
        }
        return 8 * words;
    }
}
