package dev.sardonyx.cli.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PartyMetricsTest {
    /** A party of which everything is known. */
    private record Still(Optional<String> trouble) implements PartyGauges {
        @Override
        public int running() {
            return 3;
        }

        @Override
        public int waiting() {
            return 1;
        }

        @Override
        public int connections() {
            return 7;
        }

        @Override
        public long memoryHeld() {
            return 1000;
        }

        @Override
        public long memoryLimit() {
            return 4000;
        }

        @Override
        public int modelsReady() {
            return 2;
        }

        @Override
        public int modelsStored() {
            return 5;
        }

        @Override
        public int peersLinked() {
            return 2;
        }

        @Override
        public long sessions() {
            return 4;
        }

        @Override
        public long bytesSent(int peer) {
            return 100L + peer;
        }

        @Override
        public Instant certificateEnds() {
            return Instant.ofEpochSecond(1_800_000_000);
        }
    }

    @Test
    void whatAPartyIsAskedForStandsInTheText() {
        try (var metrics = new PartyMetrics(new Still(Optional.empty()), 1, 3)) {
            metrics.request("predict", "data-owner", "mlp", "ok", Duration.ofMillis(40));
            metrics.request("predict", "data-owner", "mlp", "PARTY_FAILED", Duration.ofSeconds(2));
            String text = metrics.text();
            for (String line : new String[] {"sardonyx_requests_running 3.0", "sardonyx_requests_waiting 1.0", "sardonyx_connections 7.0",
                    "sardonyx_memory_held_bytes 1000.0", "sardonyx_memory_limit_bytes 4000.0", "sardonyx_models_ready 2.0", "sardonyx_models_stored 5.0",
                    "sardonyx_peers_linked 2.0", "sardonyx_sessions_total 4.0", "sardonyx_sent_bytes_total{peer=\"0\"} 100.0", "sardonyx_sent_bytes_total{peer=\"2\"} 102.0",
                    "sardonyx_certificate_end_seconds 1.8E9", "sardonyx_ready 1.0",
                    "sardonyx_requests_total{client=\"data-owner\",model=\"mlp\",outcome=\"ok\",verb=\"predict\"} 1.0",
                    "sardonyx_requests_total{client=\"data-owner\",model=\"mlp\",outcome=\"party_failed\",verb=\"predict\"} 1.0",
                    "sardonyx_request_duration_seconds_count{verb=\"predict\"} 2", "jvm_memory_used_bytes"}) {
                assertTrue(text.contains("\n" + line), () -> line + " is not in\n" + text);
            }
            assertEquals(-1, text.indexOf("peer=\"1\""));
        }
    }

    @Test
    void howeverManyNamesComeThereAreSoManyLinesAndNoMore() {
        try (var metrics = new PartyMetrics(new Still(Optional.empty()), 0, 3)) {
            for (int i = 0; i < 5000; i++) {
                metrics.request("verb" + i, "data-owner", "model" + i, "ok", Duration.ofMillis(1));
            }
            long lines = metrics.text().lines().filter(line -> line.startsWith("sardonyx_requests_total")).count();
            assertTrue(lines <= 101, () -> lines + " lines");
            assertTrue(metrics.text().contains("sardonyx_requests_total{client=\"data-owner\",model=\"other\",outcome=\"ok\",verb=\"other\"} 4900.0"));
        }
    }

    @Test
    void thePortTellsMetricsLifeAndReadiness() throws IOException, InterruptedException {
        var trouble = new AtomicReference<>(Optional.of("party 2 is away"));
        try (var port = AdminPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> "a 1\n", trouble::get); var client = HttpClient.newHttpClient()) {
            assertEquals("200 a 1\n", get(client, port, "/metrics"));
            assertEquals("200 live\n", get(client, port, "/health/live"));
            assertEquals("503 not ready: party 2 is away\n", get(client, port, "/health/ready"));
            trouble.set(Optional.empty());
            assertEquals("200 ready\n", get(client, port, "/health/ready"));
            assertEquals("404", get(client, port, "/").substring(0, 3));
            HttpResponse<String> posted = client.send(HttpRequest.newBuilder(at(port, "/metrics")).POST(HttpRequest.BodyPublishers.ofString("x")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(405, posted.statusCode());
        }
    }

    private static URI at(AdminPort port, String path) {
        return URI.create("http://127.0.0.1:" + port.address().getPort() + path);
    }

    private static String get(HttpClient client, AdminPort port, String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(HttpRequest.newBuilder(at(port, path)).build(), HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }
}
