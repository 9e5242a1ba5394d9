package dev.sardonyx.importer;

import dev.sardonyx.graph.Tensor;

/** A tensor as a model stores it: held, or of a kind that cannot be (which is an error only where a node reads it). */
sealed interface Stored {
    /** @param bits bits of an integer type that is held in 8 bits because it has fewer; 0 for every other type */
    record Held(Tensor tensor, int bits) implements Stored {
        Held(Tensor tensor) {
            this(tensor, 0);
        }
    }

    record Refused(String reason) implements Stored {
    }
}
