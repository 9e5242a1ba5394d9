package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Sampling x [N, C, D1, …, Dk] at a secret grid [N, O1, …, Ok, k] of places between −1 and 1, the last axis first. */
final class GridSample {
    private static final double CUBIC = -0.75;

    private final NodeContext node;
    private final GraphOps ops;
    private final String mode;
    private final String padding;
    private final boolean corners;

    GridSample(NodeContext node) {
        this.node = node;
        this.ops = node.ops();
        this.mode = switch (node.text("mode", "linear", List.of("linear", "bilinear", "nearest", "cubic", "bicubic"))) {
            case "nearest" -> "nearest";
            case "cubic", "bicubic" -> "cubic";
            default -> "linear";
        };
        this.padding = node.text("padding_mode", "zeros", List.of("zeros", "border", "reflection"));
        this.corners = node.flag("align_corners", false);
    }

    ValueId translate() {
        ValueId x = node.input(0);
        Shape shape = ops.shape(x);
        int axes = shape.rank() - 2;
        Shape gridShape = node.shape(1);
        if (gridShape.rank() != shape.rank() || gridShape.dim(-1) != axes) {
            throw node.invalid("grid has shape " + gridShape + "; expected rank " + shape.rank() + " and a last extent of " + axes);
        }
        int places = gridShape.size(1, axes + 1);
        ValueId grid = ops.reshape(node.input(1), shape.dim(0), places, axes);
        var weights = new ArrayList<ValueId>();
        for (int axis = 0; axis < axes; axis++) {
            int extent = shape.dim(axis + 2);
            ValueId normal = ops.at(grid, 2, axes - 1 - axis);
            ValueId place = corners ? ops.add(ops.mul(normal, (extent - 1) / 2.0), (extent - 1) / 2.0)
                    : ops.add(ops.mul(normal, extent / 2.0), (extent - 1) / 2.0);
            weights.add(weights(place, extent));
        }
        ValueId sampled = Sampling.contract(ops, x, weights);
        int[] result = IntStream.concat(IntStream.of(shape.dim(0), shape.dim(1)), IntStream.range(1, axes + 1).map(gridShape::dim)).toArray();
        return ops.reshape(sampled, result);
    }

    /** [N, P, extent] for places [N, P] in elements. */
    private ValueId weights(ValueId place, int extent) {
        ValueId rounded = mode.equals("nearest") ? ops.unary(Elementary.ROUND, place) : place;
        ValueId inside = switch (padding) {
            // Cubic taps are held at the border one by one; beyond two elements outside all of them are the border's.
            case "border" -> mode.equals("cubic") ? ops.clip(rounded, -2, extent + 1) : ops.clip(rounded, 0, extent - 1);
            case "reflection" -> reflected(rounded, extent);
            default -> rounded;
        };
        return switch (mode) {
            // Whole places make the linear weights a one-hot vector; half an element outside is still the border's.
            case "nearest" -> oneHot(padding.equals("reflection") ? ops.clip(ops.unary(Elementary.TRUNCATE, inside), 0, extent - 1) : inside, extent);
            case "linear" -> Sampling.linearWeights(ops, padding.equals("reflection") ? ops.clip(inside, 0, extent - 1) : inside, extent);
            default -> cubicWeights(inside, extent);
        };
    }

    /** Places outside fall on two extra elements that are then left out. */
    private ValueId oneHot(ValueId place, int extent) {
        ValueId bounded = ops.cast(ops.add(ops.clip(place, -1, extent), 1), ElementType.INT64);
        ValueId chosen = ops.add(new Op.OneHot(2, extent + 2), bounded);
        return ops.cast(ops.slice(chosen, 2, 1, extent), ops.type(place));
    }

    /** Folded back between the borders: a triangle wave. */
    private ValueId reflected(ValueId place, int extent) {
        double low = corners ? 0 : -0.5;
        double range = corners ? extent - 1 : extent;
        if (range == 0) {
            return ops.mul(place, 0);
        }
        ValueId phase = ops.binary(Binary.Function.MODULO, ops.add(place, -low), ops.like(place, 2 * range));
        ValueId wave = ops.sub(ops.like(place, range), ops.unary(Elementary.ABS, ops.add(phase, -range)));
        return ops.add(wave, low);
    }

    /** Taps outside are reached from places up to two elements outside; with padding they count for the element that stands there. */
    private ValueId cubicWeights(ValueId place, int extent) {
        boolean zeros = padding.equals("zeros");
        int outside = zeros ? 0 : 4;
        int taps = extent + 2 * outside;
        ValueId at = ops.add(ops.iota(ops.type(place), taps, 2, 3), -outside);
        ValueId distance = ops.clip(ops.unary(Elementary.ABS, ops.sub(ops.unsqueeze(place, 2), at)), 0, 2);
        ValueId square = ops.square(distance);
        ValueId near = ops.add(ops.mul(ops.add(ops.mul(distance, CUBIC + 2), -(CUBIC + 3)), square), 1);
        ValueId slope = ops.add(ops.mul(ops.add(ops.mul(distance, CUBIC), -5 * CUBIC), distance), 8 * CUBIC);
        ValueId outer = ops.add(ops.mul(slope, distance), -4 * CUBIC);
        ValueId weights = ops.where(ops.compare(Relation.LESS, distance, 1), near, outer);
        if (zeros) {
            return weights;
        }
        double[] fold = new double[taps * extent];
        for (int tap = 0; tap < taps; tap++) {
            fold[tap * extent + standIn(tap - outside, extent)] = 1;
        }
        return ops.add(new Op.MatMul(), weights, ops.constant(ops.type(place), Shape.of(taps, extent), fold));
    }

    private int standIn(int at, int extent) {
        if (padding.equals("border")) {
            return Math.clamp(at, 0, extent - 1);
        }
        if (corners) {
            return Movement.mirror(at, extent);
        }
        int within = Math.floorMod(at, 2 * extent);
        return within < extent ? within : 2 * extent - 1 - within;
    }
}
