package dev.sardonyx.cli.service;

import java.time.Duration;

/** Tells the log of connections that were not let in: at most one line a second with how many there were, so that strangers cannot fill a disk. */
final class Refusals {
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Log log;
    private long last = System.nanoTime() - PAUSE_NANOS;
    private long untold;

    Refusals(Log log) {
        this.log = log;
    }

    synchronized void told(String who) {
        long now = System.nanoTime();
        if (now - last < PAUSE_NANOS) {
            untold++;
            return;
        }
        log.event("connection-refused", "reason", untold == 0 ? who : who + "; and " + untold + " others since the last one told of");
        last = now;
        untold = 0;
    }
}
