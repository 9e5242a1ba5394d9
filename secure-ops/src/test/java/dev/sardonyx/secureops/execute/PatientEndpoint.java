package dev.sardonyx.secureops.execute;

import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Endpoint;
import dev.sardonyx.transport.Expected;
import dev.sardonyx.transport.Message;
import dev.sardonyx.transport.Tag;
import java.time.Duration;
import java.util.function.IntPredicate;

/**
 * Keeps the deadlines of waits for some parties, as they are at the moment of the wait, and waits long for all others: a short patience then
 * ends the waits that a test is about, and no other one that a busy machine holds up.
 */
final class PatientEndpoint extends ForwardingEndpoint {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final IntPredicate isShort;

    /** @param isShort the parties whose messages are waited for as long as the session's patience says */
    PatientEndpoint(Endpoint endpoint, IntPredicate isShort) {
        super(endpoint);
        this.isShort = isShort;
    }

    @Override
    Message receive(Expected expected, int from, Tag tag, Deadline deadline, Runnable beforeWaiting) {
        return expected.receive(isShort.test(from) ? deadline : Deadline.in(LONG), beforeWaiting);
    }
}
