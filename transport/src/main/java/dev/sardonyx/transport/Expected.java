package dev.sardonyx.transport;

/** A message that one thread is about to receive; see {@link Endpoint#expect}. */
public interface Expected extends AutoCloseable {

    /** As {@link Endpoint#receive}; to be called once. */
    Message receive(Deadline deadline);

    /** Withdraws what was said; without effect after {@link #receive}. */
    @Override
    void close();
}
