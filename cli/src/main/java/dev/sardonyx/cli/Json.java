package dev.sardonyx.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Writes one JSON document (RFC 8259), indented. The command line only ever writes JSON and reads none, which takes a page; a library
 * would be a start-up cost on every command. NaN and the infinities, which JSON lacks, are written as null.
 */
final class Json {
    private static final int INDENT = 2;

    private final StringBuilder text = new StringBuilder();
    private final Deque<Boolean> nonEmpty = new ArrayDeque<>();
    private boolean afterName;

    Json object(Runnable members) {
        return nested('{', '}', members);
    }

    Json array(Runnable elements) {
        return nested('[', ']', elements);
    }

    /** The name of the next value. */
    Json name(String name) {
        separate();
        quoted(name);
        text.append(": ");
        afterName = true;
        return this;
    }

    Json value(String value) {
        separate();
        quoted(value);
        return this;
    }

    Json value(long value) {
        separate();
        text.append(value);
        return this;
    }

    Json value(boolean value) {
        separate();
        text.append(value);
        return this;
    }

    Json value(double value) {
        separate();
        text.append(number(value));
        return this;
    }

    Json value(OptionalDouble value) {
        return value.isPresent() ? value(value.getAsDouble()) : nothing();
    }

    Json nothing() {
        separate();
        text.append("null");
        return this;
    }

    /** Numbers in one line. */
    Json numbers(double[] values) {
        separate();
        text.append('[');
        for (int i = 0; i < values.length; i++) {
            text.append(i == 0 ? "" : ", ").append(number(values[i]));
        }
        text.append(']');
        return this;
    }

    /** Numbers in one line. */
    Json numbers(long[] values) {
        separate();
        text.append('[');
        for (int i = 0; i < values.length; i++) {
            text.append(i == 0 ? "" : ", ").append(values[i]);
        }
        text.append(']');
        return this;
    }

    @Override
    public String toString() {
        return text + "\n";
    }

    private static String number(double value) {
        if (!Double.isFinite(value)) {
            return "null";
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
        return Double.toString(value);
    }

    private Json nested(char open, char close, Runnable contents) {
        separate();
        text.append(open);
        nonEmpty.push(false);
        contents.run();
        boolean any = nonEmpty.pop();
        if (any) {
            line();
        }
        text.append(close);
        return this;
    }

    private void separate() {
        if (afterName) {
            afterName = false;
            return;
        }
        if (!nonEmpty.isEmpty()) {
            if (nonEmpty.pop()) {
                text.append(',');
            }
            nonEmpty.push(true);
            line();
        }
    }

    private void line() {
        text.append('\n').append(" ".repeat(INDENT * nonEmpty.size()));
    }

    private void quoted(String value) {
        text.append('"');
        value.chars().forEach(c -> {
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20) {
                        text.append(String.format(Locale.ROOT, "\\u%04x", c));
                    } else {
                        text.append((char) c);
                    }
                }
            }
        });
        text.append('"');
    }
}
