package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.Value;
import dev.sardonyx.graph.ValueId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * Whether the rows of a batch can be computed apart, which is what cutting it into lanes takes for granted. A model may mix its rows
 * (normalise over the batch, say) without its shapes showing it, so three rows drawn at random are computed together and one by one.
 */
final class RowIndependence {
    private static final int ROWS = 3;
    private static final long SEED = 20_260_101;
    private static final double TOLERANCE = 1e-4;

    private RowIndependence() {
    }

    static boolean holds(IntFunction<Graph> graphs, Map<String, Interval> ranges) {
        Graph together = graphs.apply(ROWS);
        Graph apart = graphs.apply(1);
        if (!hasRows(together, ROWS) || !hasRows(apart, 1)) {
            return false;
        }
        Map<String, Tensor> inputs = draw(together, ranges);
        Map<String, Tensor> expected = Evaluator.outputs(together, inputs);
        for (int row = 0; row < ROWS; row++) {
            Map<String, Tensor> one = new HashMap<>();
            for (ValueId id : apart.inputs()) {
                Value value = apart.value(id);
                one.put(value.name(), row(inputs.get(value.name()), row));
            }
            for (Map.Entry<String, Tensor> output : Evaluator.outputs(apart, one).entrySet()) {
                if (!agree(row(expected.get(output.getKey()), row), output.getValue())) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean hasRows(Graph graph, int rows) {
        return graph.inputs().stream().map(graph::value).allMatch(value -> hasRows(value, rows))
                && graph.outputs().stream().map(output -> graph.value(output.value())).allMatch(value -> hasRows(value, rows));
    }

    private static boolean hasRows(Value value, int rows) {
        return value.shape().rank() > 0 && value.shape().dim(0) == rows;
    }

    private static Map<String, Tensor> draw(Graph graph, Map<String, Interval> ranges) {
        var random = new Random(SEED);
        Map<String, Tensor> inputs = new HashMap<>();
        for (ValueId id : graph.inputs()) {
            Value value = graph.value(id);
            Interval range = value.type() == ElementType.BOOL ? Interval.UNIT : ranges.getOrDefault(value.name(), Interval.UNIT);
            double[] numbers = random.doubles(value.shape().size()).map(u -> range.low() + u * (range.high() - range.low())).toArray();
            inputs.put(value.name(), value.type().isFloating()
                    ? Tensor.ofDoubles(value.type(), value.shape(), numbers)
                    : Tensor.ofLongs(value.type(), value.shape(), Arrays.stream(numbers).mapToLong(Math::round).toArray()));
        }
        return inputs;
    }

    private static Tensor row(Tensor tensor, int row) {
        var shape = tensor.shape().with(0, 1);
        int size = shape.size();
        return tensor.type().isFloating()
                ? Tensor.ofDoubles(tensor.type(), shape, Arrays.copyOfRange(tensor.toDoubles(), row * size, (row + 1) * size))
                : Tensor.ofLongs(tensor.type(), shape, Arrays.copyOfRange(tensor.toLongs(), row * size, (row + 1) * size));
    }

    private static boolean agree(Tensor a, Tensor b) {
        for (int i = 0; i < a.size(); i++) {
            double difference = Math.abs(a.getDouble(i) - b.getDouble(i));
            if (!(difference <= TOLERANCE * (1 + Math.abs(a.getDouble(i))))) {
                return false;
            }
        }
        return true;
    }
}
