package dev.sardonyx.transport;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * Prints what a message costs on this machine: latency of a ping-pong half between two virtual threads, and throughput of large
 * messages. Not a test: run its {@code main} by hand.
 */
public final class LinkBenchmark {

    private static final Deadline PATIENCE = Deadline.in(Duration.ofMinutes(10));

    private LinkBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        try (InMemoryNetwork network = new InMemoryNetwork(3, LinkProfile.NONE)) {
            report("in memory", network.endpoint(0), network.endpoint(1), 200_000);
        }
        try (InMemoryNetwork network = new InMemoryNetwork(3, LinkProfile.LAN)) {
            report("in memory, lan", network.endpoint(0), network.endpoint(1), 2_000);
        }
        try (TlsCluster cluster = new TlsCluster(3, TlsOptions.DEFAULT)) {
            report("tls loopback", cluster.endpoint(0), cluster.endpoint(1), 10_000);
        }
    }

    static void report(String name, Endpoint one, Endpoint other, int rounds) throws Exception {
        int request = 0;
        for (int size : new int[] {8, 4096}) {
            double[] micros = new double[5];
            for (int repetition = 0; repetition < micros.length; repetition++) {
                micros[repetition] = pingPong(one, other, request, size, rounds) / 2e3 / rounds;
                one.finish(request);
                other.finish(request);
                request++;
            }
            print(name, "ping-pong half of " + size + " bytes", micros, "us");
        }
        for (int size : new int[] {65_536, 4 << 20}) {
            double[] rates = new double[5];
            int messages = (int) Math.min(20_000L, (512L << 20) / size);
            for (int repetition = 0; repetition < rates.length; repetition++) {
                rates[repetition] = (double) size * messages / stream(one, other, request, size, messages) * 1e3;
                one.finish(request);
                other.finish(request);
                request++;
            }
            print(name, "one-way stream of " + size + " bytes", rates, "MB/s");
        }
    }

    private static void print(String name, String what, double[] values, String unit) {
        Arrays.sort(values);
        System.out.printf(Locale.ROOT, "%-16s %-34s min %9.2f  median %9.2f  max %9.2f %s%n", name, what, values[0], values[values.length / 2],
                values[values.length - 1], unit);
    }

    private static long pingPong(Endpoint one, Endpoint other, int request, int size, int rounds) throws InterruptedException {
        Thread echo = Thread.startVirtualThread(() -> {
            for (int round = 0; round < rounds; round++) {
                byte[] payload = other.receive(one.party(), new Tag(request, 0, round, 0), PATIENCE).payload();
                other.send(one.party(), new Tag(request, 0, round, 1), Phase.ONLINE, 2 * round + 2, payload);
            }
        });
        long start = System.nanoTime();
        Thread player = Thread.startVirtualThread(() -> {
            byte[] payload = new byte[size];
            for (int round = 0; round < rounds; round++) {
                one.send(other.party(), new Tag(request, 0, round, 0), Phase.ONLINE, 2 * round + 1, payload);
                payload = one.receive(other.party(), new Tag(request, 0, round, 1), PATIENCE).payload();
            }
        });
        player.join();
        echo.join();
        return System.nanoTime() - start;
    }

    private static long stream(Endpoint one, Endpoint other, int request, int size, int messages) throws InterruptedException {
        long start = System.nanoTime();
        Thread sender = Thread.startVirtualThread(() -> {
            for (int index = 0; index < messages; index++) {
                one.send(other.party(), new Tag(request, 0, 0, index), Phase.ONLINE, 1, new byte[size]);
            }
        });
        Thread receiver = Thread.startVirtualThread(() -> {
            for (int index = 0; index < messages; index++) {
                other.receive(one.party(), new Tag(request, 0, 0, index), PATIENCE);
            }
        });
        sender.join();
        receiver.join();
        return System.nanoTime() - start;
    }
}
