package dev.sardonyx.reference.files;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Plain rearrangements of tensors. */
public final class Tensors {
    private Tensors() {
    }

    /** The tensor whose element i is element {@code from(i)} of another. */
    static Tensor pick(Tensor tensor, Shape shape, IntUnaryOperator from) {
        if (tensor.type() == ElementType.FLOAT32) {
            float[] picked = new float[shape.size()];
            for (int i = 0; i < picked.length; i++) {
                picked[i] = (float) tensor.getDouble(from.applyAsInt(i));
            }
            return Tensor.ofFloats(shape, picked);
        }
        if (tensor.type().isFloating()) {
            double[] picked = new double[shape.size()];
            Arrays.setAll(picked, i -> tensor.getDouble(from.applyAsInt(i)));
            return Tensor.ofDoubles(tensor.type(), shape, picked);
        }
        long[] picked = new long[shape.size()];
        Arrays.setAll(picked, i -> tensor.getLong(from.applyAsInt(i)));
        return Tensor.ofLongs(tensor.type(), shape, picked);
    }

    /** Entries {@code from} (inclusive) to {@code to} (exclusive) of the outermost axis. */
    public static Tensor slice(Tensor tensor, int from, int to) {
        int row = tensor.shape().size(1, tensor.shape().rank());
        return pick(tensor, tensor.shape().with(0, to - from), i -> from * row + i);
    }

    /** Joins tensors of one type, alike but for the outermost axis, along it. */
    public static Tensor concat(List<Tensor> parts) {
        Tensor first = parts.getFirst();
        Shape shape = first.shape().with(0, parts.stream().mapToInt(part -> part.shape().dim(0)).sum());
        if (first.type().isFloating()) {
            return Tensor.ofDoubles(first.type(), shape, parts.stream().flatMapToDouble(part -> Arrays.stream(part.toDoubles())).toArray());
        }
        return Tensor.ofLongs(first.type(), shape, parts.stream().flatMapToLong(part -> Arrays.stream(part.toLongs())).toArray());
    }

    /** The place of the greatest of {@code length} elements that stand from {@code from} on; the first of equals. */
    public static int argMax(Tensor tensor, int from, int length) {
        int best = 0;
        for (int i = 1; i < length; i++) {
            if (tensor.getDouble(from + i) > tensor.getDouble(from + best)) {
                best = i;
            }
        }
        return best;
    }

    /** The multi-index of a flat one, such as {@code [0, 3, 5]}. */
    static String indexText(Shape shape, int flat) {
        int[] index = new int[shape.rank()];
        int[] strides = shape.strides();
        for (int axis = 0; axis < index.length; axis++) {
            index[axis] = flat / strides[axis] % Math.max(1, shape.dim(axis));
        }
        return Arrays.toString(index);
    }
}
