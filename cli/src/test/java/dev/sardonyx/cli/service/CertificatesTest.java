package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Protocol;
import dev.sardonyx.transport.CertificateAuthority;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsIdentity;
import dev.sardonyx.transport.TlsVisitor;
import dev.sardonyx.transport.TransportException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Certificates of parties and owners, with parties as processes of their own: renewed while they run, expired, unknown, somebody else's. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CertificatesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long LOOK_NANOS = 50_000_000;
    private static final CertificateAuthority AUTHORITY = CertificateAuthority.create("another authority", Duration.ofDays(2));

    private static LocalCluster cluster;

    @BeforeAll
    static void start() {
        cluster = LocalCluster.start(Protocol.REPLICATED_3, List.of("-Xmx128m"));
        try (RemoteCluster owner = cluster.connect("model-owner")) {
            cluster.awaitReady(owner, Deadline.in(PATIENCE));
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static TlsIdentity issued(String name, Duration validity) {
        return AUTHORITY.issue(name, List.of(), validity);
    }

    private static long lines(int party, String... parts) throws IOException {
        return Files.readString(cluster.log(party)).lines().filter(line -> List.of(parts).stream().allMatch(line::contains)).count();
    }

    private static void awaitLines(int party, long count, String... parts) throws IOException {
        Deadline deadline = Deadline.in(PATIENCE);
        while (lines(party, parts) < count) {
            assertTrue(!deadline.expired(), "party " + party + " said no " + List.of(parts) + " in time: " + Files.readString(cluster.log(party)));
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Puts an identity in place of another, and waits until all parties go by it. */
    private static void replace(String name, TlsIdentity identity) throws IOException {
        long[] before = {lines(0, "event=renewed"), lines(1, "event=renewed"), lines(2, "event=renewed")};
        identity.writePem(cluster.files().resolve("certs/" + name + ".pem"), cluster.files().resolve("keys/" + name + ".key"));
        for (int party = 0; party < before.length; party++) {
            awaitLines(party, before[party] + 1, "event=renewed");
        }
    }

    private static ClusterFile.Seat seat(int party) {
        return ClusterFile.read(cluster.clusterFile()).parties().get(party);
    }

    private static TransportException refused(TlsIdentity identity, int party) {
        try (var visitor = new TlsVisitor(identity, PartyService.visits())) {
            return assertThrows(TransportException.class, () -> visitor.connect(seat(party).address().unresolved(), seat(party).certificate(), Deadline.in(PATIENCE)));
        }
    }

    private static String told(ServiceException failure) {
        return String.valueOf(failure.getMessage());
    }

    @Test
    void anOwnersNewCertificateIsGoodAtOnceAndTheOldOneNoMore() throws IOException {
        long[] before = {cluster.process(0).pid(), cluster.process(1).pid(), cluster.process(2).pid()};
        try (RemoteCluster old = cluster.connect("data-owner")) {
            old.models();
            replace("data-owner", issued("data-owner", Duration.ofDays(1)));
            // The first failure may tell of a kept connection's end, the next one tells why there is no other.
            assertThrows(ServiceException.class, old::models);
            ServiceException failure = assertThrows(ServiceException.class, old::models);
            assertTrue(told(failure).contains("refused the certificate"), told(failure));
        }
        try (RemoteCluster renewed = cluster.connect("data-owner")) {
            assertEquals(List.of(), renewed.models());
        }
        for (int party = 0; party < before.length; party++) {
            assertEquals(before[party], cluster.process(party).pid());
            assertTrue(cluster.process(party).isAlive());
        }
    }

    @Test
    void aPartysNewCertificateLinksTheNextSessionWithoutARestartOfAnyOther() throws IOException, InterruptedException {
        long pid = cluster.process(2).pid();
        replace("party-2", issued("party-2", Duration.ofDays(1)));
        try (RemoteCluster owner = cluster.connect("model-owner")) {
            assertEquals(List.of(), owner.models());
            cluster.process(1).destroyForcibly().waitFor();
            cluster.start(1);
            cluster.awaitReady(owner, Deadline.in(PATIENCE));
        }
        assertEquals(pid, cluster.process(2).pid());
    }

    @Test
    void anExpiredCertificateIsRefusedOnBothSides() throws IOException {
        TlsIdentity good = TlsIdentity.readPem(cluster.files().resolve("certs/model-owner.pem"), cluster.files().resolve("keys/model-owner.key"));
        TlsIdentity expired = issued("model-owner", Duration.ofMillis(1));
        replace("model-owner", expired);
        try {
            assertTrue(told(assertThrows(ServiceException.class, () -> cluster.connect("model-owner"))).contains("expired at"));
            assertEquals(TransportException.Kind.AUTHENTICATION, refused(expired, 0).kind());
            awaitLines(0, 1, "event=connection-refused", "expired at");
        } finally {
            replace("model-owner", good);
        }
    }

    /** A connection outlives its certificate, which is good for nothing then. */
    @Test
    void anExpiredCertificateEndsWhatItBegan() throws IOException, InterruptedException {
        TlsIdentity good = TlsIdentity.readPem(cluster.files().resolve("certs/model-owner.pem"), cluster.files().resolve("keys/model-owner.key"));
        Optional<RemoteCluster> begun = Optional.empty();
        try {
            Instant end = Instant.now();
            // It has to be taken up by all parties and used before it expires, which takes as long as the machine wants.
            for (int seconds = 8; begun.isEmpty() && seconds <= 64; seconds *= 2) {
                TlsIdentity brief = issued("model-owner", Duration.ofSeconds(seconds));
                end = brief.certificate().getNotAfter().toInstant();
                replace("model-owner", brief);
                try {
                    RemoteCluster owner = cluster.connect("model-owner");
                    begun = Optional.of(owner);
                    owner.models();
                } catch (ServiceException late) {
                    begun.ifPresent(RemoteCluster::close);
                    begun = Optional.empty();
                }
            }
            RemoteCluster owner = begun.orElseThrow();
            Thread.sleep(Math.max(0, Duration.between(Instant.now(), end).toMillis()) + 1);
            ServiceException failure = assertThrows(ServiceException.class, owner::models);
            assertTrue(told(failure).contains("lets nobody in with this certificate any more, which expired at " + end), told(failure));
        } finally {
            begun.ifPresent(RemoteCluster::close);
            replace("model-owner", good);
        }
    }

    @Test
    void anUnknownCertificateIsRefusedOnBothSides() throws IOException {
        TransportException failure = refused(issued("stranger", Duration.ofDays(1)), 1);
        assertEquals(TransportException.Kind.AUTHENTICATION, failure.kind(), failure.getMessage());
        awaitLines(1, 1, "event=connection-refused", "unknown certificate");
    }

    @Test
    void aPartysCertificateOpensNothingToAnOwner() throws IOException {
        Path file = cluster.files().resolve("wrong-role.yaml");
        Files.writeString(file, Files.readString(cluster.clusterFile()).replace("certs/data-owner.pem", "certs/party-1.pem").replace("keys/data-owner.key",
                "keys/party-1.key"));
        try (RemoteCluster wrong = RemoteCluster.connect(file, "data-owner")) {
            ServiceException failure = assertThrows(ServiceException.class, () -> wrong.connections().ask(2, PartyConnections.Question.of("status")));
            assertEquals(ServiceException.Kind.REFUSED, failure.kind(), failure.getMessage());
            assertTrue(told(failure).contains("party 1's certificate"), told(failure));
            awaitLines(2, 1, "event=connection-refused", "party 1's certificate");
        }
    }

    @Test
    void aPartyWithAnotherCertificateThanTheListedOneIsNotTrusted() throws IOException {
        Path file = cluster.files().resolve("wrong-party.yaml");
        Files.writeString(file, Files.readString(cluster.clusterFile()).replace("certs/party-0.pem", "certs/ca.pem"));
        try (RemoteCluster wrong = RemoteCluster.connect(file, "data-owner")) {
            ServiceException failure = assertThrows(ServiceException.class, () -> wrong.connections().ask(0, PartyConnections.Question.of("status")));
            assertTrue(told(failure).contains("presented a certificate that is not accepted here: unknown certificate"), told(failure));
        }
    }

    @Test
    void whatCannotBeReadIsToldAndThePartyGoesOnAsBefore() throws IOException {
        Path file = cluster.partyFile(0);
        String before = Files.readString(file);
        try {
            Files.writeString(file, before.replace("may: [predict]", "may: [everything]"));
            awaitLines(0, 1, "event=not-renewed", "everything");
            Files.writeString(file, before.replace("connections: 256", "connections: 5"));
            awaitLines(0, 1, "event=not-renewed", "take a restart", "limits");
        } finally {
            Files.writeString(file, before);
        }
        try (RemoteCluster owner = cluster.connect("data-owner")) {
            owner.connections().ask(0, PartyConnections.Question.of("status"));
        }
    }
}
