package dev.sardonyx.cli.gateway;

import java.util.Optional;

/** Whether the parties can be asked, and what was found last. */
final class Probes {
    private final Backend backend;
    private volatile Optional<String> last = Optional.of("not looked yet");

    Probes(Backend backend) {
        this.backend = backend;
    }

    Optional<String> trouble() {
        last = backend.trouble();
        return last;
    }

    /** What {@link #trouble} gave last. */
    Optional<String> lastTrouble() {
        return last;
    }
}
