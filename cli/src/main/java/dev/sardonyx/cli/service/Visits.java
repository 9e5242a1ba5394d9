package dev.sardonyx.cli.service;

import dev.sardonyx.cli.events.PlainText;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import dev.sardonyx.transport.TransportException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Owners' connections to a party: each asks for one thing after the other, and {@link Places} limits how many there are. */
final class Visits {
    /** What is asked again and again, by whoever watches. */
    private static final Set<String> PROBES = Set.of("status", "models");
    /** No more than a connection may hold anyway. */
    static final int LONGEST_ECHO = 1 << 20;

    /** Who does what is asked for. */
    record Parts(Mesh mesh, Models models, Predictions predictions, Deployments deployments) {
    }

    private volatile PartyFile file;
    private final Parts parts;
    private final Running running;
    private final Watch watch;
    private final Log log;
    private final Places places;
    private final Set<TlsChannel> open = ConcurrentHashMap.newKeySet();

    Visits(PartyFile file, Parts parts, Running running, Watch watch, Log log) {
        this.file = file;
        this.parts = parts;
        this.running = running;
        this.watch = watch;
        this.log = log;
        this.places = new Places(file.limits().connections(), file.clientNames());
    }

    /** How many there are. */
    int count() {
        return open.size();
    }

    /** Goes by other certificates and rights from now on; connections of those who have none any more are closed. */
    void renew(PartyFile other) {
        file = other;
        places.renew(other.clientNames());
        open.stream().filter(visit -> other.client(visit.peer()).isEmpty()).forEach(TlsChannel::close);
    }

