package dev.sardonyx.cli.json;

import java.nio.charset.StandardCharsets;

/** Writes JSON (RFC 8259) without blanks or line breaks; numbers in the fewest digits that read back as the same. */
public final class JsonLine {
    private final StringBuilder text = new StringBuilder();
    /** Whether a comma must come before the next name or value. */
    private boolean comma;

    private void separate() {
        if (comma) {
            text.append(',');
        }
        comma = true;
    }

    private JsonLine nested(char open, char close, Runnable contents) {
        separate();
        text.append(open);
        comma = false;
        contents.run();
        text.append(close);
        comma = true;
        return this;
    }

    public JsonLine object(Runnable members) {
        return nested('{', '}', members);
    }

    public JsonLine array(Runnable elements) {
        return nested('[', ']', elements);
    }

    /** The name of the next value. */
    public JsonLine name(String name) {
        separate();
        quote(name);
        text.append(':');
        comma = false;
        return this;
    }

    public JsonLine value(String value) {
        separate();
        quote(value);
        return this;
    }

    public JsonLine value(long value) {
        separate();
        text.append(value);
        return this;
    }

    /** A whole number from 0 to 2^64 - 1, given as its bits. */
    public JsonLine unsigned(long bits) {
        separate();
        text.append(Long.toUnsignedString(bits));
        return this;
    }

    public JsonLine value(boolean value) {
        separate();
        text.append(value);
        return this;
    }

    /** A number of single precision; NaN and the infinities, which JSON lacks, as null. */
    public JsonLine value(float value) {
        separate();
        text.append(Float.isFinite(value) ? Float.toString(value) : "null");
        return this;
    }

    /** A number of double precision; NaN and the infinities, which JSON lacks, as null. */
    public JsonLine value(double value) {
        separate();
        text.append(Double.isFinite(value) ? Double.toString(value) : "null");
        return this;
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    // Lone surrogates have no UTF-8, and the two line separators end a line for some readers.
                    if (c < ' ' || c == 0x7F || c == 0x2028 || c == 0x2029 || Character.isSurrogate(c)) {
                        text.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    public byte[] bytes() {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
