package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Window;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** Sums over axes, windows and prefixes of ring tensors; each is linear and acts on every component of a share alike. */
final class Sums {
    private Sums() {
    }

    /** Sums along axes of {@code input}, which remain with extent 1. */
    static UnaryOperator<long[]> along(List<Integer> axes, Shape input) {
        UnaryOperator<long[]> all = UnaryOperator.identity();
        Shape shape = input;
        for (int axis : new TreeSet<>(axes).descendingSet()) {
            all = then(all, along(axis, shape));
            shape = shape.with(axis, 1);
        }
        return all;
    }

    private static UnaryOperator<long[]> then(UnaryOperator<long[]> first, UnaryOperator<long[]> second) {
        return in -> second.apply(first.apply(in));
    }

    private static UnaryOperator<long[]> along(int axis, Shape shape) {
        int outer = shape.size(0, axis);
        int extent = shape.dim(axis);
        int inner = shape.size(axis + 1, shape.rank());
        return in -> {
            long[] out = new long[outer * inner];
            for (int o = 0; o < outer; o++) {
                int from = o * extent * inner;
                if (inner == 1) {
                    long sum = 0;
                    for (int i = 0; i < extent; i++) {
                        sum += in[from + i];
                    }
                    out[o] = sum;
                } else {
                    for (int i = 0; i < extent; i++) {
                        addRow(in, from + i * inner, out, o * inner, inner);
                    }
                }
            }
            return out;
        };
    }

    private static void addRow(long[] in, int inAt, long[] out, int outAt, int length) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] += in[inAt + i];
        }
    }

    /**
     * Sums over each window of [N, C, spatial…]. A window is a box, so the axes are summed one after the other: the cost is the sum
     * of the kernel's extents, not their product.
     */
    static UnaryOperator<long[]> windows(Window window, Shape input) {
        UnaryOperator<long[]> all = UnaryOperator.identity();
        Shape shape = input;
        for (int spatial = 0; spatial < window.rank(); spatial++) {
            int axis = spatial + 2;
            var taps = new Taps(window.kernel().get(spatial), window.strides().get(spatial), window.dilations().get(spatial),
                    window.padsBegin().get(spatial));
            int outExtent = window.outputExtent(spatial, shape.dim(axis));
            all = then(all, alongWindow(axis, shape, taps, outExtent));
            shape = shape.with(axis, outExtent);
        }
        return all;
    }

    private record Taps(int kernel, int stride, int dilation, int padBegin) {
    }

    private static UnaryOperator<long[]> alongWindow(int axis, Shape shape, Taps taps, int outExtent) {
        int outer = shape.size(0, axis);
        int extent = shape.dim(axis);
        int inner = shape.size(axis + 1, shape.rank());
        return in -> {
            long[] out = new long[outer * outExtent * inner];
            for (int o = 0; o < outer; o++) {
                for (int j = 0; j < outExtent; j++) {
                    for (int tap = 0; tap < taps.kernel; tap++) {
                        int i = j * taps.stride + tap * taps.dilation - taps.padBegin;
                        if (i >= 0 && i < extent) {
                            addRow(in, (o * extent + i) * inner, out, (o * outExtent + j) * inner, inner);
                        }
                    }
                }
            }
            return out;
        };
    }

    /** Running sums along an axis. */
    static UnaryOperator<long[]> prefixes(int axis, Shape shape, boolean exclusive, boolean reverse) {
        int outer = shape.size(0, axis);
        int extent = shape.dim(axis);
        int inner = shape.size(axis + 1, shape.rank());
        return in -> {
            long[] out = new long[in.length];
            for (int o = 0; o < outer; o++) {
                for (int i = 0; i < extent; i++) {
                    int place = reverse ? extent - 1 - i : i;
                    int previous = reverse ? place + 1 : place - 1;
                    int at = (o * extent + place) * inner;
                    if (i > 0) {
                        addRow(out, (o * extent + previous) * inner, out, at, inner);
                    }
                    if (!exclusive) {
                        addRow(in, at, out, at, inner);
                    } else if (i > 0) {
                        addRow(in, (o * extent + previous) * inner, out, at, inner);
                    }
                }
            }
            return out;
        };
    }
}
