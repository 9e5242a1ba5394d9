package dev.sardonyx.test.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.cli.service.LocalCluster;
import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.cli.service.RemoteModel;
import dev.sardonyx.cli.service.ServiceException;
import dev.sardonyx.transport.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many predictions by many clients while parties are killed and started again at random: every answer is right or an error that says
 * something, none is missing, and no party's memory grows. {@code -Dsardonyx.soak.predictions=20000} makes it long;
 * {@code sardonyx.soak.kills} and {@code sardonyx.soak.seed} say how often and which party.
 */
class SoakTest {
    private static final int PREDICTIONS = Integer.getInteger("sardonyx.soak.predictions", 200);
    private static final int KILLS = Integer.getInteger("sardonyx.soak.kills", Math.max(1, PREDICTIONS / 1000));
    private static final long SEED = Long.getLong("sardonyx.soak.seed", 20_261_121);
    private static final int CLIENTS = 16;
    /** Predictions after which the parties have compiled and filled what they will. */
    private static final int WARM = Math.max(PREDICTIONS / 10, Math.min(PREDICTIONS / 3, 500));
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Room for what a virtual machine keeps of its own accord: compiled code's data, pools, remembered identities. */
    private static final long MOST_GROWTH = 12L << 20;
    private static final int MORE_LOOKS = 3;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** How long a client leaves the parties alone after an error. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Questions questions = Questions.of(200);
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final AtomicInteger right = new AtomicInteger();
    private final CountDownLatch looked = new CountDownLatch(1);
    /** Set where a client found what must not be, so that nobody waits for the rest. */
    private volatile boolean broken;
    private final Map<String, Integer> errors = new ConcurrentHashMap<>();
    private final List<String> memory = new ArrayList<>();

    /** What a process held when it had warmed up; another process of the same party begins anew. */
    private record Base(long pid, ProcessHealth health) {
    }

    private final Map<Integer, Base> bases = new TreeMap<>();

    @Test
    @Timeout(value = 4, unit = TimeUnit.HOURS)
    void everyAnswerIsRightOrAClearErrorAndMemoryStaysFlat() throws Exception {
        List<String> options = List.of("-Xmx256m", "-Dio.netty.leakDetection.level=paranoid");
        try (var cluster = LocalCluster.start(Protocol.REPLICATED_3, options);
                RemoteCluster modelOwner = RemoteCluster.connect(cluster.clusterFile(), "model-owner");
                RemoteCluster dataOwner = Sardonyx.connect(cluster.clusterFile())) {
            cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
            modelOwner.deploy(Questions.MODEL, Questions.compiled(), List.of());
            RemoteModel model = dataOwner.model(Questions.MODEL);
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> clients = new ArrayList<>();
                for (int client = 0; client < CLIENTS; client++) {
                    clients.add(threads.submit(() -> ask(model)));
                }
                try {
                    killAtRandom(cluster, dataOwner);
                } finally {
                    broken |= right.get() < PREDICTIONS;
                    looked.countDown();
                }
                for (Future<?> client : clients) {
                    finish(client);
                }
            }
            cluster.awaitReady(dataOwner, Deadline.in(PATIENCE));
            questions.get(0).ask(model);
            look(cluster);
            for (int party = 0; party < 3; party++) {
                assertFalse(Files.readString(cluster.log(party)).contains("LEAK"), () -> "Netty found a buffer that nobody released");
            }
        }
        int failed = errors.values().stream().mapToInt(Integer::intValue).sum();
        System.out.printf("soak: %d predictions right, %d ended with an error, %d parties killed, seed %d%n", right.get(), failed, KILLS, SEED);
        new TreeMap<>(errors).forEach((message, count) -> System.out.println("soak: " + count + " × " + message));
        memory.forEach(line -> System.out.println("soak: " + line));
        assertTrue(right.get() >= PREDICTIONS, "right answers");
        assertEquals(asked.get(), ended.get(), "predictions that ended");
        assertEquals(asked.get(), right.get() + failed, "predictions that were answered or told why not");
    }

    private void ask(RemoteModel model) {
        boolean whole = false;
        try {
            askOn(model);
            whole = true;
        } finally {
            broken |= !whole;
        }
    }

    private void askOn(RemoteModel model) {
        while (right.get() < PREDICTIONS && !broken) {
            if (right.get() >= WARM) {
                awaitFirstLook();
            }
            long number = asked.getAndIncrement();
            try {
                questions.get(number).ask(model);
                right.incrementAndGet();
            } catch (ServiceException told) {
                String message = String.valueOf(told.getMessage());
                assertFalse(message.isBlank() || message.contains("internal error"), () -> "an error that says nothing: " + message);
                errors.merge(told.kind() + ": " + message.replaceAll("[0-9a-f-]{12,}|\\d+", "#"), 1, Integer::sum);
                LockSupport.parkNanos(PAUSE_NANOS);
            } finally {
                ended.incrementAndGet();
            }
        }
    }

    private static void finish(Future<?> client) throws Exception {
        try {
            client.get(PATIENCE.toMinutes() * 2, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    private void awaitFirstLook() {
        try {
            looked.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void killAtRandom(LocalCluster cluster, RemoteCluster owner) throws IOException, InterruptedException {
        var random = new Random(SEED);
        awaitRight(WARM);
        look(cluster);
        looked.countDown();
        for (int kill = 0; kill < KILLS; kill++) {
            awaitRight((long) PREDICTIONS * (kill + 1) / (KILLS + 1));
            int victim = random.nextInt(3);
            cluster.process(victim).destroyForcibly().waitFor();
            cluster.start(victim);
            cluster.awaitReady(owner, Deadline.in(PATIENCE));
            if (kill % Math.max(1, KILLS / 10) == KILLS / 20 && right.get() < PREDICTIONS) {
                look(cluster);
            }
        }
        awaitRight(PREDICTIONS);
    }

    private void awaitRight(long count) {
        while (right.get() < count && !broken) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void look(LocalCluster cluster) throws IOException, InterruptedException {
        if (!ProcessHealth.isTold()) {
            memory.add("this system does not tell what processes hold");
            return;
        }
        for (int party = 0; party < 3; party++) {
            Process process = cluster.process(party);
            ProcessHealth health = ProcessHealth.of(process);
            Base base = bases.get(party);
            memory.add("after " + right.get() + ": party " + party + " " + health);
            if (base == null || base.pid() != process.pid()) {
                bases.put(party, new Base(process.pid(), health));
                continue;
            }
            long least = health.liveHeap();
            for (int again = 0; again < MORE_LOOKS && least - base.health().liveHeap() >= MOST_GROWTH; again++) {
                // What requests hold that happened to run is gone by then, what leaked is not.
                ProcessHealth later = ProcessHealth.of(process);
                memory.add("after " + right.get() + ": party " + party + " " + later + ", looked at again");
                least = Math.min(least, later.liveHeap());
            }
            long growth = least - base.health().liveHeap();
            assertTrue(growth < MOST_GROWTH, () -> "party grew by " + growth + " bytes: " + String.join("\n", memory));
        }
    }
}
