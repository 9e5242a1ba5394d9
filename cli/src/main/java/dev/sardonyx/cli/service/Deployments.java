package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.PartySession;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** A party's part in storing and removing models. */
final class Deployments {
    private static final Duration DECISION = Duration.ofMinutes(2);

    private final PartyFile file;
    private final Mesh mesh;
    private final Models models;
    private final Rendezvous rendezvous;
    private final Vault vault;
    private final Log log;
    /** One model is taken in at a time, so that versions grow one after the other. */
    private final ReentrantLock one = new ReentrantLock();

    Deployments(PartyFile file, Mesh mesh, Models models, Rendezvous rendezvous, Vault vault, Log log) {
        this.file = file;
        this.mesh = mesh;
        this.models = models;
        this.rendezvous = rendezvous;
        this.vault = vault;
        this.log = log;
    }

    private void requireRight(PartyFile.Client client, String name) {
        Manifest.checkName(name);
        if (!client.may(PartyFile.Right.DEPLOY, name)) {
            throw new ServiceException(Kind.REFUSED, "client '" + client.name() + "' may not store or remove models" + (client.may(PartyFile.Right.DEPLOY)
                    ? " of this name; it may: " + client.models().stream().sorted().toList()
                    : ""));
        }
        models.find(name).map(held -> held.manifest().owner()).filter(owner -> !owner.equals(client.name())).ifPresent(owner -> {
            throw new ServiceException(Kind.REFUSED, "model '" + name + "' was deployed by client '" + owner + "', who alone may replace or remove it");
        });
    }

    /** Refuses what would take more memory than models may, the present version of the same name included: requests still run on it. */
    private void requireRoom(Manifest manifest, long bytes) {
        long held = models.all().stream().mapToLong(Models.Held::residentBytes).sum();
        long wanted = Models.Held.residentBytes(bytes);
        if (held + wanted > file.limits().models()) {
            throw new ServiceException(Kind.REFUSED, "model '" + manifest.name() + "' takes about " + wanted + " bytes of memory; the models of party " + file.party()
                    + " take " + held + " of " + file.limits().models() + " ('models-mib'): remove one, or allow more");
        }
    }

    /** Says which version of a name comes next at this party. */
    void next(TlsChannel channel, Envelope asked, PartyFile.Client client) {
        requireRight(client, asked.field("model"));
        Envelope.of(Envelope.OK, "version", String.valueOf(vault.newest(asked.field("model")) + 1)).send(channel);
    }

    /** Takes a model in: stores it apart, says so, and waits for the owner's word that all parties have it. */
    void deploy(TlsChannel channel, Envelope asked, PartyFile.Client client) throws InterruptedException {
        requireRight(client, asked.field("model"));
        String id = Predictions.checkedId(asked.field("id"));
        String allowed = asked.field("allowed");
        var manifest = new Manifest(asked.field("model"), asked.number("version"), asked.field("plan"), file.party(), Instant.now().truncatedTo(
                ChronoUnit.SECONDS), client.name(), allowed.isEmpty() ? List.of() : List.of(allowed.split(",")), asked.fields().getOrDefault("inputs", ""));
        requireRoom(manifest, asked.bodyLength());
        if (!one.tryLock()) {
            throw new ServiceException(Kind.BUSY, "party " + file.party() + " is taking in another model; try again later");
        }
        try {
            requireNewer(manifest);
            InputStream body = asked.bodyStream(channel, file.limits().deadline());
            Vault.Staged staged = vault.stage(manifest, body);
            boolean accepted = false;
            try {
                Models.Held held = new Models.Held(vault.read(staged), file.protocol().implementation(), file.party());
                Envelope.of(Envelope.OK).send(channel);
                Envelope word = Envelope.receive(channel, Deadline.in(DECISION));
                if (!word.verb().equals("commit")) {
                    throw new ServiceException(Kind.BAD_REQUEST, "expected 'commit', got '" + word.verb() + "'");
                }
                agree(id, client, held);
                vault.accept(staged);
                accepted = true;
                models.put(held);
                log.event("deployed", "model", manifest.name(), "version", manifest.version(), "plan", manifest.planHash(), "client", client.name());
                Envelope.of(Envelope.OK).send(channel);
            } finally {
                if (!accepted) {
                    vault.discard(staged);
                }
            }
        } finally {
            one.unlock();
        }
    }

