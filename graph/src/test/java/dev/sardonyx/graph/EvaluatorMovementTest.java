package dev.sardonyx.graph;

import static dev.sardonyx.graph.Close.assertClose;
import static dev.sardonyx.graph.Close.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Movements and reductions against their definitions, coordinate by coordinate; ranks from 0, empty extents included. */
class EvaluatorMovementTest {
    private static final List<ElementType> TYPES = List.of(ElementType.FLOAT64, ElementType.FLOAT32, ElementType.INT64, ElementType.BOOL);

    static LongStream seeds() {
        return Draw.seeds(80);
    }

    private static Tensor evaluate(Op op, Tensor... inputs) {
        return Evaluator.evaluate(op, List.of(inputs)).getFirst();
    }

    private static int[] moved(int[] at, int axis, int place) {
        int[] moved = at.clone();
        moved[axis] = place;
        return moved;
    }

    private static Tensor draw(Draw draw, int leastRank) {
        return draw.tensor(draw.oneOf(TYPES), draw.shape(draw.between(leastRank, 4)));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void transpositionMovesAxes(long seed) {
        var draw = new Draw(seed);
        Tensor x = draw(draw, 0);
        var axes = new ArrayList<>(IntStream.range(0, x.shape().rank()).boxed().toList());
        for (int i = 0; i < axes.size(); i++) {
            Collections.swap(axes, i, draw.between(0, axes.size() - 1));
        }
        Tensor turned = evaluate(new Op.Transpose(axes), x);
        assertSame(Coordinates.picked(x, turned.shape(), at -> {
            int[] source = new int[at.length];
            for (int i = 0; i < at.length; i++) {
                source[axes.get(i)] = at[i];
            }
            return Coordinates.flat(x.shape(), source);
        }), turned);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void slicesStepForwardsAndBackwards(long seed) {
        var draw = new Draw(seed);
        Tensor x = draw(draw, 0);
        var starts = new ArrayList<Integer>();
        var steps = new ArrayList<Integer>();
        var sizes = new ArrayList<Integer>();
        for (int dim : x.shape().dims()) {
            int start = dim == 0 ? 0 : draw.between(0, dim - 1);
            int step = draw.oneOf(-2, -1, 1, 2);
            int most = dim == 0 ? 0 : 1 + (step > 0 ? dim - 1 - start : start) / Math.abs(step);
            starts.add(start);
            steps.add(step);
            sizes.add(draw.between(0, most));
        }
        Tensor sliced = evaluate(new Op.Slice(starts, steps, sizes), x);
        assertSame(Coordinates.picked(x, new Shape(sizes), at -> {
            int[] source = new int[at.length];
            Arrays.setAll(source, axis -> starts.get(axis) + at[axis] * steps.get(axis));
            return Coordinates.flat(x.shape(), source);
        }), sliced);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void expansionReshapingAndPaddingKeepElements(long seed) {
        var draw = new Draw(seed);
        Shape shape = draw.shape(draw.between(0, 4));
        Tensor x = draw.tensor(draw.oneOf(TYPES), draw.broadcastable(shape));
        Tensor expanded = evaluate(new Op.Expand(shape), x);
        assertSame(Coordinates.tensor(shape, at -> Coordinates.broadcastAt(x, at)).as(x.type()), expanded);
        assertSame(Coordinates.picked(expanded, Shape.of(shape.size(), 1), at -> at[0]),
                evaluate(new Op.Reshape(Shape.of(shape.size(), 1)), expanded));
        List<Integer> before = shape.dims().stream().map(_ -> draw.between(0, 2)).toList();
        List<Integer> after = shape.dims().stream().map(_ -> draw.between(0, 2)).toList();
        Tensor padded = evaluate(new Op.Pad(before, after, 1), expanded);
        assertSame(Coordinates.tensor(padded.shape(), at -> {
            int[] source = new int[at.length];
            Arrays.setAll(source, axis -> at[axis] - before.get(axis));
            return Coordinates.inside(shape, source) ? Coordinates.at(expanded, source) : 1;
        }).as(x.type()), padded);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void concatenationSlicesBackIntoItsParts(long seed) {
        var draw = new Draw(seed);
        Shape shape = draw.shape(draw.between(1, 4));
        int axis = draw.between(0, shape.rank() - 1);
        ElementType type = draw.oneOf(TYPES);
        List<Tensor> parts = IntStream.range(0, draw.between(1, 4)).mapToObj(_ -> draw.tensor(type, shape.with(axis, draw.between(0, 3)))).toList();
        Tensor joined = evaluate(new Op.Concat(axis), parts.toArray(Tensor[]::new));
        var start = new ArrayList<>(Collections.nCopies(shape.rank(), 0));
        for (Tensor part : parts) {
            assertSame(part, evaluate(new Op.Slice(start, Collections.nCopies(shape.rank(), 1), part.shape().dims()), joined));
            start.set(axis, start.get(axis) + part.shape().dim(axis));
        }
        assertEquals(start.get(axis), joined.shape().dim(axis));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void picksAndGathersTakeByIndex(long seed) {
        var draw = new Draw(seed);
        Tensor x = draw.tensor(draw.oneOf(TYPES), Shape.of(draw.between(1, 4), draw.between(1, 4), draw.between(1, 4)));
        Shape shape = draw.shape(draw.between(0, 3));
        int[] indices = IntStream.range(0, shape.size()).map(_ -> draw.between(-1, x.size() - 1)).toArray();
        Tensor picked = evaluate(new Op.Pick(shape, Indices.of(indices)), x);
        assertSame(Coordinates.tensor(shape, at -> {
            int index = indices[Coordinates.flat(shape, at)];
            return index < 0 ? 0 : x.getDouble(index);
        }).as(x.type()), picked);
        int axis = draw.between(0, 2);
        int extent = x.shape().dim(axis);
        Tensor wanted = draw.longs(ElementType.INT64, shape, -extent, extent - 1);
        Tensor gathered = evaluate(new Op.GatherSecret(axis), x, wanted);
        assertSame(Coordinates.tensor(gathered.shape(), at -> {
            int index = (int) Coordinates.at(wanted, Arrays.copyOfRange(at, axis, axis + shape.rank()));
            int[] source = Stream.of(Arrays.stream(at, 0, axis), IntStream.of(index < 0 ? index + extent : index),
                    Arrays.stream(at, axis + shape.rank(), at.length)).flatMapToInt(s -> s).toArray();
            return Coordinates.at(x, source);
        }).as(x.type()), gathered);
    }

    @Test
    void gatheringOutOfRangeIsRefusedWithoutSayingTheIndex() {
        var error = assertThrows(IllegalArgumentException.class,
                () -> evaluate(new Op.GatherSecret(0), Tensor.vector(1, 2, 3), Tensor.vector(1, 4711)));
        assertEquals("GatherSecret: an index is out of range; expected -3 to 2", error.getMessage());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneHotMarksTheIndex(long seed) {
        var draw = new Draw(seed);
        Tensor x = draw.longs(ElementType.INT64, draw.shape(draw.between(0, 3)), -1, 5);
        int axis = draw.between(0, x.shape().rank());
        Tensor bits = evaluate(new Op.OneHot(axis, draw.between(0, 5)), x);
        assertSame(Coordinates.tensor(bits.shape(), at -> {
            int[] source = IntStream.range(0, at.length).filter(i -> i != axis).map(i -> at[i]).toArray();
            return Coordinates.at(x, source) == at[axis] ? 1 : 0;
        }).as(ElementType.BOOL), bits);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void reductionsCombineTheirAxes(long seed) {
        var draw = new Draw(seed);
        Shape shape = draw.shape(draw.between(0, 4));
        boolean whole = draw.coin();
        Tensor x = whole ? draw.longs(ElementType.INT64, shape, -9, 9) : draw.reals(shape);
        List<Integer> axes = IntStream.range(0, shape.rank()).filter(_ -> draw.coin()).boxed().toList();
        for (Op.Reduce.Function function : Op.Reduce.Function.values()) {
            if (whole && shape.size() == 0) {
                continue;
            }
            // Products of integers may wrap, which the doubles of the expectation do not.
            Tensor bounded = whole && function == Op.Reduce.Function.PRODUCT ? evaluate(new Op.Clip(-1, 1), x) : x;
            Tensor reduced = evaluate(new Op.Reduce(function, axes), bounded);
            Tensor expected = Coordinates.tensor(reduced.shape(), at -> combine(function, Coordinates.of(shape)
                    .filter(source -> IntStream.range(0, at.length).allMatch(i -> axes.contains(i) || source[i] == at[i]))
                    .mapToDouble(source -> Coordinates.at(bounded, source)).toArray()));
            assertClose(expected.as(x.type()), reduced, 1e-13);
        }
    }

    private static double combine(Op.Reduce.Function function, double[] elements) {
        DoubleStream stream = Arrays.stream(elements);
        return switch (function) {
            case SUM -> stream.sum();
            case MEAN -> stream.average().orElse(Double.NaN);
            case MAX -> stream.max().orElse(Double.NEGATIVE_INFINITY);
            case MIN -> stream.min().orElse(Double.POSITIVE_INFINITY);
            case PRODUCT -> stream.reduce(1, (a, b) -> a * b);
        };
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theGreatestElementsComeInOrderAndTiesGoToTheLowerIndex(long seed) {
        var draw = new Draw(seed);
        Shape shape = draw.shape(draw.between(1, 3)).with(0, draw.between(1, 6));
        int axis = 0;
        Tensor x = draw.fewLevels(shape);
        int extent = shape.dim(axis);
        boolean largest = draw.coin();
        List<Tensor> top = Evaluator.evaluate(new Op.TopK(axis, extent, largest), List.of(x));
        Coordinates.of(shape).forEach(at -> {
            int place = (int) Coordinates.at(top.get(1), at);
            assertEquals(Coordinates.at(x, moved(at, axis, place)), Coordinates.at(top.get(0), at));
            if (at[axis] > 0) {
                int[] previous = moved(at, axis, at[axis] - 1);
                double order = Coordinates.at(top.get(0), at) - Coordinates.at(top.get(0), previous);
                double rise = largest ? -order : order;
                assertEquals(true, rise > 0 || rise == 0 && Coordinates.at(top.get(1), previous) < place);
            }
        });
        int k = draw.between(0, extent);
        List<Integer> zeros = Collections.nCopies(shape.rank(), 0);
        List<Integer> ones = Collections.nCopies(shape.rank(), 1);
        Tensor fewer = Evaluator.evaluate(new Op.TopK(axis, k, largest), List.of(x)).getFirst();
        assertSame(evaluate(new Op.Slice(zeros, ones, fewer.shape().dims()), top.getFirst()), fewer);
        for (boolean last : new boolean[] {false, true}) {
            Tensor places = evaluate(new Op.ArgMax(axis, last), x);
            Coordinates.of(places.shape()).forEach(at -> {
                double[] line = IntStream.range(0, extent).mapToDouble(i -> Coordinates.at(x, moved(at, axis, i))).toArray();
                double greatest = Arrays.stream(line).max().orElseThrow();
                int[] winners = IntStream.range(0, extent).filter(i -> line[i] == greatest).toArray();
                assertEquals(winners[last ? winners.length - 1 : 0], Coordinates.at(places, at));
            });
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void softmaxAndRunningSumsGoAlongTheirAxis(long seed) {
        var draw = new Draw(seed);
        Shape shape = draw.shape(draw.between(1, 3));
        int axis = draw.between(0, shape.rank() - 1);
        int extent = shape.dim(axis);
        Tensor x = draw.reals(shape, -800, 800);
        Tensor soft = evaluate(new Op.Softmax(axis), x);
        assertClose(Coordinates.tensor(shape, at -> 1 / IntStream.range(0, extent)
                .mapToDouble(i -> Math.exp(Coordinates.at(x, moved(at, axis, i)) - Coordinates.at(x, at))).sum()), soft, 1e-12);
        Tensor small = draw.reals(shape);
        assertClose(evaluate(new Op.Unary(ScalarFunction.Elementary.LOG), evaluate(new Op.Softmax(axis), small)),
                evaluate(new Op.LogSoftmax(axis), small), 1e-12);
        boolean exclusive = draw.coin();
        boolean reverse = draw.coin();
        for (Tensor y : List.of(small, draw.longs(ElementType.INT32, shape, -9, 9))) {
            Tensor expected = Coordinates.tensor(shape, at -> IntStream.range(0, extent)
                    .filter(i -> (reverse ? i > at[axis] : i < at[axis]) || !exclusive && i == at[axis])
                    .mapToDouble(i -> Coordinates.at(y, moved(at, axis, i))).sum());
            assertClose(expected.as(y.type()), evaluate(new Op.CumSum(axis, exclusive, reverse), y), 1e-13);
        }
    }
}
