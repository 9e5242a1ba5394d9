package dev.sardonyx.transport.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.transport.TransportException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HttpPortTest {
    private static final InetSocketAddress ANYWHERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final HttpHandler ECHO = question -> new HttpAnswer(200, Map.of("x-seen", question.method() + " " + question.path()), List.of(question.body()));
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration SHORT = Duration.ofSeconds(1);

    private static URI at(HttpPort port, String path) {
        return URI.create("http://127.0.0.1:" + port.address().getPort() + path);
    }

    /** Sends bytes, says whether more will follow, and gives all that comes back until the other side closes. */
    private static String raw(HttpPort port, String sent) throws IOException {
        try (var socket = new Socket(port.address().getAddress(), port.address().getPort())) {
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String status(String answer) {
        return answer.split(" ", 3)[1];
    }

    @Test
    void questionsOfAllLengthsComeBackWholeOverOneConnection() throws IOException, InterruptedException {
        var random = new Random(11);
        try (var port = HttpPort.bind(ANYWHERE, HttpLimits.LARGE, ECHO); var client = HttpClient.newHttpClient()) {
            for (int length : new int[] {0, 1, 65_535, 65_536, 65_537, 5_000_000}) {
                byte[] body = new byte[length];
                random.nextBytes(body);
                HttpResponse<byte[]> answer = client.send(HttpRequest.newBuilder(at(port, "/a%20b?c=d")).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                assertEquals(200, answer.statusCode());
                assertEquals("POST /a%20b", answer.headers().firstValue("x-seen").orElseThrow());
                assertArrayEquals(body, answer.body());
            }
            assertEquals(1, port.connections());
            assertEquals(0, port.bodyBytesHeld());
        }
    }

    @Test
    void questionsSentAheadAreAnsweredInTheirOrder() throws IOException {
        try (var port = HttpPort.bind(ANYWHERE, HttpLimits.SMALL, ECHO)) {
            String answers = raw(port, "GET /1 HTTP/1.1\r\nhost: x\r\n\r\nPOST /2 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
                    + "GET /3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            int first = answers.indexOf("GET /1");
            int second = answers.indexOf("POST /2");
            int third = answers.indexOf("GET /3");
            assertTrue(first >= 0 && second > first && third > second, answers);
            assertTrue(answers.indexOf("abcde") > second, answers);
        }
    }

    @Test
    void aBodyOverTheLimitIsRefusedWhetherItsLengthIsToldOrNot() throws IOException {
        HttpLimits limits = HttpLimits.SMALL.withBodyBytes(10);
        try (var port = HttpPort.bind(ANYWHERE, limits, ECHO)) {
            assertTrue(raw(port, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 11\r\n\r\n12345678901").startsWith("HTTP/1.1 413 "));
            assertTrue(raw(port, "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n").startsWith("HTTP/1.1 413 "));
            assertTrue(raw(port, "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 10\r\n\r\n1234567890").startsWith("HTTP/1.1 200 "));
            assertEquals(0, port.bodyBytesHeld());
        }
    }

    @Test
    void whatIsNoHttpIsRefused() throws IOException {
        try (var port = HttpPort.bind(ANYWHERE, HttpLimits.SMALL, ECHO)) {
            assertEquals("400", status(raw(port, "\u0016\u0003\u0001 nonsense\r\n\r\n")));
            assertEquals("414", status(raw(port, "GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n")));
            assertEquals("431", status(raw(port, "GET / HTTP/1.1\r\nh: " + "x".repeat(20_000) + "\r\n\r\n")));
            assertEquals("417", status(raw(port, "POST / HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\ncontent-length: 1\r\n\r\n1")));
        }
    }

    @Test
    void whoSendsABodyTooSlowlyIsToldAndWhoSaysNothingIsCutOff() throws IOException {
        HttpLimits limits = HttpLimits.SMALL.withDeadlines(LONG, SHORT, LONG);
        try (var port = HttpPort.bind(ANYWHERE, limits, ECHO)) {
            try (var socket = new Socket(port.address().getAddress(), port.address().getPort())) {
                socket.getOutputStream().write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab".getBytes(StandardCharsets.US_ASCII));
                assertTrue(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).startsWith("HTTP/1.1 408 "));
            }
        }
        try (var port = HttpPort.bind(ANYWHERE, HttpLimits.SMALL.withDeadlines(SHORT, LONG, LONG), ECHO)) {
            assertEquals("", raw(port, ""));
            assertEquals("", raw(port, "GET / HTTP/1.1\r\nhost: "));
        }
    }

    @Test
    void moreConnectionsThanAllowedAreToldSoAndThereIsRoomAgainWhenOneEnds() throws IOException, InterruptedException {
        try (var port = HttpPort.bind(ANYWHERE, HttpLimits.SMALL.withConnections(2), ECHO)) {
            String question = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
            try (var one = new Socket(port.address().getAddress(), port.address().getPort());
                    var two = new Socket(port.address().getAddress(), port.address().getPort())) {
                for (Socket socket : List.of(one, two)) {
                    socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
                    assertEquals('H', socket.getInputStream().read());
                }
                assertTrue(raw(port, question).startsWith("HTTP/1.1 503 "));
            }
            // The port hears of the ends a little later.
            while (port.connections() > 0) {
                Thread.onSpinWait();
            }
            assertTrue(raw(port, question.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")).startsWith("HTTP/1.1 200 "));
        }
    }

    @Test
    void allBodiesTogetherAreBounded() throws IOException {
        var answered = new CountDownLatch(1);
        HttpLimits limits = new HttpLimits(8, 10, 15, LONG, LONG, LONG);
        try (var port = HttpPort.bind(ANYWHERE, limits, question -> {
            if (question.path().equals("/wait")) {
                try {
                    answered.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return ECHO.answer(question);
        }); var waiting = new Socket(port.address().getAddress(), port.address().getPort())) {
            waiting.getOutputStream().write("POST /wait HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n1234567890".getBytes(StandardCharsets.US_ASCII));
            while (port.bodyBytesHeld() < 10) {
                Thread.onSpinWait();
            }
            assertTrue(raw(port, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\n123456").startsWith("HTTP/1.1 503 "));
            assertEquals(10, port.bodyBytesHeld());
            answered.countDown();
            assertEquals('H', waiting.getInputStream().read());
            assertEquals(0, port.bodyBytesHeld());
        }
    }

    @Test
    void aHandlerThatFailsGivesStatus500WithoutItsMessage() throws IOException {
        try (var port = HttpPort.bind(ANYWHERE, HttpLimits.SMALL, _ -> {
            throw new IllegalStateException("secret 42");
        })) {
            String answer = raw(port, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
            assertFalse(answer.contains("secret"), answer);
        }
    }

    @Test
    void drainingLetsWhatIsAskedBeAnsweredAndTakesNothingNew() throws InterruptedException, IOException {
        var asked = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        var port = HttpPort.bind(ANYWHERE, HttpLimits.SMALL, question -> {
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return ECHO.answer(question);
        });
        var got = new CompletableFuture<String>();
        Thread.ofVirtual().start(() -> {
            try {
                got.complete(raw(port, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
            } catch (IOException e) {
                got.completeExceptionally(e);
            }
        });
        asked.await();
        var left = new CompletableFuture<Integer>();
        Thread.ofVirtual().start(() -> left.complete(port.drain(LONG)));
        answer.countDown();
        assertEquals(0, left.join());
        assertTrue(got.join().startsWith("HTTP/1.1 200 "));
        assertThrows(IOException.class, () -> raw(port, "GET / HTTP/1.1\r\n\r\n"));
        port.close();
    }

    /** Answers once it may, or once its client has gone. */
    private static final class Patient implements HttpHandler {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);
        private final CompletableFuture<Boolean> gone = new CompletableFuture<>();

        @Override
        public HttpAnswer answer(HttpQuestion question) {
            question.asker().whenGone(go::countDown);
            asked.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            gone.complete(question.asker().isGone());
            return ECHO.answer(question);
        }
    }

    @Test
    void aHandlerLearnsThatItsClientHasGone() throws IOException, InterruptedException {
        for (String behind : List.of("", "\r\n")) {
            var handler = new Patient();
            try (var port = HttpPort.bind(ANYWHERE, HttpLimits.SMALL, handler)) {
                try (var socket = new Socket(port.address().getAddress(), port.address().getPort())) {
                    socket.getOutputStream().write(("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab" + behind).getBytes(StandardCharsets.US_ASCII));
                    handler.asked.await();
                    socket.getOutputStream().write(behind.getBytes(StandardCharsets.US_ASCII));
                }
                assertTrue(handler.gone.join());
                assertEquals(0, port.drain(LONG));
                assertEquals(0, port.bodyBytesHeld());
            }
        }
    }

    @Test
    void aHandlerLearnsThatItsPortIsClosed() throws IOException, InterruptedException {
        var handler = new Patient();
        try (var port = HttpPort.bind(ANYWHERE, HttpLimits.SMALL, handler); var socket = new Socket(port.address().getAddress(), port.address().getPort())) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            handler.asked.await();
            port.close();
            assertTrue(handler.gone.join());
        }
    }

    @Test
    void whatIsSentAheadWhileAnAnswerIsWaitedForComesWholeAndIsNotHeldForIt() throws IOException, InterruptedException {
        var handler = new Patient();
        byte[] large = new byte[5_000_000];
        new Random(12).nextBytes(large);
        try (var port = HttpPort.bind(ANYWHERE, HttpLimits.LARGE, handler); var socket = new Socket(port.address().getAddress(), port.address().getPort())) {
            socket.getOutputStream().write("POST /1 HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\na".getBytes(StandardCharsets.US_ASCII));
            handler.asked.await();
            var sender = Thread.ofVirtual().start(() -> {
                try {
                    socket.getOutputStream().write(("GET /2 HTTP/1.1\r\nhost: x\r\n\r\nPOST /3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: " + large.length
                            + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                    socket.getOutputStream().write(large);
                } catch (IOException e) {
                    // The answers will not be what is expected.
                }
            });
            assertEquals(1, port.bodyBytesHeld());
            handler.go.countDown();
            assertFalse(handler.gone.join());
            byte[] answers = socket.getInputStream().readAllBytes();
            sender.join();
            String text = new String(answers, StandardCharsets.ISO_8859_1);
            int second = text.indexOf("GET /2");
            assertTrue(text.indexOf("POST /1") >= 0 && second > text.indexOf("POST /1") && text.indexOf("POST /3") > second, () -> text.substring(0, 400));
            assertArrayEquals(large, Arrays.copyOfRange(answers, answers.length - large.length, answers.length));
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        try (var port = HttpPort.bind(ANYWHERE, HttpLimits.SMALL, ECHO)) {
            TransportException told = assertThrows(TransportException.class, () -> HttpPort.bind(port.address(), HttpLimits.SMALL, ECHO));
            assertTrue(String.valueOf(told.getMessage()).contains(String.valueOf(port.address().getPort())), told.getMessage());
        }
    }
}
