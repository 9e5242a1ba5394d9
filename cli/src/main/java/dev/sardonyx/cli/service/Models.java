package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.Blame;
import dev.sardonyx.secureops.execute.PartySession;
import dev.sardonyx.secureops.execute.PlanMemory;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The models that a party holds, and whether all parties have found in the present session that they hold the same. */
final class Models {
    /** A model at this party. */
    static final class Held {
        private static final State WAITS = new State("waits for the other parties", Blame.AFTERMATH);

        private final Vault.Stored stored;
        private final ShareBytes shares;
        private final byte[] planBytes;
        private final long memory;
        private final long derived;
        private volatile @Nullable Ready ready;
        private volatile State state = WAITS;

        /**
         * How it stands with the model.
         *
         * @param blame what that says, where the model cannot be used, beside what other parties say
         */
        private record State(String words, Blame blame) {
        }

        /** Agreed on in a session. */
        private record Ready(Mesh.Session session, PartySession.Model model) {
        }

        Held(Vault.Stored stored, Protocol protocol, int party) {
            this.stored = stored;
            this.shares = new ShareBytes(stored.plan(), protocol.components(party).size());
            this.planBytes = PlanCodec.encode(stored.plan());
            this.derived = PlanMemory.lastingBytes(stored.plan(), protocol);
            this.memory = 2 * shares.inputBytes() + 2 * shares.outputBytes() + PlanMemory.peakBytes(stored.plan(), protocol);
        }

        Manifest manifest() {
            return stored.manifest();
        }

        /** Whether a client may know of it: it deploys models of this name or may query this one. */
        boolean isKnownTo(PartyFile.Client client) {
            String name = manifest().name();
            return client.may(PartyFile.Right.DEPLOY, name) || client.may(PartyFile.Right.PREDICT, name) && manifest().mayQuery(client.name());
        }

        ShareBytes shares() {
            return shares;
        }

        byte[] planBytes() {
            return planBytes.clone();
        }

        long bytesOnDisk() {
            return stored.bytes();
        }

        /** About the memory that the model takes: its shares, and what is prepared from them, which a plan may make larger. */
        long residentBytes() {
            long given = planBytes.length + shares.weightBytes();
            return given + Math.max(given, derived);
        }

        /** At least {@link #residentBytes()} for a model whose plan and shares take so many bytes. */
        static long leastResidentBytes(long bytes) {
            return bytes > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : 2 * bytes;
        }

        /** Bytes that a request takes at this party: all its inputs and outputs, and what its lanes hold of which only some run side by side. */
        long memory() {
            return memory;
        }

        /** @param linked the session there is */
        String state(Optional<Mesh.Session> linked) {
            return stateIn(linked).words;
        }

        private State stateIn(Optional<Mesh.Session> linked) {
            Ready now = ready;
            return now == null || linked.filter(session -> session == now.session()).isPresent() ? state : WAITS;
        }

        /** Has all parties compare what they hold, under the number that they were given for it. */
        void agree(Mesh.Session session, PartySession.Request request) {
            state = new State("is compared with the other parties'", Blame.AFTERMATH);
            try {
                PartySession.Model model = session.parties().loadComparing(request, stored.plan(), stored.weights());
                become(new Ready(session, model));
            } catch (RuntimeException e) {
                becomeUnusable(Troubles.asService(e));
                throw e;
            } catch (Error e) {
                // The trouble of this model, whose plan may want more memory than there is, and of nothing else that is done here.
                ServiceException reason = Troubles.asService(e);
                becomeUnusable(reason);
                throw reason;
            }
        }

        /** The model to run in a session. */
        PartySession.Model model(Mesh.Session session) {
            Ready now = ready;
            if (now == null || now.session() != session) {
                State why = stateIn(Optional.of(session));
                throw new ServiceException(why.words.startsWith("not usable") ? Kind.REFUSED : Kind.BUSY,
                        "model '" + manifest().name() + "': " + why.words, why.blame);
            }
            return now.model();
        }

        /** Whether all parties have ever found that they hold the same. */
        boolean wasAgreedOn() {
            return ready != null;
        }

        boolean isReadyIn(Mesh.Session session) {
            Ready now = ready;
            return now != null && now.session() == session;
        }

        void forget(String why) {
            forget(new State(why, Blame.CAUSE));
        }

        private synchronized void forget(State why) {
            ready = null;
            state = why;
        }

        synchronized void forgetUnlessReady(Mesh.Session session, String why) {
            if (!isReadyIn(session)) {
                forget(why);
            }
        }

        private void becomeUnusable(ServiceException reason) {
            forget(new State("not usable: " + reason.getMessage(), reason.blame()));
        }

        private synchronized void become(Ready now) {
            ready = now;
            state = new State("ready", Blame.CAUSE);
        }
    }

    private final Map<String, Held> held = new ConcurrentHashMap<>();
    /** Versions that lie beside these, of which it is not known yet whether all parties take them. */
    private final Map<String, Held> prepared = new ConcurrentHashMap<>();
    private final Map<String, String> unusable = new ConcurrentHashMap<>();

    void put(Held model) {
        held.put(model.manifest().name(), model);
        unusable.remove(model.manifest().name());
    }

    void prepare(Held model) {
        prepared.put(model.manifest().name(), model);
    }

    /** The version that waits to be accepted. */
    Optional<Held> prepared(String name) {
        return Optional.ofNullable(prepared.get(name));
    }

    void dropPrepared(String name) {
        prepared.remove(name);
    }

    /** Every name of which there is any version. */
    Set<String> names() {
        var names = new TreeSet<>(held.keySet());
        names.addAll(prepared.keySet());
        return names;
    }

    /** About the memory that all models take, those that wait to be accepted too. */
    long residentBytes() {
        return Stream.concat(held.values().stream(), prepared.values().stream()).mapToLong(Held::residentBytes).sum();
    }

    void unusable(String name, String why) {
        unusable.put(name, why);
    }

    void remove(String name) {
        held.remove(name);
        prepared.remove(name);
        unusable.remove(name);
    }

    boolean has(String name) {
        return held.containsKey(name);
    }

    /** How many can be run in a session. */
    int readyIn(Mesh.Session session) {
        return (int) held.values().stream().filter(model -> model.isReadyIn(session)).count();
    }

    List<Held> all() {
        return List.copyOf(new TreeMap<>(held).values());
    }

    Map<String, String> unusable() {
        return new TreeMap<>(unusable);
    }

    Optional<Held> find(String name) {
        return Optional.ofNullable(held.get(name));
    }

    /**
     * A model that a client asks for.
     *
     * @throws ServiceException where there is none, naming those of which this client may know
     */
    Held get(String name, PartyFile.Client client) {
        Held model = held.get(name);
        if (model == null) {
            String why = client.may(PartyFile.Right.DEPLOY, name) || client.may(PartyFile.Right.PREDICT, name) ? unusable.get(name) : null;
            throw new ServiceException(Kind.BAD_REQUEST, why == null ? "no model '" + name + "' here; there are " + namesFor(client)
                    : "model '" + name + "' cannot be used: " + why);
        }
        return model;
    }

    private List<String> namesFor(PartyFile.Client client) {
        return all().stream().filter(model -> model.isKnownTo(client)).map(model -> model.manifest().name()).toList();
    }
}
