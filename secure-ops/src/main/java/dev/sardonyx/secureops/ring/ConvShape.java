package dev.sardonyx.secureops.ring;

import dev.sardonyx.graph.Window;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The extents of a convolution over one to three spatial axes. The input is [batch, inChannels, spatial…], the filter
 * [outChannels, inChannels / groups, kernel…], the output [batch, outChannels, outSpatial…], all row-major.
 *
 * @param spatial extents of the input's spatial axes
 * @param window kernel, strides, dilations and padding along those axes
 * @param groups number of groups that the channels are split into; input channels of one group meet only its output channels
 */
public record ConvShape(int batch, int inChannels, List<Integer> spatial, int outChannels, Window window, int groups) {
    public ConvShape {
        spatial = List.copyOf(spatial);
        require(spatial.size() >= 1 && spatial.size() <= 3, "spatial axes", spatial.size(), "1 to 3");
        require(batch >= 0, "batch", batch, "0 or more");
        require(groups >= 1, "groups", groups, "1 or more");
        require(inChannels >= 1 && inChannels % groups == 0, "inChannels", inChannels, "a positive multiple of groups=" + groups);
        require(outChannels >= 1 && outChannels % groups == 0, "outChannels", outChannels, "a positive multiple of groups=" + groups);
        for (List<Integer> part : List.of(window.kernel(), window.strides(), window.dilations(), window.padsBegin(),
                window.padsEnd())) {
            require(part.size() == spatial.size(), "length of a window's part", part.size(), "" + spatial.size());
        }
        for (int axis = 0; axis < spatial.size(); axis++) {
            require(spatial.get(axis) >= 1, "extent of axis " + axis, spatial.get(axis), "1 or more");
            require(window.kernel().get(axis) >= 1, "kernel of axis " + axis, window.kernel().get(axis), "1 or more");
            require(window.strides().get(axis) >= 1, "stride of axis " + axis, window.strides().get(axis), "1 or more");
            require(window.dilations().get(axis) >= 1, "dilation of axis " + axis, window.dilations().get(axis), "1 or more");
            require(window.padsBegin().get(axis) >= 0, "padding before axis " + axis, window.padsBegin().get(axis), "0 or more");
            require(window.padsEnd().get(axis) >= 0, "padding after axis " + axis, window.padsEnd().get(axis), "0 or more");
            long reach = (long) window.dilations().get(axis) * (window.kernel().get(axis) - 1) + 1;
            long padded = (long) spatial.get(axis) + window.padsBegin().get(axis) + window.padsEnd().get(axis);
            require(reach <= padded && padded <= Integer.MAX_VALUE, "padded extent of axis " + axis, padded, reach + " to 2^31-1");
        }
        length("input", batch, inChannels, spatial);
        length("filter", outChannels, inChannels / groups, window.kernel());
        length("output", batch, outChannels, outSpatial(spatial, window));
    }

    /** A square two-dimensional convolution with one stride and one padding on all sides, undilated and ungrouped. */
    public static ConvShape square(int batch, int[] channelsInOut, int extent, int[] kernelStridePad) {
        int pad = kernelStridePad[2];
        var window = new Window(both(kernelStridePad[0]), both(kernelStridePad[1]), both(1), both(pad), both(pad));
        return new ConvShape(batch, channelsInOut[0], both(extent), channelsInOut[1], window, 1);
    }

    private static List<Integer> both(int value) {
        return Collections.nCopies(2, value);
    }

    /** The extents of the output's spatial axes. */
    public List<Integer> outSpatial() {
        return outSpatial(spatial, window);
    }

    private static List<Integer> outSpatial(List<Integer> spatial, Window window) {
        return IntStream.range(0, spatial.size()).mapToObj(axis -> window.outputExtent(axis, spatial.get(axis))).toList();
    }

    /** Input elements of one channel of one sample. */
    public int inPlane() {
        return product(spatial);
    }

    /** Output elements of one channel of one sample. */
    public int outPlane() {
        return product(outSpatial());
    }

    /** Products summed into each output element: inChannels / groups · kernel extents. */
    public int tapsPerOutput() {
        return inChannels / groups * product(window.kernel());
    }

    public int inputLength() {
        return batch * inChannels * inPlane();
    }

    public int filterLength() {
        return outChannels * tapsPerOutput();
    }

    public int outputLength() {
        return batch * outChannels * outPlane();
    }

    /** This shape for another batch. */
    public ConvShape withBatch(int newBatch) {
        return new ConvShape(newBatch, inChannels, spatial, outChannels, window, groups);
    }

    /** {@code values} with ones in front so that there are three axes. */
    static int[] toThree(List<Integer> values, int filler) {
        int[] three = new int[3];
        Arrays.fill(three, filler);
        for (int i = 0; i < values.size(); i++) {
            three[3 - values.size() + i] = values.get(i);
        }
        return three;
    }

    private static int product(List<Integer> extents) {
        int product = 1;
        for (int extent : extents) {
            product *= extent;
        }
        return product;
    }

    private static void length(String what, int outer, int channels, List<Integer> extents) {
        long length = (long) outer * channels;
        for (int extent : extents) {
            require(length <= Integer.MAX_VALUE, "elements of the " + what, length, "at most 2^31-1");
            length *= extent;
        }
        require(length <= Integer.MAX_VALUE, "elements of the " + what, length, "at most 2^31-1");
    }

    private static void require(boolean holds, String what, long found, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException("convolution: " + what + " is " + found + "; allowed: " + allowed);
        }
    }
}
