package dev.sardonyx.cli.service;

/** Tells the log of connections that were not let in: a few in a row, then one a second, so that strangers cannot fill a disk. */
final class Refusals {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double BURST = 20;

    private final Log log;
    private double left = BURST;
    private long last = System.nanoTime();
    private long untold;

    Refusals(Log log) {
        this.log = log;
    }

    synchronized void told(String who) {
        long now = System.nanoTime();
        left = Math.min(BURST, left + (now - last) / NANOS_PER_SECOND);
        last = now;
        if (left < 1) {
            untold++;
            return;
        }
        left--;
        log.event("connection-refused", "reason", untold == 0 ? who : who + "; and " + untold + " others since the last one told of");
        untold = 0;
    }
}
