package dev.sardonyx.cli.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.transport.http.HttpLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that leaves, seen through the whole gateway. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class GatewayCancellationTest {
    private static final int ROWS = 8000;

    private static byte[] question(int rows) {
        String body = CountingBackend.body(rows);
        return ("POST /v2/models/m/infer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String answer(Gateway gateway, byte[] question) throws IOException {
        try (var socket = new Socket(gateway.address().getAddress(), gateway.address().getPort())) {
            socket.getOutputStream().write(question);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aClientThatLeavesIsWorkedForNoLongerAndItsPlaceIsFree() throws IOException, InterruptedException {
        var entered = new CountDownLatch(1);
        var parts = new Semaphore(0);
        var backend = new CountingBackend(_ -> {
            entered.countDown();
            parts.acquireUninterruptibly();
        });
        var said = new ByteArrayOutputStream();
        var settings = new Gateway.Settings(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty(), 1, HttpLimits.LARGE);
        try (var gateway = Gateway.start(backend, settings, new EventLog(new PrintStream(said, true, StandardCharsets.UTF_8), LogFormat.TEXT))) {
            try (var socket = new Socket(gateway.address().getAddress(), gateway.address().getPort())) {
                socket.getOutputStream().write(question(ROWS));
                entered.await();
            }
            // The gateway hears of the end a little later; a part is let through now and then until it has.
            while (!said.toString(StandardCharsets.UTF_8).contains("event=request")) {
                parts.release();
                LockSupport.parkNanos(10_000_000);
            }
            assertTrue(said.toString(StandardCharsets.UTF_8).contains("verb=infer model=m status=499 "), said::toString);
            assertTrue(backend.runs() < ROWS / CountingBackend.PART, () -> "all parts were run");
            int before = backend.runs();
            parts.release(ROWS);
            assertTrue(answer(gateway, question(3)).startsWith("HTTP/1.1 200 "));
            assertEquals(before + 2, backend.runs());
            String metrics = answer(gateway, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(metrics.contains("sardonyx_gateway_requests_total{model=\"m\",status=\"499\",what=\"infer\"} 1"), metrics);
            assertTrue(metrics.contains("sardonyx_gateway_inferences_running 0"), metrics);
        }
    }
}
