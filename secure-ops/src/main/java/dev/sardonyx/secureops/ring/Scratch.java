package dev.sardonyx.secureops.ring;

/**
 * Working memory of one thread, kept between calls so that products allocate nothing. Arrays only grow; what the kernels ask for is
 * bounded by their block sizes (a few hundred kilobytes, and {@link VectorConv#MAX_PADDED_WORDS} for padded images, or one channel of
 * one image where that is more), not by the operands.
 */
final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    private long[] left = {};
    private long[] right = {};
    private long[] padded = {};
    private final long[] tile = new long[8 * 2 * 8];

    static Scratch ofThread() {
        return OF_THREAD.get();
    }

    /** For panels of a left operand. */
    long[] left(int words) {
        if (left.length < words) {
            left = new long[words];
        }
        return left;
    }

    /** For panels of a right operand. */
    long[] right(int words) {
        if (right.length < words) {
            right = new long[words];
        }
        return right;
    }

    /** For zero-padded images. */
    long[] padded(int words) {
        if (padded.length < words) {
            padded = new long[words];
        }
        return padded;
    }

    /** One tile of the largest size. */
    long[] tile() {
        return tile;
    }
}
