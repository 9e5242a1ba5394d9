package dev.sardonyx.cli;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.planner.Interval;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Draws inputs uniformly from their declared ranges; each draw is new. Inputs that must be public stay as they are. */
final class RandomInputs {
    private final ModelShapes shapes;
    private final Map<String, Interval> ranges;
    private final SplittableRandom random;

    RandomInputs(ModelShapes shapes, Map<String, Interval> ranges, long seed) {
        this.shapes = shapes;
        this.ranges = ranges;
        this.random = new SplittableRandom(seed);
    }

    Map<String, Tensor> next() {
        Map<String, Tensor> inputs = new LinkedHashMap<>(shapes.publicInputs());
        shapes.shapes().forEach((name, shape) -> inputs.put(name, draw(shapes.types().getOrDefault(name, ElementType.FLOAT32), shape,
                ranges.getOrDefault(name, Interval.UNIT))));
        return inputs;
    }

    /**
     * As {@link #next}, but floating inputs are alike over blocks of the last two axes, as pictures are: noise that is independent from
     * number to number averages out in the first layers, and would show ranges that are too small.
     *
     * @param side extent of a block
     */
    Map<String, Tensor> nextInBlocks(int side) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(shapes.publicInputs());
        shapes.shapes().forEach((name, shape) -> {
            ElementType type = shapes.types().getOrDefault(name, ElementType.FLOAT32);
            Tensor drawn = draw(type, shape, ranges.getOrDefault(name, Interval.UNIT));
            inputs.put(name, type.isFloating() && shape.rank() > 0 ? inBlocks(drawn, side) : drawn);
        });
        return inputs;
    }

    private static Tensor inBlocks(Tensor tensor, int side) {
        int columns = tensor.shape().dim(-1);
        int rows = tensor.shape().rank() > 1 ? tensor.shape().dim(-2) : 1;
        double[] values = new double[tensor.size()];
        for (int i = 0; i < values.length; i++) {
            int column = i % columns / side * side;
            int row = i / columns % rows / side * side;
            values[i] = tensor.getDouble(i / (columns * rows) * columns * rows + row * columns + column);
        }
        return Tensor.ofDoubles(tensor.type(), tensor.shape(), values);
    }

    /**
     * The declared ranges less what no index can be: an input that picks rows of a table stays within the table, where a range rounded to a
     * power of two reaches beyond it.
     */
    static Map<String, Interval> withinTables(Graph graph, Map<String, Interval> ranges) {
        Map<String, Interval> narrowed = new LinkedHashMap<>(ranges);
        Map<ValueId, ValueId> sources = new HashMap<>();
        graph.inputs().forEach(input -> sources.put(input, input));
        for (Node node : graph.nodes()) {
            boolean passes = node.op() instanceof Op.Movement || node.op() instanceof Op.Cast;
            if (node.op() instanceof Op.GatherSecret(int axis) && sources.containsKey(node.inputs().get(1))) {
                int extent = graph.value(node.inputs().get(0)).shape().dim(axis);
                narrowed.computeIfPresent(graph.value(sources.get(node.inputs().get(1))).name(),
                        (_, range) -> range.intersect(new Interval(-extent, Math.max(0, extent - 1))));
            } else if (passes && node.inputs().size() == 1 && sources.containsKey(node.inputs().getFirst())) {
                sources.put(node.output(), sources.get(node.inputs().getFirst()));
            }
        }
        return narrowed;
    }

    private Tensor draw(ElementType type, Shape shape, Interval range) {
        if (type.isFloating()) {
            double[] values = new double[shape.size()];
            for (int i = 0; i < values.length; i++) {
                // Rounding to float may leave the range by half a unit; a declared bound holds exactly.
                values[i] = Math.clamp((float) (range.low() + random.nextDouble() * (range.high() - range.low())), range.low(), range.high());
            }
            return Tensor.ofDoubles(type, shape, values);
        }
        long low = (long) Math.ceil(range.low());
        long high = (long) Math.floor(range.high());
        long[] values = new long[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = low + random.nextLong(high - low + 1);
        }
        return Tensor.ofLongs(type, shape, values);
    }
}
