package dev.sardonyx.cli.service;

/** Which versions meet. */
final class Versions {
    /** What parties of a cluster must have in common: the plan's steps, the protocol's messages and the envelopes. */
    static final String SOFTWARE = "4";

    private Versions() {
    }
}
