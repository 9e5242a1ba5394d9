package dev.sardonyx.secureops.ring;

import java.util.Arrays;

/** Matrix product and convolution as sums of scaled rows, so that the inner loops run over neighbouring elements. */
final class ScalarProducts {
    private ScalarProducts() {}

    /** Rows {@code from} to {@code to} of c = a · b (or c += a · b) with b k×n row-major. */
    static void gemm(long[] a, int from, int to, long[] b, long[] c, int k, int n, boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(c, from * n, to * n, 0);
        }
        for (int i = from; i < to; i++) {
            for (int p = 0; p < k; p++) {
                addScaledRow(b, p * n, a[i * k + p], c, i * n, n);
            }
        }
    }

    private static void addScaledRow(long[] row, int rowAt, long factor, long[] acc, int accAt, int length) {
        for (int j = 0; j < length; j++) {
            acc[accAt + j] += factor * row[rowAt + j];
        }
    }

    /** The convolution, one filter tap at a time; taps that fall into the padding touch nothing. */
    static void conv(long[] x, long[] w, ConvShape shape, long[] out, boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(out, 0);
        }
        var planes = new PlanePair(shape);
        int channels = shape.inChannels() / shape.groups();
        int outputs = shape.outChannels() / shape.groups();
        int window = shape.tapsPerOutput() / channels;
        for (int image = 0; image < shape.batch(); image++) {
            for (int o = 0; o < shape.outChannels(); o++) {
                int outAt = (image * shape.outChannels() + o) * planes.outPlane;
                for (int c = 0; c < channels; c++) {
                    int inAt = (image * shape.inChannels() + o / outputs * channels + c) * planes.inPlane;
                    planes.addTaps(x, inAt, w, (o * channels + c) * window, out, outAt);
                }
            }
        }
    }

    /** One input plane and one output plane, brought to three axes; the first axes are 1 where there are fewer. */
    private static final class PlanePair {
        final int inPlane;
        final int outPlane;
        private final int[] in;
        private final int[] result;
        private final int[] kernel;
        private final int[] strides;
        private final int[] dilations;
        private final int[] pads;

        PlanePair(ConvShape shape) {
            inPlane = shape.inPlane();
            outPlane = shape.outPlane();
            in = ConvShape.toThree(shape.spatial(), 1);
            result = ConvShape.toThree(shape.outSpatial(), 1);
            kernel = ConvShape.toThree(shape.window().kernel(), 1);
            strides = ConvShape.toThree(shape.window().strides(), 1);
            dilations = ConvShape.toThree(shape.window().dilations(), 1);
            pads = ConvShape.toThree(shape.window().padsBegin(), 0);
        }

        /** First output index along an axis whose tap lies inside the input. */
        private int first(int axis, int tap) {
            int before = pads[axis] - tap * dilations[axis];
            return before <= 0 ? 0 : Math.min(result[axis], (before + strides[axis] - 1) / strides[axis]);
        }

        /** One past the last output index along an axis whose tap lies inside the input. */
        private int end(int axis, int tap) {
            int room = in[axis] - 1 + pads[axis] - tap * dilations[axis];
            return room < 0 ? 0 : Math.min(result[axis], room / strides[axis] + 1);
        }

        private int source(int axis, int output, int tap) {
            return output * strides[axis] + tap * dilations[axis] - pads[axis];
        }

        void addTaps(long[] x, int inAt, long[] w, int wAt, long[] out, int outAt) {
            int tap = wAt;
            for (int kd = 0; kd < kernel[0]; kd++) {
                for (int kh = 0; kh < kernel[1]; kh++) {
                    for (int kw = 0; kw < kernel[2]; kw++, tap++) {
                        addTap(x, inAt, w[tap], out, outAt, kd, kh, kw);
                    }
                }
            }
        }

        private void addTap(long[] x, int inAt, long factor, long[] out, int outAt, int kd, int kh, int kw) {
            int first = first(2, kw);
            int length = end(2, kw) - first;
            for (int d = first(0, kd); d < end(0, kd); d++) {
                for (int h = first(1, kh); h < end(1, kh); h++) {
                    int to = outAt + (d * result[1] + h) * result[2] + first;
                    int from = inAt + (source(0, d, kd) * in[1] + source(1, h, kh)) * in[2] + source(2, first, kw);
                    if (strides[2] == 1) {
                        addScaledRow(x, from, factor, out, to, length);
                    } else {
                        for (int i = 0; i < length; i++) {
                            out[to + i] += factor * x[from + i * strides[2]];
                        }
                    }
                }
            }
        }
    }
}
