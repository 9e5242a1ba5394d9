package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.protocol.Engine;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.StepContext;

/** What a step finds at the party that runs it. */
interface Seat {
    Engine engine();

    /** The component into which this party's role adds public constants, or -1. */
    int constantSlot();

    /** Links and common randomness for the step that runs now. */
    StepContext context();

    /** Waits for what a protocol left open of the step when it gave its results: to be called before they are read in the same step. */
    void settle();

    /** This party's share of an input of the request. */
    PartyValue input(String name);

    /** This party's share of a learned constant. */
    PartyValue weight(WeightStore.Key key);

    /** A right operand; for a value that outlives the request, what was prepared from it before. */
    Operand operand(int value, String layout, Numbers share);
}
