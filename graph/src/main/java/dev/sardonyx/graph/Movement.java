package dev.sardonyx.graph;

import java.util.Arrays;
import java.util.List;

/** The plaintext meaning of the operators that rearrange elements without reckoning with them. */
final class Movement {
    private Movement() {
    }

    /**
     * For each element of {@code shape} in row-major order, {@code offset} plus the sum over its axes of coordinate times stride:
     * every reading of an array by strides, broadcasting (stride 0) and reversal (negative stride) included.
     */
    static int[] strided(Shape shape, int offset, int[] strides) {
        int[] indices = new int[shape.size()];
        if (indices.length == 0) {
            return indices;
        }
        indices[0] = offset;
        // The indices of the inner axes are made once; each further axis repeats the block so far, shifted by its stride.
        int block = 1;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            for (int i = 1; i < shape.dim(axis); i++) {
                int shift = i * strides[axis];
                for (int j = 0; j < block; j++) {
                    indices[i * block + j] = indices[j] + shift;
                }
            }
            block *= shape.dim(axis);
        }
        return indices;
    }

    /** The strides by which {@code small} is read to fill {@code shape}: its own, 0 along the axes it is repeated over. */
    static int[] broadcastStrides(Shape small, Shape shape) {
        int[] own = small.strides();
        int[] strides = new int[shape.rank()];
        int missing = shape.rank() - small.rank();
        for (int axis = missing; axis < strides.length; axis++) {
            strides[axis] = small.dim(axis - missing) == 1 ? 0 : own[axis - missing];
        }
        return strides;
    }

    static Tensor expand(Tensor x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        return x.pick(shape, strided(shape, 0, broadcastStrides(x.shape(), shape)), 0);
    }

    static Tensor transpose(List<Integer> permutation, Tensor x) {
        int[] own = x.shape().strides();
        Shape shape = new Shape(permutation.stream().map(x.shape().dims()::get).toList());
        return x.pick(shape, strided(shape, 0, permutation.stream().mapToInt(axis -> own[axis]).toArray()), 0);
    }

    static Tensor slice(Op.Slice slice, Tensor x) {
        int[] strides = x.shape().strides();
        int offset = 0;
        for (int axis = 0; axis < strides.length; axis++) {
            offset += slice.starts().get(axis) * strides[axis];
            strides[axis] *= slice.steps().get(axis);
        }
        var shape = new Shape(slice.sizes());
        return x.pick(shape, strided(shape, offset, strides), 0);
    }

    static Tensor concat(int axis, List<Tensor> parts) {
        int extent = parts.stream().mapToInt(part -> part.shape().dim(axis)).sum();
        Tensor widest = parts.stream().filter(part -> !part.isNarrow()).findFirst().orElse(parts.getFirst());
        Shape shape = widest.shape().with(axis, extent);
        Tensor joined = widest.pick(shape, filled(shape.size()), 0);
        int outer = shape.size(0, axis);
        int inner = shape.size(axis + 1, shape.rank());
        int at = 0;
        for (Tensor part : parts) {
            int run = part.shape().dim(axis) * inner;
            for (int o = 0; o < outer; o++) {
                part.copyTo(joined, o * run, o * extent * inner + at, run);
            }
            at += run;
        }
        return joined;
    }

    static Tensor pad(Op.Pad pad, Tensor x) {
        Shape shape = ShapeInference.infer(pad, List.of(TypedShape.of(x))).getFirst().shape();
        int[] strides = shape.strides();
        int offset = 0;
        for (int axis = 0; axis < strides.length; axis++) {
            offset += pad.before().get(axis) * strides[axis];
        }
        int[] places = strided(x.shape(), offset, strides);
        int[] indices = filled(shape.size());
        for (int i = 0; i < places.length; i++) {
            indices[places[i]] = i;
        }
        return x.pick(shape, indices, pad.value());
    }

    static Tensor pick(Op.Pick pick, Tensor x) {
        return x.pick(pick.shape(), pick.indices().toArray(), 0);
    }

    static Tensor gather(int axis, Tensor data, Tensor indices) {
        int extent = data.shape().dim(axis);
        int outer = data.shape().size(0, axis);
        int inner = data.shape().size(axis + 1, data.shape().rank());
        Shape shape = ShapeInference.infer(new Op.GatherSecret(axis), List.of(TypedShape.of(data), TypedShape.of(indices))).getFirst().shape();
        int[] sources = new int[shape.size()];
        int at = 0;
        for (int o = 0; o < outer; o++) {
            for (long index : indices.longs()) {
                long place = index < 0 ? index + extent : index;
                if (place < 0 || place >= extent) {
                    throw new IllegalArgumentException("GatherSecret: an index is out of range; expected " + -extent + " to " + (extent - 1));
                }
                for (int i = 0; i < inner; i++) {
                    sources[at++] = (o * extent + (int) place) * inner + i;
                }
            }
        }
        return data.pick(shape, sources, 0);
    }

    static Tensor oneHot(Op.OneHot oneHot, Tensor indices) {
        Shape shape = ShapeInference.infer(oneHot, List.of(TypedShape.of(indices))).getFirst().shape();
        int inner = indices.shape().size(oneHot.axis(), indices.shape().rank());
        long[] wanted = indices.longs();
        long[] bits = new long[shape.size()];
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] >= 0 && wanted[i] < oneHot.depth()) {
                bits[(i / inner * oneHot.depth() + (int) wanted[i]) * inner + i % inner] = 1;
            }
        }
        return Tensor.ofLongs(ElementType.BOOL, shape, bits);
    }

    private static int[] filled(int size) {
        int[] indices = new int[size];
        Arrays.fill(indices, -1);
        return indices;
    }
}
