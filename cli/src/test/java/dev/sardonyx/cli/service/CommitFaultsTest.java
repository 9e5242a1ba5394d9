package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.transport.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Parties that are killed while they take in a model. Each deployment splits the weights anew, so that shares of two versions together give
 * nonsense: an answer that is right comes from shares of one.
 *
 * <p>What a party that died has on its disk is one of few things, and each is laid there; and parties are killed while they write, at a
 * moment of chance ({@code -Dsardonyx.commit.kills=N}, {@code -Dsardonyx.commit.seed=N}). All states are laid with {@code -Dsardonyx.faults=true}.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CommitFaultsTest {
    private static final Path ONNX = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models/logistic/logistic.onnx");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int PARTIES = 3;
    private static final String MODEL = "kept";
    private static final String NEXT = ".next";
    private static final int QUICK = 3;
    private static final int KILLS = Integer.getInteger("sardonyx.commit.kills", 2);
    private static final long SEED = Long.getLong("sardonyx.commit.seed", 11);
    /** A deployment of this size takes about as long from the first file to the last. */
    private static final int LONGEST_WAIT_NANOS = 60_000_000;

    private static LocalCluster cluster;
    private static RemoteCluster modelOwner;
    private static RemoteCluster dataOwner;
    private static Compiled logistic;
    private static OnnxRuntimeReference reference;

    @TempDir
    Path kept;

    @BeforeAll
    static void start() {
        cluster = LocalCluster.start(Protocol.REPLICATED_3, List.of("-Xmx128m"));
        modelOwner = cluster.connect("model-owner");
        dataOwner = cluster.connect("data-owner");
        logistic = PlanCodecTest.compiled("logistic", 1);
        reference = OnnxRuntimeReference.open(ONNX, 1);
        cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
    }

    @AfterAll
    static void stop() {
        reference.close();
        dataOwner.close();
        modelOwner.close();
        cluster.close();
    }

    // ---- what a party finds when it starts again

    private static Path data(int party) {
        return cluster.files().resolve("data/party-" + party);
    }

    private static Path shares(int party) {
        return data(party).resolve(MODEL + ".shares");
    }

    private static Path prepared(int party) {
        return data(party).resolve(MODEL + ".shares" + NEXT);
    }

    private static Path ledger(int party) {
        return cluster.files().resolve("keys/party-" + party + ".shares.versions");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** How far a party came with a new version. */
    private enum Reached {
        /** It has the old one only. */
        STAGED {
            @Override
            void lay(int party, Path old) throws IOException {
                copy(old.resolve("shares-" + party), shares(party));
                copy(old.resolve("ledger-" + party), ledger(party));
                // Whatever had arrived by then is of no use.
                Files.write(data(party).resolve("0.part"), new byte[100]);
            }
        },
        /** The new one lies beside the old one. */
        PREPARED {
            @Override
            void lay(int party, Path old) throws IOException {
                Files.move(shares(party), prepared(party));
                copy(old.resolve("shares-" + party), shares(party));
                copy(old.resolve("ledger-" + party), ledger(party));
            }
        },
        /** The new one is noted and not yet in its place. */
        NOTED {
            @Override
            void lay(int party, Path old) throws IOException {
                Files.move(shares(party), prepared(party));
                copy(old.resolve("shares-" + party), shares(party));
            }
        },
        ACCEPTED {
            @Override
            void lay(int party, Path old) {
                assertTrue(Files.exists(shares(party)));
            }
        };

        abstract void lay(int party, Path old) throws IOException;
    }

    /** How far each party came, and which version all are to go on with; the last ones are those that differ most. */
    private static Stream<Arguments> ends() {
        List<Arguments> all = List.of(
                Arguments.of(Reached.STAGED, Reached.STAGED, Reached.STAGED, 1),
                Arguments.of(Reached.PREPARED, Reached.STAGED, Reached.PREPARED, 1),
                Arguments.of(Reached.ACCEPTED, Reached.PREPARED, Reached.PREPARED, 2),
                Arguments.of(Reached.PREPARED, Reached.NOTED, Reached.ACCEPTED, 2),
                Arguments.of(Reached.NOTED, Reached.NOTED, Reached.NOTED, 2),
                Arguments.of(Reached.STAGED, Reached.PREPARED, Reached.PREPARED, 1),
                Arguments.of(Reached.PREPARED, Reached.PREPARED, Reached.PREPARED, 2),
                Arguments.of(Reached.NOTED, Reached.ACCEPTED, Reached.PREPARED, 2));
        return all.stream().skip(Boolean.getBoolean("sardonyx.faults") ? 0 : all.size() - QUICK);
    }

    @ParameterizedTest(name = "{0}, {1}, {2}: version {3}")
    @MethodSource("ends")
    void partiesThatDiedAnywhereInADeploymentGoOnWithOneVersion(Reached first, Reached second, Reached third, int taken) throws Exception {
        long old = modelOwner.deploy(MODEL, logistic, List.of()).version();
        for (int party = 0; party < PARTIES; party++) {
            copy(shares(party), kept.resolve("shares-" + party));
            copy(ledger(party), kept.resolve("ledger-" + party));
        }
        assertEquals(old + 1, modelOwner.deploy(MODEL, logistic, List.of()).version());
        killAll();
        List<Reached> reached = List.of(first, second, third);
        for (int party = 0; party < PARTIES; party++) {
            reached.get(party).lay(party, kept);
        }
        startAll();
        assertEquals(Set.of(old + taken - 1), awaitVersions());
        assertAnswersRight();
        assertNothingLeft();
        // And none of it stands in the way of the next one.
        long next = modelOwner.deploy(MODEL, logistic, List.of()).version();
        assertEquals(Set.of(next), awaitVersions());
        modelOwner.remove(MODEL);
    }

    @Test
    void aFirstVersionThatDidNotGetToAllPartiesIsNotThereAtAll() throws Exception {
        modelOwner.deploy("first", logistic, List.of());
        killAll();
        for (int party = 0; party < 2; party++) {
            Files.move(data(party).resolve("first.shares"), data(party).resolve("first.shares" + NEXT));
            Files.delete(ledger(party));
        }
        Files.delete(data(2).resolve("first.shares"));
        Files.delete(ledger(2));
        startAll();
        cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
        ServiceException told = assertThrows(ServiceException.class, () -> dataOwner.model("first"));
        assertTrue(String.valueOf(told.getMessage()).contains("no model 'first'"), told.getMessage());
        modelOwner.deploy("first", logistic, List.of());
        cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
        modelOwner.remove("first");
    }

    @Test
    void whatTheLeadingPartyDoesNotHoldIsSaidToBeOfNoUse() throws Exception {
        modelOwner.deploy("orphan", logistic, List.of());
        kill(0);
        Files.delete(data(0).resolve("orphan.shares"));
        Files.delete(ledger(0));
        cluster.start(0);
        awaitState("orphan", "party 0 does not hold it; deploy it again");
        ServiceException told = assertThrows(ServiceException.class, () -> dataOwner.model("orphan"));
        assertTrue(String.valueOf(told.getMessage()).contains("no model 'orphan'"), told.getMessage());
        modelOwner.deploy("orphan", logistic, List.of());
        cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
        modelOwner.remove("orphan");
    }

    // ---- a disk that fails one party

    @Test
    void aPartyThatCouldNotNoteAVersionKeepsAllPartiesFromIt() throws Exception {
        long old = modelOwner.deploy(MODEL, logistic, List.of()).version();
        Path obstacle = Files.createDirectories(ledger(1).resolveSibling(ledger(1).getFileName() + ".new").resolve("x"));
        ServiceException told = assertThrows(ServiceException.class, () -> modelOwner.deploy(MODEL, logistic, List.of()));
        assertTrue(String.valueOf(told.getMessage()).contains("party 1 cannot store the model"), told.getMessage());
        assertEquals(Set.of(old), awaitVersions());
        assertAnswersRight();
        assertNothingLeft();
        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
        assertEquals(Set.of(modelOwner.deploy(MODEL, logistic, List.of()).version()), awaitVersions());
        modelOwner.remove(MODEL);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aPartyWhoseDiskFailsWhenAllHaveAgreedTakesTheVersionOnceItCan(int party) throws Exception {
        long old = modelOwner.deploy(MODEL, logistic, List.of()).version();
        Files.delete(shares(party));
        Path obstacle = Files.createDirectories(shares(party).resolve("x"));
        ServiceException told = assertThrows(ServiceException.class, () -> modelOwner.deploy(MODEL, logistic, List.of()));
        assertTrue(String.valueOf(told.getMessage()).contains("all parties agreed on version " + (old + 1)), told.getMessage());
        assertThrows(ServiceException.class, () -> dataOwner.model(MODEL).run(Map.of()));
        // The others use it: the next deployment, which may fail, must not take it from this party.
        ServiceException next = assertThrows(ServiceException.class, () -> modelOwner.deploy(MODEL, logistic, List.of()));
        assertTrue(String.valueOf(next.getMessage()).contains("not yet settled"), next.getMessage());
        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
        assertEquals(Set.of(old + 1), awaitVersions());
        assertAnswersRight();
        assertNothingLeft();
        modelOwner.remove(MODEL);
    }

    // ---- kill -9 at moments of chance

    @Test
    void partiesKilledWhileTheyTakeAModelInEndUpWithOneVersionOfIt() throws Exception {
        var random = new Random(SEED);
        modelOwner.deploy(MODEL, logistic, List.of());
        for (int kill = 0; kill < KILLS; kill++) {
            int victim = kill % PARTIES;
            long before = awaitVersions().iterator().next();
            int wait = random.nextInt(LONGEST_WAIT_NANOS);
            CompletableFuture<String> deployment = CompletableFuture.supplyAsync(() -> deploy());
            awaitSharesThatArrive(victim, deployment);
            LockSupport.parkNanos(wait);
            kill(victim);
            String told = deployment.get();
            assertFalse(told.contains("internal error") || told.contains("null"), told);
            cluster.start(victim);
            Set<Long> after = awaitVersions();
            String what = "seed " + SEED + ", kill " + kill + " of party " + victim + " after " + wait + " ns: from version " + before + " to " + after + ", told '" + told + "'";
            assertEquals(1, after.size(), what);
            assertTrue(after.contains(before) || after.contains(before + 1), what);
            assertTrue(!told.isEmpty() || after.contains(before + 1), what);
            assertAnswersRight();
            assertNothingLeft();
        }
        modelOwner.remove(MODEL);
    }

    private static String deploy() {
        try {
            modelOwner.deploy(MODEL, logistic, List.of());
            return "";
        } catch (ServiceException told) {
            return String.valueOf(told.getMessage());
        }
    }

    private static void awaitSharesThatArrive(int party, CompletableFuture<?> deployment) throws IOException {
        boolean arrive = false;
        while (!arrive && !deployment.isDone()) {
            try (Stream<Path> files = Files.list(data(party))) {
                arrive = files.anyMatch(file -> file.toString().endsWith(".part") || file.toString().endsWith(NEXT));
            }
        }
    }

    // ---- helpers

    private static void kill(int party) throws InterruptedException {
        cluster.process(party).destroyForcibly().waitFor();
    }

    private static void killAll() throws InterruptedException {
        for (int party = 0; party < PARTIES; party++) {
            kill(party);
        }
    }

    private static void startAll() {
        for (int party = 0; party < PARTIES; party++) {
            cluster.start(party);
        }
    }

    /** Versions of the model at all parties, once every party says that it is ready. */
    private static Set<Long> awaitVersions() {
        cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
        List<RemoteCluster.Listed> listed = modelOwner.models().stream().filter(each -> each.name().equals(MODEL)).toList();
        assertEquals(PARTIES, listed.size(), listed::toString);
        return listed.stream().map(RemoteCluster.Listed::version).collect(Collectors.toSet());
    }

    private static void awaitState(String name, String part) {
        Deadline deadline = Deadline.in(PATIENCE);
        while (true) {
            List<String> states = new ArrayList<>();
            try {
                modelOwner.models().stream().filter(each -> each.name().equals(name)).map(RemoteCluster.Listed::state).forEach(states::add);
            } catch (ServiceException away) {
                states.add(String.valueOf(away.getMessage()));
            }
            if (!states.isEmpty() && states.stream().allMatch(state -> state.contains(part))) {
                return;
            }
            assertFalse(deadline.expired(), states::toString);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private static void assertAnswersRight() {
        RemoteModel model = dataOwner.model(MODEL);
        var spec = model.plan().inputs().getFirst();
        Shape shape = model.plan().value(spec.value()).shape();
        Map<String, Tensor> input = Map.of(spec.name(), Tensor.ofDoubles(ElementType.FLOAT32, shape, new Random(SEED).doubles(shape.size(), 0, 1).map(x -> (float) x)
                .toArray()));
        Map<String, Tensor> outputs = model.run(input).outputs();
        reference.run(input).forEach((name, expected) -> {
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.getDouble(i), outputs.get(name).getDouble(i), 1e-3, name + "[" + i + "]");
            }
        });
    }

    private static void assertNothingLeft() throws IOException {
        for (int party = 0; party < PARTIES; party++) {
            try (Stream<Path> files = Files.list(data(party))) {
                assertEquals(List.of(MODEL + ".shares"), files.map(file -> file.getFileName().toString()).filter(name -> !name.equals(DirectoryLock.NAME)).toList(),
                        "party " + party);
            }
        }
    }
}
