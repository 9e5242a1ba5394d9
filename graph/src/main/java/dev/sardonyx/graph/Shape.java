package dev.sardonyx.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The extents of a tensor, outermost first; a scalar has none. All extents are known and not negative: the symbolic dimensions of
 * a model are bound before a graph is made.
 */
public record Shape(List<Integer> dims) {
    public static final Shape SCALAR = new Shape(List.of());

    public Shape {
        dims = List.copyOf(dims);
        long size = 1;
        for (int dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException("shape " + dims + " has a negative extent");
            }
            // As if no extent were zero, so that parts of an empty shape have a size too, whatever their order.
            size *= Math.max(1, dim);
            if (size > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("shape " + dims + " has more than 2^31-1 elements");
            }
        }
    }

    public static Shape of(int... dims) {
        return new Shape(IntStream.of(dims).boxed().toList());
    }

    public int rank() {
        return dims.size();
    }

    /** The extent of an axis; negative axes count from the end. */
    public int dim(int axis) {
        return dims.get(axis < 0 ? axis + rank() : axis);
    }

    /** The number of elements. */
    public int size() {
        return size(0, rank());
    }

    /** The product of the extents of axes {@code from} (inclusive) to {@code to} (exclusive). */
    public int size(int from, int to) {
        int size = 1;
        for (int axis = from; axis < to; axis++) {
            size *= dims.get(axis);
        }
        return size;
    }

    /** Row-major strides in elements. */
    public int[] strides() {
        int[] strides = new int[rank()];
        int stride = 1;
        for (int axis = rank() - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= dims.get(axis);
        }
        return strides;
    }

    /** This shape with one extent replaced; negative axes count from the end. */
    public Shape with(int axis, int extent) {
        var changed = new ArrayList<>(dims);
        changed.set(axis < 0 ? axis + rank() : axis, extent);
        return new Shape(changed);
    }

    public int[] toArray() {
        return dims.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * The shape both operands take by ONNX's (numpy's) multidirectional broadcasting.
     *
     * @throws IllegalArgumentException naming both shapes if they do not fit together
     */
    public static Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        var dims = new Integer[rank];
        for (int i = 1; i <= rank; i++) {
            int da = i <= a.rank() ? a.dim(-i) : 1;
            int db = i <= b.rank() ? b.dim(-i) : 1;
            if (da != db && da != 1 && db != 1) {
                throw new IllegalArgumentException("shapes " + a + " and " + b + " do not broadcast");
            }
            dims[rank - i] = da == 1 ? db : da;
        }
        return new Shape(List.of(dims));
    }

    @Override
    public String toString() {
        return dims.stream().map(String::valueOf).collect(Collectors.joining("×", "[", "]"));
    }
}
