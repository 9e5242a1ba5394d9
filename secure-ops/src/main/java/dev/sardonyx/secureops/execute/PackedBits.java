package dev.sardonyx.secureops.execute;

/** Booleans packed 64 a word, element i in bit {@code i % 64} of word {@code i / 64}. */
final class PackedBits {
    private PackedBits() {
    }

    static int words(int size) {
        return (size + 63) >>> 6;
    }

    static boolean get(long[] words, int index) {
        return (words[index >>> 6] >>> index & 1) != 0;
    }

    /** Non-zero numbers are true. */
    static long[] pack(long[] values) {
        long[] words = new long[words(values.length)];
        for (int i = 0; i < values.length; i++) {
            words[i >>> 6] |= (values[i] != 0 ? 1L : 0L) << i;
        }
        return words;
    }

    /** The first {@code size} bits as 0 and 1. */
    static long[] unpack(long[] words, int size) {
        long[] values = new long[size];
        for (int i = 0; i < size; i++) {
            values[i] = words[i >>> 6] >>> i & 1;
        }
        return values;
    }

    /** The word at {@code bit} of which only the low {@code length} (1 to 64) bits are wanted; others are zero. */
    private static long read(long[] words, int bit, int length) {
        int at = bit >>> 6;
        int shift = bit & 63;
        long word = words[at] >>> shift;
        if (shift + length > 64) {
            word |= words[at + 1] << 64 - shift;
        }
        return word & -1L >>> 64 - length;
    }

    /** Copies {@code length} bits; the target's bits are zero before. */
    static void copy(long[] from, int fromBit, long[] to, int toBit, int length) {
        int done = 0;
        while (done < length) {
            int at = toBit + done;
            int count = Math.min(length - done, 64 - (at & 63));
            to[at >>> 6] |= read(from, fromBit + done, count) << at;
            done += count;
        }
    }
}
