package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Indices;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * A movement with fixed shapes, made ready to be applied to any number of arrays: component after component of a share, numbers or
 * packed bits. Results are new arrays, except that {@link Op.Reshape} gives its input back.
 */
interface Rearrangement {
    /** Rearranges numbers; one array for each input. */
    long[] numbers(List<long[]> inputs);

    /** Rearranges packed bits; one array for each input. */
    long[] bits(List<long[]> inputs);

    static Rearrangement of(Op.Movement movement, List<Shape> inputs, Shape output) {
        Shape input = inputs.getFirst();
        return switch (movement) {
            case Op.Reshape _ -> new Same();
            case Op.Transpose(var permutation) -> new Boxes(output.size(), List.of(transpose(permutation, input, output)));
            case Op.Slice(var starts, var steps, var sizes) -> new Boxes(output.size(), List.of(slice(starts, steps, sizes, input)));
            case Op.Concat(int axis) -> new Boxes(output.size(), concat(axis, inputs, output));
            case Op.Expand _ -> new Boxes(output.size(), List.of(expand(input, output)));
            case Op.Pad(var before, var _, var _) -> new Boxes(output.size(), List.of(pad(before, input, output)));
            case Op.Pick(var _, var indices) -> new Picked(indices);
        };
    }

    /** Broadcasts {@code from} to {@code to}. */
    static Rearrangement broadcast(Shape from, Shape to) {
        return from.equals(to) ? new Same() : new Boxes(to.size(), List.of(expand(from, to)));
    }

    private static StridedCopy transpose(List<Integer> permutation, Shape input, Shape output) {
        int[] strides = input.strides();
        int[] read = permutation.stream().mapToInt(axis -> strides[axis]).toArray();
        return new StridedCopy(output.toArray(), new StridedCopy.Side(0, read), new StridedCopy.Side(0, output.strides()));
    }

    private static StridedCopy slice(List<Integer> starts, List<Integer> steps, List<Integer> sizes, Shape input) {
        int[] read = input.strides();
        int offset = 0;
        for (int axis = 0; axis < read.length; axis++) {
            offset += starts.get(axis) * read[axis];
            read[axis] *= steps.get(axis);
        }
        Shape box = new Shape(sizes);
        return new StridedCopy(box.toArray(), new StridedCopy.Side(offset, read), new StridedCopy.Side(0, box.strides()));
    }

    private static List<StridedCopy> concat(int axis, List<Shape> inputs, Shape output) {
        int[] written = output.strides();
        var copies = new StridedCopy[inputs.size()];
        int start = 0;
        for (int i = 0; i < copies.length; i++) {
            Shape part = inputs.get(i);
            var to = new StridedCopy.Side(start * written[axis], written);
            copies[i] = new StridedCopy(part.toArray(), new StridedCopy.Side(0, part.strides()), to);
            start += part.dim(axis);
        }
        return List.of(copies);
    }

    private static StridedCopy expand(Shape input, Shape output) {
        int[] strides = input.strides();
        int[] read = new int[output.rank()];
        int missing = output.rank() - input.rank();
        for (int axis = missing; axis < read.length; axis++) {
            read[axis] = input.dim(axis - missing) == 1 ? 0 : strides[axis - missing];
        }
        return new StridedCopy(output.toArray(), new StridedCopy.Side(0, read), new StridedCopy.Side(0, output.strides()));
    }

    private static StridedCopy pad(List<Integer> before, Shape input, Shape output) {
        int[] written = output.strides();
        int offset = 0;
        for (int axis = 0; axis < written.length; axis++) {
            offset += before.get(axis) * written[axis];
        }
        return new StridedCopy(input.toArray(), new StridedCopy.Side(0, input.strides()), new StridedCopy.Side(offset, written));
    }

    /** Nothing moves. */
    record Same() implements Rearrangement {
        @Override
        public long[] numbers(List<long[]> inputs) {
            return inputs.getFirst();
        }

        @Override
        public long[] bits(List<long[]> inputs) {
            return inputs.getFirst();
        }
    }

    /** One box copied from each input into zeros. */
    record Boxes(int size, List<StridedCopy> copies) implements Rearrangement {
        @Override
        public long[] numbers(List<long[]> inputs) {
            long[] out = new long[size];
            for (int i = 0; i < copies.size(); i++) {
                copies.get(i).numbers(inputs.get(i), out);
            }
            return out;
        }

        @Override
        public long[] bits(List<long[]> inputs) {
            long[] out = new long[PackedBits.words(size)];
            for (int i = 0; i < copies.size(); i++) {
                copies.get(i).bits(inputs.get(i), out);
            }
            return out;
        }
    }

    /** Public flat indices; -1 gives zero. */
    final class Picked implements Rearrangement {
        private final int[] indices;

        Picked(Indices indices) {
            this.indices = indices.toArray();
        }

        @Override
        public long[] numbers(List<long[]> inputs) {
            long[] in = inputs.getFirst();
            long[] out = new long[indices.length];
            for (int i = 0; i < out.length; i++) {
                int index = indices[i];
                if (index >= 0) {
                    out[i] = in[index];
                }
            }
            return out;
        }

        @Override
        public long[] bits(List<long[]> inputs) {
            long[] in = inputs.getFirst();
            long[] out = new long[PackedBits.words(indices.length)];
            for (int i = 0; i < indices.length; i++) {
                int index = indices[i];
                if (index >= 0) {
                    out[i >>> 6] |= (in[index >>> 6] >>> index & 1) << i;
                }
            }
            return out;
        }

        @Override
        public String toString() {
            return "Picked" + Arrays.toString(new int[] {indices.length});
        }
    }
}
