package dev.sardonyx.transport;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shape of a network: every message arrives {@code oneWayDelay} after its last byte left, and each party's uplink, shared by its
 * links to all peers, lets {@code bytesPerSecond} leave. Downlinks are not limited.
 *
 * @param oneWayDelay    not negative
 * @param bytesPerSecond positive; {@link Double#POSITIVE_INFINITY} for no limit
 */
public record LinkProfile(Duration oneWayDelay, double bytesPerSecond) {

    /** No delay, no limit: as fast as memory. */
    public static final LinkProfile NONE = new LinkProfile(Duration.ZERO, Double.POSITIVE_INFINITY);

    /** One building: 0.2 ms round trip, 10 Gbit/s a party. */
    public static final LinkProfile LAN = new LinkProfile(Duration.ofNanos(100_000), 10e9 / 8);

    /** Different towns: 40 ms round trip, 100 Mbit/s a party. */
    public static final LinkProfile WAN = new LinkProfile(Duration.ofMillis(20), 100e6 / 8);

    private static final Pattern CUSTOM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(us|ms|s)\\s*,\\s*(\\d+(?:\\.\\d+)?)\\s*([kmg]?)bit(?:/s)?");

    public LinkProfile {
        Objects.requireNonNull(oneWayDelay, "oneWayDelay");
        if (oneWayDelay.isNegative() || oneWayDelay.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("one-way delay " + oneWayDelay + "; expected 0 to 1 h");
        }
        if (!(bytesPerSecond > 0)) {
            throw new IllegalArgumentException("bandwidth of " + bytesPerSecond + " bytes/s; expected a positive number");
        }
    }

    /** Whether messages are slowed at all. */
    public boolean shaped() {
        return !oneWayDelay.isZero() || bytesPerSecond != Double.POSITIVE_INFINITY;
    }

    /**
     * Reads {@code none}, {@code lan}, {@code wan}, or round trip time and bandwidth a party such as {@code 10ms,1Gbit}: time in
     * {@code us}, {@code ms} or {@code s}, bandwidth in {@code bit}, {@code kbit}, {@code Mbit} or {@code Gbit} (decimal) a second.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static LinkProfile parse(String text) {
        String wanted = text.strip().toLowerCase(Locale.ROOT);
        return switch (wanted) {
            case "none" -> NONE;
            case "lan" -> LAN;
            case "wan" -> WAN;
            default -> custom(text, wanted);
        };
    }

    private static LinkProfile custom(String text, String wanted) {
        Matcher matcher = CUSTOM.matcher(wanted);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("network '" + text + "'; expected none, lan, wan, or ROUND_TRIP,BANDWIDTH such as 10ms,1Gbit");
        }
        double unit = switch (matcher.group(2)) {
            case "us" -> 1e3;
            case "ms" -> 1e6;
            default -> 1e9;
        };
        double factor = switch (matcher.group(4)) {
            case "k" -> 1e3;
            case "m" -> 1e6;
            case "g" -> 1e9;
            default -> 1;
        };
        long roundTripNanos = Math.round(Double.parseDouble(matcher.group(1)) * unit);
        return new LinkProfile(Duration.ofNanos(roundTripNanos / 2), Double.parseDouble(matcher.group(3)) * factor / 8);
    }
}
