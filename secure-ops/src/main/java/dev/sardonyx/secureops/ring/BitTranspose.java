package dev.sardonyx.secureops.ring;

/**
 * Transposition of 64×64 bit matrices by exchanging ever smaller off-diagonal squares (Warren, Hacker's Delight, 2nd edition,
 * section 7-3): six steps, each over all words.
 */
final class BitTranspose {
    /** For exchange distance 2^s: the bits of a word that lie in the lower half of each pair of squares. */
    static final long[] LOWER = {0x5555555555555555L, 0x3333333333333333L, 0x0F0F0F0F0F0F0F0FL, 0x00FF00FF00FF00FFL,
        0x0000FFFF0000FFFFL, 0x00000000FFFFFFFFL};

    private BitTranspose() {}

    static void transpose(long[] block) {
        for (int step = 5; step >= 0; step--) {
            int distance = 1 << step;
            long lower = LOWER[step];
            for (int base = 0; base < 64; base += 2 * distance) {
                for (int i = base; i < base + distance; i++) {
                    long a = block[i];
                    long b = block[i + distance];
                    long swap = ((a >>> distance) ^ b) & lower;
                    block[i] = a ^ (swap << distance);
                    block[i + distance] = b ^ swap;
                }
            }
        }
    }

    static long[][] toPlanes(long[] values, int lowBit, int bits) {
        int words = (values.length + 63) / 64;
        long[][] planes = new long[bits][words];
        long[] block = new long[64];
        for (int j = 0; j < words; j++) {
            int present = Math.min(64, values.length - 64 * j);
            for (int i = 0; i < present; i++) {
                block[i] = values[64 * j + i] >>> lowBit;
            }
            java.util.Arrays.fill(block, present, 64, 0);
            transpose(block);
            for (int p = 0; p < bits; p++) {
                planes[p][j] = block[p];
            }
        }
        return planes;
    }

    static long[] fromPlanes(long[][] planes, int lowBit, int count) {
        long[] values = new long[count];
        long[] block = new long[64];
        for (int j = 0; j < (count + 63) / 64; j++) {
            for (int p = 0; p < planes.length; p++) {
                block[p] = planes[p][j];
            }
            java.util.Arrays.fill(block, planes.length, 64, 0);
            transpose(block);
            int present = Math.min(64, count - 64 * j);
            for (int i = 0; i < present; i++) {
                values[64 * j + i] = block[i] << lowBit;
            }
        }
        return values;
    }
}
