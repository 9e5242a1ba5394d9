package dev.sardonyx.secureops.ring;

/** Convolution by its definition, one output element at a time. */
final class NaiveConvolution {
    private NaiveConvolution() {}

    static long[] of(long[] x, long[] w, ConvShape shape) {
        int[] in = ConvShape.toThree(shape.spatial(), 1);
        int[] kernel = ConvShape.toThree(shape.window().kernel(), 1);
        int[] result = ConvShape.toThree(shape.outSpatial(), 1);
        int[] strides = ConvShape.toThree(shape.window().strides(), 1);
        int[] dilations = ConvShape.toThree(shape.window().dilations(), 1);
        int[] pads = ConvShape.toThree(shape.window().padsBegin(), 0);
        int taps = shape.tapsPerOutput();
        int outPlane = shape.outPlane();
        int inPerGroup = shape.inChannels() / shape.groups();
        int outPerGroup = shape.outChannels() / shape.groups();
        long[] out = new long[shape.outputLength()];
        for (int at = 0; at < out.length; at++) {
            int position = at % outPlane;
            int[] output = {position / result[2] / result[1], position / result[2] % result[1], position % result[2]};
            int channel = at / outPlane % shape.outChannels();
            int image = at / outPlane / shape.outChannels();
            for (int tap = 0; tap < taps; tap++) {
                int[] offset = {tap / kernel[2] / kernel[1] % kernel[0], tap / kernel[2] % kernel[1], tap % kernel[2]};
                int inChannel = channel / outPerGroup * inPerGroup + tap / (kernel[0] * kernel[1] * kernel[2]);
                int source = image * shape.inChannels() + inChannel;
                boolean inside = true;
                for (int axis = 0; axis < 3; axis++) {
                    int coordinate = output[axis] * strides[axis] + offset[axis] * dilations[axis] - pads[axis];
                    inside &= coordinate >= 0 && coordinate < in[axis];
                    source = source * in[axis] + coordinate;
                }
                if (inside) {
                    out[at] += w[channel * taps + tap] * x[source];
                }
            }
        }
        return out;
    }
}
