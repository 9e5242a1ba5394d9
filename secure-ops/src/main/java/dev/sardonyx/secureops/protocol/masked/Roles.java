package dev.sardonyx.secureops.protocol.masked;

/**
 * The three roles, and what each stores of {@code x = m + a + b}, m being the masked value and a, b the halves of its mask: the helper
 * (b, a), the left worker (a, m), the right worker (m, b). This is what the parties of a replicated sharing store, whichever of
 * them is the helper.
 */
final class Roles {
    static final int HELPER = 0;
    static final int LEFT = 1;
    static final int RIGHT = 2;

    private Roles() {
    }

    /** Where a role stores m; -1 at the helper. */
    static int maskedSlot(int role) {
        return switch (role) {
            case HELPER -> -1;
            case LEFT -> 1;
            case RIGHT -> 0;
            default -> throw new IllegalArgumentException("role " + role + "; expected 0 to 2");
        };
    }

    /** The masked value at a worker. */
    static long[] masked(int role, long[][] components) {
        return components[maskedSlot(role)];
    }

    /** The half of the mask that a worker knows. */
    static long[] half(int role, long[][] components) {
        return components[1 - maskedSlot(role)];
    }

    /** What a worker stores. */
    static long[][] worker(int role, long[] masked, long[] half) {
        return role == LEFT ? new long[][] {half, masked} : new long[][] {masked, half};
    }

    /** What the helper stores. */
    static long[][] helper(long[] left, long[] right) {
        return new long[][] {right, left};
    }

    static int otherWorker(int role) {
        return LEFT + RIGHT - role;
    }
}
