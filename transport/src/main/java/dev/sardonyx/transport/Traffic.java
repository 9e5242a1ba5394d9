package dev.sardonyx.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Live counters of what one endpoint sent, in total and per request: payload bytes and messages, per peer and phase, and the greatest
 * depth seen per phase. Exact: each message counts once, when its link has taken it over. Safe for concurrent use.
 */
public final class Traffic {

    private final int parties;
    private final Counters total;
    private final ConcurrentHashMap<Integer, Counters> requests = new ConcurrentHashMap<>();

    Traffic(int parties) {
        this.parties = parties;
        this.total = new Counters(parties);
    }

    /** Everything this endpoint sent so far. */
    public TrafficSnapshot snapshot() {
        return total.snapshot();
    }

    /** What this endpoint sent so far for one request; all zero for a request that is unknown or {@linkplain Endpoint#finish finished}. */
    public TrafficSnapshot snapshot(int request) {
        Counters counters = requests.get(request);
        return (counters == null ? new Counters(parties) : counters).snapshot();
    }

    /** Starts counting for a request; to be called once a request. */
    Counters open(int request) {
        Counters counters = new Counters(parties);
        requests.put(request, counters);
        return counters;
    }

    void forget(int request) {
        requests.remove(request);
    }

    void sent(Counters request, int to, Phase phase, int depth, int bytes) {
        total.sent(to, phase, depth, bytes);
        request.sent(to, phase, depth, bytes);
    }

    void received(Counters request, Phase phase, int depth) {
        total.seen(phase, depth);
        request.seen(phase, depth);
    }

    /** Bytes and messages per (peer, phase), depth per phase. */
    static final class Counters {

        private static final int PHASES = Phase.values().length;

        private final AtomicLongArray bytes;
        private final AtomicLongArray messages;
        private final AtomicIntegerArray depths = new AtomicIntegerArray(PHASES);

        private Counters(int parties) {
            this.bytes = new AtomicLongArray(parties * PHASES);
            this.messages = new AtomicLongArray(parties * PHASES);
        }

        private void sent(int to, Phase phase, int depth, int length) {
            int cell = to * PHASES + phase.ordinal();
            bytes.getAndAdd(cell, length);
            messages.getAndIncrement(cell);
            seen(phase, depth);
        }

        private void seen(Phase phase, int depth) {
            int cell = phase.ordinal();
            int known = depths.get(cell);
            while (depth > known && !depths.compareAndSet(cell, known, depth)) {
                known = depths.get(cell);
            }
        }

        private TrafficSnapshot snapshot() {
            List<TrafficSnapshot.Link> links = new ArrayList<>();
            for (int peer = 0; peer < bytes.length() / PHASES; peer++) {
                links.add(new TrafficSnapshot.Link(count(peer, Phase.PREPROCESSING), count(peer, Phase.ONLINE)));
            }
            return new TrafficSnapshot(links, depths.get(Phase.PREPROCESSING.ordinal()), depths.get(Phase.ONLINE.ordinal()));
        }

        private TrafficSnapshot.Count count(int peer, Phase phase) {
            int cell = peer * PHASES + phase.ordinal();
            return new TrafficSnapshot.Count(bytes.get(cell), messages.get(cell));
        }
    }
}
