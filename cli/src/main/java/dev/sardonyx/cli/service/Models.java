package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.PartySession;
import dev.sardonyx.secureops.execute.PlanMemory;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The models that a party holds, and whether all parties have found in the present session that they hold the same. */
final class Models {
    /** A model at this party. */
    static final class Held {
        private final Vault.Stored stored;
        private final ShareBytes shares;
        private final byte[] planBytes;
        private final long memory;
        private volatile @Nullable Ready ready;
        private volatile String state = "waits for the other parties";

        /** Agreed on in a session. */
        private record Ready(Mesh.Session session, PartySession.Model model) {
        }

        Held(Vault.Stored stored, Protocol protocol, int party) {
            this.stored = stored;
            this.shares = new ShareBytes(stored.plan(), protocol.components(party).size());
            this.planBytes = PlanCodec.encode(stored.plan());
            this.memory = 2 * shares.inputBytes() + 2 * shares.outputBytes() + PlanMemory.peakBytes(stored.plan(), protocol);
        }

        Manifest manifest() {
            return stored.manifest();
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

        /** About the memory that the model takes: its shares, and what is prepared from them. */
        long residentBytes() {
            return residentBytes(planBytes.length + shares.weightBytes());
        }

        /** As {@link #residentBytes()} for a model whose plan and shares take so many bytes. */
        static long residentBytes(long bytes) {
            return 2 * bytes;
        }

        /** Bytes that a request takes at this party: all its inputs and outputs, and what its lanes hold of which only some run side by side. */
        long memory() {
            return memory;
        }

        String state() {
            return state;
        }

        /** Has all parties compare what they hold, under the number that they were given for it. */
        void agree(Mesh.Session session, PartySession.Request request) {
            state = "is compared with the other parties'";
            try {
                PartySession.Model model = session.parties().loadComparing(request, stored.plan(), stored.weights());
                ready = new Ready(session, model);
                state = "ready";
            } catch (RuntimeException e) {
                state = "not usable: " + Troubles.asService(e).getMessage();
                throw e;
            }
        }

        /** The model to run in a session. */
        PartySession.Model model(Mesh.Session session) {
            Ready now = ready;
            if (now == null || now.session() != session) {
                throw new ServiceException(state.startsWith("not usable") ? Kind.REFUSED : Kind.BUSY, "model '" + manifest().name() + "': " + state);
            }
            return now.model();
        }

        boolean isReadyIn(Mesh.Session session) {
            Ready now = ready;
            return now != null && now.session() == session;
        }

        void forget(String why) {
            ready = null;
            state = why;
        }
    }

    private final Map<String, Held> held = new ConcurrentHashMap<>();
    private final Map<String, String> unusable = new ConcurrentHashMap<>();

    void put(Held model) {
        held.put(model.manifest().name(), model);
        unusable.remove(model.manifest().name());
    }

    void unusable(String name, String why) {
        unusable.put(name, why);
    }

    void remove(String name) {
        held.remove(name);
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

    Held get(String name) {
        Held model = held.get(name);
        if (model == null) {
            String why = unusable.get(name);
            throw new ServiceException(Kind.BAD_REQUEST, why == null ? "no model '" + name + "' here; there are " + new TreeMap<>(held).keySet()
                    : "model '" + name + "' cannot be used: " + why);
        }
        return model;
    }
}
