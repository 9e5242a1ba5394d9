package dev.sardonyx.cli.service;

import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.events.LogFormat;
import java.io.PrintStream;

/** A party's events, or those of an owner's side that keeps running. Callers pass names, counts, times and error texts; never a value or a share. */
final class Log {
    private final EventLog events;

    Log(PrintStream out, LogFormat format, int party) {
        this(new EventLog(out, format, "party", String.valueOf(party)));
    }

    Log(EventLog events) {
        this.events = events;
    }

    /** @param namesAndValues names of {@link dev.sardonyx.cli.events.EventField}, each followed by its value */
    void event(String event, Object... namesAndValues) {
        events.event(event, namesAndValues);
    }
}
