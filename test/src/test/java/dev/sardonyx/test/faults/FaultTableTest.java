package dev.sardonyx.test.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.cli.service.ServiceException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault of the table in docs/testing.md, done to three party processes while somebody else predicts: each side is told what went
 * wrong, whoever has no part in it is not harmed, nothing is left behind, and the cluster answers again without a restart of the
 * healthy parties. {@code -Dsardonyx.faults=true} runs the slow ones too and holds the parties to the stated ten seconds; any other text
 * runs those with it in their name.
 */
@Timeout(value = 20, unit = java.util.concurrent.TimeUnit.MINUTES)
class FaultTableTest {
    private static final String ASKED = System.getProperty("sardonyx.faults", "");
    private static final boolean ALL = ASKED.equals("true");
    /** Room for what a virtual machine keeps of its own accord. */
    private static final long MOST_GROWTH = 16L << 20;

    private static FaultCluster cluster;
    private static final List<ProcessHealth> before = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        cluster = new FaultCluster();
        cluster.questions.get(0).ask(cluster.model);
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            for (int party = 0; party < FaultCluster.PARTIES; party++) {
                for (String line : cluster.log(party)) {
                    assertFalse(line.contains("LEAK") || line.contains("internal error") || line.startsWith("\tat ") || line.contains("Exception in thread"), line);
                }
            }
        } finally {
            cluster.close();
        }
    }

    static Stream<Fault> faults() {
        return Stream.of(Faults.links(), Faults.strangers(), Faults.owners(), Faults.parties()).flatMap(List::stream).filter(FaultTableTest::isWanted);
    }

    private static boolean isWanted(Fault fault) {
        return ALL || (ASKED.isEmpty() ? !fault.slow() : fault.name().contains(ASKED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void isToldToEverySideAndHarmsNobodyElse(Fault fault) throws Exception {
        assumeTrue(fault.missing(cluster).isEmpty(), () -> fault.missing(cluster));
        cluster.awaitReady();
        cluster.questions.get(1).ask(cluster.model);
        var stage = new Stage(cluster);
        try (var bystander = new Bystander(cluster)) {
            bystander.awaitAnswers(2);
            fault.act().on(stage);
            if (fault.harm() == Fault.Harm.NOBODY) {
                bystander.awaitAnswers(2);
            }
            List<String> errors = bystander.stop();
            if (fault.harm() == Fault.Harm.NOBODY) {
                assertEquals(List.of(), errors, "what somebody else was told");
            }
            errors.forEach(FaultTableTest::assertClear);
        }
        assertEquals(List.of(), fault.harm() == Fault.Harm.NOBODY ? stage.logged("event=session-over") : List.of(), "links that broke");
        cluster.awaitReady();
        cluster.questions.get(2).ask(cluster.model);
        if (ALL) {
            stage.assertTold(Duration.ofSeconds(10));
        }
        stage.assertNothingLeft();
    }

    static void assertClear(String message) {
        assertFalse(message.isBlank() || message.contains("internal error") || message.contains("null"), () -> "an error that says nothing: " + message);
    }

    /** Somebody with nothing to do with a fault, who asks one thing after another. */
    static final class Bystander implements AutoCloseable {
        private final FaultCluster cluster;
        private final List<String> errors = new ArrayList<>();
        private final Thread thread;
        private volatile int right;
        private volatile boolean over;
        private volatile @Nullable Throwable wrong;

        Bystander(FaultCluster cluster) {
            this.cluster = cluster;
            this.thread = Thread.startVirtualThread(this::ask);
        }

        private void ask() {
            try {
                for (int number = 10; !over; number++) {
                    try {
                        cluster.questions.get(number).ask(cluster.model);
                        right = right + 1;
                    } catch (ServiceException told) {
                        errors.add(String.valueOf(told.getMessage()));
                    }
                }
            } catch (Throwable e) {
                wrong = e;
            }
        }

        void awaitAnswers(int more) throws Exception {
            int wanted = right + more;
            FaultCluster.await("answers of somebody else", () -> right >= wanted || wrong != null);
            assertRight();
        }

        private void assertRight() {
            if (wrong != null) {
                throw new AssertionError("somebody else got a wrong answer", wrong);
            }
        }

        List<String> stop() throws InterruptedException {
            over = true;
            thread.join();
            assertRight();
            return errors;
        }

        @Override
        public void close() throws InterruptedException {
            over = true;
            thread.join();
        }
    }

    /** What a fault may look at while it is done, and what was there before it. */
    static final class Stage {
        private final FaultCluster cluster;
        private final List<Integer> logged = new ArrayList<>();
        private final List<Integer> sockets = new ArrayList<>();
        private Duration longest = Duration.ZERO;

        Stage(FaultCluster cluster) throws IOException {
            this.cluster = cluster;
            for (int party = 0; party < FaultCluster.PARTIES; party++) {
                logged.add(cluster.log(party).size());
                sockets.add(ProcessHealth.isTold() ? ProcessHealth.sockets(cluster.processes.process(party)) : 0);
            }
        }

        FaultCluster cluster() {
            return cluster;
        }

        /** The error that an action ends with. */
        String told(Action action) throws Exception {
            long start = System.nanoTime();
            try {
                action.run();
            } catch (ServiceException | IOException | dev.sardonyx.transport.TransportException told) {
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                longest = took.compareTo(longest) > 0 ? took : longest;
                assertClear(String.valueOf(told));
                return String.valueOf(told.getMessage());
            }
            throw new AssertionError("nobody was told of anything");
        }

        interface Action {
            void run() throws Exception;
        }

        /** Lines that parties have logged since, with a text in them. */
        List<String> logged(String text) throws IOException {
            var lines = new ArrayList<String>();
            for (int party = 0; party < FaultCluster.PARTIES; party++) {
                List<String> all = cluster.log(party);
                all.subList(Math.min(logged.get(party), all.size()), all.size()).stream().filter(line -> line.contains(text)).forEach(lines::add);
            }
            return lines;
        }

        void awaitLogged(String text) throws Exception {
            FaultCluster.await("a log line with '" + text + "'", () -> !logged(text).isEmpty());
        }

        void assertTold(Duration limit) {
            assertTrue(longest.compareTo(limit) <= 0, () -> "told after " + longest + "; stated are " + limit);
        }

        /** Sockets are closed again, but for those of the clients that we keep. */
        void assertNothingLeft() throws Exception {
            if (!ProcessHealth.isTold()) {
                return;
            }
            for (int party = 0; party < FaultCluster.PARTIES; party++) {
                Process process = cluster.processes.process(party);
                int kept = sockets.get(party) + 4;
                FaultCluster.await("party " + party + " has closed what was opened to it", () -> ProcessHealth.sockets(process) <= kept);
            }
        }
    }
}
