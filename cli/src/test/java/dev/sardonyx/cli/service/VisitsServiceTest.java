package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import dev.sardonyx.transport.TlsOptions;
import dev.sardonyx.transport.TlsVisitor;
import dev.sardonyx.transport.TransportException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Owners' connections to one party that runs here. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class VisitsServiceTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static PartyService started(Path config) {
        return PartyService.start(config, false, new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8), LogFormat.TEXT);
    }

    private static Envelope asked(TlsChannel channel) {
        Envelope.of("status").send(channel);
        Envelope answer = Envelope.receive(channel, Deadline.in(PATIENCE)).orThrow();
        answer.body(channel, Deadline.in(PATIENCE));
        return answer;
    }

    @Test
    void aClientThatOpensAllItCanKeepsNoOtherOneOut() throws IOException {
        try (LocalCluster cluster = LocalCluster.prepare(Protocol.REPLICATED_3, List.of())) {
            Path config = cluster.partyFile(1);
            Files.writeString(config, Files.readString(config).replace("connections: 256", "connections: 16"));
            ClusterFile file = ClusterFile.read(cluster.clusterFile());
            ClusterFile.Seat seat = file.parties().get(1);
            var idle = new ArrayList<TlsChannel>();
            try (PartyService party = started(config);
                    var greedy = new TlsVisitor(file.identity("data-owner"), PartyService.visits());
                    var other = new TlsVisitor(file.identity("model-owner"), PartyService.visits())) {
                for (int connection = 0; connection < 12; connection++) {
                    idle.add(greedy.connect(seat.address().unresolved(), seat.certificate(), Deadline.in(PATIENCE)));
                    asked(idle.getLast());
                }
                TlsChannel further = greedy.connect(seat.address().unresolved(), seat.certificate(), Deadline.in(PATIENCE));
                ServiceException busy = assertThrows(ServiceException.class, () -> Envelope.receive(further, Deadline.in(PATIENCE)).orThrow());
                assertEquals(Kind.BUSY, busy.kind());
                assertTrue(String.valueOf(busy.getMessage()).contains("no connection left for client 'data-owner', which has 12: 'connections' allows 16 in all and keeps 4 for each client"),
                        busy.getMessage());
                for (int connection = 0; connection < 4; connection++) {
                    assertEquals("model-owner", asked(other.connect(seat.address().unresolved(), seat.certificate(), Deadline.in(PATIENCE))).field("client"));
                }
                // A request is over a moment after its answer was sent.
                Deadline deadline = Deadline.in(PATIENCE);
                while (party.running() > 0) {
                    assertFalse(deadline.expired(), () -> party.running() + " requests run");
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Test
    void anOwnerWhoseMessagesAreLongerThanAnyIsCutOff() throws IOException {
        try (LocalCluster cluster = LocalCluster.prepare(Protocol.REPLICATED_3, List.of())) {
            ClusterFile file = ClusterFile.read(cluster.clusterFile());
            ClusterFile.Seat seat = file.parties().get(1);
            try (PartyService party = started(cluster.partyFile(1)); var owner = new TlsVisitor(file.identity("data-owner"), TlsOptions.DEFAULT)) {
                TlsChannel channel = owner.connect(seat.address().unresolved(), seat.certificate(), Deadline.in(PATIENCE));
                asked(channel);
                channel.send(new byte[Envelope.LONGEST_MESSAGE + 1]);
                assertThrows(TransportException.class, () -> channel.receive(Deadline.in(PATIENCE)));
                assertTrue(channel.ended().isPresent());
                assertEquals("1", asked(owner.connect(seat.address().unresolved(), seat.certificate(), Deadline.in(PATIENCE))).field("party"));
            }
        }
    }

    /** Each byte comes long before anybody would lose patience with it. */
    @Test
    void aModelThatComesByDropsIsNotWaitedFor() throws IOException, InterruptedException {
        try (LocalCluster cluster = LocalCluster.prepare(Protocol.REPLICATED_3, List.of())) {
            Path config = cluster.partyFile(1);
            Files.writeString(config, Files.readString(config).replace("deadline-seconds: 10", "deadline-seconds: 2"));
            ClusterFile file = ClusterFile.read(cluster.clusterFile());
            ClusterFile.Seat seat = file.parties().get(1);
            try (PartyService party = started(config); var owner = new TlsVisitor(file.identity("model-owner"), PartyService.visits())) {
                TlsChannel channel = owner.connect(seat.address().unresolved(), seat.certificate(), Deadline.in(PATIENCE));
                channel.send(Envelope.of("deploy", "id", "0".repeat(32), "model", "drops", "version", "1", "plan", "0".repeat(64), "allowed", "").head(1 << 20));
                var answer = CompletableFuture.supplyAsync(() -> Envelope.receive(channel, Deadline.in(PATIENCE)));
                for (Deadline end = Deadline.in(PATIENCE); !answer.isDone() && !end.expired(); Thread.sleep(100)) {
                    try {
                        channel.send(new byte[1]);
                    } catch (TransportException ended) {
                        // After the answer.
                    }
                }
                ServiceException refused = assertThrows(ServiceException.class, () -> answer.join().orThrow());
                assertEquals("a body that comes at less than 32768 bytes a second", refused.getMessage());
            }
        }
    }

    @Test
    void fewerConnectionsThanClientsAreRefused() throws IOException {
        try (LocalCluster cluster = LocalCluster.prepare(Protocol.REPLICATED_3, List.of())) {
            Path config = cluster.partyFile(1);
            Files.writeString(config, Files.readString(config).replace("connections: 256", "connections: 1"));
            ServiceException refused = assertThrows(ServiceException.class, () -> PartyFile.read(config));
            assertTrue(String.valueOf(refused.getMessage()).endsWith("limits.connections is 1; expected at least one for each of 2 clients"), refused.getMessage());
        }
    }
}