    /** Serves an owner until one of the two is tired of it. */
    void welcome(TlsChannel channel) {
        // Before the client is looked up, so that a renewal meanwhile either closes this one or is seen below.
        open.add(channel);
        try {
            Optional<PartyFile.Client> client = file.client(channel.peer());
            if (client.isPresent()) {
                welcome(channel, client.get().name());
            } else {
                Envelope.failure(notLetIn("")).send(channel);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(channel);
        }
    }

    private void welcome(TlsChannel channel, String client) throws InterruptedException {
        if (!places.enter(client)) {
            Envelope.failure(new ServiceException(Kind.BUSY, "party " + file.party() + " has no connection left for client '" + client + "', which has "
                    + places.held(client) + ": 'connections' allows " + file.limits().connections() + " in all and keeps " + places.assured()
                    + " for each client; close some, or try again later")).send(channel);
            return;
        }
        try {
            serve(channel);
        } finally {
            places.leave(client);
        }
    }

    private void serve(TlsChannel channel) throws InterruptedException {
        boolean well = true;
        while (well) {
            well = answerNext(channel);
        }
        // What is left of a request that failed is not read as the next one; the owner closes once it has the answer.
        Deadline patience = Deadline.in(file.limits().deadline());
        while (!patience.expired()) {
            channel.receive(patience);
        }
    }

    private ServiceException notLetIn(String more) {
        return new ServiceException(Kind.REFUSED, "party " + file.party() + " lets nobody in with this certificate any more" + more);
    }

    /** Does nothing of what an owner asks for, and has the other parties not wait for it. */
    private void turnDown(Envelope asked, ServiceException why, TlsChannel channel) {
        if (asked.verb().equals("predict")) {
            parts.predictions.turnDown(asked.fields().getOrDefault("id", ""), why);
        }
        Envelope.failure(why).send(channel);
    }

    /** Answers one thing that an owner asks for; false if it failed. */
    private boolean answerNext(TlsChannel channel) throws InterruptedException {
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
        if (known.isEmpty() || ClusterFile.hasExpired(channel.peer())) {
            ServiceException why = notLetIn(known.isEmpty() ? "" : ", which expired at " + channel.peer().getNotAfter().toInstant());
            log.event("connection-refused", "client", known.map(PartyFile.Client::name).orElse("-"), "reason", why.getMessage());
            turnDown(asked, why, channel);
            return false;
        }
        PartyFile.Client client = known.get();
        long start = System.nanoTime();
        if (!running.enter()) {
            turnDown(asked, new ServiceException(Kind.BUSY, "party " + file.party() + " is going down"), channel);
            return false;
        }
        String outcome = "ok";
        String category = "ok";
        try {
            answer(channel, asked, client);
            return true;
        } catch (RuntimeException | Error e) {
            if (channel.ended().isPresent()) {
                outcome = "owner-gone";
                category = "owner_gone";
                throw new TransportException(TransportException.Kind.CLOSED, "the owner has gone");
            }
            ServiceException failure = Troubles.asService(e);
            category = failure.kind().name();
            FileTrouble.behind(failure, file.data()).ifPresent(trouble -> log.event("disk-failed", "reason", trouble));
            outcome = failure.kind() + ": " + failure.getMessage();
            Envelope.failure(failure).send(channel);
            return false;
        } finally {
            running.leave();
            watch.request(asked, client, category, Duration.ofNanos(System.nanoTime() - start));
            if (!PROBES.contains(asked.verb()) || !outcome.equals("ok")) {
                log.event("request", "verb", asked.verb(), "client", client.name(), "id", asked.fields().getOrDefault("id", "-"), "model",
                        asked.fields().getOrDefault("model", "-"), "millis", (System.nanoTime() - start) / 1_000_000, "outcome", outcome);
            }
        }
    }

    private void answer(TlsChannel channel, Envelope asked, PartyFile.Client client) throws InterruptedException {
        switch (asked.verb()) {
            case "predict" -> parts.predictions.answer(channel, asked, client);
            case "plan" -> {
                Models.Held held = parts.models.get(asked.field("model"), client);
                if (!held.isKnownTo(client)) {
                    throw new ServiceException(Kind.REFUSED, "client '" + client.name() + "' may not query model '" + held.manifest().name() + "'");
                }
                Envelope.of(Envelope.OK, "version", String.valueOf(held.manifest().version()), "plan", held.manifest().planHash(), "state", held.state(parts.mesh.linked()), "inputs", held.manifest().inputs())
                        .send(channel, held.planBytes());
            }
            case "models" -> Envelope.of(Envelope.OK).send(channel, list(client).getBytes(StandardCharsets.UTF_8));
            case "status" -> status(client).send(channel);
            case "echo" -> {
                if (asked.bodyLength() > LONGEST_ECHO) {
                    throw new ServiceException(Kind.REFUSED, "an echo of " + asked.bodyLength() + " bytes; allowed are " + LONGEST_ECHO);
                }
                Envelope.of(Envelope.OK).send(channel, asked.body(channel, Deadline.in(file.limits().deadline())));
            }
            case "next" -> parts.deployments.next(channel, asked, client);
            case "deploy" -> parts.deployments.deploy(channel, asked, client, file.clientNames());
            case "remove" -> parts.deployments.remove(channel, asked, client);
            default -> throw new ServiceException(Kind.BAD_REQUEST, "unknown request '" + asked.verb() + "'");
        }
    }

    private String list(PartyFile.Client client) {
        var text = new StringBuilder();
        for (Models.Held held : parts.models.all()) {
            Manifest manifest = held.manifest();
            if (held.isKnownTo(client)) {
                text.append(String.join("\t", manifest.name(), String.valueOf(manifest.version()), manifest.planHash(), manifest.deployed().toString(),
                        manifest.owner(), String.valueOf(held.bytesOnDisk()), PlainText.of(held.state(parts.mesh.linked())))).append('\n');
            }
        }
        parts.models.unusable().forEach((name, why) -> {
            // Who may query one that cannot be read is not known.
            if (client.may(PartyFile.Right.DEPLOY, name)) {
                text.append(String.join("\t", name, "0", "-", "-", "-", "0", "not usable: " + PlainText.of(why))).append('\n');
            }
        });
        return text.toString();
    }

    private Envelope status(PartyFile.Client client) {
        String rights = String.join(",", client.rights().stream().map(right -> right.name().toLowerCase(Locale.ROOT)).sorted().toList());
        return Envelope.of(Envelope.OK, "party", String.valueOf(file.party()), "version", Versions.SOFTWARE, "protocol", file.protocol().label(), "client",
                client.name(), "rights", rights, "now", String.valueOf(System.currentTimeMillis()), "links", parts.mesh.trouble().orElse("ready"), "models",
                String.valueOf(parts.models.all().size()), "memory", String.valueOf(parts.predictions.memory()), "memory-limit", String.valueOf(file.limits().memory()),
                "expires", file.identity().certificate().getNotAfter().toInstant().toString());
    }
}
