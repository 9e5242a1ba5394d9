package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.transport.TransportException.Kind;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A name service that says nothing holds up whoever needs it, and nobody else. */
class NameServiceTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<TlsPort> ports = new ArrayList<>();

    @AfterEach
    void close() {
        SlowNames.tell();
        ports.forEach(TlsPort::close);
    }

    @Test
    void numbersWaitForNobodyAndUnknownNamesAreSaidToBe() {
        assertEquals("127.0.0.1", NameService.find("127.0.0.1", Deadline.in(Duration.ZERO)).getHostAddress());
        assertEquals("0:0:0:0:0:0:0:1", NameService.find("::1", Deadline.in(Duration.ZERO)).getHostAddress());
        var unknown = assertThrows(TransportException.class, () -> NameService.find("nobody.invalid", Deadline.in(PATIENCE)));
        assertEquals(Kind.PEER_FAILED, unknown.kind());
        assertEquals("the name 'nobody.invalid' is unknown to the name service", unknown.getMessage());
    }

    @Test
    void otherLinksGoOnWhileANameIsLookedUpInVain() throws InterruptedException {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        for (int party = 0; party < 2; party++) {
            ports.add(TlsPort.bind(new TlsParty(party, identities.get(party), TlsCluster.certificates(identities), TlsOptions.DEFAULT), TlsCluster.anyPort()));
        }
        List<InetSocketAddress> named = List.of(InetSocketAddress.createUnresolved(SlowNames.NAME, ports.get(0).address().getPort()), TlsCluster.anyPort());
        SlowNames.hang();
        for (int i = 0; i < 3; i++) {
            var late = assertThrows(TransportException.class, () -> NameService.find(SlowNames.NAME, Deadline.in(SHORT)));
            assertEquals(Kind.TIMEOUT, late.kind(), late.getMessage());
        }
        assertEquals(1, SlowNames.ASKED.get(), "one question at a time");
        var stuck = assertThrows(TransportException.class, () -> ports.get(1).join("stuck", named, Deadline.in(SHORT)));
        assertTrue(String.valueOf(stuck.getMessage()).contains("the name service has not said where that is"), stuck.getMessage());
        var waiting = List.of(new FutureTask<>(() -> ports.get(0).join("late", named, Deadline.in(PATIENCE))),
                new FutureTask<>(() -> ports.get(1).join("late", named, Deadline.in(PATIENCE))));
        waiting.forEach(Thread::startVirtualThread);

        exchange(TlsCluster.join(ports, "meanwhile"));
        SlowNames.tell();
        exchange(waiting.stream().map(TlsCluster::result).toList());
    }

    private static void exchange(List<TlsEndpoint> ends) {
        var tag = new Tag(1, 0, 0, 0);
        ends.get(0).send(1, tag, Phase.ONLINE, 1, new byte[] {7});
        assertArrayEquals(new byte[] {7}, ends.get(1).receive(0, tag, Deadline.in(PATIENCE)).payload());
    }
}
