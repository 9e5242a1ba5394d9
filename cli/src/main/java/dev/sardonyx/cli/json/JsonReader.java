package dev.sardonyx.cli.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON (RFC 8259) where it stands, in UTF-8, value by value and in order; makes no tree, so that a text takes no more memory than
 * what its reader keeps of it. A value can be stepped over and come back to: see {@link #place} and {@link #at}. Values nest at most
 * {@value #DEEPEST} deep, texts hold at most {@value #LONGEST_TEXT} characters and numbers {@value #LONGEST_NUMBER}. Jackson's tokens, with
 * its words for errors left out: they hold what stands there.
 */
public final class JsonReader {
    private static final int DEEPEST = 32;
    private static final int LONGEST_TEXT = 1 << 16;
    private static final int LONGEST_NUMBER = 400;
    private static final int MOST_MEMBERS = 1024;
    private static final String UTF_8 = "UTF-8";

    /** Names are not interned: whoever asks chooses them. */
    private static final JsonFactory FACTORY = new JsonFactoryBuilder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).maxStringLength(LONGEST_TEXT).maxNameLength(LONGEST_TEXT)
                    .maxNumberLength(LONGEST_NUMBER).build()).build();

    /** What kind of value comes next. */
    public enum Kind {
        OBJECT, ARRAY, TEXT, NUMBER, TRUTH, NOTHING
    }

    private interface Step<T> {
        T take() throws IOException;
    }

    private final byte[] bytes;
    private final int end;
    private final int base;
    private final JsonParser parser;
    /** What comes next, once it has been looked at. */
    private @Nullable JsonToken ahead;
    private boolean looked;

    /** @param end where the text ends; nothing behind it is looked at */
    public JsonReader(byte[] bytes, int end) {
        this(bytes, 0, end);
    }

    private JsonReader(byte[] bytes, int base, int end) {
        if (end < base || end > bytes.length) {
            throw new IllegalArgumentException("a text of " + (end - base) + " bytes in " + bytes.length);
        }
        this.bytes = bytes;
        this.end = end;
        this.base = base;
        try {
            this.parser = FACTORY.createParser(bytes, base, end - base);
        } catch (IOException e) {
            throw new JsonException(base, UTF_8);
        }
        if (parser.currentLocation().getByteOffset() < 0) {
            // Jackson reads UTF-16 and UTF-32 too, but cannot tell places in them.
            throw new JsonException(base, UTF_8);
        }
    }

    private <T> T step(Step<T> step) {
        try {
            return step.take();
        } catch (JsonProcessingException e) {
            long place = e.getLocation() == null ? parser.currentLocation().getByteOffset() : e.getLocation().getByteOffset();
            throw new JsonException(base + (int) Math.max(0, place), "JSON as in RFC 8259, each name once, at most " + DEEPEST + " levels, texts of at most "
                    + LONGEST_TEXT + " characters and numbers of at most " + LONGEST_NUMBER);
        } catch (IOException e) {
            throw new JsonException(base + (int) Math.max(0, parser.currentLocation().getByteOffset()), UTF_8);
        }
    }

    private @Nullable JsonToken peek() {
        if (!looked) {
            ahead = step(parser::nextToken);
            looked = true;
        }
        return ahead;
    }

    private JsonException expected(String what) {
        return new JsonException(place(), what);
    }

    private void require(boolean there, String what) {
        if (!there) {
            throw expected(what);
        }
        looked = false;
    }

    /** Where the next value begins. */
    public int place() {
        return base + (int) Math.max(0, (peek() == null ? parser.currentLocation() : parser.currentTokenLocation()).getByteOffset());
    }

    /** A reader of its own of the object, array or text that begins at a place. */
    public JsonReader at(int place) {
        return new JsonReader(bytes, place, end);
    }

    /** The kind of the value that comes next. */
    public Kind next() {
        return switch (peek()) {
            case START_OBJECT -> Kind.OBJECT;
            case START_ARRAY -> Kind.ARRAY;
            case VALUE_STRING -> Kind.TEXT;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Kind.NUMBER;
            case VALUE_TRUE, VALUE_FALSE -> Kind.TRUTH;
            case VALUE_NULL -> Kind.NOTHING;
            case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> throw expected("a value");
            case null -> throw expected("a value");
        };
    }

    /** An object; {@code member} is called with every name and takes its value. A name twice is an error. */
    public void object(Consumer<String> member) {
        require(peek() == JsonToken.START_OBJECT, "'{'");
        for (int members = 0; peek() != JsonToken.END_OBJECT; members++) {
            require(members < MOST_MEMBERS, "at most " + MOST_MEMBERS + " names");
            member.accept(step(parser::currentName));
        }
        looked = false;
    }

    /** An array; {@code element} is called where each element begins and takes it. */
    public void array(Runnable element) {
        require(peek() == JsonToken.START_ARRAY, "'['");
        while (peek() != JsonToken.END_ARRAY) {
            element.run();
        }
        looked = false;
    }

    private String number() {
        JsonToken token = peek();
        if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
            throw expected("a number");
        }
        String text = step(parser::getText);
        looked = false;
        return text;
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
        boolean truth = peek() == JsonToken.VALUE_TRUE;
        require(truth || peek() == JsonToken.VALUE_FALSE, "true or false");
        return truth;
    }

    public void nothing() {
        require(peek() == JsonToken.VALUE_NULL, "'null'");
    }

    public String text() {
        if (peek() != JsonToken.VALUE_STRING) {
            throw expected("a text");
        }
        String text = step(parser::getText);
        looked = false;
        return text;
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
        JsonReader reader = at(place());
        if (reader.peek() != JsonToken.START_ARRAY) {
            return false;
        }
        reader.looked = false;
        return reader.peek() == JsonToken.START_ARRAY;
    }

    /** Requires that nothing but blanks is left. */
    public void end() {
        if (peek() != null) {
            throw expected("the end");
        }
    }
}
