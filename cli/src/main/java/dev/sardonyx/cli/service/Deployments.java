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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * A party's part in storing and removing models.
 *
 * <p>A deployment is taken by all parties or by none, whoever dies in the middle of it. At the owner's word each party first puts the new
 * version on its disk beside the old one, then all compare what they hold (which ends well at one party only if every party got to its
 * end), then each lets the new one take the old one's place. Once the parties are linked again after a failure, the leading one has them
 * compare the newest version that it holds, and where that is not to be had everywhere, the one before it. If any party had let the new
 * one take its place, then all of them hold it, and all take it now; else all go on with the old one (two-phase commit, with the
 * comparison in the coordinator's place: J. Gray, Notes on Data Base Operating Systems, 1978, section 5.8.3.3).
 */
final class Deployments {
    private static final Duration DECISION = Duration.ofMinutes(2);
    /** So that nobody uses up the versions of a name by one deployment. */
    private static final long FARTHEST = 1_000_000;

    private final PartyFile file;
    private final Mesh mesh;
    private final Models models;
    private final Rendezvous rendezvous;
    private final Vault vault;
    private final Log log;
    /** One model is taken in at a time, so that versions grow one after the other. */
    private final ReentrantLock one = new ReentrantLock();
    /** The name whose new version is between being prepared and being accepted here, if any. */
    private volatile String takingIn = "";
    /** Held while versions are compared and change places. */
    private final ReentrantLock settling = new ReentrantLock();
    /** Names that the leading party has had compared in this session. */
    private final Set<String> compared = ConcurrentHashMap.newKeySet();

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
        long held = models.residentBytes();
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
            throw busy();
        }
        try {
            // Again, for somebody may have deployed the name between the first look and this turn.
            requireRight(client, manifest.name());
            requireNewer(manifest);
            InputStream body = asked.bodyStream(channel, file.limits().deadline());
            Vault.Staged staged = vault.stage(manifest, body);
            try {
                Models.Held held = new Models.Held(vault.read(staged), file.protocol().implementation(), file.party());
                Envelope.of(Envelope.OK).send(channel);
                Envelope word = Envelope.receive(channel, Deadline.in(DECISION));
                if (!word.verb().equals("commit")) {
                    throw new ServiceException(Kind.BAD_REQUEST, "expected 'commit', got '" + word.verb() + "'");
                }
                commit(id, client, staged, held);
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
        takingIn = held.manifest().name();
        boolean known = true;
        try {
            vault.prepare(staged);
            models.prepare(held);
            known = false;
            compared.add(takingIn);
            agree(id, client, held);
            known = true;
        } catch (RuntimeException e) {
            // Links that break leave it open whether the others have got to the end; a disk that fails here does not keep them from it.
            // Whatever else happens ends it at all parties.
            known = !Troubles.endsSession(e) && !held.wasAgreedOn();
            throw e;
        } finally {
            takingIn = "";
            if (known) {
                dropPrepared(held);
            } else if (file.party() == Mesh.LEADER) {
                mesh.linked().ifPresent(session -> Thread.ofVirtual().start(() -> settle(session, held.manifest().name())));
            }
        }
    }

    /** The accepted model of a name is now the prepared one. Idempotent. */
    private void accept(Models.Held held) {
        Manifest manifest = held.manifest();
        if (models.prepared(manifest.name()).filter(prepared -> prepared == held).isPresent()) {
            vault.accept(manifest);
            models.put(held);
            models.dropPrepared(manifest.name());
            log.event("deployed", "model", manifest.name(), "version", manifest.version(), "plan", manifest.planHash(), "client", manifest.owner());
        }
    }

    /** Gives a prepared model up, unless it was accepted. */
    private void dropPrepared(Models.Held held) {
        settling.lock();
        try {
            String name = held.manifest().name();
            if (models.prepared(name).filter(prepared -> prepared == held).isPresent()) {
                models.dropPrepared(name);
                vault.dropPrepared(name);
            }
        } finally {
            settling.unlock();
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
            lead(session, word, held);
            return;
        }
        Rendezvous.Order order = rendezvous.take(id);
        if (!order.word().field("model").equals(held.manifest().name()) || order.word().number("version") != held.manifest().version()
                || !order.word().field("client").equals(client.name())) {
            order.cancel();
            throw new ServiceException(Kind.REFUSED, "party 0 was given another model under this identity");
        }
        take(order.session(), order.request(), held);
    }

    void remove(TlsChannel channel, Envelope asked, PartyFile.Client client) {
        String name = asked.field("model");
        requireRight(client, name);
        if (!one.tryLock()) {
            throw busy();
        }
        try {
            requireRight(client, name);
            if (vault.newest(name) == 0 && models.prepared(name).isEmpty()) {
                throw new ServiceException(Kind.BAD_REQUEST, "no model '" + name + "' at party " + file.party());
            }
            settling.lock();
            try {
                vault.remove(name);
                models.remove(name);
            } finally {
                settling.unlock();
            }
            log.event("removed", "model", name, "client", client.name());
        } finally {
            one.unlock();
        }
        Envelope.of(Envelope.OK).send(channel);
    }

    // ---- finding out what all parties hold

    /** The leader has the parties compare every stored model at the beginning of a session. */
    void began(Mesh.Session session) {
        compared.clear();
        if (file.party() == Mesh.LEADER) {
            for (String name : models.names()) {
                settle(session, name);
            }
            if (!session.isOver()) {
                session.tell(Envelope.of("compared"));
            }
        }
    }

    /** The leader finds the newest version of a name that all parties hold. */
    private void settle(Mesh.Session session, String name) {
        Optional<Models.Held> prepared = models.prepared(name).filter(_ -> !takingIn.equals(name));
        List<Models.Held> versions = Stream.concat(prepared.stream(), models.find(name).stream()).toList();
        for (Models.Held held : versions) {
            if (session.isOver()) {
                return;
            }
            try {
                lead(session, Envelope.of("compare", "model", name, "version", String.valueOf(held.manifest().version()), "last", String.valueOf(held == versions
                        .getLast())), held);
                return;
            } catch (RuntimeException e) {
                told(name, e);
            }
        }
    }

    private void told(String name, RuntimeException e) {
        log.event("model-not-usable", "model", name, "reason", Troubles.asService(e).getMessage());
    }

    /** Numbers are given in the order in which they are used here: two that wait for each other's lock at two parties would wait for ever. */
    private void lead(Mesh.Session session, Envelope word, Models.Held held) {
        settling.lock();
        try {
            take(session, session.order(word), held);
        } finally {
            settling.unlock();
        }
    }

    /** Compares a version with the other parties'; once all hold it, it is the one that is used. */
    private void take(Mesh.Session session, PartySession.Request request, Models.Held held) {
        String name = held.manifest().name();
        settling.lock();
        try {
            held.agree(session, request);
            accept(held);
            models.prepared(name).filter(other -> other.manifest().version() != held.manifest().version() && !takingIn.equals(name)).ifPresent(this::dropPrepared);
        } catch (RuntimeException e) {
            if (Troubles.endsSession(e)) {
                session.fail(String.valueOf(Troubles.asService(e).getMessage()));
            }
            throw e;
        } finally {
            settling.unlock();
        }
    }

    /** Another party compares a stored model at the leader's word. */
    void ordered(Mesh.Session session, Optional<PartySession.Request> request, Envelope order) {
        PartySession.Request number = request.orElseThrow(() -> new ServiceException(Kind.BAD_REQUEST, "an order without a number"));
        compared.add(order.field("model"));
        Thread.ofVirtual().start(() -> compareStored(session, number, order));
    }

    private void compareStored(Mesh.Session session, PartySession.Request number, Envelope order) {
        String name = order.field("model");
        try {
            long version = order.number("version");
            Optional<Models.Held> held = Stream.concat(models.prepared(name).stream(), models.find(name).stream()).filter(each -> each.manifest()
                    .version() == version).findFirst();
            if (held.isPresent()) {
                take(session, number, held.get());
                return;
            }
            session.cancel(number);
            String why = "party 0 holds version " + version + ", party " + file.party() + " " + models.find(name).map(other -> "version " + other.manifest()
                    .version()).orElse("none") + "; deploy it again";
            if (order.field("last").equals("true")) {
                models.find(name).ifPresent(other -> other.forgetUnlessReady(session, "not usable: " + why));
            }
            log.event("model-not-usable", "model", name, "reason", why);
        } catch (RuntimeException e) {
            told(name, e);
        }
    }

    /** The leading party has had all of its models compared: what it does not hold is of no use. */
    void compared() {
        for (Models.Held held : models.all()) {
            if (!compared.contains(held.manifest().name())) {
                held.forget("not usable: party 0 does not hold it; deploy it again, or remove it");
                log.event("model-not-usable", "model", held.manifest().name(), "reason", "party 0 does not hold it");
            }
        }
    }
}
