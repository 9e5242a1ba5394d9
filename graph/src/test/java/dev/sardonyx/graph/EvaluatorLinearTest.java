package dev.sardonyx.graph;

import static dev.sardonyx.graph.Close.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products and pooling against their definitions, coordinate by coordinate. */
class EvaluatorLinearTest {
    static LongStream seeds() {
        return Draw.seeds(150);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void matrixProductsBroadcastTheirBatches(long seed) {
        var draw = new Draw(seed);
        Shape batch = draw.shape(draw.between(0, 2));
        Shape inner = draw.shape(3);
        Shape a = append(draw.broadcastable(batch), inner.dim(0), inner.dim(1));
        Shape b = append(draw.broadcastable(batch), inner.dim(1), inner.dim(2));
        boolean whole = draw.coin();
        Tensor left = whole ? draw.longs(ElementType.INT32, a, -9, 9) : draw.reals(a);
        Tensor right = whole ? draw.longs(ElementType.INT32, b, -9, 9) : draw.reals(b);
        Tensor product = Evaluator.evaluate(new Op.MatMul(), List.of(left, right)).getFirst();
        Tensor expected = Coordinates.tensor(product.shape(), at -> IntStream.range(0, inner.dim(1)).mapToDouble(k -> {
            int[] l = at.clone();
            int[] r = at.clone();
            l[at.length - 1] = k;
            r[at.length - 2] = k;
            return Coordinates.broadcastAt(left, l) * Coordinates.broadcastAt(right, r);
        }).sum());
        assertClose(expected.as(left.type()), product, 1e-13);
    }

    /** Small whole numbers, whose sums are exact in doubles in whatever order they are added up. */
    @Test
    void largeProductsAreTheSameInDoublesAndInWholeNumbers() {
        var random = new Random(9);
        // Beyond the blocks of columns, inner and outer rows that are reckoned at once, and not multiples of them.
        Tensor a = whole(random, Shape.of(7, 301));
        Tensor b = whole(random, Shape.of(301, 530));
        assertSame(new Op.MatMul(), a, b);
        Tensor x = whole(random, Shape.of(2, 6, 41, 37));
        Tensor w = whole(random, Shape.of(10, 3, 5, 3));
        assertSame(new Op.Conv(new Window(List.of(5, 3), List.of(1, 1), List.of(1, 1), List.of(2, 0), List.of(2, 1)), 2), x, w);
    }

    private static Tensor whole(Random random, Shape shape) {
        return Tensor.ofLongs(ElementType.INT64, shape, random.longs(shape.size(), -1000, 1001).toArray());
    }

    private static void assertSame(Op op, Tensor left, Tensor right) {
        long[] expected = Evaluator.evaluate(op, List.of(left, right)).getFirst().toLongs();
        Tensor actual = Evaluator.evaluate(op, List.of(left.as(ElementType.FLOAT64), right.as(ElementType.FLOAT64))).getFirst();
        assertArrayEquals(expected, actual.toLongs(), op.toString());
    }

    private static Shape append(Shape batch, int rows, int columns) {
        var dims = new ArrayList<>(batch.dims());
        dims.addAll(List.of(rows, columns));
        return new Shape(dims);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void convolutionsSumOverTheirWindows(long seed) {
        var draw = new Draw(seed);
        int groups = draw.between(1, 3);
        int channels = draw.between(1, 3);
        int filters = draw.between(1, 3);
        Shape x = image(draw, groups * channels);
        Window window = draw.window(x);
        Shape w = new Shape(Arrays.stream(Coordinates.concat(List.of(groups * filters, channels), window.kernel())).boxed().toList());
        boolean whole = draw.coin();
        Tensor image = whole ? draw.longs(ElementType.INT32, x, -9, 9) : draw.reals(x);
        Tensor weights = whole ? draw.longs(ElementType.INT32, w, -9, 9) : draw.reals(w);
        Tensor result = Evaluator.evaluate(new Op.Conv(window, groups), List.of(image, weights)).getFirst();
        Tensor expected = Coordinates.tensor(result.shape(), at -> Coordinates.of(w).filter(tap -> tap[0] == at[1]).mapToDouble(tap -> {
            int[] place = place(window, at, Arrays.copyOfRange(tap, 2, tap.length));
            place[1] = at[1] / filters * channels + tap[1];
            return Coordinates.inside(x, place) ? Coordinates.at(image, place) * Coordinates.at(weights, tap) : 0;
        }).sum());
        assertClose(expected.as(image.type()), result, 1e-13);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void poolingTakesTheMaximumOrTheMeanOfItsWindows(long seed) {
        var draw = new Draw(seed);
        Shape x = image(draw, draw.between(1, 3));
        Window window = draw.window(x);
        Tensor image = draw.reals(x);
        var kernel = new Shape(window.kernel());
        Tensor greatest = Evaluator.evaluate(new Op.MaxPool(window), List.of(image)).getFirst();
        assertClose(Coordinates.tensor(greatest.shape(), at -> Coordinates.of(kernel).map(tap -> place(window, at, tap))
                .filter(place -> Coordinates.inside(x, place)).mapToDouble(place -> Coordinates.at(image, place)).max()
                .orElse(Double.NEGATIVE_INFINITY)), greatest, 0);
        for (boolean counts : new boolean[] {false, true}) {
            var countedEnd = window.padsEnd().stream().map(pad -> draw.between(0, pad)).toList();
            Tensor mean = Evaluator.evaluate(new Op.AveragePool(window, counts, countedEnd), List.of(image)).getFirst();
            assertClose(Coordinates.tensor(mean.shape(), at -> {
                var inside = Coordinates.of(kernel).map(tap -> place(window, at, tap)).filter(p -> Coordinates.inside(x, p)).toList();
                double count = counts ? Coordinates.of(kernel).map(tap -> place(window, at, tap))
                        .filter(p -> IntStream.range(0, window.rank()).allMatch(i -> p[i + 2] >= -window.padsBegin().get(i)
                                && p[i + 2] < x.dim(i + 2) + countedEnd.get(i))).count() : inside.size();
                return inside.stream().mapToDouble(place -> Coordinates.at(image, place)).sum() / count;
            }), mean, 1e-13);
        }
    }

    private static Shape image(Draw draw, int channels) {
        int rank = draw.between(1, 3);
        int[] dims = new int[rank + 2];
        Arrays.setAll(dims, axis -> axis == 0 ? draw.between(0, 2) : axis == 1 ? channels : draw.between(1, 6));
        return Shape.of(dims);
    }

    /** Where a tap of the window at output coordinates falls on x, in the image and channel of the output. */
    private static int[] place(Window window, int[] at, int[] tap) {
        int[] place = at.clone();
        for (int axis = 0; axis < tap.length; axis++) {
            place[axis + 2] = at[axis + 2] * window.strides().get(axis) + tap[axis] * window.dilations().get(axis)
                    - window.padsBegin().get(axis);
        }
        return place;
    }
}
