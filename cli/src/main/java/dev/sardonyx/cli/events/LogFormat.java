package dev.sardonyx.cli.events;

/** How a line of a log is written. */
public enum LogFormat {
    /** Time, then {@code name=value} pairs, for people and for grep. */
    TEXT,
    /** A JSON object, for log collectors. */
    JSON
}
