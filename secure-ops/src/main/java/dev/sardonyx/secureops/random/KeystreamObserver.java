package dev.sardonyx.secureops.random;

/** Told of every draw from a keystream before it happens; throwing prevents the draw. */
@FunctionalInterface
public interface KeystreamObserver {
    /** An observer that takes no notice. */
    KeystreamObserver NONE = (fingerprint, id, blocks) -> {};

    /**
     * A draw is about to happen.
     *
     * @param keyFingerprint a one-way fingerprint of the key: equal for equal keys, useless for finding the key
     * @param id the stream drawn from, from its block 0 on
     * @param blocks how many 16-byte blocks of it
     */
    void drawing(String keyFingerprint, StreamId id, long blocks);
}
