package dev.sardonyx.graph;

import java.util.List;

/**
 * A sliding window over the spatial axes (all after batch and channel) of a convolution or pooling.
 *
 * @param kernel extent of the window along each spatial axis
 * @param strides step of the window along each axis
 * @param dilations distance between neighbouring taps along each axis
 * @param padsBegin padding before each axis
 * @param padsEnd padding after each axis; large enough for a window that rounding up (ceil mode) adds
 */
public record Window(List<Integer> kernel, List<Integer> strides, List<Integer> dilations, List<Integer> padsBegin,
        List<Integer> padsEnd) {
    public Window {
        kernel = List.copyOf(kernel);
        strides = List.copyOf(strides);
        dilations = List.copyOf(dilations);
        padsBegin = List.copyOf(padsBegin);
        padsEnd = List.copyOf(padsEnd);
    }

    public int rank() {
        return kernel.size();
    }

    /** The output extent along spatial axis {@code axis} for an input extent. */
    public int outputExtent(int axis, int inputExtent) {
        int reach = dilations.get(axis) * (kernel.get(axis) - 1) + 1;
        return (inputExtent + padsBegin.get(axis) + padsEnd.get(axis) - reach) / strides.get(axis) + 1;
    }
}
