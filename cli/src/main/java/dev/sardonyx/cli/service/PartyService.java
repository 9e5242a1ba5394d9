package dev.sardonyx.cli.service;

import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.PartySession;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import dev.sardonyx.transport.TlsOptions;
import dev.sardonyx.transport.TlsParty;
import dev.sardonyx.transport.TlsPort;
import dev.sardonyx.transport.TlsVisitor;
import dev.sardonyx.transport.TlsVisitors;
import dev.sardonyx.transport.TransportException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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

    private volatile PartyFile file;
    private final Log log;
    private final Models models = new Models();
    private final Rendezvous rendezvous;
    private final Vault vault;
    private final TlsVisitor visitor;
    private final TlsPort port;
    private final Mesh mesh;
    private final Predictions predictions;
    private final Deployments deployments;
    private final Semaphore connections;
    private final Watch watch;
    private final Refusals refusals;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private int busy;
    private boolean draining;
    private final Set<TlsChannel> visits = ConcurrentHashMap.newKeySet();
    private final Renewal<PartyFile> renewal;

    private PartyService(PartyFile file, Supplier<PartyFile> configuration, Draws draws, Log log) {
        this.file = file;
        this.log = log;
        Protocol protocol = file.protocol().implementation();
        int components = protocol.components(file.party()).size();
        this.rendezvous = new Rendezvous(file.limits().deadline());
        this.connections = new Semaphore(file.limits().connections());
        this.refusals = new Refusals(log);
        this.vault = new Vault(file.data(), file.shareKey(), file.party(), components);
        vault.readAll((name, why) -> {
            models.unusable(name, why);
            log.event("model-not-usable", "model", name, "reason", why);
        }).values().forEach(stored -> models.put(new Models.Held(stored, protocol, file.party())));
        vault.readPrepared().values().forEach(stored -> models.prepare(new Models.Held(stored, protocol, file.party())));
        TlsOptions options = options();
        this.visitor = new TlsVisitor(file.identity(), options);
        var self = new TlsParty(file.party(), file.identity(), file.parties().stream().map(ClusterFile.Seat::certificate).toList(), options);
        this.renewal = new Renewal<>(file, configuration, new RenewalRules(), log);
        this.port = TlsPort.bind(self, file.listen().resolved(), new TlsVisitors(visitors(file), this::welcome, refusals::told));
        this.mesh = new Mesh(file, draws, new Mesh.Links(port, visitor), new Orders(), log);
        this.predictions = new Predictions(file, mesh, models, rendezvous);
        this.watch = new Watch(file, log, new Watch.Parts(mesh, models, predictions, this::running, () -> file.limits().connections()
                - connections.availablePermits(), this::isDraining));
        this.deployments = new Deployments(file, mesh, models, rendezvous, vault, log);
    }

    /** The bounds that parties and owners use towards each other. */
    static TlsOptions options() {
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
        var service = new PartyService(file, () -> PartyFile.read(config, insecureColocatedDealer), draws, log);
        log.event("listening", "address", service.port.address(), "models", service.models.all().size(), "version", Versions.SOFTWARE);
        try {
            service.watch.open();
        } catch (TransportException e) {
            service.close();
            throw e;
        }
        service.renewal.start();
        service.mesh.start();
        return service;
    }

    /** Certificates and clients with their rights change while a party runs, nothing else. */
    private final class RenewalRules implements Renewal.Rules<PartyFile> {
        @Override
        public List<String> fixed(PartyFile known, PartyFile found) {
            return known.differences(found);
        }

        @Override
        public void take(PartyFile other) {
            List<X509Certificate> parties = other.parties().stream().map(ClusterFile.Seat::certificate).toList();
            port.renew(other.identity(), parties, visitors(other));
            visitor.renew(other.identity());
            mesh.renew(other);
            watch.renew(other);
            file = other;
            visits.stream().filter(visit -> other.client(visit.peer()).isEmpty()).forEach(TlsChannel::close);
        }

        @Override
        public String news(PartyFile found) {
            return "own certificate good until " + found.identity().certificate().getNotAfter().toInstant() + ", " + found.clients().size() + " clients";
        }
    }

    private static List<X509Certificate> visitors(PartyFile file) {
        return Stream.concat(file.clients().stream().map(PartyFile.Client::certificate), file.parties().stream().map(ClusterFile.Seat::certificate)).toList();
    }

    private final class Orders implements Mesh.Service {
        @Override
        public void began(Mesh.Session session) {
            deployments.began(session);
        }

        @Override
        public void ordered(Mesh.Session session, Optional<PartySession.Request> request, Envelope order) {
            switch (order.verb()) {
                case "run", "load" -> rendezvous.offer(order.field("id"), new Rendezvous.Order(session, request.orElseThrow(), order));
                case "drop" -> rendezvous.refuse(order.field("id"), order.reason());
                case "compare" -> deployments.ordered(session, request, order);
                case "compared" -> deployments.compared();
                default -> throw new ServiceException(Kind.BAD_REQUEST, "unknown order '" + order.verb() + "'");
            }
        }
    }

    // ---- owners and the leading party

    private void welcome(TlsChannel channel) {
        X509Certificate who = channel.peer();
        Optional<Integer> party = file.partyOf(who);
        try {
            if (party.isEmpty()) {
                welcomeOwner(channel);
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
        }
    }

    private void welcomeOwner(TlsChannel channel) {
        if (!connections.tryAcquire()) {
            Envelope.failure(new ServiceException(Kind.BUSY, "party " + file.party() + " has " + file.limits().connections()
                    + " connections already; try again later")).send(channel);
            return;
        }
        visits.add(channel);
        try {
            boolean open = true;
            while (open) {
                open = serve(channel);
            }
            // What is left of a request that failed is not read as the next one; the owner closes once it has the answer.
            Deadline patience = Deadline.in(file.limits().deadline());
            while (!patience.expired()) {
                channel.receive(patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            visits.remove(channel);
            connections.release();
        }
    }

    /** Answers one thing that an owner asks for; false if it failed. */
    private boolean serve(TlsChannel channel) throws InterruptedException {
        Envelope asked;
        try {
            asked = Envelope.receive(channel, Deadline.in(Duration.ofDays(1)));
        } catch (ServiceException malformed) {
            log.event("request", "client", file.client(channel.peer()).map(PartyFile.Client::name).orElse("-"), "outcome", malformed.kind() + ": " + malformed.getMessage());
            Envelope.failure(malformed).send(channel);
            return false;
        }
        // Looked up each time: rights may have changed since the connection was made.
        Optional<PartyFile.Client> known = file.client(channel.peer());
        if (known.isEmpty()) {
            Envelope.failure(new ServiceException(Kind.REFUSED, "party " + file.party() + " lets nobody in with this certificate any more")).send(channel);
            return false;
        }
        PartyFile.Client client = known.get();
        long start = System.nanoTime();
        if (!enter()) {
            Envelope.failure(new ServiceException(Kind.BUSY, "party " + file.party() + " is going down")).send(channel);
            return false;
        }
        String outcome = "ok";
        String category = "ok";
        try {
            answer(channel, asked, client);
            return true;
        } catch (RuntimeException | OutOfMemoryError e) {
            if (channel.ended().isPresent()) {
                outcome = "owner-gone";
                category = "owner_gone";
                throw new TransportException(TransportException.Kind.CLOSED, "the owner has gone");
            }
            ServiceException failure = Troubles.asService(e);
            category = failure.kind().name();
            outcome = failure.kind() + ": " + failure.getMessage();
            Envelope.failure(failure).send(channel);
            return false;
        } finally {
            leave();
            watch.request(asked, client, category, Duration.ofNanos(System.nanoTime() - start));
            if (!asked.verb().equals("status") || !outcome.equals("ok")) {
                log.event("request", "verb", asked.verb(), "client", client.name(), "id", asked.fields().getOrDefault("id", "-"), "model",
                        asked.fields().getOrDefault("model", "-"), "millis", (System.nanoTime() - start) / 1_000_000, "outcome", outcome);
            }
        }
    }

    private void answer(TlsChannel channel, Envelope asked, PartyFile.Client client) throws InterruptedException {
        switch (asked.verb()) {
            case "predict" -> predictions.answer(channel, asked, client);
            case "plan" -> {
                Models.Held held = models.get(asked.field("model"), client);
                if (!held.isKnownTo(client)) {
                    throw new ServiceException(Kind.REFUSED, "client '" + client.name() + "' may not query model '" + held.manifest().name() + "'");
                }
                Envelope.of(Envelope.OK, "version", String.valueOf(held.manifest().version()), "plan", held.manifest().planHash(), "state", held.state(mesh.linked()), "inputs", held.manifest().inputs())
                        .send(channel, held.planBytes());
            }
            case "models" -> Envelope.of(Envelope.OK).send(channel, list(client).getBytes(StandardCharsets.UTF_8));
            case "status" -> status(client).send(channel);
            case "echo" -> {
                long length = Math.min(asked.bodyLength(), 16L << 20);
                if (length != asked.bodyLength()) {
                    throw new ServiceException(Kind.REFUSED, "an echo of " + asked.bodyLength() + " bytes; allowed are " + (16L << 20));
                }
                Envelope.of(Envelope.OK).send(channel, asked.body(channel, Deadline.in(file.limits().deadline())));
            }
            case "next" -> deployments.next(channel, asked, client);
            case "deploy" -> deployments.deploy(channel, asked, client);
            case "remove" -> deployments.remove(channel, asked, client);
            default -> throw new ServiceException(Kind.BAD_REQUEST, "unknown request '" + asked.verb() + "'");
        }
    }

    private String list(PartyFile.Client client) {
        var text = new StringBuilder();
        for (Models.Held held : models.all()) {
            Manifest manifest = held.manifest();
            if (held.isKnownTo(client)) {
                text.append(String.join("\t", manifest.name(), String.valueOf(manifest.version()), manifest.planHash(), manifest.deployed().toString(),
                        manifest.owner(), String.valueOf(held.bytesOnDisk()), held.state(mesh.linked()).replaceAll("[\t\n]", " "))).append('\n');
            }
        }
        models.unusable().forEach((name, why) -> {
            // Who may query one that cannot be read is not known.
            if (client.may(PartyFile.Right.DEPLOY, name)) {
                text.append(String.join("\t", name, "0", "-", "-", "-", "0", "not usable: " + why.replaceAll("[\t\n]", " "))).append('\n');
            }
        });
        return text.toString();
    }

    private Envelope status(PartyFile.Client client) {
        String rights = String.join(",", client.rights().stream().map(right -> right.name().toLowerCase(java.util.Locale.ROOT)).sorted().toList());
        return Envelope.of(Envelope.OK, "party", String.valueOf(file.party()), "version", Versions.SOFTWARE, "protocol", file.protocol().label(), "client",
                client.name(), "rights", rights, "now", String.valueOf(System.currentTimeMillis()), "links", mesh.trouble().orElse("ready"), "models",
                String.valueOf(models.all().size()), "memory", String.valueOf(predictions.memory()), "memory-limit", String.valueOf(file.limits().memory()),
                "expires", file.identity().certificate().getNotAfter().toInstant().toString());
    }

    // ---- going down

    private boolean enter() {
        lock.lock();
        try {
            if (draining) {
                return false;
            }
            busy++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            busy--;
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more requests, lets those that run end (as long as the configuration allows), and closes. Idempotent. */
    public void drain() {
        lock.lock();
        try {
            if (draining) {
                return;
            }
            draining = true;
            log.event("draining", "requests", busy);
            long left = file.limits().drain().toNanos();
            while (busy > 0 && left > 0) {
                left = idle.awaitNanos(left);
            }
            log.event("stopped", "unfinished", busy);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        close();
    }

    private boolean isDraining() {
        lock.lock();
        try {
            return draining;
        } finally {
            lock.unlock();
        }
    }

    /** How many owners' requests run now. */
    int running() {
        lock.lock();
        try {
            return busy;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        renewal.close();
        watch.close();
        mesh.close();
        port.close();
        visitor.close();
    }
}
