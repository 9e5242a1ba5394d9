package dev.sardonyx.cli.metrics;

import dev.sardonyx.transport.http.HttpAnswer;
import dev.sardonyx.transport.http.HttpLimits;
import dev.sardonyx.transport.http.HttpPort;
import dev.sardonyx.transport.http.HttpQuestion;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A port in the clear for whoever watches a service: {@code GET /metrics}, {@code /health/live}, {@code /health/ready}. It takes no
 * input and tells no secret; names of models and clients are in it.
 */
public final class AdminPort implements AutoCloseable {
    /** Prometheus' text form. */
    public static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final boolean loopback;
    private final Supplier<String> metrics;
    private final Supplier<Optional<String>> trouble;
    private final HttpPort port;

    private AdminPort(InetSocketAddress address, Supplier<String> metrics, Supplier<Optional<String>> trouble) {
        this.loopback = address.getAddress() != null && address.getAddress().isLoopbackAddress();
        this.metrics = metrics;
        this.trouble = trouble;
        this.port = HttpPort.bind(address, HttpLimits.SMALL, this::answer);
    }

    /**
     * Listens.
     *
     * @param metrics gives all meters in text form
     * @param trouble why the service is not ready; empty where it is
     * @throws dev.sardonyx.transport.TransportException where nobody can listen there
     */
    public static AdminPort open(InetSocketAddress address, Supplier<String> metrics, Supplier<Optional<String>> trouble) {
        return new AdminPort(address, metrics, trouble);
    }

    /** Where this port listens. */
    public InetSocketAddress address() {
        return port.address();
    }

    private HttpAnswer answer(HttpQuestion question) {
        if (question.isOfAPage() || loopback && !question.isAskedLocally()) {
            return HttpAnswer.text(421, TEXT, "pages in a browser are not answered, and on a loopback address only localhost, 127.0.0.1 and [::1]\n");
        }
        if (!question.method().equals("GET")) {
            return new HttpAnswer(405, Map.of("allow", "GET", "content-type", TEXT), List.of());
        }
        return switch (question.path()) {
            case "/metrics" -> HttpAnswer.text(200, METRICS_TYPE, metrics.get());
            case "/health/live" -> HttpAnswer.text(200, TEXT, "live\n");
            case "/health/ready" -> trouble.get().map(why -> HttpAnswer.text(503, TEXT, "not ready: " + why + "\n")).orElseGet(() -> HttpAnswer.text(200, TEXT, "ready\n"));
            default -> HttpAnswer.text(404, TEXT, "there are /metrics, /health/live and /health/ready\n");
        };
    }

    @Override
    public void close() {
        port.close();
    }
}
