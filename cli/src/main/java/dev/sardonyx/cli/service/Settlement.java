package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.PartySession;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Finds out which version of each model all parties hold, and has all of them use that.
 *
 * <p>A deployment is taken by all parties or by none, whoever dies in the middle of it. At the owner's word each party first puts the new
 * version on its disk beside the old one, then all compare what they hold (which ends well at one party only if every party got to its
 * end), then each lets the new one take the old one's place. Once the parties are linked again after a failure, the leading one has them
 * compare the newest version that it holds, and where that is not to be had everywhere, the one before it. If any party had let the new
 * one take its place, then all of them hold it, and all take it now; else all go on with the old one (two-phase commit, with the
 * comparison in the coordinator's place: J. Gray, Notes on Data Base Operating Systems, 1978, section 5.8.3.3).
 */
final class Settlement {
    private final PartyFile file;
    private final Models models;
    private final Vault vault;
    private final Log log;
    /** The name whose new version is between being prepared and being accepted here, if any. */
    private volatile String takingIn = "";
    /** Held while versions are compared and change places. */
    private final ReentrantLock settling = new ReentrantLock();
    /** Names that the leading party has had compared in this session. */
    private final Set<String> compared = ConcurrentHashMap.newKeySet();

    Settlement(PartyFile file, Models models, Vault vault, Log log) {
        this.file = file;
        this.models = models;
        this.vault = vault;
        this.log = log;
    }

    /** A deployment's new version is about to be prepared: it is compared at the owner's word, not at a session's beginning. */
    void begins(Models.Held held) {
        takingIn = held.manifest().name();
    }

    /** That version lies beside the present one. */
    void prepared(Models.Held held) {
        models.prepare(held);
        compared.add(held.manifest().name());
    }

    /** That deployment is over. */
    void ends() {
        takingIn = "";
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
    void dropPrepared(Models.Held held) {
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

    /** Deletes every version of a model. */
    void remove(String name) {
        settling.lock();
        try {
            vault.remove(name);
            models.remove(name);
        } finally {
            settling.unlock();
        }
    }

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
    void settle(Mesh.Session session, String name) {
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
    void lead(Mesh.Session session, Envelope word, Models.Held held) {
        settling.lock();
        try {
            take(session, session.order(word), held);
        } finally {
            settling.unlock();
        }
    }

    /** Compares a version with the other parties'; once all hold it, it is the one that is used. */
    void take(Mesh.Session session, PartySession.Request request, Models.Held held) {
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
