package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.protocol.PartyValue;
import java.util.List;

/** One step of a plan with everything worked out that follows from the plan alone; stateless, run by many lanes at once. */
@FunctionalInterface
interface Kernel {
    /** Makes the step's outputs from its inputs; the inputs' arrays are not written to, but outputs may share them. */
    List<PartyValue> run(Seat seat, List<PartyValue> inputs);
}
