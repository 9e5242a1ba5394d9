package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.InMemoryNetwork;
import dev.sardonyx.transport.LinkProfile;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tag;
import dev.sardonyx.transport.TransportException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which of several failures is told first. */
class BlameTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(50);

    @Test
    void whoeverKeptTheOthersWaitingIsNamedThoughAnotherPartyGivesUpFirst() {
        try (var network = new InMemoryNetwork(3, InMemoryNetwork.Options.of(LinkProfile.NONE))) {
            // Party 2 is silent from step 17 on; it takes part else, and its own patience ends first.
            RunException failure = assertThrows(RunException.class, () -> Together.run(List.of(
                    waits(network, 0, 2, 17, LONG), waits(network, 1, 0, 18, LONG), waits(network, 2, 1, 19, SHORT))));
            assertTrue(failure.getMessage().contains("party 0 got nothing from party 2"), failure.getMessage());
            assertEquals(2, failure.getSuppressed().length);
        }
    }

    private static Together.Task<Void> waits(InMemoryNetwork network, int party, int from, int step, Duration patience) {
        return () -> {
            try {
                network.endpoint(party).receive(from, new Tag(1, 0, step, 0), Deadline.in(patience));
                throw new AssertionError("nothing was sent");
            } catch (TransportException e) {
                network.endpoint(party).abort(1);
                throw new RunException(RunException.Kind.PARTY_FAILED, e.getMessage(), e);
            }
        };
    }

    @Test
    void aCauseSaysMoreThanWaitingAndWaitingMoreThanAnEcho() {
        try (var network = new InMemoryNetwork(2, InMemoryNetwork.Options.of(LinkProfile.NONE))) {
            var waited = assertThrows(TransportException.class, () -> network.endpoint(0).receive(1, new Tag(1, 0, 5, 2), Deadline.in(SHORT)));
            network.endpoint(1).abort(1);
            var echo = assertThrows(TransportException.class,
                    () -> network.endpoint(0).send(1, new Tag(1, 0, 0, 0), Phase.ONLINE, 1, new byte[1]));
            var cause = new IllegalStateException("planted");
            assertEquals(new Blame(Blame.Source.WAITED, 5, 2), Blame.of(waited));
            assertEquals(Blame.AFTERMATH, Blame.of(echo));
            assertEquals(Blame.CAUSE, Blame.of(cause));
            assertSame(cause, Blame.first(List.of(echo, waited, cause)));
            assertSame(waited, Blame.first(List.of(echo, waited)));
        }
    }

    @Test
    void survivesTheWire() {
        for (Blame blame : List.of(Blame.CAUSE, Blame.AFTERMATH, new Blame(Blame.Source.WAITED, 412, 3))) {
            assertEquals(blame, Blame.parse(blame.toString()));
        }
        for (String nonsense : List.of("", "WAITED", "WAITED -1 0", "WAITED 99999999999 0", "NOBODY 1 2", "CAUSE 1 2\n")) {
            assertEquals(Blame.CAUSE, Blame.parse(nonsense));
        }
    }
}
