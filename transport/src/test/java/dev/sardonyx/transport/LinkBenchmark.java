package dev.sardonyx.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Prints what a message costs on this machine, in memory and between two processes over loopback TLS: latency of a ping-pong half
 * between virtual threads, and throughput of a one-way stream. Each figure is of {@value #REPETITIONS} repetitions, the first ones
 * with code that is still being compiled.
 *
 * <p>Not a test: run {@code main} by hand, with the test classes and their dependencies on the class path.
 */
public final class LinkBenchmark {

    private static final int REPETITIONS = 7;
    private static final int[] PING_PONG_SIZES = {8, 4096};
    private static final int[] STREAM_SIZES = {1 << 16, 4 << 20};
    private static final Deadline PATIENCE = Deadline.in(Duration.ofMinutes(10));

    /** How often what is done between whom. */
    private record Plan(int rounds, long streamBytes) {

        int messages(int size) {
            return (int) (streamBytes / size);
        }
    }

    private static final Plan MEMORY = new Plan(100_000, 1L << 30);
    private static final Plan SHAPED = new Plan(1_000, 64L << 20);
    private static final Plan TLS = new Plan(5_000, 256L << 20);

    private LinkBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 2) {
            echoProcess(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
            return;
        }
        inMemory("in memory", LinkProfile.NONE, MEMORY);
        inMemory("in memory, lan", LinkProfile.LAN, SHAPED);
        overTls();
    }

    private static void inMemory(String name, LinkProfile profile, Plan plan) throws InterruptedException {
        try (InMemoryNetwork network = new InMemoryNetwork(2, profile)) {
            Thread echo = Thread.startVirtualThread(() -> echo(network.endpoint(1), plan));
            Thread player = Thread.startVirtualThread(() -> play(name, network.endpoint(0), plan));
            player.join();
            echo.join();
        }
    }

    private static void overTls() throws Exception {
        List<TlsIdentity> identities = TlsCluster.identities(2);
        Path directory = Files.createTempDirectory("sardonyx-links");
        Path key = directory.resolve("key.pem");
        Path own = directory.resolve("own.pem");
        Path pinned = directory.resolve("pinned.pem");
        try (TlsPort port = TlsPort.bind(new TlsParty(0, identities.get(0), TlsCluster.certificates(identities), TlsOptions.DEFAULT),
                TlsCluster.anyPort())) {
            identities.get(1).writePem(own, key);
            TlsIdentity.writeCertificates(pinned, TlsCluster.certificates(identities));
            Process other = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                    System.getProperty("java.class.path"), "--enable-native-access=ALL-UNNAMED", LinkBenchmark.class.getName(),
                    directory.toString(), String.valueOf(port.address().getPort())).inheritIO().start();
            try (Endpoint endpoint = port.join("bench", List.of(port.address(), port.address()), PATIENCE)) {
                Thread player = Thread.startVirtualThread(() -> play("tls, " + TlsContexts.provider(), endpoint, TLS));
                player.join();
                other.waitFor();
            } finally {
                other.destroy();
            }
        } finally {
            for (Path file : List.of(key, own, pinned, directory)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void echoProcess(Path directory, int port) throws IOException, InterruptedException {
        List<X509Certificate> pinned = TlsIdentity.readCertificates(directory.resolve("pinned.pem"));
        TlsIdentity own = TlsIdentity.readPem(directory.resolve("own.pem"), directory.resolve("key.pem"));
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (TlsPort here = TlsPort.bind(new TlsParty(1, own, pinned, TlsOptions.DEFAULT), TlsCluster.anyPort());
                Endpoint endpoint = here.join("bench", List.of(address, here.address()), PATIENCE)) {
            Thread.startVirtualThread(() -> echo(endpoint, TLS)).join();
        }
    }

    /** Party 0's side: measures. */
    private static void play(String name, Endpoint endpoint, Plan plan) {
        int request = 0;
        for (int size : PING_PONG_SIZES) {
            double[] micros = new double[REPETITIONS];
            for (int repetition = 0; repetition < REPETITIONS; repetition++) {
                long start = System.nanoTime();
                byte[] payload = new byte[size];
                for (int round = 0; round < plan.rounds(); round++) {
                    Tag tag = new Tag(request, 0, round, 0);
                    endpoint.send(1, tag, Phase.ONLINE, 2 * round + 1, payload);
                    payload = endpoint.receive(1, tag, PATIENCE).payload();
                }
                micros[repetition] = (System.nanoTime() - start) / 2e3 / plan.rounds();
                endpoint.finish(request++);
            }
            print(name, "ping-pong half of " + size + " bytes", micros, "us");
        }
        for (int size : STREAM_SIZES) {
            double[] rates = new double[REPETITIONS];
            for (int repetition = 0; repetition < REPETITIONS; repetition++) {
                long start = System.nanoTime();
                for (int index = 0; index < plan.messages(size); index++) {
                    endpoint.send(1, new Tag(request, 0, 0, index), Phase.ONLINE, 1, new byte[size]);
                }
                endpoint.receive(1, new Tag(request, 0, 1, 0), PATIENCE);
                rates[repetition] = (double) size * plan.messages(size) / (System.nanoTime() - start) * 1e3;
                endpoint.finish(request++);
            }
            print(name, "one-way stream of " + size + " bytes", rates, "MB/s");
        }
    }

    /** Party 1's side: answers. */
    private static void echo(Endpoint endpoint, Plan plan) {
        int request = 0;
        for (int repetition = 0; repetition < PING_PONG_SIZES.length * REPETITIONS; repetition++) {
            for (int round = 0; round < plan.rounds(); round++) {
                Tag tag = new Tag(request, 0, round, 0);
                endpoint.send(0, tag, Phase.ONLINE, 2 * round + 2, endpoint.receive(0, tag, PATIENCE).payload());
            }
            endpoint.finish(request++);
        }
        for (int size : STREAM_SIZES) {
            for (int repetition = 0; repetition < REPETITIONS; repetition++) {
                for (int index = 0; index < plan.messages(size); index++) {
                    endpoint.receive(0, new Tag(request, 0, 0, index), PATIENCE);
                }
                endpoint.send(0, new Tag(request, 0, 1, 0), Phase.ONLINE, 2, new byte[0]);
                endpoint.finish(request++);
            }
        }
    }

    private static void print(String name, String what, double[] values, String unit) {
        Arrays.sort(values);
        System.out.printf(Locale.ROOT, "%-16s %-34s min %9.2f  median %9.2f  max %9.2f %s%n", name, what, values[0], values[values.length / 2],
                values[values.length - 1], unit);
    }
}
