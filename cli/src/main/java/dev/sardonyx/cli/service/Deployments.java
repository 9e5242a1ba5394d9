package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What owners ask of a party about storing and removing models. Each party stores a model apart; at the owner's word all of them make it
 * the one that is used, or none does, which {@link Settlement} sees to.
 */
final class Deployments {
    private static final Duration DECISION = Duration.ofMinutes(2);
    /** Bytes a second that a model must have come at by now: else one owner could keep all others from deploying for ever. */
    private static final long SLOWEST = 1 << 15;
    /** So that nobody uses up the versions of a name by one deployment. */
    private static final long FARTHEST = 1_000_000;

    private final PartyFile file;
    private final Mesh mesh;
    private final Models models;
    private final Rendezvous rendezvous;
    private final Excuses excuses;
    private final Vault vault;
    private final Settlement settlement;
    private final Log log;
    /** One model is taken in at a time, so that versions grow one after the other. */
    private final ReentrantLock one = new ReentrantLock();
    /** Held while a model is made the one that is used: none is removed meanwhile, else parties might do the two in different orders. */
    private final ReentrantLock committing = new ReentrantLock();

    Deployments(PartyFile file, Mesh mesh, Models models, Rendezvous rendezvous, Vault vault, Settlement settlement, Log log) {
        this.file = file;
        this.mesh = mesh;
        this.models = models;
        this.rendezvous = rendezvous;
        this.excuses = new Excuses(file.party(), mesh, rendezvous);
        this.vault = vault;
        this.settlement = settlement;
        this.log = log;
    }

    private void requireRight(PartyFile.Client client, String name) {
        Manifest.checkName(name);
        if (!client.may(PartyFile.Right.DEPLOY, name)) {
            throw new ServiceException(Kind.REFUSED, "client '" + client.name() + "' may not store or remove models" + (client.may(PartyFile.Right.DEPLOY)
                    ? " of this name; it may: " + client.models().stream().sorted().toList()
                    : ""));
        }
        // One that cannot be read, or that may still be taken in, is somebody's as well.
        vault.owner(name).or(() -> models.prepared(name).map(held -> held.manifest().owner())).filter(owner -> !owner.equals(client.name())).ifPresent(owner -> {
            throw new ServiceException(Kind.REFUSED, "model '" + name + "' was deployed by client '" + owner + "', who alone may replace or remove it");
        });
    }

    /** Refuses what would take more memory than models may, the present version of the same name included: requests still run on it. */
    private void requireRoom(Manifest manifest, long wanted) {
        long held = models.residentBytes();
        if (wanted > file.limits().models() - held) {
            throw new ServiceException(Kind.REFUSED, "model '" + manifest.name() + "' takes about " + wanted + " bytes of memory; the models of party " + file.party()
                    + " take " + held + " of " + file.limits().models() + " ('models-mib'): remove one, or allow more");
        }
    }

    /** Says which version of a name comes next at this party. */
    void next(TlsChannel channel, Envelope asked, PartyFile.Client client) {
        requireRight(client, asked.field("model"));
        Envelope.of(Envelope.OK, "version", String.valueOf(vault.newest(asked.field("model")) + 1)).send(channel);
    }

    /** A name that is spelt wrong would lock out, unnoticed, the client that was meant. */
    private void requireKnown(Manifest manifest, Set<String> clients) {
        List<String> unknown = manifest.allowed().stream().filter(name -> !clients.contains(name)).toList();
        if (!unknown.isEmpty()) {
            throw new ServiceException(Kind.REFUSED, "party " + file.party() + " knows no client " + unknown + ", who shall query model '" + manifest.name()
                    + "': correct the name, or have the client added to the party's file first");
        }
    }

