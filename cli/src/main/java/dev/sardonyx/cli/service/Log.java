package dev.sardonyx.cli.service;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** One line an event: time, event, {@code name=value} pairs. Callers pass names, counts, times and error texts; never a value or a share. */
final class Log {
    private final PrintStream out;
    private final int party;

    Log(PrintStream out, int party) {
        this.out = out;
        this.party = party;
    }

    void event(String event, Object... namesAndValues) {
        var line = new StringBuilder().append(Instant.now().truncatedTo(ChronoUnit.MILLIS)).append(" party=").append(party).append(" event=").append(event);
        for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
            String value = String.valueOf(namesAndValues[i + 1]);
            boolean plain = value.chars().allMatch(c -> c > ' ' && c < 127 && c != '"' && c != '\\');
            line.append(' ').append(namesAndValues[i]).append('=').append(plain ? value : quoted(value));
        }
        out.println(line);
    }

    private static String quoted(String value) {
        var text = new StringBuilder("\"");
        value.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                text.append('\\').append((char) c);
            } else {
                text.append(c < ' ' ? ' ' : (char) c);
            }
        });
        return text.append('"').toString();
    }
}
