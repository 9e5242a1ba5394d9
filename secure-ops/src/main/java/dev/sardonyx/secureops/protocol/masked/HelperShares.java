package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.secureops.ring.WirePacking;
import dev.sardonyx.transport.Phase;

/**
 * The helper's side of what it shares between the workers in one step: the left worker's part is drawn in common with it, the right
 * worker's part goes to it in a single message. {@link WorkerShares} reads them in the same order.
 */
final class HelperShares {
    private final StepContext context;
    private final byte[] payload;
    private int at;

    /** Shares that take {@code length} bytes in all. */
    HelperShares(StepContext context, int length) {
        this.context = context;
        this.payload = new byte[length];
    }

    /**
     * Shares numbers modulo 2^width.
     *
     * @param values turned, in place, into the right worker's part
     * @return the left worker's part
     */
    long[] numbers(long[] values, int width) {
        long[] left = context.common(Roles.LEFT, values.length, width);
        for (int i = 0; i < left.length; i++) {
            values[i] -= left[i];
        }
        Wire.clearAbove(values, width);
        WirePacking.packBytes(values, 0, values.length, Wire.bytes(width), payload, at);
        at += Wire.bytes(values.length, width);
        return left;
    }

    /** Shares words by exclusive or; {@code words} becomes the right worker's part. */
    void planes(long[] words) {
        long[] left = context.commonWords(Roles.LEFT, words.length);
        for (int i = 0; i < left.length; i++) {
            words[i] ^= left[i];
        }
        WirePacking.packBytes(words, 0, words.length, Long.BYTES, payload, at);
        at += Wire.bytes(words.length, Long.SIZE);
    }

    /** Sends the right worker's parts. */
    void send() {
        if (at != payload.length) {
            throw new IllegalStateException("the helper filled " + at + " of " + payload.length + " bytes");
        }
        context.send(Roles.RIGHT, Phase.PREPROCESSING, payload);
    }
}
