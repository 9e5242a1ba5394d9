package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.ring.RingKernels;
import java.util.Arrays;

/**
 * A worker's evaluation of joined generate and propagate bits on its exclusive-or shares, by Horner's rule, some hundred words at a
 * time so that what lies between stays in the nearest cache.
 *
 * <p>A masked bit is {@code v ⊕ λ} with v known to both workers; for the needed sets S of bits a worker holds a share of
 * {@code λ_S = Π_{i∈S} λ_i}, and the product of all bits in a set T has the share {@code Σ_S (Π_{i∈T∖S} v_i)·[λ_S]}. Factors are taken
 * in one at a time: from {@code A_S}, a share of λ_S·z for each S, {@code v_j·A_S ⊕ A_{S∪j}} is a share of λ_S·z·(v_j ⊕ λ_j).
 */
final class CarryFold {
    /** Ranges at different offsets: loops over them, C2 leaves scalar. */
    private static final RingKernels KERNELS = RingKernels.best();
    private static final int CHUNK = 512;
    private static final int MOST_GROUPS = 4;
    private static final long[] NONE = new long[0];

    private final int words;
    private final long[][] openedIn = new long[2 * MOST_GROUPS][];
    private final int[] openedAt = new int[2 * MOST_GROUPS];
    private final long[][] shareIn = new long[1 << 2 * MOST_GROUPS][];
    private final int[] shareAt = new int[1 << 2 * MOST_GROUPS];
    private final long[][] table = new long[1 << MOST_GROUPS - 1][CHUNK];

    /** For planes of {@code words} words; the left worker's share of the empty product is 1, the right one's 0. */
    CarryFold(int words, boolean left) {
        this.words = words;
        Arrays.fill(openedIn, NONE);
        Arrays.fill(shareIn, NONE);
        shareIn[0] = new long[words];
        Arrays.fill(shareIn[0], left ? -1L : 0);
    }

    /** The plane of v_i starts at {@code at}. */
    void open(int i, long[] in, int at) {
        openedIn[i] = in;
        openedAt[i] = at;
    }

    /** This worker's share of λ_S, S as a set of bits, starts at {@code at}. */
    void share(int set, long[] in, int at) {
        shareIn[set] = in;
        shareAt[set] = at;
    }

    /**
     * One group of {@code size} bits of m and λ: variable i is {@code m_i ⊕ λ_i}, which propagates; {@code m_i·λ_i} generates.
     *
     * @param propagate receives the group's propagate bit unless it has no words
     */
    void bits(int size, long[] generate, long[] propagate) {
        evaluate(size, 0, generate, propagate);
    }

    /** {@code size} groups: variable i is G_i, variable {@code size + i} is P_i. */
    void groups(int size, long[] generate, long[] propagate) {
        evaluate(size, size, generate, propagate);
    }

    /** @param firstPropagate the variable that is the lowest group's propagate bit; 0 where generate bits are no variables */
    private void evaluate(int size, int firstPropagate, long[] generate, long[] propagate) {
        for (int from = 0; from < words; from += CHUNK) {
            int count = Math.min(CHUNK, words - from);
            for (int set = 0; set < 1 << size - 1; set++) {
                generated(0, set << firstPropagate + 1, firstPropagate > 0, from, count, table[set], false);
            }
            for (int j = 1; j < size; j++) {
                takeIn(firstPropagate + j, size - 1 - j, from, count);
                for (int set = 0; set < 1 << size - 1 - j; set++) {
                    generated(j, set << firstPropagate + j + 1, firstPropagate > 0, from, count, table[set], true);
                }
            }
            System.arraycopy(table[0], 0, generate, from, count);
            if (propagate.length > 0) {
                for (int set = 0; set < 1 << size - 1; set++) {
                    int above = set << firstPropagate + 1;
                    variable(firstPropagate, above, above | 1 << firstPropagate, from, count, table[set]);
                }
                for (int j = 1; j < size; j++) {
                    takeIn(firstPropagate + j, size - 1 - j, from, count);
                }
                System.arraycopy(table[0], 0, propagate, from, count);
            }
        }
    }

    /** out = share of λ_set·G_i, or out ^= it. */
    private void generated(int i, int set, boolean isVariable, int from, int count, long[] out, boolean accumulate) {
        long[] v = openedIn[i];
        int vAt = openedAt[i] + from;
        long[] with = shareIn[set | 1 << i];
        int withAt = shareAt[set | 1 << i] + from;
        if (!isVariable && accumulate) {
            KERNELS.andXor(v, vAt, with, withAt, out, 0, out, 0, count);
        } else if (!isVariable) {
            KERNELS.and(v, vAt, with, withAt, out, 0, count);
        } else if (accumulate) {
            KERNELS.andXor(v, vAt, shareIn[set], shareAt[set] + from, out, 0, out, 0, count);
            KERNELS.xor(out, 0, with, withAt, out, 0, count);
        } else {
            variable(i, set, set | 1 << i, from, count, out);
        }
    }

    /** out = v_i·[λ_without] ⊕ [λ_with]. */
    private void variable(int i, int without, int with, int from, int count, long[] out) {
        long[] v = openedIn[i];
        int vAt = openedAt[i] + from;
        long[] a = shareIn[without];
        int aAt = shareAt[without] + from;
        long[] b = shareIn[with];
        int bAt = shareAt[with] + from;
        KERNELS.andXor(v, vAt, a, aAt, b, bAt, out, 0, count);
    }

    /** Multiplies by variable {@code j}, which is bit 0 of the table's index; {@code remaining} variables stay in the index. */
    private void takeIn(int j, int remaining, int from, int count) {
        long[] v = openedIn[j];
        int vAt = openedAt[j] + from;
        for (int set = 0; set < 1 << remaining; set++) {
            KERNELS.andXor(v, vAt, table[2 * set], 0, table[2 * set + 1], 0, table[set], 0, count);
        }
    }
}
