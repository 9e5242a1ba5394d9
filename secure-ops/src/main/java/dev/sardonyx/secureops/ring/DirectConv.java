package dev.sardonyx.secureops.ring;

import java.util.Arrays;

/**
 * Convolution tap by tap, for groups with so few output channels (depthwise convolution has one) that gathered elements would be used
 * too seldom. Sums are formed for all positions of a plane as if the stride were one, so each tap is one long loop over neighbouring
 * elements; with larger strides most sums are dropped, which costs less than loops over scattered elements.
 */
final class DirectConv {
    /** Positions summed at once, unless one row has more: the sums and the elements they meet stay in the first-level cache. */
    private static final int CHUNK = 1024;

    private final ConvGeometry geometry;
    private final ConvShape shape;
    private final int channels;
    private final int outputs;
    private final Scratch scratch = Scratch.ofThread();

    DirectConv(ConvShape shape) {
        this.geometry = new ConvGeometry(shape);
        this.shape = shape;
        this.channels = shape.inChannels() / shape.groups();
        this.outputs = shape.outChannels() / shape.groups();
    }

    /** out = convolution, or out += it; w is [outChannels, channels of a group, kernel…]. */
    void convolve(long[] x, long[] w, long[] out, boolean accumulate) {
        int atOnce = geometry.padded ? Math.clamp(VectorConv.MAX_PADDED_WORDS / geometry.plane, 1, channels) : channels;
        for (int image = 0; image < shape.batch(); image++) {
            for (int group = 0; group < shape.groups(); group++) {
                for (int first = 0; first < channels; first += atOnce) {
                    int end = Math.min(channels, first + atOnce);
                    channelBlock(x, w, out, new Block(image, group, first, end, accumulate || first > 0));
                }
            }
        }
    }

    /** Channels {@code first} to {@code end} of one group of one image. */
    private record Block(int image, int group, int first, int end, boolean add) {}

    private void channelBlock(long[] x, long[] w, long[] out, Block block) {
        int groupAt = (block.image * shape.inChannels() + block.group * channels) * shape.inPlane();
        long[] source = x;
        int sourceAt = groupAt + block.first * geometry.plane;
        if (geometry.padded) {
            source = scratch.padded((block.end - block.first) * geometry.plane);
            sourceAt = 0;
            geometry.pad(x, groupAt, block.first, block.end, source, 0);
        }
        for (int o = block.group * outputs; o < (block.group + 1) * outputs; o++) {
            plane(source, sourceAt, w, o, out, block);
        }
    }

    private void plane(long[] source, int sourceAt, long[] w, int o, long[] out, Block block) {
        int firstTap = block.first * geometry.window;
        int endTap = block.end * geometry.window;
        int row = geometry.rowLength;
        int rows = geometry.outPlane / row;
        int rowsAtOnce = rows == 1 ? 1 : Math.max(1, CHUNK / Math.max(1, geometry.position(row) - geometry.position(0)));
        for (int r = 0; r < rows; r += rowsAtOnce) {
            int endRow = Math.min(rows, r + rowsAtOnce);
            int start = geometry.position(r * row);
            int length = geometry.position(endRow * row - 1) + 1 - start;
            long[] sums = scratch.left(length);
            Arrays.fill(sums, 0, length, 0);
            for (int tap = firstTap; tap < endTap; tap++) {
                int from = sourceAt + start + geometry.tapOffset(tap, block.first);
                VectorRows.addScaled(source, from, w[o * shape.tapsPerOutput() + tap], sums, 0, length);
            }
            int outAt = (block.image * shape.outChannels() + o) * geometry.outPlane;
            for (int done = r; done < endRow; done++) {
                place(sums, geometry.position(done * row) - start, out, outAt + done * row, block.add);
            }
        }
    }

    /** Moves one output row to its place: every stride-th sum. */
    private void place(long[] sums, int from, long[] out, int outAt, boolean add) {
        int row = geometry.rowLength;
        int step = geometry.rowStep;
        if (step == 1 && !add) {
            System.arraycopy(sums, from, out, outAt, row);
        } else if (step == 1) {
            VectorRows.add(out, outAt, sums, from, out, outAt, row);
        } else {
            for (int i = 0; i < row; i++) {
                long sum = sums[from + i * step];
                out[outAt + i] = add ? out[outAt + i] + sum : sum;
            }
        }
    }
}
