package dev.sardonyx.graph;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The plaintext meaning of the operators that combine elements along axes. */
final class Reduction {
    private Reduction() {
    }

    static Tensor reduce(Op.Reduce reduce, Tensor x) {
        Shape shape = x.shape();
        for (int axis : reduce.axes()) {
            shape = shape.with(axis, 1);
        }
        int[] targets = Movement.strided(x.shape(), 0, Movement.broadcastStrides(shape, x.shape()));
        return switch (reduce.function()) {
            case SUM -> x.type().isFloating() ? sum(x, shape, targets, 1) : sumIntegers(x, shape, targets, 1);
            case MEAN -> {
                int count = reduce.axes().stream().mapToInt(x.shape()::dim).reduce(1, (a, b) -> a * b);
                yield x.type().isFloating() ? sum(x, shape, targets, count) : sumIntegers(x, shape, targets, count);
            }
            case PRODUCT -> x.type().isFloating() ? product(x, shape, targets) : productOfIntegers(x, shape, targets);
            case MAX -> x.pick(shape, winners(x, shape, targets, 1), x.type().minimum());
            case MIN -> x.pick(shape, winners(x, shape, targets, -1), x.type().maximum());
        };
    }

    private static Tensor sum(Tensor x, Shape shape, int[] targets, int divisor) {
        double[] values = x.doubles();
        double[] sums = new double[shape.size()];
        for (int i = 0; i < targets.length; i++) {
            sums[targets[i]] += values[i];
        }
        Arrays.setAll(sums, i -> sums[i] / divisor);
        return Tensor.ofDoubles(x.type(), shape, sums);
    }

    private static Tensor sumIntegers(Tensor x, Shape shape, int[] targets, int divisor) {
        long[] values = x.longs();
        long[] sums = new long[shape.size()];
        for (int i = 0; i < targets.length; i++) {
            sums[targets[i]] += values[i];
        }
        Arrays.setAll(sums, i -> x.type().wrap(sums[i] / divisor));
        return Tensor.ofLongs(x.type(), shape, sums);
    }

    private static Tensor product(Tensor x, Shape shape, int[] targets) {
        double[] values = x.doubles();
        double[] products = new double[shape.size()];
        Arrays.fill(products, 1);
        for (int i = 0; i < targets.length; i++) {
            products[targets[i]] *= values[i];
        }
        return Tensor.ofDoubles(x.type(), shape, products);
    }

    private static Tensor productOfIntegers(Tensor x, Shape shape, int[] targets) {
        long[] values = x.longs();
        long[] products = new long[shape.size()];
        Arrays.fill(products, 1);
        for (int i = 0; i < targets.length; i++) {
            products[targets[i]] *= values[i];
        }
        Arrays.setAll(products, i -> x.type().wrap(products[i]));
        return Tensor.ofLongs(x.type(), shape, products);
    }

    /** For each target the first element that no other exceeds (sign 1) or undercuts (sign -1); -1 where there is none. */
    private static int[] winners(Tensor x, Shape shape, int[] targets, int sign) {
        int[] winners = new int[shape.size()];
        Arrays.fill(winners, -1);
        for (int i = 0; i < targets.length; i++) {
            int best = winners[targets[i]];
            if (best < 0 || sign * x.compare(i, best) > 0) {
                winners[targets[i]] = i;
            }
        }
        return winners;
    }

    static Tensor argMax(Op.ArgMax argMax, Tensor x) {
        var lines = Lines.of(x.shape(), argMax.axis());
        long[] places = new long[lines.count()];
        for (int line = 0; line < places.length; line++) {
            int best = 0;
            for (int i = 1; i < lines.extent(); i++) {
                int order = x.compare(lines.at(line, i), lines.at(line, best));
                if (order > 0 || argMax.lastIndex() && order == 0) {
                    best = i;
                }
            }
            places[line] = best;
        }
        return Tensor.ofLongs(ElementType.INT64, x.shape().with(argMax.axis(), 1), places);
    }

    static List<Tensor> topK(Op.TopK topK, Tensor x) {
        var lines = Lines.of(x.shape(), topK.axis());
        Shape shape = x.shape().with(topK.axis(), topK.k());
        var results = Lines.of(shape, topK.axis());
        int[] winners = new int[shape.size()];
        long[] places = new long[shape.size()];
        int sign = topK.largest() ? -1 : 1;
        for (int l = 0; l < lines.count(); l++) {
            int line = l;
            List<Integer> order = IntStream.range(0, lines.extent()).boxed()
                    .sorted((a, b) -> sign * x.compare(lines.at(line, a), lines.at(line, b))).toList();
            for (int i = 0; i < topK.k(); i++) {
                places[results.at(line, i)] = order.get(i);
                winners[results.at(line, i)] = lines.at(line, order.get(i));
            }
        }
        return List.of(x.pick(shape, winners, 0), Tensor.ofLongs(ElementType.INT64, shape, places));
    }

    static Tensor softmax(int axis, Tensor x, boolean logarithm) {
        var lines = Lines.of(x.shape(), axis);
        double[] values = x.doubles();
        double[] result = new double[values.length];
        for (int line = 0; line < lines.count(); line++) {
            double greatest = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < lines.extent(); i++) {
                greatest = Math.max(greatest, values[lines.at(line, i)]);
            }
            double sum = 0;
            for (int i = 0; i < lines.extent(); i++) {
                sum += Math.exp(values[lines.at(line, i)] - greatest);
            }
            for (int i = 0; i < lines.extent(); i++) {
                double above = values[lines.at(line, i)] - greatest;
                result[lines.at(line, i)] = logarithm ? above - Math.log(sum) : Math.exp(above) / sum;
            }
        }
        return Tensor.ofDoubles(x.type(), x.shape(), result);
    }

    static Tensor cumSum(Op.CumSum op, Tensor x) {
        var lines = Lines.of(x.shape(), op.axis());
        boolean floating = x.type().isFloating();
        double[] doubles = floating ? x.toDoubles() : new double[0];
        long[] longs = floating ? new long[0] : x.toLongs();
        for (int line = 0; line < lines.count(); line++) {
            double sum = 0;
            long total = 0;
            for (int step = 0; step < lines.extent(); step++) {
                int at = lines.at(line, op.reverse() ? lines.extent() - 1 - step : step);
                if (floating) {
                    double next = sum + doubles[at];
                    doubles[at] = op.exclusive() ? sum : next;
                    sum = next;
                } else {
                    long next = x.type().wrap(total + longs[at]);
                    longs[at] = op.exclusive() ? total : next;
                    total = next;
                }
            }
        }
        return floating ? Tensor.ofDoubles(x.type(), x.shape(), doubles) : Tensor.ofLongs(x.type(), x.shape(), longs);
    }

    /**
     * The lines of a shape along one axis, numbered in row-major order of the other axes.
     *
     * @param extent elements in a line
     * @param inner distance between a line's neighbours
     * @param count number of lines
     */
    private record Lines(int extent, int inner, int count) {
        static Lines of(Shape shape, int axis) {
            int inner = shape.size(axis + 1, shape.rank());
            return new Lines(shape.dim(axis), inner, shape.size(0, axis) * inner);
        }

        int at(int line, int position) {
            return (line / inner * extent + position) * inner + line % inner;
        }
    }
}
