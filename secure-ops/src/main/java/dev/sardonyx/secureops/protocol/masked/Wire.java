package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.secureops.ring.WirePacking;
import dev.sardonyx.transport.Phase;

/**
 * How ring elements and bit planes travel between the workers. Elements take the low ⌈width / 8⌉ bytes; bits above the width are
 * cleared first, because no mask covers them.
 */
final class Wire {
    private Wire() {
    }

    /** Bytes an element of a ring of {@code width} bits takes. */
    static int bytes(int width) {
        return (width + 7) / 8;
    }

    /** Bytes of {@code count} elements. */
    static int bytes(int count, int width) {
        return Math.multiplyExact(count, bytes(width));
    }

    /** The low {@code width} bits. */
    static long mask(int width) {
        return -1L >>> Long.SIZE - width;
    }

    /** Clears the bits above the width as far as they would travel. */
    static void clearAbove(long[] values, int width) {
        if (width % 8 != 0) {
            long mask = mask(width);
            for (int i = 0; i < values.length; i++) {
                values[i] &= mask;
            }
        }
    }

    /**
     * Ends a step: sends each tensor to the other worker and adds what that one sent for it, all tensors in one message.
     *
     * @param shares masked shares modulo 2^width, turned into the sums in place before anybody reads the step's results
     */
    static void openSums(StepContext context, int width, long[]... shares) {
        int bytes = bytes(width);
        int length = 0;
        for (long[] share : shares) {
            length = Math.addExact(length, bytes(share.length, width));
        }
        var payload = new byte[length];
        int at = 0;
        for (long[] share : shares) {
            clearAbove(share, width);
            WirePacking.packBytes(share, 0, share.length, bytes, payload, at);
            at += share.length * bytes;
        }
        int peer = Roles.otherWorker(context.role());
        context.exchangeLast(peer, Phase.ONLINE, payload, peer, length, received -> addUp(received, bytes, shares));
    }

    private static void addUp(byte[] received, int bytes, long[]... shares) {
        int at = 0;
        for (long[] share : shares) {
            WirePacking.unpackAdd(received, at, bytes, share, 0, share.length);
            at += share.length * bytes;
        }
    }

    /** Sends bit planes to the other worker and combines them, in place, with what that one sent. */
    static void openPlanes(StepContext context, long[] shares) {
        int peer = Roles.otherWorker(context.role());
        byte[] payload = WirePacking.packBytes(shares, Long.BYTES);
        byte[] received = context.exchange(peer, Phase.ONLINE, payload, peer, payload.length);
        WirePacking.unpackXor(received, Long.BYTES, shares);
    }

    /** Ends a step as {@link #openSums} does, with bit planes; {@code then} runs once they are opened. */
    static void openLastPlanes(StepContext context, long[] shares, Runnable then) {
        int peer = Roles.otherWorker(context.role());
        byte[] payload = WirePacking.packBytes(shares, Long.BYTES);
        context.exchangeLast(peer, Phase.ONLINE, payload, peer, payload.length, received -> {
            WirePacking.unpackXor(received, Long.BYTES, shares);
            then.run();
        });
    }
}
