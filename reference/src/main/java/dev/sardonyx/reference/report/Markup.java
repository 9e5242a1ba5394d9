package dev.sardonyx.reference.report;

import java.util.Locale;
import java.util.regex.Matcher;

/** Words and numbers inside markup. */
final class Markup {
    private Markup() {
    }

    /** Text without the characters that markup gives a meaning to, and without those that XML does not allow. */
    static String text(String plain) {
        var safe = new StringBuilder();
        plain.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '&' -> safe.append("&amp;");
                case '"' -> safe.append("&quot;");
                default -> {
                    boolean allowed = c >= 0x20 && c != 0xFFFE && c != 0xFFFF && !(c >= 0xD800 && c <= 0xDFFF) || c == '\n' || c == '\t';
                    safe.appendCodePoint(allowed ? c : 0xFFFD);
                }
            }
        });
        return safe.toString();
    }

    /** Puts values in the places marked {@code {0}}, {@code {1}}, …; texts are made safe, numbers shortened. */
    static String fill(String template, Object... values) {
        String filled = template;
        for (int i = 0; i < values.length; i++) {
            String value = switch (values[i]) {
                case Double number -> number(number);
                case Long number -> Long.toString(number);
                case Integer number -> Integer.toString(number);
                case Object other -> text(other.toString());
            };
            filled = filled.replaceAll("\\{" + i + "}", Matcher.quoteReplacement(value.replace("{", "&#123;")));
        }
        return filled;
    }

    /** A coordinate. */
    static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value).replaceFirst("\\.0$", "");
    }

    /** An error as people read it: {@code 6.1·10⁻⁵}. */
    static String error(double error) {
        if (error == 0) {
            return "0";
        }
        if (!Double.isFinite(error)) {
            return "∞";
        }
        if (error >= 0.1 && error < 1000) {
            return String.format(Locale.ROOT, "%.2f", error);
        }
        int exponent = (int) Math.floor(Math.log10(error));
        double mantissa = error / Math.pow(10, exponent);
        if (mantissa >= 9.95) {
            mantissa /= 10;
            exponent++;
        }
        return String.format(Locale.ROOT, "%.1f·10%s", mantissa, superscript(exponent));
    }

    /** {@code 10⁻⁵}. */
    static String power(int exponent) {
        return "10" + superscript(exponent);
    }

    private static String superscript(int exponent) {
        var text = new StringBuilder(exponent < 0 ? "⁻" : "");
        Integer.toString(Math.abs(exponent)).chars().forEach(digit -> text.append("⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(digit - '0')));
        return text.toString();
    }

    static String percent(double share) {
        return share == 1 ? "100 %" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    static String bytes(double bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        int unit = 0;
        double shown = bytes;
        while (shown >= 999.5 && unit + 1 < units.length) {
            shown /= 1000;
            unit++;
        }
        return (unit == 0 ? String.format(Locale.ROOT, "%.0f", shown) : String.format(Locale.ROOT, "%.3g", shown)) + " " + units[unit];
    }

    /** A long name with its middle left out. */
    static String shortened(String name, int most) {
        return name.length() <= most ? name : name.substring(0, most / 2 - 1) + "…" + name.substring(name.length() - (most - most / 2));
    }
}
