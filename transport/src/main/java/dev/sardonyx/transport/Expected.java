package dev.sardonyx.transport;

/** A message that is going to be received; see {@link Endpoint#expect}. */
public interface Expected extends AutoCloseable {

    /** As {@link Endpoint#receive}; to be called once. */
    default Message receive(Deadline deadline) {
        return receive(deadline, () -> {});
    }

    /**
     * As {@link #receive(Deadline)}.
     *
     * @param beforeWaiting run once if the message is not there yet, before it is waited for
     */
    Message receive(Deadline deadline, Runnable beforeWaiting);

    /** Withdraws what was said; without effect after {@link #receive}. */
    @Override
    void close();
}
