package dev.sardonyx.cli.service;

import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.events.LogFormat;
import java.io.PrintStream;

/** A party's events. Callers pass names, counts, times and error texts; never a value or a share. */
final class Log {
    private final EventLog events;

    Log(PrintStream out, LogFormat format, int party) {
        this.events = new EventLog(out, format, "party", String.valueOf(party));
    }

    /** @param namesAndValues names of {@link dev.sardonyx.cli.events.EventField}, each followed by its value */
    void event(String event, Object... namesAndValues) {
        events.event(event, namesAndValues);
    }
}
