package dev.sardonyx.reference.files;

import dev.sardonyx.graph.Tensor;

/** What files give for one input of a model. */
interface SampleSource {
    /** Extent of the batch axis. */
    int count();

    /** Samples {@code from} (inclusive) to {@code to} (exclusive), checked against the model's input. */
    Tensor rows(int from, int to);

    /** Bounds of all its numbers. */
    Range range();
}
