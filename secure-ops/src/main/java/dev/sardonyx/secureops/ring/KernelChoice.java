package dev.sardonyx.secureops.ring;

import java.util.List;
import java.util.Locale;

/**
 * Chooses the kernels of this process, once: the Vector API's where its module is there and the machine's vectors hold at least four
 * ring elements, plain loops otherwise. The system property {@value #PROPERTY} overrides it, for tests and comparisons.
 */
final class KernelChoice {
    static final String PROPERTY = "sardonyx.kernels";
    private static final List<String> ALLOWED = List.of("scalar", "vector", "vector128", "vector256", "vector512");
    private static final String MODULE = "jdk.incubator.vector";
    private static final String MISSING = "module " + MODULE + " is absent: start Java with --add-modules " + MODULE;

    static final RingKernels BEST = choose();

    private KernelChoice() {}

    private static String requested() {
        String value = System.getProperty(PROPERTY, "").toLowerCase(Locale.ROOT);
        if (!value.isEmpty() && !ALLOWED.contains(value)) {
            throw new IllegalArgumentException("-D" + PROPERTY + "=" + value + "; allowed: " + String.join(", ", ALLOWED));
        }
        return value;
    }

    /** The vector width asked for, in bits; 0 where the machine's own is to be taken. */
    static int requestedBits() {
        String value = requested();
        return value.startsWith("vector") && value.length() > 6 ? Integer.parseInt(value.substring(6)) : 0;
    }

    static boolean vectorApiPresent() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    private static RingKernels choose() {
        String value = requested();
        boolean present = vectorApiPresent();
        if (value.startsWith("vector") && !present) {
            throw new IllegalStateException("-D" + PROPERTY + "=" + value + ": " + MISSING);
        }
        if (value.equals("scalar") || !present) {
            return new ScalarKernels();
        }
        var vector = new VectorKernels();
        return value.isEmpty() && vector.lanes() < 4 ? new ScalarKernels() : vector;
    }

    /** One line for {@code doctor} and {@code bench}: which kernels are in use, and why not better ones. */
    static String explanation() {
        String lanes = BEST.name() + ", " + BEST.lanes() + (BEST.lanes() == 1 ? " lane" : " lanes");
        if (!requested().isEmpty()) {
            return lanes + " (asked for by -D" + PROPERTY + ")";
        }
        if (BEST.lanes() > 1) {
            return lanes;
        }
        return lanes + " (" + (vectorApiPresent() ? "this machine's vectors hold fewer than 4 elements" : MISSING) + ")";
    }
}
