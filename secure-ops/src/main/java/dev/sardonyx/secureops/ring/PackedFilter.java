package dev.sardonyx.secureops.ring;

/**
 * The filter of a convolution, [outChannels, inChannels / groups, kernel…], copied into the order in which the kernels that packed
 * it read it. It is immutable, may be used by many threads at once and for any batch and any input extent, and is understood only
 * by the {@link RingKernels} it came from.
 */
public final class PackedFilter {
    private final String layout;
    private final int outChannels;
    private final int taps;
    private final int groups;
    private final long[] data;

    PackedFilter(String layout, ConvShape shape, long[] data) {
        this.layout = layout;
        this.outChannels = shape.outChannels();
        this.taps = shape.tapsPerOutput();
        this.groups = shape.groups();
        this.data = data;
    }

    /** Memory held, in bytes, padding included. */
    public long bytes() {
        return 8L * data.length;
    }

    /** The packed words, if they were packed in the asked layout for a shape with the same filter as {@code shape}. */
    long[] data(String expectedLayout, ConvShape shape) {
        if (!layout.equals(expectedLayout)) {
            throw new IllegalArgumentException("filter packed for kernels '" + layout + "'; these are '" + expectedLayout + "'");
        }
        if (outChannels != shape.outChannels() || taps != shape.tapsPerOutput() || groups != shape.groups()) {
            throw new IllegalArgumentException(this + " does not belong to " + shape);
        }
        return data;
    }

    @Override
    public String toString() {
        return "PackedFilter[" + outChannels + " outputs × " + taps + " taps in " + groups + " groups, " + layout + "]";
    }
}
