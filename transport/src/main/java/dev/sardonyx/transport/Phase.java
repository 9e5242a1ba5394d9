package dev.sardonyx.transport;

/** Whether a message depends on an input. */
public enum Phase {
    /** Could have been sent before any input was known: keys, correlated randomness. */
    PREPROCESSING,
    /** Depends on an input. */
    ONLINE
}
