package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;

/** The model owner's learned constants, by the ids of the graph that was planned. */
@FunctionalInterface
public interface WeightSource {
    /** @throws RuntimeException if the graph has no such constant */
    Tensor tensor(ValueId constant);
}
