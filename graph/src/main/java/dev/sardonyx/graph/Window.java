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
        int rank = kernel.size();
        if (strides.size() != rank || dilations.size() != rank || padsBegin.size() != rank || padsEnd.size() != rank) {
            throw new IllegalArgumentException("window of kernel " + kernel + " has strides " + strides + ", dilations " + dilations
                    + " and pads " + padsBegin + ", " + padsEnd + "; expected " + rank + " of each");
        }
        if (least(kernel) < 1 || least(strides) < 1 || least(dilations) < 1 || least(padsBegin) < 0 || least(padsEnd) < 0) {
            throw new IllegalArgumentException("window of kernel " + kernel + ", strides " + strides + ", dilations " + dilations
                    + " and pads " + padsBegin + ", " + padsEnd + "; expected pads of 0 or more and the others of 1 or more");
        }
    }

    private static int least(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).min().orElse(1);
    }

    public int rank() {
        return kernel.size();
    }

    /** The output extent along spatial axis {@code axis} for an input extent. */
    public int outputExtent(int axis, int inputExtent) {
        int reach = dilations.get(axis) * (kernel.get(axis) - 1) + 1;
        return (inputExtent + padsBegin.get(axis) + padsEnd.get(axis) - reach) / strides.get(axis) + 1;
    }

    /** True if every window over x [N, C, spatial…] has a tap on x itself, not on padding only. */
    public boolean alwaysMeets(Shape x) {
        for (int axis = 0; axis < rank(); axis++) {
            for (int at = 0; at < outputExtent(axis, x.dim(axis + 2)); at++) {
                int first = at * strides.get(axis) - padsBegin.get(axis);
                boolean meets = false;
                for (int tap = 0; tap < kernel.get(axis); tap++) {
                    int place = first + tap * dilations.get(axis);
                    meets |= place >= 0 && place < x.dim(axis + 2);
                }
                if (!meets) {
                    return false;
                }
            }
        }
        return true;
    }
}