    /**
     * Takes a model in: stores it apart, says so, and waits for the owner's word that all parties have it.
     *
     * @param clients names of all that are known at present
     */
    void deploy(TlsChannel channel, Envelope asked, PartyFile.Client client, Set<String> clients) throws InterruptedException {
        requireRight(client, asked.field("model"));
        String id = Predictions.checkedId(asked.field("id"));
        String allowed = asked.field("allowed");
        var manifest = new Manifest(asked.field("model"), asked.number("version"), asked.field("plan"), file.party(), Instant.now().truncatedTo(
                ChronoUnit.SECONDS), client.name(), allowed.isEmpty() ? List.of() : List.of(allowed.split(",")), asked.fields().getOrDefault("inputs", ""));
        requireKnown(manifest, clients);
        requireRoom(manifest, Models.Held.leastResidentBytes(asked.bodyLength()));
        if (!one.tryLock()) {
            throw busy();
        }
        try {
            // Again, for somebody may have deployed the name between the first look and this turn.
            requireRight(client, manifest.name());
            requireNewer(manifest);
            requireSettled(manifest.name());
            InputStream body = asked.bodyStream(channel, file.limits().deadline(), SLOWEST);
            Vault.Staged staged = vault.stage(manifest, body);
            try {
                Models.Held held = new Models.Held(vault.read(staged), file.protocol().implementation(), file.party());
                requireRoom(manifest, held.residentBytes());
                Envelope.of(Envelope.OK).send(channel);
                Envelope word = Envelope.receive(channel, Deadline.in(DECISION));
                if (!word.verb().equals("commit")) {
                    throw new ServiceException(Kind.BAD_REQUEST, "expected 'commit', got '" + word.verb() + "'");
                }
                committing.lock();
                try {
                    requireSettled(manifest.name());
                    commit(id, client, staged, held);
                } catch (RuntimeException | Error e) {
                    excuses.send(id, Troubles.asService(e));
                    throw e;
                } finally {
                    committing.unlock();
                }
                Envelope.of(Envelope.OK).send(channel);
            } finally {
                vault.discard(staged);
            }
        } finally {
            one.unlock();
        }
    }

    private ServiceException busy() {
        return new ServiceException(Kind.BUSY, "party " + file.party() + " is taking in another model; try again later");
    }

    private void commit(String id, PartyFile.Client client, Vault.Staged staged, Models.Held held) throws InterruptedException {
        settlement.begins(held);
        boolean known = true;
        try {
            vault.prepare(staged);
            known = false;
            settlement.prepared(held);
            agree(id, client, held);
            known = true;
        } catch (RuntimeException e) {
            // Links that break leave it open whether the others have got to the end; a disk that fails here does not keep them from it.
            // Whatever else happens ends it at all parties.
            known = !Troubles.endsSession(e) && !held.wasAgreedOn();
            throw e;
        } finally {
            settlement.ends();
            if (known) {
                settlement.dropPrepared(held);
            } else if (file.party() == Mesh.LEADER) {
                mesh.linked().ifPresent(session -> Thread.ofVirtual().start(() -> settlement.settle(session, held.manifest().name())));
            }
        }
    }

    /** A version that other parties may already use must not be lost to the next one, which may fail. */
    private void requireSettled(String name) {
        if (settlement.isOpen(name)) {
            throw new ServiceException(Kind.BUSY, "party " + file.party() + " has not yet settled with the others which version of model '" + name
                    + "' is used, after a deployment that failed half way; try again in some seconds, or remove the model first");
        }
    }

    private void requireNewer(Manifest manifest) {
        long newest = vault.newest(manifest.name());
        if (manifest.version() <= newest) {
            throw new ServiceException(Kind.REFUSED, "version " + manifest.version() + " of model '" + manifest.name() + "'; party " + file.party()
                    + " has had version " + newest);
        }
        if (manifest.version() - newest > FARTHEST) {
            throw new ServiceException(Kind.REFUSED, "version " + manifest.version() + " of model '" + manifest.name() + "'; party " + file.party()
                    + " has had version " + newest + ", and takes at most " + FARTHEST + " more");
        }
    }

    private void agree(String id, PartyFile.Client client, Models.Held held) throws InterruptedException {
        Envelope word = Envelope.of("load", "id", id, "client", client.name(), "model", held.manifest().name(), "version",
                String.valueOf(held.manifest().version()));
        if (file.party() == Mesh.LEADER) {
            Mesh.Session session = mesh.session();
            settlement.lead(session, word, held);
            return;
        }
        Rendezvous.Order order = rendezvous.take(id);
        if (!order.word().field("model").equals(held.manifest().name()) || order.word().number("version") != held.manifest().version()
                || !order.word().field("client").equals(client.name())) {
            order.cancel();
            throw new ServiceException(Kind.REFUSED, "party 0 was given another model under this identity");
        }
        settlement.take(order.session(), order.request(), held);
    }

    void remove(TlsChannel channel, Envelope asked, PartyFile.Client client) {
        String name = asked.field("model");
        requireRight(client, name);
        if (!committing.tryLock()) {
            throw busy();
        }
        try {
            requireRight(client, name);
            if (vault.newest(name) == 0 && models.prepared(name).isEmpty()) {
                throw new ServiceException(Kind.BAD_REQUEST, "no model '" + name + "' at party " + file.party());
            }
            settlement.remove(name);
            log.event("removed", "model", name, "client", client.name());
        } finally {
            committing.unlock();
        }
        Envelope.of(Envelope.OK).send(channel);
    }
}
