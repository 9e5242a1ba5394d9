package dev.sardonyx.cli.service;

import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.PartySession;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.transport.TlsChannel;
import dev.sardonyx.transport.TlsOptions;
import dev.sardonyx.transport.TlsParty;
import dev.sardonyx.transport.TlsPort;
import dev.sardonyx.transport.TlsVisitor;
import dev.sardonyx.transport.TlsVisitors;
import dev.sardonyx.transport.TransportException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * One computing party. One port takes the other parties' links and the owners' connections, told apart by certificate; owners ask for
 * one thing at a time on a connection and open as many as they want done at a time.
 */
public final class PartyService implements AutoCloseable {
    /** How long a silent peer or owner counts as there; within the ten seconds in which every fault is to be told, and long enough for a busy machine. */
    private static final Duration SILENCE = Duration.ofSeconds(8);
    private static final long BYTES_IN_FLIGHT = 64L << 20;
    /** Of an owner's connection, of which there may be hundreds. */
    private static final long VISIT_BYTES_IN_FLIGHT = 4L * Envelope.LONGEST_MESSAGE;

    private volatile PartyFile file;
    private final Log log;
    private final Models models = new Models();
    private final Rendezvous rendezvous;
    private final Vault vault;
    private final TlsVisitor visitor;
    private final TlsPort port;
    private final Mesh mesh;
    private final Predictions predictions;
    private final Settlement settlement;
    private final Watch watch;
    private final Refusals refusals;
    private final Running running = new Running();
    private final Visits visits;
    private final Renewal<PartyFile> renewal;
    private final Closing closing;
    /** The port takes connections before what serves them stands. */
    private final CountDownLatch settled = new CountDownLatch(1);
    private volatile boolean whole;

    /** @param closing told of what is opened, so that whoever calls closes it where this fails */
    private PartyService(PartyFile file, Supplier<PartyFile> configuration, Draws draws, Log log, Closing closing) {
        this.file = file;
        this.log = log;
        this.closing = closing;
        // Before the vault, which deletes and renames files as it opens.
        closing.add(DirectoryLock.take(file.data()), DirectoryLock::close);
        Protocol protocol = file.protocol().implementation();
        int components = protocol.components(file.party()).size();
        this.rendezvous = new Rendezvous(file.limits().deadline(), this::whyNobodyLeads);
        this.refusals = new Refusals(log);
        this.vault = new Vault(file.data(), file.shareKey(), file.party(), components);
        vault.readAll((name, why) -> {
            models.unusable(name, why);
            log.event("model-not-usable", "model", name, "reason", why);
        }).values().forEach(stored -> models.put(new Models.Held(stored, protocol, file.party())));
        vault.readPrepared().values().forEach(stored -> models.prepare(new Models.Held(stored, protocol, file.party())));
        TlsOptions options = options();
        this.visitor = closing.add(new TlsVisitor(file.identity(), visits()), TlsVisitor::close);
        var self = new TlsParty(file.party(), file.identity(), file.parties().stream().map(ClusterFile.Seat::certificate).toList(), options);
        closing.add(settled, CountDownLatch::countDown);
        this.port = closing.add(Address.listening("listen", () -> TlsPort.bind(self, file.listen().resolved(), new TlsVisitors(visitors(file), visits(), this::welcome,
                refusals::told))), TlsPort::close);
        this.settlement = closing.add(new Settlement(file, models, vault, log), Settlement::close);
        this.mesh = closing.add(new Mesh(file, draws, new Mesh.Links(port, visitor), new Orders(), log), Mesh::close);
        this.predictions = new Predictions(file, mesh, models, rendezvous, this::askers);
        this.watch = closing.add(new Watch(file, log, new Watch.Parts(mesh, models, predictions, running::count, this::owners, running::isDraining)), Watch::close);
        var deployments = new Deployments(file, mesh, models, rendezvous, vault, settlement, log);
        this.visits = new Visits(file, new Visits.Parts(mesh, models, predictions, deployments), running, watch, log);
        this.renewal = closing.add(new Renewal<>(file, configuration, new RenewalRules(), log), Renewal::close);
        whole = true;
        settled.countDown();
    }

    /** The bounds of what parties and owners ask of each other, whose messages are short. */
    static TlsOptions visits() {
        return options().withMaxPayloadBytes(Envelope.LONGEST_MESSAGE).withBytesInFlight(VISIT_BYTES_IN_FLIGHT);
    }

    /** The bounds of links between parties. */
    private static TlsOptions options() {
        return TlsOptions.DEFAULT.withHandshakeDeadline(SILENCE).withSilenceDeadline(SILENCE).withSendDeadline(Duration.ofSeconds(10))
                .withLingerDeadline(Duration.ofSeconds(1)).withBytesInFlight(BYTES_IN_FLIGHT);
    }

