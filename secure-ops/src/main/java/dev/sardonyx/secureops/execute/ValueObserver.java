package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.plan.PlanValue;

/**
 * Is shown every value of an embedded run in the clear, which is what the protocol exists to prevent: for finding faults in models,
 * behind a flag that says insecure.
 */
@FunctionalInterface
public interface ValueObserver {
    /**
     * A value was made by all parties and joined. Called by the thread that started the run, after the run.
     *
     * @param lane number of the lane
     * @param value the plan's word on it
     * @param tensor numbers as FLOAT64, booleans as BOOL
     */
    void value(int lane, PlanValue value, Tensor tensor);
}
