package dev.sardonyx.cli.json;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads JSON (RFC 8259) where it stands, in UTF-8, value by value and in order; makes no tree, so that a text takes no more memory than
 * what its reader keeps of it. A value can be stepped over and come back to: see {@link #place} and {@link #at}. Values nest at most
 * {@value #DEEPEST} deep and texts hold at most {@value #LONGEST_TEXT} bytes.
 */
public final class JsonReader {
    private static final int DEEPEST = 32;
    private static final int LONGEST_TEXT = 1 << 16;
    private static final int LONGEST_NUMBER = 400;
    private static final int MOST_MEMBERS = 1024;

    /** What kind of value comes next. */
    public enum Kind {
        OBJECT, ARRAY, TEXT, NUMBER, TRUTH, NOTHING
    }

    private final byte[] bytes;
    private final int end;
    private int at;
    private int depth;

    /** @param end where the text ends; nothing behind it is looked at */
    public JsonReader(byte[] bytes, int end) {
        if (end < 0 || end > bytes.length) {
            throw new IllegalArgumentException("a text of " + end + " bytes in " + bytes.length);
        }
        this.bytes = bytes;
        this.end = end;
    }

    /** Where the next value begins. */
    public int place() {
        blank();
        return at;
    }

    /** A reader of its own of the value that begins at a place. */
    public JsonReader at(int place) {
        var reader = new JsonReader(bytes, end);
        reader.at = place;
        return reader;
    }

    private JsonException expected(String what) {
        return new JsonException(at, what);
    }

    private void blank() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
    }

    private int peek() {
        blank();
        return at < end ? bytes[at] : -1;
    }

    private boolean take(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private void require(char c) {
        if (!take(c)) {
            throw expected("'" + c + "'");
        }
    }

    /** The kind of the value that comes next. */
    public Kind next() {
        return switch (peek()) {
            case '{' -> Kind.OBJECT;
            case '[' -> Kind.ARRAY;
            case '"' -> Kind.TEXT;
            case 't', 'f' -> Kind.TRUTH;
            case 'n' -> Kind.NOTHING;
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> Kind.NUMBER;
            default -> throw expected("a value");
        };
    }

    private void down() {
        if (++depth > DEEPEST) {
            throw expected("at most " + DEEPEST + " levels");
        }
    }

    /** An object; {@code member} is called with every name and takes its value. A name twice is an error. */
    public void object(Consumer<String> member) {
        require('{');
        down();
        Set<String> names = new HashSet<>();
        if (!take('}')) {
            do {
                if (peek() != '"') {
                    throw expected("a name");
                }
                String name = text();
                if (!names.add(name) || names.size() > MOST_MEMBERS) {
                    throw expected("each name once, and at most " + MOST_MEMBERS);
                }
                require(':');
                member.accept(name);
            } while (take(','));
            require('}');
        }
        depth--;
    }

    /** An array; {@code element} is called where each element begins and takes it. */
    public void array(Runnable element) {
        require('[');
        down();
        if (!take(']')) {
            do {
                element.run();
            } while (take(','));
            require(']');
        }
        depth--;
    }

    /** The characters of a number, in ASCII. */
    private String number() {
        blank();
        int from = at;
        if (at < end && bytes[at] == '-') {
            at++;
        }
        int whole = at;
        digits();
        if (at - whole > 1 && bytes[whole] == '0') {
            throw expected("no number that begins with 0");
        }
        if (at < end && bytes[at] == '.') {
            at++;
            digits();
        }
        if (at < end && (bytes[at] == 'e' || bytes[at] == 'E')) {
            at++;
            if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
                at++;
            }
            digits();
        }
        if (at - from > LONGEST_NUMBER) {
            throw expected("a number of at most " + LONGEST_NUMBER + " characters");
        }
        return new String(bytes, from, at - from, StandardCharsets.US_ASCII);
    }

    private void digits() {
        int from = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == from) {
            throw expected("a number");
        }
    }

    /** A number; one beyond the doubles is infinite. */
    public double real() {
        return Double.parseDouble(number());
    }

    /** A whole number written without fraction and exponent; of 2^63 to 2^64 - 1 where {@code unsigned}, as its bits. */
    public long whole(boolean unsigned) {
        int from = place();
        String number = number();
        try {
            return unsigned ? Long.parseUnsignedLong(number) : Long.parseLong(number);
        } catch (NumberFormatException e) {
            throw new JsonException(from, unsigned ? "a whole number from 0 to 2^64 - 1" : "a whole number of 64 bits");
        }
    }

    public boolean truth() {
        if (next() != Kind.TRUTH) {
            throw expected("true or false");
        }
        boolean truth = bytes[at] == 't';
        word(truth ? "true" : "false");
        return truth;
    }

    public void nothing() {
        blank();
        word("null");
    }

    private void word(String word) {
        for (int i = 0; i < word.length(); i++, at++) {
            if (at >= end || bytes[at] != word.charAt(i)) {
                throw expected("'" + word + "'");
            }
        }
    }

    public String text() {
        require('"');
        int from = at;
        boolean plain = true;
        while (at < end && bytes[at] != '"') {
            if (bytes[at] >= 0 && bytes[at] < ' ') {
                throw expected("no control character");
            }
            plain &= bytes[at] != '\\';
            at += bytes[at] == '\\' ? 2 : 1;
        }
        if (at >= end || at - from > LONGEST_TEXT) {
            throw expected("a text that ends, of at most " + LONGEST_TEXT + " bytes");
        }
        String raw = new String(bytes, from, at - from, StandardCharsets.UTF_8);
        at++;
        return plain ? raw : unescaped(raw);
    }

    private String unescaped(String raw) {
        var text = new StringBuilder();
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escaped = raw.charAt(++i);
            switch (escaped) {
                case '"', '\\', '/' -> text.append(escaped);
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'u' -> {
                    text.append(character(raw, i + 1));
                    i += 4;
                }
                default -> throw expected("an escape that JSON has");
            }
        }
        return text.toString();
    }

    private char character(String raw, int from) {
        int code = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = i < raw.length() && raw.charAt(i) < 128 ? Character.digit(raw.charAt(i), 16) : -1;
            if (digit < 0) {
                throw expected("four hexadecimal digits");
            }
            code = code << 4 | digit;
        }
        return (char) code;
    }

    /** Steps over a value of any kind. */
    public void skip() {
        switch (next()) {
            case OBJECT -> object(_ -> skip());
            case ARRAY -> array(this::skip);
            case TEXT -> text();
            case NUMBER -> number();
            case TRUTH -> truth();
            case NOTHING -> nothing();
        }
    }

    /** Whether the next value is an array whose first element is an array. */
    public boolean isNested() {
        JsonReader ahead = at(place());
        return ahead.take('[') && ahead.peek() == '[';
    }

    /** Requires that nothing but blanks is left. */
    public void end() {
        if (peek() >= 0) {
            throw expected("the end");
        }
    }
}
