package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.secureops.protocol.Seating;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dealer is run by nobody who runs a computing party, unless that was said by its insecure name. */
class OperatorsTest {
    private static final List<String> APART = List.of("a.example:7400", "b.example:7400", "c.example:7400");

    @TempDir
    Path directory;

    private static List<Protocol> protocols(boolean dealt) {
        List<Protocol> found = Protocol.secureLabels().stream().map(label -> Protocol.named(label).orElseThrow())
                .filter(protocol -> protocol.implementation().dealer().isPresent() == dealt).toList();
        assertTrue(!found.isEmpty());
        return found;
    }

    private Path made(Protocol protocol, List<String> addresses, List<String> operators) throws IOException {
        Path files = Files.createTempDirectory(directory, protocol.label());
        ClusterInit.write(new ClusterInit.Request(files, protocol, addresses, operators, Duration.ofDays(1)));
        return files;
    }

    private static void assertRefused(Path files) {
        for (int party = 1; party < 3; party++) {
            Path config = files.resolve("party-" + party + ".yaml");
            assertNamed(assertThrows(ServiceException.class, () -> PartyFile.read(config, false)));
            assertDoesNotThrow(() -> PartyFile.read(config, true));
        }
        assertNamed(assertThrows(ServiceException.class, () -> PartyService.start(files.resolve("dealer.yaml"), false, new PrintStream(new ByteArrayOutputStream(),
                true, StandardCharsets.UTF_8), LogFormat.TEXT)));
        assertNamed(assertThrows(ServiceException.class, () -> RemoteCluster.connect(files.resolve("cluster.yaml"), "data-owner")));
        RemoteCluster.connect(files.resolve("cluster.yaml"), "data-owner", true).close();
    }

    private static void assertNamed(ServiceException told) {
        assertEquals(ServiceException.Kind.REFUSED, told.kind());
        String message = String.valueOf(told.getMessage());
        assertTrue(message.contains("dealer") && message.contains(Seating.COLOCATED_DEALER_FLAG), message);
    }

    @Test
    void aDealerOnTheHostOfAComputingPartyIsRefusedOnEverySide() throws IOException {
        for (Protocol protocol : protocols(true)) {
            assertRefused(made(protocol, List.of("127.0.0.1:1", "localhost:2", "[::1]:3"), List.of()));
            assertRefused(made(protocol, List.of("a.example:1", "b.example:1", "A.example:2"), List.of()));
        }
    }

    @Test
    void aDealerOfAComputingPartysOperatorIsRefusedWhateverTheHosts() throws IOException {
        for (Protocol protocol : protocols(true)) {
            assertRefused(made(protocol, APART, List.of("Clinic", "Bank", "clinic")));
        }
    }

    @Test
    void aDealerOfItsOwnIsLetBe() throws IOException {
        for (Protocol protocol : protocols(true)) {
            for (List<String> operators : List.of(List.<String>of(), List.of("Clinic", "Bank", "Auditor"))) {
                Path files = made(protocol, APART, operators);
                assertDoesNotThrow(() -> PartyFile.read(files.resolve("dealer.yaml"), false));
                assertDoesNotThrow(() -> PartyFile.read(files.resolve("party-1.yaml"), false));
                RemoteCluster.connect(files.resolve("cluster.yaml"), "data-owner").close();
            }
        }
    }

    @Test
    void partiesWithoutADealerMayShareAMachine() throws IOException {
        for (Protocol protocol : protocols(false)) {
            Path files = made(protocol, List.of("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"), List.of());
            assertDoesNotThrow(() -> PartyFile.read(files.resolve("party-0.yaml"), false));
            RemoteCluster.connect(files.resolve("cluster.yaml"), "data-owner").close();
        }
    }
}
