package dev.sardonyx.cli.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.cli.json.JsonReader;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.transport.http.HttpLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The protocol, against parties in this process. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class GatewayTest {
    private static final Path ONNX = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models/mlp/mlp.onnx");
    private static final int ROW = 28 * 28;
    private static final double TOLERANCE = 1e-3;
    private static final long SEED = 31;

    private static final ByteArrayOutputStream LOG = new ByteArrayOutputStream();
    private static EmbeddedBackend backend;
    private static Gateway gateway;
    private static HttpClient client;
    private static OnnxRuntimeReference reference;

    @BeforeAll
    static void start() {
        backend = new EmbeddedBackend(ONNX);
        var settings = new Gateway.Settings(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty(), 2, HttpLimits.LARGE.withBodyBytes(1 << 20));
        gateway = Gateway.start(backend, settings, new EventLog(new PrintStream(LOG, true, StandardCharsets.UTF_8), LogFormat.JSON));
        client = HttpClient.newHttpClient();
        reference = OnnxRuntimeReference.open(ONNX, 1);
    }

    @AfterAll
    static void stop() {
        reference.close();
        client.close();
        gateway.close();
    }

    private static HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.address().getPort() + path));
    }

    private static HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String get(String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = send(to(path).build());
        return answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static HttpResponse<byte[]> post(byte[] body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = to("/v2/models/mlp/infer").POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return send((headers.length == 0 ? request : request.headers(headers)).build());
    }

    private static String text(HttpResponse<byte[]> answer) {
        return answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static HttpResponse<byte[]> post(String json) throws IOException, InterruptedException {
        return post(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String raw(String request) throws IOException {
        try (var socket = new Socket(gateway.address().getAddress(), gateway.address().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static float[] picture(int rows) {
        var random = new Random(SEED);
        float[] picture = new float[rows * ROW];
        for (int i = 0; i < picture.length; i++) {
            picture[i] = random.nextFloat();
        }
        return picture;
    }

    private static Tensor expected(float[] picture) {
        return reference.run(Map.of("image", Tensor.ofFloats(Shape.of(picture.length / ROW, 1, 28, 28), picture))).get("scores");
    }

    private static String joined(float[] values) {
        return Arrays.stream(Tensor.ofFloats(Shape.of(values.length), values).toDoubles()).mapToObj(Double::toString).collect(Collectors.joining(","));
    }

    private static String request(String type, int rows, String data) {
        return "{\"id\":\"me & you\",\"inputs\":[{\"name\":\"image\",\"datatype\":\"" + type + "\",\"shape\":[" + rows + ",1,28,28],\"data\":" + data + "}]}";
    }

    private static void assertRight(Tensor expected, double[] actual) {
        assertEquals(expected.size(), actual.length);
        for (int i = 0; i < actual.length; i++) {
            assertEquals(expected.getDouble(i), actual[i], TOLERANCE, "element " + i + ", seed " + SEED);
        }
    }

    /** The numbers of the only output of a JSON answer. */
    private static double[] data(byte[] json) {
        var reader = new JsonReader(json, json.length);
        List<Double> numbers = new ArrayList<>();
        reader.object(member -> {
            if (member.equals("outputs")) {
                reader.array(() -> reader.object(field -> {
                    if (field.equals("data")) {
                        reader.array(() -> numbers.add(reader.real()));
                    } else {
                        reader.skip();
                    }
                }));
            } else {
                reader.skip();
            }
        });
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Test
    void theServerAndItsModelDescribeThemselves() throws IOException, InterruptedException {
        assertEquals("200 {\"live\":true}", get("/v2/health/live"));
        assertEquals("200 {\"ready\":true}", get("/v2/health/ready"));
        assertTrue(get("/v2").startsWith("200 {\"name\":\"sardonyx\",\"version\":\""), get("/v2"));
        String shown = "\"platform\":\"embedded\",\"inputs\":[{\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[-1,1,28,28]}],"
                + "\"outputs\":[{\"name\":\"scores\",\"datatype\":\"FP32\",\"shape\":[-1,10]}]}";
        assertTrue(get("/v2/models/mlp").endsWith(shown), get("/v2/models/mlp"));
        assertTrue(get("/v2/models/mlp").startsWith("200 {\"name\":\"mlp\",\"versions\":[\""));
        assertEquals("200 {\"name\":\"mlp\",\"ready\":true}", get("/v2/models/m%6cp/ready"));
        backend.trouble = Optional.of("party 1 is away");
        try {
            assertEquals("503 {\"error\":\"party 1 is away\"}", get("/v2/health/ready"));
            assertEquals("503 {\"error\":\"party 1 is away\"}", get("/v2/models/mlp/ready"));
            assertEquals("200 {\"live\":true}", get("/v2/health/live"));
        } finally {
            backend.trouble = Optional.empty();
        }
    }

    @Test
    void jsonTensorsFlatAndNestedOfSeveralTypesGetTheRightAnswer() throws IOException, InterruptedException {
        float[] picture = picture(2);
        StringBuilder nested = new StringBuilder("[");
        for (int row = 0; row < 2; row++) {
            nested.append(row == 0 ? "[[" : ",[[");
            for (int y = 0; y < 28; y++) {
                int from = row * ROW + y * 28;
                nested.append(y == 0 ? "[" : ",[").append(joined(Arrays.copyOfRange(picture, from, from + 28))).append("]");
            }
            nested.append("]]");
        }
        for (String body : List.of(request("FP32", 2, "[" + joined(picture) + "]"), request("FP64", 2, nested.append("]").toString()))) {
            HttpResponse<byte[]> answer = post(body);
            assertEquals(200, answer.statusCode(), text(answer));
            assertTrue(text(answer).contains("\"id\":\"me & you\"") && text(answer).contains("\"shape\":[2,10]"), text(answer));
            assertRight(expected(picture), data(answer.body()));
        }
        float[] black = new float[ROW];
        HttpResponse<byte[]> whole = post(request("INT8", 1, "[" + String.join(",", Collections.nCopies(ROW, "0")) + "]"));
        assertEquals(200, whole.statusCode(), text(whole));
        assertRight(expected(black), data(whole.body()));
    }

    @Test
    void moreRowsThanARunTakesAreRunInParts() throws IOException, InterruptedException {
        float[] picture = picture(10);
        int before = backend.runs;
        HttpResponse<byte[]> answer = post(request("FP32", 10, "[" + joined(picture) + "]"));
        assertEquals(200, answer.statusCode(), text(answer));
        assertRight(expected(picture), data(answer.body()));
        assertEquals(3, backend.runs - before);
    }

    @Test
    void binaryTensorsGoBothWaysAsTritonsClientsSendThem() throws IOException, InterruptedException {
        float[] picture = picture(3);
        ByteBuffer raw = ByteBuffer.allocate(4 * picture.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(picture);
        for (String wanted : List.of("\"parameters\":{\"binary_data_output\":true,\"priority\":1}", "\"outputs\":[{\"name\":\"scores\",\"parameters\":{\"binary_data\":true}}]")) {
            byte[] head = ("{\"id\":\"1\",\"inputs\":[{\"name\":\"image\",\"shape\":[3,1,28,28],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":" + raw.capacity()
                    + "}}]," + wanted + "}").getBytes(StandardCharsets.US_ASCII);
            byte[] body = ByteBuffer.allocate(head.length + raw.capacity()).put(head).put(raw.array()).array();
            HttpResponse<byte[]> answer = post(body, "Inference-Header-Content-Length", String.valueOf(head.length));
            assertEquals(200, answer.statusCode(), text(answer));
            int length = Integer.parseInt(answer.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
            String json = new String(answer.body(), 0, length, StandardCharsets.UTF_8);
            assertTrue(json.contains("\"binary_data_size\":120") && !json.contains("\"data\""), json);
            var floats = ByteBuffer.wrap(answer.body(), length, 120).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
            double[] scores = new double[30];
            Arrays.setAll(scores, floats::get);
            assertRight(expected(picture), scores);
            HttpResponse<byte[]> cut = post(Arrays.copyOf(body, body.length - 1), "Inference-Header-Content-Length", String.valueOf(head.length));
            assertEquals(400, cut.statusCode(), text(cut));
            HttpResponse<byte[]> beyond = post(body, "Inference-Header-Content-Length", String.valueOf(body.length + 1));
            assertEquals(400, beyond.statusCode(), text(beyond));
        }
    }

    @Test
    void whatDoesNotFitIsRefusedWithStatusAndErrorAndWithoutAValue() throws IOException, InterruptedException {
        String good = "[" + joined(picture(1)) + "]";
        String canary = "0.987654321";
        List<String> wrong = List.of("", "{", "[]", "{}", "null", "{\"inputs\":[]}", request("FP32", 1, "[" + canary + "]"), request("FP32", 0, "[]"),
                request("FP32", 1, good.replaceFirst(",", ", ,")), request("BYTES", 1, good), request("BOOL", 1, good), request("INT64", 1, good),
                request("FP32", 1, good).replace("image", "picture"), request("FP32", 1, good).replace("28,28", "28"), request("FP32", 1, good).replace("28,28", "784"),
                request("FP32", 2_000_000, good), request("FP32", 1, good.replaceFirst("\\[[^,]*", "[1e999")), request("FP32", 1, good) + "x",
                "{\"id\":7," + request("FP32", 1, good).substring(1), request("FP32", 1, good).replace("]}]}", "]}],\"outputs\":[{\"name\":\"nothing\"}]}"),
                request("FP32", 1, good).replace("]}]}", "]}],\"outputs\":[{\"name\":\"scores\",\"parameters\":{\"classification\":3}}]}"),
                "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[1,1,28,28],\"parameters\":{\"shared_memory_region\":\"x\"}}]}",
                "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[1,1,28,28],\"parameters\":{\"binary_data_size\":3136}}]}");
        for (String body : wrong) {
            HttpResponse<byte[]> answer = post(body);
            String shown = body.substring(0, Math.min(100, body.length())) + " → " + text(answer);
            assertEquals(400, answer.statusCode(), shown);
            assertTrue(text(answer).startsWith("400 {\"error\":\""), shown);
            assertFalse(text(answer).contains(canary), shown);
        }
        assertEquals("404", get("/v2/models/nothing").substring(0, 3));
        assertEquals("404", get("/v2/models/mlp/versions/99").substring(0, 3));
        assertEquals("404", get("/v2/models/mlp/nonsense").substring(0, 3));
        assertEquals("404", get("/nonsense").substring(0, 3));
        assertTrue(raw("GET /v2/models/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").startsWith("HTTP/1.1 400 "));
        HttpResponse<byte[]> got = send(to("/v2/models/mlp/infer").build());
        assertEquals(405, got.statusCode());
        assertEquals("POST", got.headers().firstValue("allow").orElseThrow());
        assertEquals(415, post(new byte[10], "content-encoding", "gzip").statusCode());
        assertEquals(413, post(new byte[(1 << 20) + 1]).statusCode());
        assertFalse(LOG.toString(StandardCharsets.UTF_8).contains(canary));
    }

    @Test
    void aModelOfAnotherVersionIsLookedAtAgain() throws IOException, InterruptedException {
        String body = request("FP32", 1, "[" + joined(picture(1)) + "]");
        assertEquals(200, post(body).statusCode());
        backend.nextVersion();
        HttpResponse<byte[]> answer = post(body);
        assertEquals(200, answer.statusCode(), text(answer));
    }

    @Test
    void pagesInABrowserAreKeptOut() throws IOException, InterruptedException {
        assertEquals(403, send(to("/v2").header("Origin", "https://example.org").build()).statusCode());
        for (String host : List.of("example.org", "127.0.0.1.example.org", "localhost.example.org:80", "")) {
            String answer = raw("GET /v2 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 421 "), () -> host + " → " + answer);
        }
    }

    @Test
    void metricsAndLogsTellOfRequestsAndHoldNoInput() throws IOException, InterruptedException {
        float[] picture = picture(1);
        picture[0] = 0.123456789f;
        HttpResponse<byte[]> answer = post(request("FP32", 1, "[" + joined(picture) + "]"));
        assertEquals(200, answer.statusCode(), text(answer));
        String metrics = get("/metrics");
        assertTrue(metrics.contains("sardonyx_gateway_requests_total{model=\"mlp\",status=\"200\",what=\"infer\"}"), metrics);
        assertTrue(metrics.contains("sardonyx_gateway_rows_total{model=\"mlp\"}"), metrics);
        String log = LOG.toString(StandardCharsets.UTF_8);
        assertTrue(log.contains("\"event\":\"request\",\"verb\":\"infer\",\"model\":\"mlp\",\"status\":200"), log);
        for (String told : List.of(metrics, log)) {
            assertFalse(told.contains("0.1234567"), told);
            assertFalse(told.contains("me & you"), told);
        }
    }

    @Test
    void randomBodiesEndInAnAnswerOfTheProtocol() throws IOException, InterruptedException {
        var random = new Random(SEED);
        byte[] good = request("FP32", 1, "[" + joined(picture(1)) + "]").getBytes(StandardCharsets.UTF_8);
        for (int trial = 0; trial < 300; trial++) {
            byte[] body = Arrays.copyOf(good, random.nextInt(3) == 0 ? random.nextInt(good.length) : good.length);
            for (int change = 0; change <= random.nextInt(3); change++) {
                body[random.nextInt(Math.min(body.length, 120))] = (byte) random.nextInt();
            }
            HttpResponse<byte[]> answer = post(body);
            int status = answer.statusCode();
            int number = trial;
            assertTrue(status == 200 || status == 400, () -> "trial " + number + ", seed " + SEED + ": " + text(answer));
        }
    }
}
