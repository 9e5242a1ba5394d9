package dev.sardonyx.transport;

/**
 * One party's end of its links to all other parties. Calls block and are meant for virtual threads and for {@link LinkThread}s; every method
 * may be called from many threads at once.
 */
public interface Endpoint extends AutoCloseable {

    /** This party's number, from 0. */
    int party();

    /** How many parties the session has, this one included. */
    int parties();

    /**
     * Sends {@code payload} to party {@code to}. Returns once the link has taken the message over, which may be long before it
     * arrives; waits while the link holds as many undelivered bytes as it may, up to the implementation's send deadline. A link whose
     * receiver expects a message lets it through whatever else it holds. Parties that send to each other over full links before any of
     * them says what it expects wait for each other until that deadline: see {@link #expect}.
     *
     * @param to      another party
     * @param tag     unique among all messages of this session from this party to {@code to}
     * @param phase   whether the message depends on an input; carried to the receiver and counted apart
     * @param depth   the message's place in the chain of dependent messages; carried to the receiver
     * @param payload handed over: the caller must neither read nor write it after this call
     * @throws TransportException where the link or this endpoint is closed or failed, the request ended, the tag was used before, or
     *                            the link stayed full until the send deadline
     */
    default void send(int to, Tag tag, Phase phase, int depth, byte[] payload) {
        send(to, tag, phase, depth, payload, () -> {});
    }

    /**
     * As {@link #send(int, Tag, Phase, int, byte[])}.
     *
     * @param beforeWaiting run once if this has to wait for room, before it does
     */
    void send(int to, Tag tag, Phase phase, int depth, byte[] payload, Runnable beforeWaiting);

    /**
     * Says that this party is about to receive the message with this tag from party {@code from}, before it does something else that
     * may wait. Two parties that exchange messages each call this first, then send, then receive: then neither waits for room on a
     * link that only the other could make.
     *
     * @return to be used and closed by one thread at a time
     * @throws TransportException where the request is over, or the message was received or is expected already
     */
    Expected expect(int from, Tag tag);

    /**
     * Waits for the message with this tag from party {@code from}. Each message is received once.
     *
     * @return the message; its payload belongs to the caller
     * @throws TransportException naming peer, tag and deadline, where the message does not come: the deadline passed, the link or
     *                            this endpoint was closed or failed, the request was ended, or the thread was interrupted
     */
    default Message receive(int from, Tag tag, Deadline deadline) {
        try (Expected expected = expect(from, tag)) {
            return expected.receive(deadline);
        }
    }

    /** The live counters of this endpoint. */
    Traffic traffic();

    /**
     * Forgets a request: its undelivered messages, the tags it used and its counters (the totals keep them). To be called once the
     * request is over at this party; whatever still arrives for it is dropped, and whoever still waits for it gets an error. The
     * other parties are not told.
     */
    void finish(int request);

    /**
     * Ends a request at every party: whoever waits for one of its messages, here or at a peer, now or later, gets a
     * {@link TransportException} of kind {@link TransportException.Kind#ABORTED} that names this party. Other requests go on. Each
     * party still calls {@link #finish}.
     */
    void abort(int request);

    /**
     * Closes this end: own waits and later calls fail; peers can still receive what was sent before, and find the link closed
     * afterwards. Idempotent.
     */
    @Override
    void close();
}
