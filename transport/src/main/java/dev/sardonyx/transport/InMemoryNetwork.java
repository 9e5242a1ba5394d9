package dev.sardonyx.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Links between parties of one process. Payload arrays are handed over without a copy: after {@link Endpoint#send} they are the
 * receiver's. Optionally shaped like a slower network; see {@link LinkProfile}.
 *
 * <p>Cost of a message without shaping: a few concurrent map operations, and one unpark where the receiver waits.
 */
public final class InMemoryNetwork implements AutoCloseable {

    /**
     * How a network behaves.
     *
     * @param profile       delay and bandwidth
     * @param bytesInFlight the most undelivered bytes a directed link holds before senders wait; a link that holds none, and a
     *                      message whose receiver waits already, are always admitted
     * @param sendDeadline  how long a sender waits for room
     * @param tap           sees every message, where there is one
     */
    public record Options(LinkProfile profile, long bytesInFlight, Duration sendDeadline, Optional<Tap> tap) {

        public static final long DEFAULT_BYTES_IN_FLIGHT = 256L << 20;

        public static final Duration DEFAULT_SEND_DEADLINE = Duration.ofSeconds(60);

        public Options {
            Objects.requireNonNull(profile, "profile");
            Objects.requireNonNull(sendDeadline, "sendDeadline");
            Objects.requireNonNull(tap, "tap");
            if (bytesInFlight < 0) {
                throw new IllegalArgumentException("bound of " + bytesInFlight + " bytes in flight; expected 0 or more");
            }
        }

        /** The defaults: 256 MB in flight a directed link, a minute for senders, no tap. */
        public static Options of(LinkProfile profile) {
            return new Options(profile, DEFAULT_BYTES_IN_FLIGHT, DEFAULT_SEND_DEADLINE, Optional.empty());
        }

        public Options withBytesInFlight(long bytes) {
            return new Options(profile, bytes, sendDeadline, tap);
        }

        public Options withSendDeadline(Duration deadline) {
            return new Options(profile, bytesInFlight, deadline, tap);
        }

        public Options withTap(Tap observer) {
            return new Options(profile, bytesInFlight, sendDeadline, Optional.of(observer));
        }
    }

    private final List<InMemoryEndpoint> endpoints;

    /** A network with the default options. */
    public InMemoryNetwork(int parties, LinkProfile profile) {
        this(parties, Options.of(profile));
    }

    public InMemoryNetwork(int parties, Options options) {
        if (parties < 1) {
            throw new IllegalArgumentException("network of " + parties + " parties; expected at least 1");
        }
        List<InMemoryEndpoint> all = new ArrayList<>();
        for (int party = 0; party < parties; party++) {
            all.add(new InMemoryEndpoint(party, parties, options, all));
        }
        this.endpoints = all;
    }

    public int parties() {
        return endpoints.size();
    }

    /** The one endpoint of a party. */
    public Endpoint endpoint(int party) {
        return endpoints.get(Objects.checkIndex(party, endpoints.size()));
    }

    /**
     * Makes a party fail as a crash would: everyone who waits for it, it itself included, is told at once, later calls fail, and what
     * it sent but nobody received is lost.
     */
    public void fail(int party) {
        Failure failure = Failure.peerFailed(Objects.checkIndex(party, endpoints.size()), "failed");
        for (int peer = 0; peer < endpoints.size(); peer++) {
            endpoints.get(peer).inbox().end(party, failure);
            endpoints.get(party).inbox().end(peer, failure);
        }
    }

    /** Closes every endpoint. */
    @Override
    public void close() {
        endpoints.forEach(InMemoryEndpoint::close);
    }
}
