package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.transport.TransportException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What only the in-memory network promises. */
class InMemoryNetworkTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private record Seen(int from, int to, Tag tag, Phase phase, byte[] payload) {}

    private static Tag tag(int sequence) {
        return new Tag(1, 0, 0, sequence);
    }

    @Test
    void arraysAreHandedOverWithoutACopy() {
        try (InMemoryNetwork network = new InMemoryNetwork(2, LinkProfile.NONE)) {
            byte[] payload = new byte[8];
            network.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, payload);
            assertSame(payload, network.endpoint(1).receive(0, tag(0), Deadline.in(PATIENCE)).payload());
        }
    }

    @Test
    void aTapSeesACopyOfEveryMessage() {
        List<Seen> seen = new CopyOnWriteArrayList<>();
        Tap tap = (from, to, tag, phase, payload) -> seen.add(new Seen(from, to, tag, phase, payload));
        try (InMemoryNetwork network = new InMemoryNetwork(3, InMemoryNetwork.Options.of(LinkProfile.NONE).withTap(tap))) {
            byte[] payload = {1, 2, 3};
            network.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, payload);
            network.endpoint(2).send(0, tag(4), Phase.PREPROCESSING, 1, new byte[0]);
            assertEquals(2, seen.size());
            assertEquals(new Tag(1, 0, 0, 0), seen.get(0).tag());
            assertEquals(1, seen.get(0).to());
            assertArrayEquals(payload, seen.get(0).payload());
            assertNotSame(payload, seen.get(0).payload());
            assertEquals(Phase.PREPROCESSING, seen.get(1).phase());
            assertEquals(2, seen.get(1).from());
        }
    }

    @Test
    void aMessageIsNotReceivableBeforeItsDelayHasPassed() {
        try (InMemoryNetwork network = new InMemoryNetwork(2, LinkProfile.parse("400ms,10Gbit"))) {
            long start = System.nanoTime();
            network.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, new byte[8]);
            network.endpoint(1).receive(0, tag(0), Deadline.in(PATIENCE));
            assertTrue(System.nanoTime() - start >= 200_000_000);
        }
    }

    @Test
    void aDeadlineBeforeTheArrivalEndsTheWaitAndLosesNothing() {
        try (InMemoryNetwork network = new InMemoryNetwork(2, LinkProfile.parse("600ms,10Gbit"))) {
            int sequence = 0;
            // Where this thread stalls for as long as a message travels, that one is there in time: then the next one is waited for.
            for (boolean early = false; !early; sequence++) {
                assertTrue(sequence < 100, "no deadline ended a wait");
                Tag tag = tag(sequence);
                network.endpoint(0).send(1, tag, Phase.ONLINE, 1, new byte[] {9});
                try {
                    network.endpoint(1).receive(0, tag, Deadline.in(Duration.ofMillis(10)));
                } catch (TransportException thrown) {
                    assertEquals(Kind.TIMEOUT, thrown.kind());
                    assertEquals(9, network.endpoint(1).receive(0, tag, Deadline.in(PATIENCE)).payload()[0]);
                    early = true;
                }
            }
        }
    }

    @Test
    void messagesToAllPeersShareTheSendersUplink() {
        try (InMemoryNetwork network = new InMemoryNetwork(3, LinkProfile.parse("0ms,8Mbit"))) {
            long start = System.nanoTime();
            network.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, new byte[100_000]);
            network.endpoint(0).send(2, tag(0), Phase.ONLINE, 1, new byte[100_000]);
            network.endpoint(2).receive(0, tag(0), Deadline.in(PATIENCE));
            assertTrue(System.nanoTime() - start >= 200_000_000);
        }
    }

    @Test
    void messagesOfDifferentSendersDoNotWaitForEachOther() {
        try (InMemoryNetwork network = new InMemoryNetwork(3, LinkProfile.parse("0ms,8kbit"))) {
            network.endpoint(0).send(2, tag(0), Phase.ONLINE, 1, new byte[1_000_000]);
            network.endpoint(1).send(2, tag(0), Phase.ONLINE, 1, new byte[1]);
            assertEquals(1, network.endpoint(2).receive(1, tag(0), Deadline.in(PATIENCE)).payload().length);
        }
    }

    @Test
    void aCrashReachesAReceiverWhoseMessageIsStillUnderway() {
        try (InMemoryNetwork network = new InMemoryNetwork(2, LinkProfile.parse("100s,10Gbit"))) {
            network.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, new byte[1]);
            Thread receiver = Thread.currentThread();
            Thread.startVirtualThread(() -> {
                while (!EndpointContract.parked(receiver)) {
                    Thread.onSpinWait();
                }
                network.fail(0);
            });
            TransportException thrown = assertThrows(TransportException.class, () -> network.endpoint(1).receive(0, tag(0), Deadline.in(PATIENCE)));
            assertEquals(Kind.PEER_FAILED, thrown.kind());
        }
    }

    @Test
    void nothingPrintedShowsAPayload() {
        assertEquals("Message[2 bytes, ONLINE, depth 4]", new Message(new byte[] {77, 78}, Phase.ONLINE, 4).toString());
    }
}
