package dev.sardonyx.cli.gateway;

import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.metrics.AdminPort;
import dev.sardonyx.cli.metrics.GatewayMetrics;
import dev.sardonyx.transport.TransportException;
import dev.sardonyx.transport.http.HttpLimits;
import dev.sardonyx.transport.http.HttpPort;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * The Open Inference Protocol (KServe version 2) over HTTP, on one port, with metrics beside it. Whoever reaches the port may ask in
 * the data owner's name and sees answers in the clear: it is meant for the loopback interface.
 */
public final class Gateway implements AutoCloseable {
    private static final Duration DRAIN = Duration.ofSeconds(30);
    /** How long what was stopped may take to say so. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Backend backend;
    private final EventLog log;
    private final Inference inference;
    private final Probes probes;
    private final GatewayMetrics metrics;
    private final HttpPort port;
    private Optional<AdminPort> admin = Optional.empty();

    /**
     * How a gateway listens.
     *
     * @param address port 0 for a free one
     * @param metrics where metrics are served besides; nowhere if empty
     * @param concurrency inferences at one time; others wait for their turn
     * @param limits of the port
     */
    public record Settings(InetSocketAddress address, Optional<InetSocketAddress> metrics, int concurrency, HttpLimits limits) {
        public Settings {
            if (concurrency < 1) {
                throw new IllegalArgumentException(concurrency + " inferences at one time; expected at least 1");
            }
        }
    }

    private Gateway(Backend backend, Settings settings, EventLog log) {
        this.backend = backend;
        this.log = log;
        boolean loopback = settings.address().getAddress() != null && settings.address().getAddress().isLoopbackAddress();
        this.inference = new Inference(backend, settings.concurrency());
        this.probes = new Probes(backend);
        this.metrics = new GatewayMetrics(inference::running, () -> probes.lastTrouble().isEmpty());
        this.port = HttpPort.bind(settings.address(), settings.limits(), new Endpoints(inference, probes, metrics, log, loopback));
    }

    /**
     * Listens. The backend is closed with the gateway.
     *
     * @throws TransportException where nobody can listen there
     */
    public static Gateway start(Backend backend, Settings settings, EventLog log) {
        var gateway = new Gateway(backend, settings, log);
        try {
            gateway.admin = settings.metrics().map(address -> AdminPort.open(address, gateway.metrics::text, gateway.probes::trouble));
        } catch (TransportException e) {
            gateway.port.close();
            throw e;
        }
        log.event("listening", "address", gateway.address());
        gateway.admin.ifPresent(open -> log.event("metrics", "address", open.address()));
        return gateway;
    }

    /** Where the protocol is spoken. */
    public InetSocketAddress address() {
        return port.address();
    }

    /** Where metrics are served besides. */
    public Optional<InetSocketAddress> metricsAddress() {
        return admin.map(AdminPort::address);
    }

    /** Takes nothing new, lets what runs end, for half a minute at most, stops the rest between parts, and closes. */
    public void drain() {
        log.event("draining");
        int left = port.drain(DRAIN);
        inference.stop();
        port.drain(LAST_WORDS);
        log.event("stopped", "unfinished", left);
        close();
    }

    @Override
    public void close() {
        inference.stop();
        port.close();
        admin.ifPresent(AdminPort::close);
        metrics.close();
        backend.close();
    }
}
