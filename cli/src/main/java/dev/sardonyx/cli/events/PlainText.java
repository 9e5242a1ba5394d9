package dev.sardonyx.cli.events;

/** Texts from elsewhere in a line of this side's own: nothing in them moves a terminal's cursor, turns the direction of writing or hides. */
public final class PlainText {
    private PlainText() {
    }

    /** The text in one line: breaks and tabs are blanks, and {@code ?} stands for what else is not seen, such as escapes and bidirectional overrides. */
    public static String of(String text) {
        var plain = new StringBuilder(text.length());
        text.codePoints().forEach(c -> plain.appendCodePoint(plain(c)));
        return plain.toString();
    }

    private static int plain(int c) {
        if (c == '\n' || c == '\r' || c == '\t') {
            return ' ';
        }
        return switch (Character.getType(c)) {
            case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> ' ';
            // Of the first both the old ones and those beyond 127; overrides and marks of direction are among the second.
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE -> '?';
            default -> c;
        };
    }
}
