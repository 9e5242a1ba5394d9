package dev.sardonyx.cli.events;

import dev.sardonyx.cli.json.JsonLine;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Writes one line an event. Only the names of {@link EventField} are written with their values, numbers as numbers, and texts of at
 * most {@value #LONGEST_TEXT} characters in one line whatever they hold. Safe for several threads.
 */
public final class EventLog {
    private static final int LONGEST_TEXT = 500;
    private static final String WITHHELD = "withheld";

    private final PrintStream out;
    private final LogFormat format;
    private final String[] always;

    /**
     * @param out where lines go
     * @param always names and values that stand in every line, behind the time
     */
    public EventLog(PrintStream out, LogFormat format, String... always) {
        this.out = out;
        this.format = format;
        this.always = always.clone();
    }

    /**
     * Tells of an event.
     *
     * @param event what happened, in words joined by dashes
     * @param namesAndValues names of {@link EventField}, each followed by its value
     */
    public void event(String event, Object... namesAndValues) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        out.println(switch (format) {
            case TEXT -> text(now, event, namesAndValues);
            case JSON -> json(now, event, namesAndValues);
        });
    }

    private static Object allowed(String name, Object value) {
        if (EventField.named(name).isEmpty()) {
            return WITHHELD;
        }
        if (value instanceof Long || value instanceof Integer) {
            return value;
        }
        String text = String.valueOf(value);
        return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
    }

    private String json(Instant now, String event, Object[] namesAndValues) {
        var line = new JsonLine();
        line.object(() -> {
            line.name("time").value(now.toString());
            for (int i = 0; i + 1 < always.length; i += 2) {
                line.name(always[i]).value(always[i + 1]);
            }
            line.name("event").value(event);
            for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
                String name = String.valueOf(namesAndValues[i]);
                line.name(name);
                switch (allowed(name, namesAndValues[i + 1])) {
                    case Number number -> line.value(number.longValue());
                    case Object text -> line.value(text.toString());
                }
            }
        });
        return line.toString();
    }

    private String text(Instant now, String event, Object[] namesAndValues) {
        var line = new StringBuilder(now.toString());
        for (int i = 0; i + 1 < always.length; i += 2) {
            line.append(' ').append(always[i]).append('=').append(plain(always[i + 1]));
        }
        line.append(" event=").append(event);
        for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
            String name = String.valueOf(namesAndValues[i]);
            line.append(' ').append(name).append('=').append(plain(String.valueOf(allowed(name, namesAndValues[i + 1]))));
        }
        return line.toString();
    }

    private static String plain(String value) {
        boolean word = !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 127 && c != '"' && c != '\\');
        if (word) {
            return value;
        }
        var text = new StringBuilder("\"");
        PlainText.of(value).chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append((char) c);
        });
        return text.append('"').toString();
    }
}
