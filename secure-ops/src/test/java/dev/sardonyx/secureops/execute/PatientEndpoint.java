package dev.sardonyx.secureops.execute;

import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Endpoint;
import dev.sardonyx.transport.Expected;
import dev.sardonyx.transport.Message;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tag;
import dev.sardonyx.transport.Traffic;
import java.time.Duration;
import java.util.function.IntPredicate;

/**
 * Keeps the deadlines of waits for some parties, as they are at the moment of the wait, and waits long for all others: a short patience then
 * ends the waits that a test is about, and no other one that a busy machine holds up.
 *
 * @param isShort the parties whose messages are waited for as long as the session's patience says
 */
record PatientEndpoint(Endpoint endpoint, IntPredicate isShort) implements Endpoint {
    private static final Duration LONG = Duration.ofMinutes(5);

    @Override
    public Expected expect(int from, Tag tag) {
        Expected expected = endpoint.expect(from, tag);
        return new Expected() {
            @Override
            public Message receive(Deadline deadline, Runnable beforeWaiting) {
                return expected.receive(isShort.test(from) ? deadline : Deadline.in(LONG), beforeWaiting);
            }

            @Override
            public void close() {
                expected.close();
            }
        };
    }

    @Override
    public void send(int to, Tag tag, Phase phase, int depth, byte[] payload, Runnable beforeWaiting) {
        endpoint.send(to, tag, phase, depth, payload, beforeWaiting);
    }

    @Override
    public Traffic traffic() {
        return endpoint.traffic();
    }

    @Override
    public int party() {
        return endpoint.party();
    }

    @Override
    public int parties() {
        return endpoint.parties();
    }

    @Override
    public void finish(int request) {
        endpoint.finish(request);
    }

    @Override
    public void abort(int request) {
        endpoint.abort(request);
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
