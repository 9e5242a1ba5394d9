package dev.sardonyx.importer;

import dev.sardonyx.graph.Tensor;

/** A tensor as a model stores it: held, or of a kind that cannot be (which is an error only where a node reads it). */
sealed interface Stored {
    record Held(Tensor tensor) implements Stored {
    }

    record Refused(String reason) implements Stored {
    }
}
