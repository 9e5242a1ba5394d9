package dev.sardonyx.test.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three parties and an owner with addresses of their own, by the commands of docs/deploying.md: a link that is cut between two parties, and
 * a party whose cable is pulled. Everybody is told, and all goes on by itself once the link is whole.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class NamespacesTest {
    private static final Path MODELS = Path.of(System.getProperty("sardonyx.root", "..")).toAbsolutePath().normalize().resolve("models");
    private static final int PARTIES = 3;
    private static final int OWNER = 3;
    private static final String BEGUN = "event=session ";
    private static final String OVER = "event=session-over";
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final boolean HELD_TO = System.getProperty("sardonyx.faults", "").equals("true");

    @TempDir
    Path directory;

    /** How long a command that works takes, its virtual machine's start included. */
    private Duration usual = Duration.ZERO;
    private final List<Process> parties = new ArrayList<>();
    private final List<Path> logs = new ArrayList<>();

    @Test
    void aCutLinkIsToldOnAllSidesAndTheClusterWorksAgainOnceItIsWhole() throws Exception {
        String missing = Namespaces.missing();
        assumeTrue(missing.isEmpty(), missing);
        try (var network = Namespaces.of(PARTIES + 1); var machine = new Machine(directory)) {
            start(network, machine);
            Path cluster = directory.resolve("demo/cluster.yaml");
            awaitLines(BEGUN, 1);
            ok(machine.run(network.at(OWNER), "deploy", MODELS.resolve("mlp/mlp.onnx").toString(), "--to", cluster.toString()));
            long start = System.nanoTime();
            predict(network, machine, 0);
            usual = Duration.ofNanos(System.nanoTime() - start);

            assertTold(network, machine, () -> network.link(1, 2, false));
            network.link(1, 2, true);
            awaitLines(BEGUN, 2);
            predict(network, machine, 0);

            assertTold(network, machine, () -> network.plug(2, false));
            network.plug(2, true);
            awaitLines(BEGUN, 3);
            predict(network, machine, 0);
            assertTrue(parties.stream().allMatch(Process::isAlive), "a party ended");
        }
    }

    private void start(Namespaces network, Machine machine) throws IOException, InterruptedException {
        var init = new ArrayList<>(List.of("cluster", "init", directory.resolve("demo").toString()));
        for (int party = 0; party < PARTIES; party++) {
            init.addAll(List.of("--address", network.address(party) + ":7400"));
        }
        ok(machine.run(init.toArray(String[]::new)));
        for (int party = 0; party < PARTIES; party++) {
            parties.add(machine.start(network.at(party), "party", "--config", directory.resolve("demo/party-" + party + ".yaml").toString()));
            logs.add(directory.resolve("said/%02d-party.err".formatted(party + 2)));
        }
    }

    private static void ok(Machine.Ended ended) {
        assertEquals(0, ended.status(), ended.err());
    }

    private Machine.Ended predict(Namespaces network, Machine machine, int status) throws IOException, InterruptedException {
        Machine.Ended ended = machine.run(network.at(OWNER), "predict", "mlp", "--input", MODELS.resolve("mlp/samples.npz").toString(), "--limit", "2", "--to",
                directory.resolve("demo/cluster.yaml").toString(), "--check", MODELS.resolve("mlp/mlp.onnx").toString());
        assertEquals(status, ended.status(), ended.err());
        return ended;
    }

    interface Cut {
        void make() throws IOException, InterruptedException;
    }

    /** A client and every party are told which party is away, in time where that is asked for. */
    private void assertTold(Namespaces network, Machine machine, Cut cut) throws Exception {
        long before = lines(0, OVER);
        Instant at = Instant.now();
        long start = System.nanoTime();
        cut.make();
        Machine.Ended told = predict(network, machine, 4);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(told.err().contains("sardonyx: party "), told.err());
        awaitLines(OVER, before + 1);
        for (Path log : logs) {
            String last = Files.readAllLines(log).stream().filter(line -> line.contains(OVER)).reduce((_, later) -> later).orElseThrow();
            assertTrue(last.matches(".*reason=\".*party \\d.*\""), last);
            if (HELD_TO) {
                assertWithin(Duration.between(at, Instant.parse(last.substring(0, last.indexOf(' ')))), LIMIT, last);
            }
        }
        if (HELD_TO) {
            assertWithin(took, LIMIT.plus(usual), told.err());
        }
    }

    private static void assertWithin(Duration took, Duration limit, String what) {
        assertTrue(took.compareTo(limit) <= 0, () -> "after " + took + ", not " + limit + ": " + what);
    }

    private long lines(int party, String text) throws IOException {
        return Files.readAllLines(logs.get(party)).stream().filter(line -> line.contains(text)).count();
    }

    private void awaitLines(String text, long count) throws Exception {
        for (int party = 0; party < PARTIES; party++) {
            int each = party;
            FaultCluster.await("line " + count + " with '" + text + "' of party " + party, () -> lines(each, text) >= count);
        }
    }
}
