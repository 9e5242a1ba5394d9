package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.transport.TransportException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may link and who may not, and what the others notice of it. */
class TlsPortTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(300);

    private final List<TlsPort> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws InterruptedException {
        List<Thread> closing = opened.stream().map(port -> Thread.startVirtualThread(port::close)).toList();
        for (Thread thread : closing) {
            assertTrue(thread.join(PATIENCE));
        }
    }

    private TlsPort port(int party, TlsIdentity identity, List<X509Certificate> certificates) {
        return port(party, identity, certificates, TlsOptions.DEFAULT);
    }

    private TlsPort port(int party, TlsIdentity identity, List<X509Certificate> certificates, TlsOptions options) {
        TlsPort port = TlsPort.bind(new TlsParty(party, identity, certificates, options), TlsCluster.anyPort());
        opened.add(port);
        return port;
    }

    private List<TlsPort> ports(int parties) {
        List<TlsIdentity> identities = TlsCluster.identities(parties);
        List<TlsPort> ports = new ArrayList<>();
        for (int party = 0; party < parties; party++) {
            ports.add(port(party, identities.get(party), TlsCluster.certificates(identities)));
        }
        return ports;
    }

    private static FutureTask<TlsEndpoint> joining(TlsPort port, String session, List<InetSocketAddress> addresses, Duration patience) {
        FutureTask<TlsEndpoint> task = new FutureTask<>(() -> port.join(session, addresses, Deadline.in(patience)));
        Thread.startVirtualThread(task);
        return task;
    }

    private static TransportException failureOf(FutureTask<?> task) {
        return (TransportException) assertThrows(ExecutionException.class, task::get).getCause();
    }

    /**
     * What a party is told that waits in vain for a short while, once it has tried in that while to connect to a peer: on a busy machine
     * the deadline may pass before the end of the first attempt is known.
     */
    private static TransportException afterAnAttempt(TlsPort port, List<InetSocketAddress> addresses, String peer) {
        Deadline deadline = Deadline.in(PATIENCE);
        int session = 0;
        TransportException told;
        do {
            told = failureOf(joining(port, "in-vain-" + session++, addresses, SHORT));
        } while (String.valueOf(told.getMessage()).contains(peer + " (it did not connect)") && !deadline.expired());
        return told;
    }

    private static void exchange(Endpoint one, Endpoint other, Tag tag) {
        one.send(other.party(), tag, Phase.ONLINE, 1, new byte[] {(byte) tag.sequence()});
        assertArrayEquals(new byte[] {(byte) tag.sequence()}, other.receive(one.party(), tag, Deadline.in(PATIENCE)).payload());
    }

    @Test
    void anUnknownCertificateIsRefusedAndTheRightPartyStillLinks() {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        TlsIdentity stranger = TlsCluster.identities(1).getFirst();
        TlsPort zero = port(0, identities.get(0), TlsCluster.certificates(identities));
        TlsPort impostor = port(1, stranger, List.of(identities.get(0).certificate(), stranger.certificate()));
        List<InetSocketAddress> addresses = List.of(zero.address(), TlsCluster.anyPort());
        FutureTask<TlsEndpoint> waiting = joining(zero, "s", addresses, PATIENCE);

        TransportException refused = failureOf(joining(impostor, "s", addresses, PATIENCE));
        assertEquals(Kind.AUTHENTICATION, refused.kind(), refused.getMessage());
        assertEquals(OptionalInt.of(0), refused.peer());

        TlsPort one = port(1, identities.get(1), TlsCluster.certificates(identities));
        TlsEndpoint right = TlsCluster.result(joining(one, "s", addresses, PATIENCE));
        exchange(right, TlsCluster.result(waiting), new Tag(1, 0, 0, 7));
        assertTrue(zero.lastRefusal().orElseThrow().contains("127.0.0.1"), zero.lastRefusal()::toString);
    }

    @Test
    void aListenerWithAnotherCertificateIsNotThePeer() {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        TlsIdentity stranger = TlsCluster.identities(1).getFirst();
        TlsPort impostor = port(0, stranger, List.of(stranger.certificate(), identities.get(1).certificate()));
        TlsPort one = port(1, identities.get(1), TlsCluster.certificates(identities));
        TransportException thrown = failureOf(joining(one, "s", TlsCluster.addresses(List.of(impostor, one)), PATIENCE));
        assertEquals(Kind.AUTHENTICATION, thrown.kind(), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("unknown certificate"), thrown.getMessage());
    }

    @Test
    void anExpiredCertificateIsRefusedOnBothSides() {
        CertificateAuthority authority = CertificateAuthority.create("test authority", Duration.ofDays(1));
        TlsIdentity good = authority.issue("good", List.of(), Duration.ofDays(1));
        TlsIdentity expired = authority.issue("expired", Instant.now().minus(Duration.ofDays(2)), Instant.now().minus(Duration.ofDays(1)));
        List<X509Certificate> listenerExpired = List.of(expired.certificate(), good.certificate());
        List<X509Certificate> dialerExpired = List.of(good.certificate(), expired.certificate());

        TlsPort zero = port(0, expired, listenerExpired);
        TransportException thrown = failureOf(
                joining(port(1, good, listenerExpired), "s", List.of(zero.address(), TlsCluster.anyPort()), PATIENCE));
        assertEquals(Kind.AUTHENTICATION, thrown.kind(), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("expired"), thrown.getMessage());

        TlsPort other = port(0, good, dialerExpired);
        thrown = failureOf(joining(port(1, expired, dialerExpired), "s", List.of(other.address(), TlsCluster.anyPort()), PATIENCE));
        assertEquals(Kind.AUTHENTICATION, thrown.kind(), thrown.getMessage());
    }

    @Test
    void aPartyCannotGreetInAnothersName() {
        List<TlsIdentity> identities = TlsCluster.identities(3);
        List<X509Certificate> certificates = TlsCluster.certificates(identities);
        TlsPort zero = port(0, identities.get(0), certificates);
        // Party 2, with its own good certificate, says that it is party 1.
        TlsPort liar = port(1, identities.get(2), List.of(certificates.get(0), certificates.get(2), certificates.get(1)));
        List<InetSocketAddress> addresses = List.of(zero.address(), TlsCluster.anyPort(), TlsCluster.anyPort());
        FutureTask<TlsEndpoint> waiting = joining(zero, "s", addresses, PATIENCE);
        TransportException thrown = failureOf(joining(liar, "s", addresses, PATIENCE));
        assertEquals(Kind.AUTHENTICATION, thrown.kind(), thrown.getMessage());
        assertTrue(zero.lastRefusal().orElseThrow().contains("another certificate"), zero.lastRefusal()::toString);
        zero.session("s").close();
        assertEquals(Kind.CLOSED, failureOf(waiting).kind());
    }

    @Test
    void partiesThatCountDifferentlyDoNotLink() {
        List<TlsIdentity> identities = TlsCluster.identities(3);
        List<X509Certificate> certificates = TlsCluster.certificates(identities);
        TlsPort zero = port(0, identities.get(0), certificates);
        TlsPort one = port(1, identities.get(1), certificates.subList(0, 2));
        TransportException thrown = failureOf(joining(one, "s", List.of(zero.address(), one.address()), PATIENCE));
        assertEquals(Kind.PROTOCOL_VIOLATION, thrown.kind(), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("counts other parties"), thrown.getMessage());
    }

    @Test
    void whoeverIsMissingAtTheDeadlineIsNamed() throws IOException {
        List<TlsPort> ports = ports(3);
        List<InetSocketAddress> addresses = TlsCluster.addresses(ports);
        TransportException joinedBefore = afterAnAttempt(ports.get(1), addresses, "party 0");
        assertEquals(Kind.TIMEOUT, joinedBefore.kind());
        assertTrue(joinedBefore.getMessage().contains("party 0 (127.0.0.1:" + addresses.get(0).getPort()), joinedBefore.getMessage());
        assertTrue(joinedBefore.getMessage().contains("party 2 (it did not connect)"), joinedBefore.getMessage());
        assertTrue(joinedBefore.getMessage().contains("0.3s"), joinedBefore.getMessage());
    }

    @Test
    void nobodyListeningIsTriedAgainUntilSomebodyDoes() {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        InetSocketAddress address = TlsCluster.vacantPort();
        TlsPort one = port(1, identities.get(1), TlsCluster.certificates(identities));
        List<InetSocketAddress> addresses = List.of(address, one.address());
        TransportException thrown = afterAnAttempt(one, addresses, "party 0");
        assertEquals(Kind.TIMEOUT, thrown.kind());
        assertTrue(thrown.getMessage().contains("refused"), thrown.getMessage());

        FutureTask<TlsEndpoint> early = joining(one, "s", addresses, PATIENCE);
        TlsPort zero = TlsPort.bind(new TlsParty(0, identities.get(0), TlsCluster.certificates(identities), TlsOptions.DEFAULT), address);
        opened.add(zero);
        exchange(TlsCluster.result(joining(zero, "s", addresses, PATIENCE)), TlsCluster.result(early), new Tag(1, 0, 0, 5));
    }

    @Test
    void sessionsAndRequestsShareAPortWithoutMeeting() {
        List<TlsPort> ports = ports(2);
        List<TlsEndpoint> first = TlsCluster.join(ports, "first");
        List<TlsEndpoint> second = TlsCluster.join(ports, "second");
        Tag tag = new Tag(1, 0, 0, 0);
        first.get(0).send(1, tag, Phase.ONLINE, 1, new byte[] {1});
        second.get(0).send(1, tag, Phase.ONLINE, 1, new byte[] {2});
        assertEquals(2, second.get(1).receive(0, tag, Deadline.in(PATIENCE)).payload()[0]);
        assertEquals(1, first.get(1).receive(0, tag, Deadline.in(PATIENCE)).payload()[0]);
        first.get(0).close();
        exchange(second.get(1), second.get(0), new Tag(1, 0, 0, 9));
        assertThrows(IllegalStateException.class, () -> ports.get(0).join("second", TlsCluster.addresses(ports), Deadline.in(SHORT)));
    }

    @Test
    void aPartyThatCameBackJoinsANewSessionAndTheOthersNeedNoRestart() {
        List<TlsIdentity> identities = TlsCluster.identities(3);
        List<TlsPort> ports = new ArrayList<>();
        for (int party = 0; party < 3; party++) {
            ports.add(port(party, identities.get(party), TlsCluster.certificates(identities)));
        }
        List<TlsEndpoint> before = TlsCluster.join(ports, "before");
        before.get(2).crash();
        ports.get(2).close();
        TransportException thrown = assertThrows(TransportException.class,
                () -> before.get(0).receive(2, new Tag(1, 0, 0, 0), Deadline.in(PATIENCE)));
        assertEquals(Kind.PEER_FAILED, thrown.kind(), thrown.getMessage());
        before.get(0).close();
        before.get(1).close();
        ports.set(2, port(2, identities.get(2), TlsCluster.certificates(identities)));
        List<TlsEndpoint> after = TlsCluster.join(ports, "after");
        exchange(after.get(2), after.get(0), new Tag(1, 0, 0, 3));
        exchange(after.get(1), after.get(2), new Tag(1, 0, 0, 4));
    }

    @Test
    void aClientWithoutTlsIsCutOff() throws IOException {
        TlsPort zero = ports(2).getFirst();
        try (Socket socket = new Socket(zero.address().getAddress(), zero.address().getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            drain(socket);
        }
    }

    @Test
    void aClientThatSaysNothingIsCutOffAtTheHandshakeDeadline() throws IOException {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        TlsPort zero = port(0, identities.get(0), TlsCluster.certificates(identities), TlsOptions.DEFAULT.withHandshakeDeadline(SHORT));
        try (Socket socket = new Socket(zero.address().getAddress(), zero.address().getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            drain(socket);
        }
    }

    @Test
    void aPartyThatProvesItselfButDoesNotGreetIsCutOff() throws Exception {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        TlsPort zero = port(0, identities.get(0), TlsCluster.certificates(identities), TlsOptions.DEFAULT.withHandshakeDeadline(SHORT));
        TlsPort one = port(1, identities.get(1), TlsCluster.certificates(identities));
        Deadline deadline = Deadline.in(PATIENCE);
        boolean told = false;
        while (!told) {
            assertTrue(!deadline.expired(), zero.lastRefusal()::toString);
            // On a busy machine the proof alone may take longer than the deadline allows; then another connection is cut off.
            try (RawPeer peer = RawPeer.connect(one, zero.address())) {
                peer.awaitEnd(PATIENCE);
                told = zero.lastRefusal().orElse("").contains("no greeting");
            } catch (ExecutionException notProven) {
                told = false;
            }
        }
    }

    @Test
    void aPeerThatFallsSilentHasFailedAtTheSilenceDeadline() throws Exception {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        TlsPort zero = port(0, identities.get(0), TlsCluster.certificates(identities), TlsOptions.DEFAULT.withSilenceDeadline(SHORT));
        TlsPort one = port(1, identities.get(1), TlsCluster.certificates(identities));
        FutureTask<TlsEndpoint> waiting = joining(zero, "s", TlsCluster.addresses(List.of(zero, one)), PATIENCE);
        while (zero.session("s") == null) {
            Thread.onSpinWait();
        }
        try (RawPeer peer = RawPeer.connect(one, zero.address())) {
            peer.hello(2, "s");
            TransportException thrown = assertThrows(TransportException.class,
                    () -> TlsCluster.result(waiting).receive(1, new Tag(1, 0, 0, 0), Deadline.in(PATIENCE)));
            assertEquals(Kind.PEER_FAILED, thrown.kind(), thrown.getMessage());
            assertTrue(thrown.getMessage().contains("silence deadline"), thrown.getMessage());
            peer.awaitEnd(PATIENCE);
        }
    }

    @Test
    void aPeerThatOnlyHasNothingToSayIsNotTakenForDead() {
        // A machine that stalls makes a peer silent indeed; then a longer deadline tells the two apart. If a party with nothing to say did
        // not say so, the link would end at each of them.
        for (int seconds = 2;; seconds *= 2) {
            try {
                keepALinkWithNothingToSay(Duration.ofSeconds(seconds));
                return;
            } catch (TransportException dead) {
                assertTrue(seconds < 30, dead::toString);
            }
        }
    }

    /** Links two parties and leaves them in silence for two and a half times the deadline for it. */
    private void keepALinkWithNothingToSay(Duration silenceDeadline) {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        TlsOptions options = TlsOptions.DEFAULT.withSilenceDeadline(silenceDeadline);
        List<TlsPort> ports = new ArrayList<>();
        for (int party = 0; party < 2; party++) {
            ports.add(port(party, identities.get(party), TlsCluster.certificates(identities), options));
        }
        List<InetSocketAddress> addresses = TlsCluster.addresses(ports);
        FutureTask<TlsEndpoint> joining = joining(ports.get(1), "s", addresses, PATIENCE);
        TlsEndpoint zero = ports.get(0).join("s", addresses, Deadline.in(PATIENCE));
        TlsEndpoint one = linked(joining);
        TransportException thrown = assertThrows(TransportException.class,
                () -> zero.receive(1, new Tag(1, 0, 0, 0), Deadline.in(silenceDeadline.multipliedBy(5).dividedBy(2))));
        if (thrown.kind() != Kind.TIMEOUT) {
            throw thrown;
        }
        exchange(one, zero, new Tag(1, 0, 0, 1));
    }

    private static TlsEndpoint linked(FutureTask<TlsEndpoint> joining) {
        try {
            return joining.get();
        } catch (ExecutionException failed) {
            throw (TransportException) failed.getCause();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Reads until the other end closes or resets; a read that times out fails the test. */
    private static void drain(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        try {
            while (in.read() >= 0) {
                // What comes before the end, an alert perhaps, does not matter.
            }
        } catch (SocketException reset) {
            assertTrue(String.valueOf(reset.getMessage()).contains("reset"), reset.toString());
        }
    }
}
