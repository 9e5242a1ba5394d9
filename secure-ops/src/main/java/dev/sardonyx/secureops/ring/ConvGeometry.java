package dev.sardonyx.secureops.ring;

/**
 * Index arithmetic of one convolution, brought to three spatial axes. The elements that a filter tap meets are found by adding two
 * numbers: one for the output position, one for the tap. That holds for any stride and dilation as long as the image carries its
 * padding physically, so padded images are copied into a larger plane first, a few channels at a time.
 */
final class ConvGeometry {
    final ConvShape shape;
    /** Whether there is any padding, so that images must be copied. */
    final boolean padded;
    /** Elements of one channel as the taps see it, padding included. */
    final int plane;
    final int outPlane;
    /** Filter taps within one channel. */
    final int window;
    /** Output elements along the last axis, and the distance of their windows. */
    final int rowLength;
    final int rowStep;
    private final int[] in;
    private final int[] wide;
    private final int[] padsBegin;
    /** For each tap of one channel: its distance from the window's first element. */
    private final int[] tapOffsets;
    /** For each output position of one image: the first element of its window within a channel. */
    private final int[] positions;

    ConvGeometry(ConvShape shape) {
        this.shape = shape;
        in = ConvShape.toThree(shape.spatial(), 1);
        padsBegin = ConvShape.toThree(shape.window().padsBegin(), 0);
        int[] padsEnd = ConvShape.toThree(shape.window().padsEnd(), 0);
        wide = new int[3];
        boolean any = false;
        for (int axis = 0; axis < 3; axis++) {
            wide[axis] = in[axis] + padsBegin[axis] + padsEnd[axis];
            any |= padsBegin[axis] + padsEnd[axis] > 0;
        }
        padded = any;
        plane = Math.multiplyExact(Math.multiplyExact(wide[0], wide[1]), wide[2]);
        outPlane = shape.outPlane();
        tapOffsets = grid(ConvShape.toThree(shape.window().kernel(), 1), ConvShape.toThree(shape.window().dilations(), 1));
        window = tapOffsets.length;
        int[] strides = ConvShape.toThree(shape.window().strides(), 1);
        positions = grid(ConvShape.toThree(shape.outSpatial(), 1), strides);
        rowLength = shape.outSpatial().getLast();
        rowStep = strides[2];
    }

    /** Positions within a channel of all points of a grid with the given extents and steps. */
    private int[] grid(int[] extents, int[] steps) {
        int[] points = new int[extents[0] * extents[1] * extents[2]];
        int at = 0;
        for (int d = 0; d < extents[0]; d++) {
            for (int h = 0; h < extents[1]; h++) {
                for (int w = 0; w < extents[2]; w++) {
                    points[at++] = (d * steps[0] * wide[1] + h * steps[1]) * wide[2] + w * steps[2];
                }
            }
        }
        return points;
    }

    /** The offset of tap {@code tap}, counted over channels, from the window's first element in channel {@code firstChannel}. */
    int tapOffset(int tap, int firstChannel) {
        return (tap / window - firstChannel) * plane + tapOffsets[tap % window];
    }

    /** The first element, within a channel, of the window of an output position. */
    int position(int output) {
        return positions[output];
    }

    /** Copies channels {@code first} to {@code end} of one image into zero-padded planes, one after the other. */
    void pad(long[] x, int imageAt, int first, int end, long[] target, int targetAt) {
        int inPlane = in[0] * in[1] * in[2];
        for (int channel = first; channel < end; channel++) {
            int from = imageAt + channel * inPlane;
            int to = targetAt + (channel - first) * plane;
            java.util.Arrays.fill(target, to, to + plane, 0);
            for (int d = 0; d < in[0]; d++) {
                for (int h = 0; h < in[1]; h++) {
                    int row = ((d + padsBegin[0]) * wide[1] + h + padsBegin[1]) * wide[2] + padsBegin[2];
                    System.arraycopy(x, from + (d * in[1] + h) * in[2], target, to + row, in[2]);
                }
            }
        }
    }
}
