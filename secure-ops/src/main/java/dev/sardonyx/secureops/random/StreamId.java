package dev.sardonyx.secureops.random;

/**
 * The name of one stream under a key. It fixes the first counter block, so two different names never meet: each may give up to
 * 2^32 blocks of 16 bytes.
 *
 * @param request the request counter that the parties assigned, read as unsigned
 * @param lane the lane within the request, 0 to 65535
 * @param step the plan's step, read as unsigned
 * @param purpose what the step draws this stream for, 0 to 65535
 */
public record StreamId(int request, int lane, int step, int purpose) {
    public StreamId {
        requireShort("lane", lane);
        requireShort("purpose", purpose);
    }

    /** The first counter block: request (4 bytes), lane (2), step (4), purpose (2), block number 0 (4), all big endian. */
    byte[] firstBlock() {
        byte[] block = new byte[Keystream.BLOCK_BYTES];
        putInt(block, 0, request);
        putShort(block, 4, lane);
        putInt(block, 6, step);
        putShort(block, 10, purpose);
        return block;
    }

    private static void putInt(byte[] block, int at, int value) {
        putShort(block, at, value >>> 16);
        putShort(block, at + 2, value);
    }

    private static void putShort(byte[] block, int at, int value) {
        block[at] = (byte) (value >>> 8);
        block[at + 1] = (byte) value;
    }

    private static void requireShort(String what, int value) {
        if (value < 0 || value > 0xFFFF) {
            throw new IllegalArgumentException("stream " + what + " is " + value + "; allowed: 0 to 65535");
        }
    }
}
