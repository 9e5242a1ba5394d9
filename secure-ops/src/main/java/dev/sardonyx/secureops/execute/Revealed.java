package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;

/** What of a share may leave the parties. */
final class Revealed {
    private Revealed() {
    }

    /**
     * The share with all bits above its ring cleared. Sums that ran over the ring leave carries there that no mask covers: together with
     * the other components they would tell more than the value.
     */
    static PartyValue of(PartyValue value, int width) {
        if (value instanceof Numbers(var shape, var components) && width < Long.SIZE) {
            long mask = -1L >>> Long.SIZE - width;
            return new Numbers(shape, LinearKernels.each(components, component -> masked(component, mask)));
        }
        return value;
    }

    private static long[] masked(long[] component, long mask) {
        var out = new long[component.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = component[i] & mask;
        }
        return out;
    }
}
