package dev.sardonyx.transport;

/** Checks of party numbers. */
final class Peers {

    private Peers() {}

    /** @throws IllegalArgumentException where {@code peer} is not another party */
    static void check(int party, int parties, int peer) {
        if (peer < 0 || peer >= parties || peer == party) {
            throw new IllegalArgumentException("party " + party + " has no link to party " + peer + "; expected another of 0 to " + (parties - 1));
        }
    }
}
