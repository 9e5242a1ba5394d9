package dev.sardonyx.cli.json;

/** A text is not the JSON that was expected. Says where, and never what stands there. */
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JsonException(int place, String expected) {
        super("at byte " + place + ": expected " + expected);
    }
}
