package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.Visibility;

/**
 * A value while its plan is being made: all but its ring width, which is known only once every reader is.
 *
 * @param id its number
 * @param kind numbers or bits
 * @param visibility who may know it
 * @param shape its extents
 * @param fractionBits scale of a number
 * @param range bounds of its real value
 */
record Draft(int id, PlanValue.Kind kind, Visibility visibility, Shape shape, int fractionBits, Interval range) {

    boolean isPublic() {
        return visibility == Visibility.PUBLIC;
    }

    boolean isBits() {
        return kind == PlanValue.Kind.BITS;
    }

    /** The least b with |raw| &lt; 2^b. */
    int magnitudeBits() {
        return magnitudeBits(range, fractionBits);
    }

    static int magnitudeBits(Interval range, int fractionBits) {
        double raw = Math.scalb(range.magnitude(), fractionBits);
        // One unit of room: encoding and truncation may each end one unit above the real bound.
        return raw < 1 ? 1 : Math.getExponent(raw + 1) + 1;
    }

    int size() {
        return shape.size();
    }
}