    private void requireNewer(Manifest manifest) {
        long newest = vault.newest(manifest.name());
        if (manifest.version() <= newest) {
            throw new ServiceException(Kind.REFUSED, "version " + manifest.version() + " of model '" + manifest.name() + "'; party " + file.party()
                    + " has had version " + newest);
        }
    }

    private void agree(String id, PartyFile.Client client, Models.Held held) throws InterruptedException {
        Envelope word = Envelope.of("load", "id", id, "client", client.name(), "model", held.manifest().name(), "version",
                String.valueOf(held.manifest().version()));
        if (file.party() == Mesh.LEADER) {
            Mesh.Session session = mesh.session();
            compare(session, session.order(word), held);
            return;
        }
        Rendezvous.Order order = rendezvous.take(id);
        if (!order.word().field("model").equals(held.manifest().name()) || order.word().number("version") != held.manifest().version()
                || !order.word().field("client").equals(client.name())) {
            order.cancel();
            throw new ServiceException(Kind.REFUSED, "party 0 was given another model under this identity");
        }
        compare(order.session(), order.request(), held);
    }

    private void compare(Mesh.Session session, PartySession.Request request, Models.Held held) {
        try {
            held.agree(session, request);
        } catch (RuntimeException e) {
            if (Troubles.endsSession(e)) {
                session.fail(String.valueOf(Troubles.asService(e).getMessage()));
            }
            throw e;
        }
    }

    void remove(TlsChannel channel, Envelope asked, PartyFile.Client client) {
        String name = asked.field("model");
        requireRight(client, name);
        one.lock();
        try {
            if (vault.newest(name) == 0) {
                throw new ServiceException(Kind.BAD_REQUEST, "no model '" + name + "' at party " + file.party());
            }
            vault.remove(name);
            models.remove(name);
            log.event("removed", "model", name, "client", client.name());
        } finally {
            one.unlock();
        }
        Envelope.of(Envelope.OK).send(channel);
    }

    /** The leader has the parties compare every stored model at the beginning of a session. */
    void compareAll(Mesh.Session session) {
        for (Models.Held held : models.all()) {
            if (session.isOver()) {
                return;
            }
            try {
                compare(session, session.order(Envelope.of("compare", "model", held.manifest().name(), "version", String.valueOf(held.manifest().version()))),
                        held);
            } catch (RuntimeException e) {
                log.event("model-not-usable", "model", held.manifest().name(), "reason", Troubles.asService(e).getMessage());
            }
        }
    }

    /** Another party compares a stored model at the leader's word. */
    void compareStored(Mesh.Session session, Optional<PartySession.Request> request, Envelope order) {
        PartySession.Request number = request.orElseThrow(() -> new ServiceException(Kind.BAD_REQUEST, "an order without a number"));
        try {
            Models.Held held = models.get(order.field("model"));
            if (held.manifest().version() != order.number("version")) {
                held.forget("not usable: party 0 holds version " + order.number("version") + ", party " + file.party() + " version "
                        + held.manifest().version() + "; deploy it again");
                throw new ServiceException(Kind.REFUSED, held.state());
            }
            compare(session, number, held);
        } catch (ServiceException e) {
            session.cancel(number);
            log.event("model-not-usable", "model", order.field("model"), "reason", e.getMessage());
        } catch (RuntimeException e) {
            log.event("model-not-usable", "model", order.field("model"), "reason", Troubles.asService(e).getMessage());
        }
    }
}
