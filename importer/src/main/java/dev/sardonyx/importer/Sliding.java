package dev.sardonyx.importer;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** A sliding window as a node's attributes describe it: kernel, strides, dilations, padding and how its extent is rounded. */
final class Sliding {
    private final NodeContext node;
    private final int[] kernel;
    private final int[] strides;
    private final int[] dilations;
    private final String autoPad;

    /**
     * Reads the attributes.
     *
     * @param kernel the kernel's extents where the attribute {@code kernel_shape} leaves them out
     */
    Sliding(NodeContext node, int... kernel) {
        this.node = node;
        this.kernel = node.integers("kernel_shape").orElse(kernel);
        if (this.kernel.length == 0) {
            throw node.missing("kernel_shape");
        }
        this.strides = positive("strides");
        this.dilations = positive("dilations");
        this.autoPad = node.text("auto_pad", "NOTSET", List.of("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER", ""));
        IntStream.of(this.kernel).filter(extent -> extent < 1).findAny().ifPresent(extent -> {
            throw node.invalid("kernel_shape has extent " + extent + "; expected 1 or more");
        });
    }

    int rank() {
        return kernel.length;
    }

    int[] kernel() {
        return kernel;
    }

    int stride(int axis) {
        return strides[axis];
    }

    int dilation(int axis) {
        return dilations[axis];
    }

    /** How far the window reaches along an axis, gaps included. */
    int reach(int axis) {
        return Math.addExact(Math.multiplyExact(dilations[axis], kernel[axis] - 1), 1);
    }

    String autoPad() {
        return autoPad;
    }

    /** Padding as the model states it or asks for it: before each axis, then after each. */
    int[] pads(Shape x) {
        int rank = rank();
        if (x.rank() != rank + 2) {
            throw node.invalid("x has shape " + x + "; expected rank " + (rank + 2) + " for a kernel of " + rank + " axes");
        }
        int[] pads = new int[2 * rank];
        if (autoPad.startsWith("SAME")) {
            for (int axis = 0; axis < rank; axis++) {
                int in = x.dim(axis + 2);
                int out = Math.ceilDiv(in, strides[axis]);
                int total = Math.max(0, (out - 1) * strides[axis] + reach(axis) - in);
                pads[axis] = autoPad.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                pads[axis + rank] = total - pads[axis];
            }
        } else if (!autoPad.equals("VALID")) {
            pads = node.integers("pads", pads);
            if (pads.length != 2 * rank || IntStream.of(pads).anyMatch(pad -> pad < 0)) {
                throw node.invalid("pads " + IntStream.of(pads).boxed().toList() + "; expected " + 2 * rank + " numbers of 0 or more");
            }
        }
        return pads;
    }

    /** The window over x; with {@code ceil_mode} the padding after an axis grows so that the last, partly outer, window fits. */
    Window window(Shape x) {
        int[] pads = pads(x);
        int rank = rank();
        var end = new ArrayList<Integer>();
        for (int axis = 0; axis < rank; axis++) {
            int in = x.dim(axis + 2);
            int given = pads[axis + rank];
            int room = in + pads[axis] + given - reach(axis);
            if (room < 0) {
                throw node.invalid("a window reaching over " + reach(axis) + " does not fit extent " + in + " with padding " + pads[axis] + " and "
                        + given);
            }
            end.add(node.flag("ceil_mode", false) && !autoPad.startsWith("SAME") ? ceilPad(axis, in, pads[axis], given) : given);
        }
        return new Window(list(kernel), list(strides), list(dilations), list(pads).subList(0, rank), end);
    }

    private int ceilPad(int axis, int in, int before, int given) {
        int stride = strides[axis];
        int room = in + before + given - reach(axis);
        int windows = Math.ceilDiv(room, stride) + 1;
        if ((windows - 1) * stride >= in + before) {
            // A window that would lie in the padding alone is left out.
            windows--;
        }
        if (room / stride + 1 == windows) {
            return given;
        }
        return Math.max(0, (windows - 1) * stride + reach(axis) - in - before);
    }

    private int[] positive(String attribute) {
        int[] ones = Collections.nCopies(kernel.length, 1).stream().mapToInt(Integer::intValue).toArray();
        int[] values = node.integers(attribute, ones);
        if (values.length != kernel.length || IntStream.of(values).anyMatch(value -> value < 1)) {
            throw node.invalid(attribute + " " + list(values) + "; expected " + kernel.length + " numbers of 1 or more");
        }
        return values;
    }

    static List<Integer> list(int[] values) {
        return IntStream.of(values).boxed().toList();
    }
}
