package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TransportException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One process at a time uses a party's directory, and one that does not come up leaves it, and its port, to the next. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DirectoryLockTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long LOOK_NANOS = 20_000_000;
    private static final int PARTY = 1;

    private final LocalCluster cluster = LocalCluster.prepare(Protocol.REPLICATED_3, List.of("-Xmx128m"));
    private final Path config = cluster.partyFile(PARTY);
    private final Path data = cluster.files().resolve("data/party-" + PARTY);

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static PartyService started(Path config) {
        return PartyService.start(config, false, new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8), LogFormat.TEXT);
    }

    private String refused() {
        ServiceException refused = assertThrows(ServiceException.class, () -> started(config));
        return String.valueOf(refused.getMessage());
    }

    private Address address() {
        return PartyFile.read(config).listen();
    }

    /** Starts a party where the former one's end, whatever it was, must have left port and directory free. */
    private void assertStarts() {
        started(config).close();
    }

    @Test
    void aSecondPartyOnADirectoryIsRefusedBeforeItTouchesAnything() throws IOException {
        try (PartyService first = started(config)) {
            Path arriving = Files.createFile(data.resolve("arriving.part"));
            // Another port would keep neither from running.
            Files.writeString(config, Files.readString(config).replace("listen: \"" + address() + '"', "listen: \"127.0.0.1:0\""));
            String told = refused();
            assertTrue(told.contains("another process uses the directory " + data) && told.contains("end that one"), told);
            assertTrue(Files.exists(arriving));
            assertEquals(told, refused());
            assertEquals(0, first.running());
        }
        assertStarts();
        assertTrue(Files.notExists(data.resolve("arriving.part")));
    }

    @Test
    void anotherProcessKeepsTheDirectoryUntilItEnds() throws IOException, InterruptedException {
        cluster.start(PARTY);
        Deadline deadline = Deadline.in(PATIENCE);
        while (!Files.readString(cluster.log(PARTY)).contains("event=listening")) {
            assertTrue(!deadline.expired(), Files.readString(cluster.log(PARTY)));
            LockSupport.parkNanos(LOOK_NANOS);
        }
        assertTrue(refused().contains("another process uses the directory"));
        cluster.process(PARTY).destroyForcibly().waitFor();
        assertStarts();
    }

    @Test
    void aPartyWithoutItsPortLetsGoOfItsDirectory() throws IOException {
        try (var other = new ServerSocket()) {
            other.bind(new InetSocketAddress(address().host(), address().port()));
            String told = String.valueOf(assertThrows(TransportException.class, () -> started(config)).getMessage());
            assertTrue(told.endsWith("; another process may use the port: end it, or change 'listen' in this party's file"), told);
        }
        assertStarts();
    }

    @Test
    void aPartyWithoutItsKeyLetsGoOfItsDirectory() throws IOException {
        Path key = cluster.files().resolve("keys/party-" + PARTY + ".shares");
        String before = Files.readString(key);
        Files.writeString(key, "no key");
        assertTrue(refused().contains("holds no key"));
        Files.writeString(key, before);
        assertStarts();
    }

    @Test
    void aPartyWithoutItsMetricsPortLetsGoOfPortAndDirectory() throws IOException {
        String before = Files.readString(config);
        try (var other = new ServerSocket()) {
            other.bind(new InetSocketAddress("127.0.0.1", 0));
            Files.writeString(config, before + "metrics: 127.0.0.1:" + other.getLocalPort() + "\n");
            String told = String.valueOf(assertThrows(TransportException.class, () -> started(config)).getMessage());
            assertTrue(told.contains("change 'metrics'"), told);
        }
        Files.writeString(config, before);
        assertStarts();
    }

    @Test
    void whatWasOpenedIsClosedTheOtherWayRoundOnceThoughSomethingFails() {
        var closed = new ArrayList<String>();
        var closing = new Closing();
        closing.add("first", closed::add);
        closing.add("second", part -> {
            closed.add(part);
            throw new IllegalStateException(part);
        });
        closing.add("third", closed::add);
        assertThrows(IllegalStateException.class, closing::close);
        closing.close();
        assertEquals(List.of("third", "second", "first"), closed);
    }
}
