package dev.sardonyx.transport;

/** An observer of every message of an in-memory network, for security tests: it sees what a wire-tapper of all links would see. */
@FunctionalInterface
public interface Tap {

    /**
     * Called by the sender's thread before the message is on its way; concurrent calls occur.
     *
     * @param payload a copy, owned by the observer
     */
    void observe(int from, int to, Tag tag, Phase phase, byte[] payload);
}
