package dev.sardonyx.graph;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Tensors by coordinates: slow, and as close to an operator's definition as code can be. */
final class Coordinates {
    private Coordinates() {
    }

    /** All coordinates of a shape in row-major order. */
    static Stream<int[]> of(Shape shape) {
        return IntStream.range(0, shape.size()).mapToObj(flat -> {
            int[] coordinates = new int[shape.rank()];
            int rest = flat;
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                coordinates[axis] = rest % shape.dim(axis);
                rest /= shape.dim(axis);
            }
            return coordinates;
        });
    }

    static int flat(Shape shape, int... coordinates) {
        int flat = 0;
        for (int axis = 0; axis < coordinates.length; axis++) {
            flat = flat * shape.dim(axis) + coordinates[axis];
        }
        return flat;
    }

    static boolean inside(Shape shape, int... coordinates) {
        return IntStream.range(0, coordinates.length).allMatch(axis -> coordinates[axis] >= 0 && coordinates[axis] < shape.dim(axis));
    }

    static double at(Tensor x, int... coordinates) {
        return x.getDouble(flat(x.shape(), coordinates));
    }

    /** The element of x that broadcasting puts at the coordinates of a larger shape. */
    static double broadcastAt(Tensor x, int... coordinates) {
        int[] own = Arrays.copyOfRange(coordinates, coordinates.length - x.shape().rank(), coordinates.length);
        for (int axis = 0; axis < own.length; axis++) {
            own[axis] = x.shape().dim(axis) == 1 ? 0 : own[axis];
        }
        return at(x, own);
    }

    static Tensor tensor(Shape shape, ToDoubleFunction<int[]> element) {
        return Tensor.ofDoubles(ElementType.FLOAT64, shape, of(shape).mapToDouble(element).toArray());
    }

    /** Elements of x by flat index. */
    static Tensor picked(Tensor x, Shape shape, ToIntFunction<int[]> index) {
        return tensor(shape, at -> x.getDouble(index.applyAsInt(at))).as(x.type());
    }

    static int[] concat(List<Integer> first, List<Integer> second) {
        return Stream.concat(first.stream(), second.stream()).mapToInt(Integer::intValue).toArray();
    }
}
