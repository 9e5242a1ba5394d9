package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.ssl.SslProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The JDK renews the keys of a TLS 1.3 connection after so many bytes, of its own accord and between any two records. The limit is a
 * property of the whole process, so that links with a low one need a process of their own.
 */
class KeyRenewalTest {
    private static final int LANES = 4;
    private static final int MESSAGES = 1_500;
    private static final int BYTES = 1_000;
    private static final int AHEAD = 4;

    @TempDir
    Path directory;

    @Test
    void linksOutliveTheRenewalOfTheirKeysInTheMiddleOfTraffic() throws Exception {
        Path limits = Files.writeString(directory.resolve("limits.properties"), "jdk.tls.keyLimits=AES/GCM/NoPadding KeyUpdate 2^20\n");
        Path said = directory.resolve("said");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Djava.security.properties=" + limits,
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), KeyRenewalTest.class.getName()).redirectErrorStream(true)
                .redirectOutput(said.toFile()).start();
        assertEquals(0, process.waitFor(), () -> read(said));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }

    /** Both parties send on all lanes at once; every message is as it was sent, or an exception ends the process with another status than 0. */
    public static void main(String[] none) {
        for (SslProvider other : List.of(SslProvider.JDK, TlsContexts.provider())) {
            try (TlsCluster cluster = new TlsCluster(TlsOptions.DEFAULT, List.of(SslProvider.JDK, other))) {
                List<FutureTask<Integer>> all = new ArrayList<>();
                for (int lane = 0; lane < LANES; lane++) {
                    for (int party = 0; party < 2; party++) {
                        int number = lane;
                        int self = party;
                        FutureTask<Integer> task = new FutureTask<>(() -> exchange(cluster.endpoint(self), number));
                        all.add(task);
                        if (lane % 2 == 0) {
                            new LinkThread("test", task).start();
                        } else {
                            Thread.startVirtualThread(task);
                        }
                    }
                }
                all.forEach(task -> assertEquals(MESSAGES, TlsCluster.result(task)));
            }
        }
    }

    private static int exchange(Endpoint endpoint, int lane) {
        int peer = 1 - endpoint.party();
        for (int message = 0; message < MESSAGES; message++) {
            Tag tag = new Tag(1, lane, 0, message);
            byte[] payload = new byte[BYTES];
            payload[message % BYTES] = (byte) (lane + 1);
            endpoint.send(peer, tag, Phase.ONLINE, 1, payload);
            // The first lane waits for each answer, the others run ahead a little: records of both kinds of senders meet. Not further, for the
            // JDK asks again with every record that it reads until it is answered, and BoringSSL takes no more than 32 of these in a row.
            if (lane == 0 || message % AHEAD == AHEAD - 1) {
                for (int i = lane == 0 ? message : message - AHEAD + 1; i <= message; i++) {
                    receive(endpoint, peer, new Tag(1, lane, 0, i));
                }
            }
        }
        return MESSAGES;
    }

    private static void receive(Endpoint endpoint, int peer, Tag tag) {
        byte[] payload = endpoint.receive(peer, tag, Deadline.in(TlsCluster.PATIENCE)).payload();
        assertEquals(tag.lane() + 1, payload[tag.sequence() % BYTES]);
    }
}
