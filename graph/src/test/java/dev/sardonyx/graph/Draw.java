package dev.sardonyx.graph;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * A seeded source of shapes and tensors for tests. Each test takes its seed as a parameter, so that a failure's name tells it;
 * {@code -Dsardonyx.seed=N} makes N the only seed.
 */
public final class Draw {
    private final SplittableRandom random;

    public Draw(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Seeds that differ from run to run. */
    public static LongStream seeds(int count) {
        Long fixed = Long.getLong("sardonyx.seed");
        if (fixed != null) {
            return LongStream.of(fixed);
        }
        var fresh = new SplittableRandom();
        return LongStream.generate(() -> fresh.nextLong(1_000_000_000)).limit(count);
    }

    /** A whole number from {@code low} to {@code high}, both possible. */
    public int between(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    public boolean coin() {
        return random.nextBoolean();
    }

    public double real(double low, double high) {
        return random.nextDouble(low, high);
    }

    @SafeVarargs
    public final <T> T oneOf(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    public <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** Extents of 0 are rare, extents of 1 are not. */
    public Shape shape(int rank) {
        int[] dims = new int[rank];
        Arrays.setAll(dims, axis -> between(0, 40) == 0 ? 0 : between(1, 5));
        return Shape.of(dims);
    }

    /** FLOAT64, so that passes that reorder sums are told from those that are wrong. */
    public Tensor reals(Shape shape, double low, double high) {
        double[] values = new double[shape.size()];
        Arrays.setAll(values, i -> real(low, high));
        return Tensor.ofDoubles(ElementType.FLOAT64, shape, values);
    }

    public Tensor reals(Shape shape) {
        return reals(shape, -2, 2);
    }

    public Tensor longs(ElementType type, Shape shape, int low, int high) {
        long[] values = new long[shape.size()];
        Arrays.setAll(values, i -> between(low, high));
        return Tensor.ofLongs(type, shape, values);
    }

    /** Values that tie often. */
    public Tensor fewLevels(Shape shape) {
        return longs(ElementType.INT64, shape, -2, 2).as(ElementType.FLOAT64);
    }

    public Tensor bits(Shape shape) {
        return longs(ElementType.BOOL, shape, 0, 1);
    }

    public Tensor tensor(ElementType type, Shape shape) {
        return type.isFloating() ? reals(shape).as(type) : type == ElementType.BOOL ? bits(shape) : longs(type, shape, 0, 100);
    }

    /** A shape that broadcasts to the given one: leading axes left out, extents set to 1. */
    public Shape broadcastable(Shape shape) {
        int from = between(0, shape.rank());
        return new Shape(shape.dims().subList(from, shape.rank()).stream().map(dim -> coin() ? 1 : dim).toList());
    }

    /** A window of the given rank that fits the spatial axes of x. */
    public Window window(Shape x) {
        int rank = x.rank() - 2;
        Integer[][] lists = new Integer[5][rank];
        for (int axis = 0; axis < rank; axis++) {
            int kernel = between(1, 3);
            int dilation = between(1, 2);
            int reach = dilation * (kernel - 1) + 1;
            int begin = between(0, reach - 1);
            int end = Math.max(between(0, reach - 1), reach - begin - x.dim(axis + 2));
            lists[0][axis] = kernel;
            lists[1][axis] = between(1, 3);
            lists[2][axis] = dilation;
            lists[3][axis] = begin;
            lists[4][axis] = end;
        }
        return new Window(List.of(lists[0]), List.of(lists[1]), List.of(lists[2]), List.of(lists[3]), List.of(lists[4]));
    }
}
