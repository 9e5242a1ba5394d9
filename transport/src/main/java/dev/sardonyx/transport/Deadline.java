package dev.sardonyx.transport;

import java.time.Duration;

/**
 * A point on this process's monotonic clock until which something may take.
 *
 * @param atNanos the point, as {@link System#nanoTime} will read there
 * @param allowed how long was allowed when the deadline was set; for error messages
 */
public record Deadline(long atNanos, Duration allowed) {

    /** Longer waits are cut to this; {@link System#nanoTime} differences stay far from overflow. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** The deadline this far from now; a negative duration counts as none. */
    public static Deadline in(Duration duration) {
        Duration allowed = duration.isNegative() ? Duration.ZERO : duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
        return new Deadline(System.nanoTime() + allowed.toNanos(), allowed);
    }

    /** Nanoseconds left; zero or negative where the deadline has passed. */
    public long remainingNanos() {
        return atNanos - System.nanoTime();
    }

    /** Time left; never negative. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNanos()));
    }

    public boolean expired() {
        return remainingNanos() <= 0;
    }

    @Override
    public String toString() {
        return "deadline of " + allowed.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
    }
}