    /**
     * Starts a party.
     *
     * @param config its configuration file
     * @param insecureColocatedDealer whether a dealer may be run by who runs a computing party
     * @param out where events are told, one a line
     * @param format how
     * @throws ServiceException where a file is not what it should be
     * @throws TransportException where the port cannot be used
     */
    public static PartyService start(Path config, boolean insecureColocatedDealer, PrintStream out, LogFormat format) {
        return start(config, insecureColocatedDealer, Draws.SECURE, new Log(out, format, PartyFile.read(config, insecureColocatedDealer).party()));
    }

    /** As {@link #start(Path, boolean, PrintStream, LogFormat)} with other randomness, for tests. */
    static PartyService start(Path config, boolean insecureColocatedDealer, Draws draws, Log log) {
        PartyFile file = PartyFile.read(config, insecureColocatedDealer);
        ClusterFile.requireCurrent(file.identity());
        var closing = new Closing();
        try {
            var service = new PartyService(file, () -> PartyFile.read(config, insecureColocatedDealer), draws, log, closing);
            log.event("listening", "address", service.port.address(), "models", service.models.all().size(), "version", Versions.SOFTWARE);
            service.watch.open();
            service.renewal.start();
            service.mesh.start();
            return service;
        } catch (RuntimeException | Error e) {
            closing.close();
            throw e;
        }
    }

    /** Certificates and clients with their rights change while a party runs, nothing else. */
    private final class RenewalRules implements Renewal.Rules<PartyFile> {
        @Override
        public List<String> fixed(PartyFile known, PartyFile found) {
            return known.differences(found);
        }

        @Override
        public void take(PartyFile other) {
            ClusterFile.requireNoneExpired(file.identity(), other.identity());
            List<X509Certificate> parties = other.parties().stream().map(ClusterFile.Seat::certificate).toList();
            port.renew(other.identity(), parties, visitors(other));
            visitor.renew(other.identity());
            mesh.renew(other);
            watch.renew(other);
            file = other;
            visits.renew(other);
        }

        @Override
        public String news(PartyFile found) {
            return "own certificate good until " + found.identity().certificate().getNotAfter().toInstant() + ", " + found.clients().size() + " clients";
        }
    }

    private static List<X509Certificate> visitors(PartyFile file) {
        return Stream.concat(file.clients().stream().map(PartyFile.Client::certificate), file.parties().stream().map(ClusterFile.Seat::certificate)).toList();
    }

    private int askers() {
        return (int) file.clients().stream().filter(client -> client.may(PartyFile.Right.PREDICT)).count();
    }

    private Optional<ServiceException> whyNobodyLeads() {
        return mesh.whyNotLinked();
    }

    private final class Orders implements Mesh.Service {
        @Override
        public void began(Mesh.Session session) {
            settlement.began(session);
        }

        @Override
        public void ended(ServiceException reason) {
            rendezvous.unlinked(reason);
        }

        @Override
        public void ordered(Mesh.Session session, Optional<PartySession.Request> request, Envelope order) {
            switch (order.verb()) {
                case "run", "load" -> rendezvous.offer(order.field("id"), new Rendezvous.Order(session, request.orElseThrow(), order));
                case "drop" -> rendezvous.refuse(order.field("id"), order.reason());
                case "compare" -> settlement.ordered(session, request, order);
                case "compared" -> settlement.compared(session);
                default -> throw new ServiceException(Kind.BAD_REQUEST, "unknown order '" + order.verb() + "'");
            }
        }
    }

    private void welcome(TlsChannel channel) {
        X509Certificate who = channel.peer();
        Optional<Integer> party = file.partyOf(who);
        try {
            settled.await();
            if (!whole) {
                return;
            }
            if (party.isEmpty()) {
                visits.welcome(channel);
            } else if (party.get() == Mesh.LEADER && file.party() != Mesh.LEADER) {
                mesh.follow(channel);
            } else {
                Envelope.failure(new ServiceException(Kind.REFUSED, "this is party " + party.get()
                        + "'s certificate, which asks for nothing here; owners have certificates of their own")).send(channel);
                log.event("connection-refused", "reason", "party " + party.get() + "'s certificate in an owner's place");
            }
        } catch (TransportException e) {
            // Whoever came has gone, or said nothing for too long.
        } catch (ServiceException e) {
            log.event("not-linked", "reason", "party 0 says what is not understood: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes no more requests, lets those that run end (as long as the configuration allows), and closes. Idempotent. */
    public void drain() {
        if (!running.refuse()) {
            return;
        }
        log.event("draining", "requests", running.count());
        try {
            running.await(file.limits().drain());
            log.event("stopped", "unfinished", running.count());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    private int owners() {
        return visits.count();
    }

    /** How many owners' requests run now. */
    int running() {
        return running.count();
    }

    @Override
    public void close() {
        closing.close();
    }
}
