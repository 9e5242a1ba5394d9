package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.protocol.ShareMismatchException;
import java.util.List;

/**
 * Three components, each of which two parties hold: party i lacks component i and stores components i + 1 and i + 2 (modulo 3), in
 * this order.
 */
final class Replication {
    static final int PARTIES = 3;

    private Replication() {
    }

    /** The numbers of a party's components, in the order in which it stores them. */
    static List<Integer> held(int party) {
        return List.of((party + 1) % PARTIES, (party + 2) % PARTIES);
    }

    /** The two components of a party, as copies of its own. */
    static long[][] of(int party, long[][] components) {
        return new long[][] {components[(party + 1) % PARTIES].clone(), components[(party + 2) % PARTIES].clone()};
    }

    /**
     * The three components of a sharing from the parties' pairs.
     *
     * @param length what each component must have
     * @param mask the bits of each word that count
     * @param lastMask the bits of the last word that count
     */
    static long[][] components(List<long[][]> pairs, int length, long mask, long lastMask) {
        if (pairs.size() != PARTIES) {
            throw new IllegalArgumentException(pairs.size() + " shares; expected one of each of " + PARTIES + " parties");
        }
        for (int party = 0; party < PARTIES; party++) {
            requireLength(party, pairs.get(party), length);
        }
        var components = new long[PARTIES][];
        for (int party = 0; party < PARTIES; party++) {
            int next = (party + 1) % PARTIES;
            long[] mine = pairs.get(party)[1];
            requireEqual(mine, pairs.get(next)[0], mask, lastMask, party, next);
            components[(party + 2) % PARTIES] = mine;
        }
        return components;
    }

    private static void requireLength(int party, long[][] pair, int length) {
        if (pair.length != 2 || pair[0].length != length || pair[1].length != length) {
            throw new IllegalArgumentException("share of party " + party + " has the wrong size; expected 2 components of " + length);
        }
    }

    private static void requireEqual(long[] a, long[] b, long mask, long lastMask, int party, int other) {
        long difference = 0;
        for (int i = 0; i < a.length - 1; i++) {
            difference |= (a[i] ^ b[i]) & mask;
        }
        if (a.length > 0) {
            difference |= (a[a.length - 1] ^ b[a.length - 1]) & mask & lastMask;
        }
        if (difference != 0) {
            throw new ShareMismatchException(party, other);
        }
    }
}
