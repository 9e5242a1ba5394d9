package dev.sardonyx.secureops.protocol;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.Visibility;

/** What a plan says of the tensors of a test. */
final class Values {
    private Values() {
    }

    static PlanValue numbers(int size, int width) {
        return number(Shape.of(size), width, Visibility.SECRET);
    }

    static PlanValue number(Shape shape, int width, Visibility visibility) {
        return new PlanValue(0, "x", PlanValue.Kind.NUMBER, visibility, shape, 0, width - 1, false, width);
    }

    static PlanValue bits(int size) {
        return bits(size, Visibility.SECRET);
    }

    static PlanValue bits(int size, Visibility visibility) {
        return new PlanValue(0, "b", PlanValue.Kind.BITS, visibility, Shape.of(size), 0, 1, true, 1);
    }

    /** x modulo 2^width, sign-extended. */
    static long in(long x, int width) {
        return x << 64 - width >> 64 - width;
    }

    static boolean bit(long[] words, int i) {
        return (words[i >>> 6] >>> i & 1) != 0;
    }
}
