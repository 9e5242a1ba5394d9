package dev.sardonyx.secureops.random;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The draws of one party's side of its keystreams; refuses a second draw that would use a (key, counter block) again. Both parties
 * of a pair draw the same stream once each, so each party has a ledger of its own. Memory grows with the number of draws: this is
 * for tests.
 */
public final class KeystreamLedger implements KeystreamObserver {
    /** One stream under one key. */
    public record Entry(String keyFingerprint, StreamId id) {}

    private final String side;
    private final Map<Entry, Long> drawn = new ConcurrentHashMap<>();
    private final AtomicLong blocksDrawn = new AtomicLong();

    /** A ledger for the party that {@code side} names in errors. */
    public KeystreamLedger(String side) {
        this.side = side;
    }

    @Override
    public void drawing(String keyFingerprint, StreamId id, long blocks) {
        if (blocks == 0) {
            return;
        }
        // Every draw begins at block 0 of its stream, so two draws of one stream always overlap.
        Long before = drawn.putIfAbsent(new Entry(keyFingerprint, id), blocks);
        if (before != null) {
            throw new IllegalStateException(side + ": keystream " + keyFingerprint + " drawn twice at " + id + " (" + before
                    + " blocks, then " + blocks + ")");
        }
        blocksDrawn.addAndGet(blocks);
    }

    /** All draws so far: blocks by key and stream. */
    public Map<Entry, Long> draws() {
        return Map.copyOf(drawn);
    }

    /** Blocks of 16 bytes drawn so far from all streams. */
    public long blocksDrawn() {
        return blocksDrawn.get();
    }
}
