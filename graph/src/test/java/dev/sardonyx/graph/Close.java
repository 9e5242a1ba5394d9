package dev.sardonyx.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

/** Compares tensors of tests. */
public final class Close {
    private Close() {
    }

    /** Equal types and shapes, and elements that differ by at most {@code tolerance·max(1, |expected|)}; NaN and infinities agree. */
    public static void assertClose(Tensor expected, Tensor actual, double tolerance) {
        assertEquals(TypedShape.of(expected), TypedShape.of(actual));
        for (int i = 0; i < expected.size(); i++) {
            double e = expected.getDouble(i);
            double a = actual.getDouble(i);
            if (Double.compare(e, a) != 0 && !(Math.abs(e - a) <= tolerance * Math.max(1, Math.abs(e)))) {
                fail("element " + i + " of " + expected + ": expected " + e + ", got " + a);
            }
        }
    }

    public static void assertSame(Tensor expected, Tensor actual) {
        assertClose(expected, actual, 0);
    }
}
