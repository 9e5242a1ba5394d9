package dev.sardonyx.secureops.execute;

import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Endpoint;
import dev.sardonyx.transport.Expected;
import dev.sardonyx.transport.Message;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tag;
import dev.sardonyx.transport.Traffic;

/** Does what another endpoint does; tests change what they are about. */
class ForwardingEndpoint implements Endpoint {
    private final Endpoint endpoint;

    ForwardingEndpoint(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** A wait for an announced message: by default just that. */
    Message receive(Expected expected, int from, Tag tag, Deadline deadline, Runnable beforeWaiting) {
        return expected.receive(deadline, beforeWaiting);
    }

    @Override
    public Expected expect(int from, Tag tag) {
        Expected expected = endpoint.expect(from, tag);
        return new Expected() {
            @Override
            public Message receive(Deadline deadline, Runnable beforeWaiting) {
                return ForwardingEndpoint.this.receive(expected, from, tag, deadline, beforeWaiting);
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
