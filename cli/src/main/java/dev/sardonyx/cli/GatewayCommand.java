package dev.sardonyx.cli;

import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.cli.gateway.ClusterBackend;
import dev.sardonyx.cli.gateway.Gateway;
import dev.sardonyx.cli.gateway.GatewayException;
import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.cli.service.RemoteModel;
import dev.sardonyx.cli.service.ServiceException;
import dev.sardonyx.transport.http.HttpLimits;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sardonyx gateway}: the Open Inference Protocol at the data owner's side, until it is told to end. */
@Command(name = "gateway", mixinStandardHelpOptions = true, sortOptions = false, description = "Speaks the Open Inference Protocol (KServe version 2) over HTTP on this machine, for clients that exist already: shares their inputs here, joins the answers here.",
        footer = {"", "Whoever reaches the port asks in the data owner's name: it listens on the loopback interface unless told otherwise."})
final class GatewayCommand implements Callable<Integer> {
    private static final int MIB = 1 << 20;
    private static final int MOST_MIB = 1024;

    private final Terminal terminal;

    @Spec
    @Nullable
    CommandSpec spec;

    @Mixin
    ClusterArguments cluster = new ClusterArguments();

    @Option(names = "--model", paramLabel = "NAME", description = "A model to offer; may be repeated. Default: all that the parties let this client query.")
    List<String> models = new ArrayList<>();

    @Option(names = "--plan-hash", paramLabel = "HEX", defaultValue = "", description = "With one --model: refuse any other plan of it. All 64 digits.")
    String planHash = "";

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8000", description = "Default: ${DEFAULT-VALUE}; 0 takes a free one.")
    int port;

    @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = "127.0.0.1", description = "Where to listen. Default: ${DEFAULT-VALUE}; others want --insecure-plaintext-http.")
    String host = "127.0.0.1";

    @Option(names = "--insecure-plaintext-http", description = "Listen where other machines reach it, though inputs and answers travel in the clear and nobody is asked who they are.")
    boolean insecurePlaintext;

    @Option(names = "--metrics", paramLabel = "HOST:PORT", description = "Serve /metrics and probes there too. Default: /metrics on the gateway's port only.")
    @Nullable
    String metrics;

    @Option(names = "--concurrency", paramLabel = "N", defaultValue = "8", description = "Inferences at one time; others wait. Default: ${DEFAULT-VALUE}.")
    int concurrency;

    @Option(names = "--max-request-mib", paramLabel = "N", defaultValue = "64", description = "Longest body of a request. Default: ${DEFAULT-VALUE}.")
    int requestMib;

    @Option(names = "--log-format", paramLabel = "FORMAT", defaultValue = "text", description = "One line an event on stderr: text or json. Default: ${DEFAULT-VALUE}.")
    LogFormat logFormat = LogFormat.TEXT;

    GatewayCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        var log = new EventLog(terminal.err(), logFormat, "service", "gateway");
        Gateway.Settings settings = settings();
        ClusterBackend.Offer offer = offer();
        RemoteCluster remote = cluster.connect(ClusterArguments.DATA_OWNER);
        remote.keepRenewed(log);
        var backend = new ClusterBackend(remote, offer, model -> introduce(model, log));
        Gateway gateway;
        try {
            models.forEach(model -> lookAt(model, backend, log));
            gateway = Gateway.start(backend, settings, log);
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(gateway::drain, "drain"));
        new CountDownLatch(1).await();
        return ExitCode.OK.status();
    }

    /** A model that is not there, or not of the plan wanted, is told at once; parties that are away may come. */
    private static void lookAt(String model, ClusterBackend backend, EventLog log) {
        try {
            backend.model(model);
        } catch (GatewayException e) {
            throw new ServiceException(e.status() == 404 ? ServiceException.Kind.BAD_REQUEST : ServiceException.Kind.REFUSED, String.valueOf(e.getMessage()), e);
        } catch (ServiceException e) {
            switch (e.kind()) {
                case BUSY, PARTY_FAILED -> log.event("not-ready", "model", model, "reason", e.getMessage());
                case BAD_REQUEST, REFUSED -> throw e;
            }
        }
    }

    private Gateway.Settings settings() {
        InetSocketAddress address = address(host, port, "--port");
        if (!address.getAddress().isLoopbackAddress() && !insecurePlaintext) {
            throw usage("--host " + host + ": other machines reach it, and inputs and answers would travel in the clear; --insecure-plaintext-http allows it");
        }
        if (concurrency < 1 || requestMib < 1 || requestMib > MOST_MIB) {
            throw usage("expected --concurrency of at least 1 and --max-request-mib from 1 to " + MOST_MIB);
        }
        return new Gateway.Settings(address, Optional.ofNullable(metrics).map(this::metricsAddress), concurrency, HttpLimits.LARGE.withBodyBytes(requestMib * MIB));
    }

    private ClusterBackend.Offer offer() {
        try {
            return new ClusterBackend.Offer(models, planHash);
        } catch (IllegalArgumentException e) {
            throw usage("--plan-hash: " + e.getMessage());
        }
    }

    private InetSocketAddress metricsAddress(String text) {
        int colon = text.lastIndexOf(':');
        try {
            return address(text.substring(0, Math.max(0, colon)).replaceAll("^\\[|\\]$", ""), Integer.parseInt(text.substring(colon + 1)), "--metrics");
        } catch (NumberFormatException e) {
            throw usage("--metrics " + text + ": expected HOST:PORT");
        }
    }

    private InetSocketAddress address(String where, int number, String option) {
        if (number < 0 || number > 65_535 || where.isEmpty()) {
            throw usage(option + ": expected a host and a port from 0 to 65535");
        }
        var address = new InetSocketAddress(where, number);
        if (address.isUnresolved()) {
            throw usage("no address is known of " + where);
        }
        return address;
    }

    /** Says what a plan reveals before it is used, as {@code predict} does. */
    private static void introduce(RemoteModel model, EventLog log) {
        log.event("model", "model", model.name(), "version", model.version(), "plan", model.planHash());
        model.plan().disclosures().forEach(told -> log.event("reveals", "model", model.name(), "role", told.role(), "what", told.what()));
    }

    private ParameterException usage(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
