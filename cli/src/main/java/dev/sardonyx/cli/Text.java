package dev.sardonyx.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Text {
    private Text() {
    }

    static String seconds(double seconds) {
        if (seconds >= 100) {
            return String.format(Locale.ROOT, "%.0f s", seconds);
        }
        if (seconds >= 1) {
            return String.format(Locale.ROOT, "%.2f s", seconds);
        }
        return seconds >= 1e-3 ? String.format(Locale.ROOT, "%.1f ms", seconds * 1e3) : String.format(Locale.ROOT, "%.0f µs", seconds * 1e6);
    }

    /** Decimal units, as networks count. */
    static String bytes(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        if (bytes < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
        }
        return bytes < 1_000_000_000 ? String.format(Locale.ROOT, "%.2f MB", bytes / 1e6) : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }

    static String error(double error) {
        return error == 0 ? "0" : String.format(Locale.ROOT, "%.1e", error);
    }

    static String score(double score) {
        return String.format(Locale.ROOT, Math.abs(score) >= 1000 ? "%.0f" : Math.abs(score) >= 10 ? "%.2f" : "%.4f", score);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, share == 1 ? "100 %%" : "%.2f %%", 100 * share);
    }

    /** A bound without the digits that say nothing: {@code 0}, {@code 1}, {@code 0.42}. */
    static String bound(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9 ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.4g", value).replaceFirst("(\\.\\d*?)0+$", "$1");
    }

    static String plural(long count, String one) {
        return count + " " + one + (count == 1 ? "" : "s");
    }

    static String parties(int count) {
        return count == 1 ? "1 party" : count + " parties";
    }
}
