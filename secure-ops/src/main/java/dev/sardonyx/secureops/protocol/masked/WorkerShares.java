package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.secureops.ring.WirePacking;
import org.jspecify.annotations.Nullable;

/** A worker's parts of what {@link HelperShares} shares in one step, in the order in which they were shared. */
final class WorkerShares {
    private final StepContext context;
    private final int length;
    private byte @Nullable [] payload;
    private int at;

    /** Parts that take {@code length} bytes in the helper's message, which is awaited when the first part is asked for. */
    WorkerShares(StepContext context, int length) {
        this.context = context;
        this.length = length;
    }

    /** The next {@code count} numbers modulo 2^width; the array is the caller's. */
    long[] numbers(int count, int width) {
        if (context.role() == Roles.LEFT) {
            return context.common(Roles.HELPER, count, width);
        }
        var values = new long[count];
        WirePacking.unpackBytes(payload(), at, Wire.bytes(width), values, 0, count);
        at += Wire.bytes(count, width);
        return values;
    }

    /** The next {@code count} words of bit planes; the array is the caller's. */
    long[] planes(int count) {
        return numbers(count, Long.SIZE);
    }

    private byte[] payload() {
        byte[] known = payload;
        if (known == null) {
            known = context.receive(Roles.HELPER, length);
            payload = known;
        }
        return known;
    }
}
