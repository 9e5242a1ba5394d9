package dev.sardonyx.cli.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.cli.service.LocalCluster;
import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.transport.CertificateAuthority;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.http.HttpLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A gateway before three parties, each a process of its own, watched by their metrics. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class GatewayClusterTest {
    private static final Path ONNX = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models/mlp/mlp.onnx");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final double TOLERANCE = 1e-3;
    private static final Shape ROW = Shape.of(1, 1, 28, 28);

    private static LocalCluster cluster;
    private static RemoteCluster owner;
    private static Gateway gateway;
    private static ByteArrayOutputStream said;
    private static HttpClient client;
    private static OnnxRuntimeReference reference;

    @BeforeAll
    static void start() throws IOException {
        cluster = LocalCluster.prepare(Protocol.REPLICATED_3, List.of("-Xmx256m"));
        for (int party = 0; party < 3; party++) {
            Files.writeString(cluster.partyFile(party), "metrics: 127.0.0.1:0\n", StandardOpenOption.APPEND);
            cluster.start(party);
        }
        owner = cluster.connect("model-owner");
        cluster.awaitReady(owner, Deadline.in(PATIENCE));
        owner.deploy("mlp", compiled(), List.of());
        var settings = new Gateway.Settings(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)), 4, HttpLimits.LARGE);
        said = new ByteArrayOutputStream();
        var log = new EventLog(new PrintStream(said, true, StandardCharsets.UTF_8), LogFormat.TEXT);
        RemoteCluster dataOwner = Sardonyx.connect(cluster.clusterFile());
        dataOwner.keepRenewed(log);
        gateway = Gateway.start(new ClusterBackend(dataOwner, new ClusterBackend.Offer(List.of("mlp"), ""), _ -> { }), settings, log);
        client = HttpClient.newHttpClient();
        reference = OnnxRuntimeReference.open(ONNX, 1);
    }

    private static Compiled compiled() {
        OnnxModel model = OnnxModel.read(ONNX);
        return Compiled.of("mlp", model, new Compiled.Inputs(Map.of("image", ROW), Map.of(), Compiled.Samples.NONE), PlanOptions.of(Protocol.REPLICATED_3
                .implementation(), Map.of("image", new Interval(0, 1))));
    }

    @AfterAll
    static void stop() {
        reference.close();
        client.close();
        gateway.close();
        owner.close();
        cluster.close();
    }

    private static String get(int port, String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(), HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    /** Where a party says that it serves its metrics. */
    private static int metricsPort(int party) throws IOException {
        Matcher port = Pattern.compile("event=metrics address=\\S*:(\\d+)").matcher(Files.readString(cluster.log(party)));
        int last = 0;
        while (port.find()) {
            last = Integer.parseInt(port.group(1));
        }
        return last;
    }

    private static double metric(int party, String name) throws IOException, InterruptedException {
        String text = get(metricsPort(party), "/metrics");
        return text.lines().filter(line -> line.startsWith(name + " ")).mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1))).findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in\n" + text));
    }

    /** A counter, which is not there before it has counted. */
    private static double count(int party, String name) throws IOException, InterruptedException {
        return get(metricsPort(party), "/metrics").lines().filter(line -> line.startsWith(name + " ")).mapToDouble(line -> Double.parseDouble(line.substring(name
                .length() + 1))).findFirst().orElse(0);
    }

    private static HttpResponse<byte[]> ask(float[] picture) throws IOException, InterruptedException {
        ByteBuffer raw = ByteBuffer.allocate(4 * picture.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(picture);
        byte[] head = ("{\"inputs\":[{\"name\":\"image\",\"shape\":[" + picture.length / ROW.size() + ",1,28,28],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":"
                + raw.capacity() + "}}],\"parameters\":{\"binary_data_output\":true}}").getBytes(StandardCharsets.US_ASCII);
        byte[] body = ByteBuffer.allocate(head.length + raw.capacity()).put(head).put(raw.array()).array();
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.address().getPort() + "/v2/models/mlp/infer"))
                .header("Inference-Header-Content-Length", String.valueOf(head.length)).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static void assertRight(long seed, int rows) throws IOException, InterruptedException {
        var random = new Random(seed);
        float[] picture = new float[rows * ROW.size()];
        for (int i = 0; i < picture.length; i++) {
            picture[i] = random.nextFloat();
        }
        HttpResponse<byte[]> answer = ask(picture);
        assertEquals(200, answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        int head = Integer.parseInt(answer.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
        Tensor expected = reference.run(Map.of("image", Tensor.ofFloats(Shape.of(rows, 1, 28, 28), picture))).get("scores");
        var scores = ByteBuffer.wrap(answer.body(), head, answer.body().length - head).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        assertEquals(expected.size(), scores.remaining());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.getDouble(i), scores.get(i), TOLERANCE, "element " + i + ", seed " + seed);
        }
    }

    @Test
    void manyClientsGetTheirOwnAnswersAndTheMetricsCountThem() throws IOException, InterruptedException, ExecutionException {
        cluster.awaitReady(owner, Deadline.in(PATIENCE));
        double[] before = new double[3];
        String counter = "sardonyx_requests_total{client=\"data-owner\",model=\"mlp\",outcome=\"ok\",verb=\"predict\"}";
        assertRight(1, 1);
        for (int party = 0; party < 3; party++) {
            before[party] = count(party, counter);
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int each = 0; each < 10; each++) {
                int seed = each;
                clients.add(threads.submit(() -> {
                    assertRight(seed, 1 + seed % 2);
                    return null;
                }));
            }
            for (Future<?> each : clients) {
                each.get();
            }
        }
        for (int party = 0; party < 3; party++) {
            // Parties count when an answer is out, which the client may have by then; a request that was made again counts again.
            double wanted = before[party] + 15;
            double counted = count(party, counter);
            for (long end = System.nanoTime() + PATIENCE.toNanos(); counted < wanted && System.nanoTime() < end;) {
                counted = count(party, counter);
            }
            assertTrue(counted >= wanted, counted + " predictions, not " + wanted);
            assertEquals(1, metric(party, "sardonyx_ready"));
            assertEquals(2, metric(party, "sardonyx_peers_linked"));
            assertEquals(1, metric(party, "sardonyx_models_ready"));
            assertTrue(metric(party, "sardonyx_sent_bytes_total{peer=\"" + (party + 1) % 3 + "\"}") > 1000);
            assertTrue(metric(party, "sardonyx_memory_limit_bytes") > 0);
            assertEquals("200 live\n", get(metricsPort(party), "/health/live"));
            assertEquals("200 ready\n", get(metricsPort(party), "/health/ready"));
        }
        String told = get(gateway.metricsAddress().orElseThrow().getPort(), "/metrics");
        assertTrue(told.contains("sardonyx_gateway_requests_total{model=\"mlp\",status=\"200\",what=\"infer\"}"), told);
    }

    @Test
    void anotherVersionIsTakenUpAndAModelThatIsNotOfferedIsNotThere() throws IOException, InterruptedException {
        cluster.awaitReady(owner, Deadline.in(PATIENCE));
        assertRight(2, 1);
        long version = owner.deploy("mlp", compiled(), List.of()).version();
        assertRight(3, 1);
        String shown = get(gateway.address().getPort(), "/v2/models/mlp");
        assertTrue(shown.contains("\"versions\":[\"" + version + "\"]"), shown);
        // Nobody has asked without a version since.
        long next = owner.deploy("mlp", compiled(), List.of()).version();
        int port = gateway.address().getPort();
        assertEquals("200", get(port, "/v2/models/mlp/versions/" + next).substring(0, 3));
        assertEquals("404", get(port, "/v2/models/mlp/versions/" + version).substring(0, 3));
        assertEquals("200", get(port, "/v2/models/mlp/ready").substring(0, 3));
        owner.remove("mlp");
        awaitNotReady(port, "/v2/models/mlp/ready");
        assertEquals("404", get(port, "/v2/models/mlp/ready").substring(0, 3));
        owner.deploy("mlp", compiled(), List.of());
        assertRight(7, 1);
        owner.deploy("other", compiled(), List.of());
        assertEquals("404", get(gateway.address().getPort(), "/v2/models/other").substring(0, 3));
        owner.remove("other");
    }

    @Test
    void aPartyThatIsAwayIsToldOnBothSidesAndNothingIsToldOnceItIsBack() throws IOException, InterruptedException {
        cluster.awaitReady(owner, Deadline.in(PATIENCE));
        assertRight(4, 1);
        double sessions = metric(0, "sardonyx_sessions_total");
        cluster.process(2).destroyForcibly().waitFor();
        HttpResponse<byte[]> answer = ask(new float[ROW.size()]);
        assertEquals(502, answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        assertTrue(new String(answer.body(), StandardCharsets.UTF_8).startsWith("{\"error\":\"party "));
        // What the gateway saw is good for two seconds, and party 0 may hear of the end a little later than the client.
        awaitNotReady(gateway.address().getPort(), "/v2/health/ready");
        awaitNotReady(metricsPort(0), "/health/ready");
        assertEquals("200 live\n", get(metricsPort(0), "/health/live"));
        assertEquals(0, metric(0, "sardonyx_peers_linked"));
        cluster.start(2);
        cluster.awaitReady(owner, Deadline.in(PATIENCE));
        assertRight(5, 1);
        assertEquals("200 ready\n", get(metricsPort(0), "/health/ready"));
        assertTrue(metric(0, "sardonyx_sessions_total") > sessions, "no session began anew");
        for (int party = 0; party < 3; party++) {
            assertFalse(Files.readString(cluster.log(party)).contains("withheld"));
        }
    }

    private static void awaitNotReady(int port, String path) throws IOException, InterruptedException {
        Deadline deadline = Deadline.in(PATIENCE);
        String told = get(port, path);
        while (told.startsWith("200") && !deadline.expired()) {
            told = get(port, path);
        }
        assertEquals("503", told.substring(0, 3), told);
    }

    @Test
    void anotherCertificateIsTakenUpWithoutARestart() throws IOException, InterruptedException {
        cluster.awaitReady(owner, Deadline.in(PATIENCE));
        assertRight(6, 1);
        Path certificate = cluster.files().resolve("certs/data-owner.pem");
        Path key = cluster.files().resolve("keys/data-owner.key");
        // A certificate whose key is still on its way.
        byte[] before = Files.readAllBytes(key);
        CertificateAuthority.create("another authority", Duration.ofDays(1)).issue("data-owner", List.of(), Duration.ofDays(1)).writePem(certificate, key);
        byte[] after = Files.readAllBytes(key);
        Files.write(key, before);
        awaitSaid("event=not-renewed");
        Files.write(key, after);
        awaitSaid("event=renewed");
        for (int party = 0; party < 3; party++) {
            awaitRenewed(party);
        }
        assertRight(7, 1);
    }

    private static void awaitSaid(String text) {
        for (long end = System.nanoTime() + PATIENCE.toNanos(); !said.toString(StandardCharsets.UTF_8).contains(text);) {
            assertTrue(System.nanoTime() < end, () -> "not in time: " + text + " in " + said.toString(StandardCharsets.UTF_8));
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static void awaitRenewed(int party) throws IOException {
        for (long end = System.nanoTime() + PATIENCE.toNanos(); !Files.readString(cluster.log(party)).contains("event=renewed");) {
            assertTrue(System.nanoTime() < end, "party " + party + " did not go by the new certificate in time");
            LockSupport.parkNanos(20_000_000);
        }
    }
}
