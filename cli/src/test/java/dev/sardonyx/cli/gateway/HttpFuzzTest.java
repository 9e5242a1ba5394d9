package dev.sardonyx.cli.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.cli.fuzz.Fuzz;
import dev.sardonyx.cli.json.JsonException;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.transport.http.HttpLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bodies and whole requests from clients of the gateway: each is answered or refused, and the gateway goes on. */
class HttpFuzzTest {
    private static final ModelFace FACE = new ModelFace("m", 3, "00", "fuzzed", List.of(new ModelFace.Port("x", Datatype.FP32, Shape.of(4, 3)), new ModelFace.Port("flag",
            Datatype.BOOL, Shape.of(4, 1))), List.of(new ModelFace.Port("y", Datatype.FP32, Shape.of(4, 2))), OptionalInt.of(4));
    private static final String JSON = "{\"id\": \"7\", \"inputs\": [{\"name\": \"x\", \"shape\": [2, 3], \"datatype\": \"FP32\", \"data\": [1, 2.5, -3e2, 4, 5, 6]},"
            + " {\"name\": \"flag\", \"shape\": [2, 1], \"datatype\": \"BOOL\", \"data\": [true, false]}], \"outputs\": [{\"name\": \"y\", \"parameters\": {\"binary_data\": true}}]}";
    private static final String BINARY = "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 3], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": 12}},"
            + " {\"name\": \"flag\", \"shape\": [1, 1], \"datatype\": \"BOOL\", \"parameters\": {\"binary_data_size\": 1}}]}";
    private static final String[] WORDS = {"{", "}", "[", "]", ",", ":", "\"", "\\u0000", "\\", "null", "1e999", "-0", "[[[[", "\"data\"", "\"shape\": [4294967296]", "\"datatype\": \"BYTES\"",
            "\"binary_data_size\": 2147483647", "\u00e9", "99999999999999999999"};

    /** Answers whatever it is asked with zeros. */
    private static final class Zeros implements Backend {
        @Override
        public ModelFace model(String name) {
            if (!name.equals(FACE.name())) {
                throw new GatewayException(404, "no such model");
            }
            return FACE;
        }

        @Override
        public Answered run(ModelFace model, Map<String, Tensor> inputs) {
            return new Answered(Map.of("y", Tensor.ofFloats(Shape.of(4, 2), new float[8])), "run");
        }

        @Override
        public Optional<String> trouble() {
            return Optional.empty();
        }

        @Override
        public void close() {
        }
    }

    private static byte[] binary() {
        var out = new ByteArrayOutputStream();
        out.writeBytes(BINARY.getBytes(StandardCharsets.UTF_8));
        out.writeBytes(new byte[13]);
        return out.toByteArray();
    }

    /** JSON that is well-formed, and of any meaning. */
    private static String value(Random random, int depth) {
        String[] names = {"inputs", "outputs", "name", "shape", "datatype", "data", "parameters", "id", "binary_data_size", "x", "y"};
        String[] leaves = {"1", "-1", "\"x\"", "\"FP32\"", "\"INT64\"", "\"BYTES\"", "true", "null", "2.5", "[]", "{}", "9007199254740993", "1e308"};
        int kind = depth == 0 ? 2 : random.nextInt(3);
        var parts = new ArrayList<String>();
        for (int i = random.nextInt(5); kind < 2 && i > 0; i--) {
            parts.add((kind == 0 ? "\"" + names[random.nextInt(names.length)] + "\": " : "") + value(random, depth - 1));
        }
        return switch (kind) {
            case 0 -> "{" + String.join(", ", parts) + "}";
            case 1 -> "[" + String.join(", ", parts) + "]";
            default -> leaves[random.nextInt(leaves.length)];
        };
    }

    @Test
    void bodies() throws Exception {
        Fuzz.of("infer body").sample(JSON.getBytes(StandardCharsets.UTF_8)).words(WORDS).grammar(random -> value(random, 5).getBytes(StandardCharsets.UTF_8))
                .documented(GatewayException.class, JsonException.class).allocates(1L << 20, 512).run(body -> InferRequest.read(FACE, body, OptionalInt.empty()));
        int header = BINARY.length();
        Fuzz.of("infer body with binary data").sample(binary()).words(WORDS).documented(GatewayException.class, JsonException.class).allocates(1L << 20, 512).run(body -> InferRequest
                .read(FACE, body, OptionalInt.of(header)));
    }

    @Test
    void requests() throws Exception {
        var log = new ByteArrayOutputStream();
        var settings = new Gateway.Settings(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty(), 2, HttpLimits.LARGE.withBodyBytes(1 << 16));
        String head = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        try (var gateway = Gateway.start(new Zeros(), settings, new EventLog(new PrintStream(log, true, StandardCharsets.UTF_8), LogFormat.JSON))) {
            int port = gateway.address().getPort();
            Fuzz.of("http").sample(bytes("POST /v2/models/m/infer" + head + "Content-Type: application/json\r\nContent-Length: " + JSON.length() + "\r\n\r\n" + JSON)).sample(bytes(
                    "GET /v2/models/m" + head + "\r\n")).sample(bytes("POST /v2/models/m/infer" + head + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(JSON.length())
                            + "\r\n" + JSON + "\r\n0\r\n\r\n")).words("\r\n", " ", "Content-Length: -1\r\n", "Content-Length: 99999999999\r\n", "Transfer-Encoding: chunked\r\n",
                                    "Inference-Header-Content-Length: 5\r\n", "Expect: 100-continue\r\n", "%00", "/../", "HTTP/0.9", "A: " + "b".repeat(9000) + "\r\n")
                    .run(request -> ask(port, request, true));
            assertEquals("HTTP/1.1 200 OK", ask(port, bytes("GET /v2/health/live" + head + "\r\n"), false).lines().findFirst().orElse("nothing"));
        }
        assertFalse(log.toString(StandardCharsets.UTF_8).contains("internal error"), log::toString);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Sends what there is, says where wanted that no more comes (which the gateway takes for the client's end), and reads to the end. */
    private static String ask(int port, byte[] request, boolean ends) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(110_000);
            try {
                socket.getOutputStream().write(request);
                if (ends) {
                    socket.shutdownOutput();
                }
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (SocketTimeoutException e) {
                throw new AssertionError("neither an answer nor an end", e);
            } catch (IOException reset) {
                // Closed while it was still sent: as good an end as any.
                return "";
            }
        }
    }
}
