package dev.sardonyx.test;

import dev.sardonyx.secureops.execute.EmbeddedCluster;
import dev.sardonyx.secureops.protocol.Protocol;

/**
 * Clusters for tests that hold answers to a tolerance. Masks decide which way results round, so a failure is worth little unless they can
 * be drawn again: {@code -Dsardonyx.masks.seed=N} draws others.
 */
public final class SeededCluster {
    private static final long SEED = Long.getLong("sardonyx.masks.seed", 1);

    private SeededCluster() {
    }

    /** Starts all parties with the same randomness each time. */
    public static EmbeddedCluster open(Protocol protocol) {
        return EmbeddedCluster.open(protocol, EmbeddedCluster.Options.standard().withInsecureSeed(SEED));
    }
}
