package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.PartySession;
import java.time.Duration;
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
final class Settlement implements AutoCloseable {
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final PartyFile file;
    private final Models models;
    private final Vault vault;
    private final Log log;
    /** The name whose new version is between being prepared and being accepted here, if any. */
    private volatile String takingIn = "";
    /** Held while versions are compared and change places. */
    private final ReentrantLock settling = new ReentrantLock();
    /** Versions whose place this party's disk has refused them so far. */
    private final Set<Models.Held> retried = ConcurrentHashMap.newKeySet();
    /** Names that the leading party has had compared in this session. */
    private final Set<String> compared = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    /** Whether the leading party has had all of its models compared in this session. */
    private volatile boolean roundOver;

    Settlement(PartyFile file, Models models, Vault vault, Log log) {
        this.file = file;
        this.models = models;
        this.vault = vault;
        this.log = log;
    }

    /**
     * Whether a version of this name lies beside the present one of which this party does not know that no other uses it: the parties have
     * agreed on it, or have not yet compared in this session what they hold.
     */
    boolean isOpen(String name) {
        return models.prepared(name).filter(held -> held.wasAgreedOn() || !roundOver && !compared.contains(name)).isPresent();
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

    private boolean isPrepared(Models.Held held) {
        return models.prepared(held.manifest().name()).filter(prepared -> prepared == held).isPresent();
    }

    /**
     * The accepted model of a name, on which all parties have agreed, is now the prepared one. Idempotent.
     *
     * @throws ServiceException where the disk fails; it is then tried again and again, for the other parties use that version
     */
    private void accept(Models.Held held) {
        Manifest manifest = held.manifest();
        if (isPrepared(held)) {
            try {
                vault.accept(manifest);
            } catch (ServiceException e) {
                String why = "all parties agreed on version " + manifest.version() + ", which party " + file.party() + " cannot put in its place: " + e.getMessage()
                        + "; it tries again every " + AGAIN.toSeconds() + " s";
                models.find(manifest.name()).ifPresent(other -> other.forget("not usable: " + why));
                if (retried.add(held)) {
                    log.event("model-not-usable", "model", manifest.name(), "reason", why);
                    Thread.ofVirtual().name("accept again").start(() -> acceptAgain(held));
                }
                throw new ServiceException(e.kind(), why, e);
            }
            models.put(held);
            models.dropPrepared(manifest.name());
            log.event("deployed", "model", manifest.name(), "version", manifest.version(), "plan", manifest.planHash(), "client", manifest.owner());
        }
    }

    private void acceptAgain(Models.Held held) {
        try {
            boolean open = true;
            while (open && !closed) {
                Thread.sleep(AGAIN);
                settling.lock();
                try {
                    accept(held);
                    open = isPrepared(held);
                } catch (ServiceException | Error e) {
                    // Told where it came up, or there was no memory for it just now.
                } finally {
                    settling.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            retried.remove(held);
        }
    }

    /** Gives a prepared model up, unless it was accepted. */
    void dropPrepared(Models.Held held) {
        settling.lock();
        try {
            String name = held.manifest().name();
            if (isPrepared(held)) {
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
        roundOver = false;
        compared.clear();
        if (file.party() == Mesh.LEADER) {
            for (String name : models.names()) {
                settle(session, name);
            }
            if (!session.isOver()) {
                roundOver = true;
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
            } catch (RuntimeException | Error e) {
                told(name, e);
                if (held.wasAgreedOn()) {
                    // It is the one, and takes its place as soon as the disk lets it.
                    return;
                }
            }
        }
    }

    private void told(String name, Throwable e) {
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
        } catch (RuntimeException | Error e) {
            told(name, e);
        }
    }

    /** The leading party has had all of its models compared: what it does not hold is of no use. */
    void compared(Mesh.Session session) {
        roundOver = true;
        for (Models.Held held : models.all()) {
            if (!compared.contains(held.manifest().name()) && !held.isReadyIn(session)) {
                held.forget("not usable: party 0 does not hold it; deploy it again, or remove it");
                log.event("model-not-usable", "model", held.manifest().name(), "reason", "party 0 does not hold it");
            }
        }
    }

    /** Tries nothing again. */
    @Override
    public void close() {
        closed = true;
    }
}
