package dev.sardonyx.cli.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is told how a party is. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AdminPortTest {
    private static String status(InetSocketAddress address, String headers) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
            socket.getOutputStream().write(("GET /metrics HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).split(" ")[1];
        }
    }

    @Test
    void onALoopbackAddressNoPageInABrowserIsAnswered() throws IOException {
        try (AdminPort port = AdminPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> "m 1\n", Optional::empty)) {
            for (String host : new String[] {"localhost", "127.0.0.1", "127.0.0.1:9", "[::1]:9"}) {
                assertEquals("200", status(port.address(), "Host: " + host + "\r\n"), host);
            }
            for (String host : new String[] {"page.example", "localhost.page.example", "127.0.0.1.page.example", ""}) {
                assertEquals("421", status(port.address(), "Host: " + host + "\r\n"), host);
            }
            assertEquals("421", status(port.address(), "Host: localhost\r\nOrigin: http://page.example\r\n"));
        }
    }

    @Test
    void elsewhereItIsAskedByWhateverNameTheMachineHas() throws IOException {
        try (AdminPort port = AdminPort.open(new InetSocketAddress("0.0.0.0", 0), () -> "m 1\n", Optional::empty)) {
            assertEquals("200", status(port.address(), "Host: party-0.example:9464\r\n"));
        }
    }
}
