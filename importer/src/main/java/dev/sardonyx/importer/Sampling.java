package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Sampling at places that may be secret: interpolation weights are computed against every place of an axis, then contracted. */
final class Sampling {
    private static final String EVERY_PLACE = "secret places: cost grows with samples × extent of each axis";

    static final List<Operator> TABLE = List.of(
            core("GridSample").versions(16, 20, 22).note(EVERY_PLACE).gives(node -> new GridSample(node).translate()),
            core("AffineGrid").versions(20).publicInputs(1).gives(Sampling::affineGrid),
            core("DeformConv").versions(19, 22).note(EVERY_PLACE).gives(Sampling::deformConv),
            core("RoiAlign").versions(10, 16, 22).note("average mode with a fixed sampling_ratio; " + EVERY_PLACE).gives(Sampling::roiAlign));

    private Sampling() {
    }

    /**
     * Weights of linear interpolation: max(0, 1 − |place − i|) for every i. Made as the second difference of max(0, place − i), which
     * takes one comparison an element.
     *
     * @param places any shape
     * @return the same shape with a last axis of {@code extent}
     */
    static ValueId linearWeights(GraphOps ops, ValueId places, int extent) {
        int last = ops.rank(places);
        ValueId knots = ops.add(ops.iota(ops.type(places), extent + 2, last, last + 1), -1);
        ValueId ramps = ops.add(new Op.Relu(), ops.sub(ops.unsqueeze(places, last), knots));
        ValueId outer = ops.add(ops.slice(ramps, last, 0, extent), ops.slice(ramps, last, 2, extent));
        return ops.sub(outer, ops.mul(ops.slice(ramps, last, 1, extent), 2));
    }

    /**
     * Sums data over its spatial axes with separable weights.
     *
     * @param data [N, C, D1, …, Dk]
     * @param weights for each spatial axis [N, P, D]
     * @return [N, C, P]
     */
    static ValueId contract(GraphOps ops, ValueId data, List<ValueId> weights) {
        Shape shape = ops.shape(data);
        int places = ops.dim(weights.getFirst(), 1);
        int rank = weights.size();
        int extent = shape.dim(-1);
        ValueId rows = ops.reshape(data, shape.dim(0), shape.size() / Math.max(1, shape.dim(0) * extent), extent);
        ValueId sum = ops.add(new Op.MatMul(), rows, ops.transposeMatrix(weights.get(rank - 1)));
        for (int axis = rank - 2; axis >= 0; axis--) {
            int d = shape.dim(axis + 2);
            ValueId apart = ops.reshape(sum, shape.dim(0), ops.shape(sum).size() / Math.max(1, shape.dim(0) * d * places), d, places);
            ValueId weight = ops.unsqueeze(ops.transposeMatrix(weights.get(axis)), 1);
            sum = ops.squeeze(ops.sum(ops.mul(apart, weight), 2), 2);
        }
        return ops.reshape(sum, shape.dim(0), shape.dim(1), places);
    }

    /** The grid is public up to the transformation: [size, axes + 1] places times the transposed transformation. */
    private static ValueId affineGrid(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId theta = node.input(0);
        int[] size = node.openInts(1);
        boolean corners = node.flag("align_corners", false);
        int axes = size.length - 2;
        Shape spatial = Shape.of(IntStream.of(size).skip(2).toArray());
        double[] places = new double[spatial.size() * (axes + 1)];
        for (int flat = 0; flat < spatial.size(); flat++) {
            int[] at = Pooling.coordinates(spatial, flat);
            for (int axis = 0; axis < axes; axis++) {
                // The last axis comes first.
                int extent = spatial.dim(axes - 1 - axis);
                int i = at[axes - 1 - axis];
                places[flat * (axes + 1) + axis] = corners ? extent == 1 ? -1 : -1 + 2.0 * i / (extent - 1) : (2.0 * i + 1) / extent - 1;
            }
            places[flat * (axes + 1) + axes] = 1;
        }
        ValueId grid = ops.constant(ops.type(theta), Shape.of(spatial.size(), axes + 1), places);
        ValueId moved = ops.add(new Op.MatMul(), grid, ops.transposeMatrix(theta));
        return ops.reshape(moved, IntStream.concat(IntStream.concat(IntStream.of(size[0]), IntStream.of(size).skip(2)), IntStream.of(axes)).toArray());
    }

    /** Each tap reads at its own (secret) offset; the rest is a matrix product over taps and channels. */
    private static ValueId deformConv(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        ValueId weights = node.input(1);
        Shape s = ops.shape(x);
        Shape w = ops.shape(weights);
        if (s.rank() != 4) {
            throw new RefusedNode("x of shape " + s + "; expected 2 spatial axes");
        }
        var window = new Sliding(node, w.dim(2), w.dim(3)).window(s);
        int groups = node.integer("group", 1, 1, Integer.MAX_VALUE);
        int offsetGroups = node.integer("offset_group", 1, 1, Integer.MAX_VALUE);
        int outH = window.outputExtent(0, s.dim(2));
        int outW = window.outputExtent(1, s.dim(3));
        int taps = w.dim(2) * w.dim(3);
        int n = s.dim(0);
        int channels = s.dim(1) / offsetGroups;
        // [N, offset groups, taps, 2, outH, outW]
        ValueId offsets = ops.reshape(node.input(2), n, offsetGroups, taps, 2, outH, outW);
        var base = new double[2][taps * outH * outW];
        for (int i = 0; i < base[0].length; i++) {
            int tap = i / (outH * outW);
            int[] at = { i / outW % outH, i % outW };
            int[] within = { tap / w.dim(3), tap % w.dim(3) };
            for (int axis = 0; axis < 2; axis++) {
                base[axis][i] = at[axis] * window.strides().get(axis) - window.padsBegin().get(axis) + within[axis] * window.dilations().get(axis);
            }
        }
        int places = taps * outH * outW;
        var perAxis = new ArrayList<ValueId>();
        for (int axis = 0; axis < 2; axis++) {
            ValueId offset = ops.reshape(ops.at(offsets, 3, axis), n * offsetGroups, places);
            ValueId place = ops.add(offset, ops.constant(ops.type(x), Shape.of(1, places), base[axis]));
            perAxis.add(linearWeights(ops, place, s.dim(axis + 2)));
        }
        ValueId sampled = ops.reshape(contract(ops, ops.reshape(x, n * offsetGroups, channels, s.dim(2), s.dim(3)), perAxis), n, offsetGroups,
                channels, taps, outH * outW);
        if (node.has(4)) {
            sampled = ops.mul(sampled, ops.reshape(node.input(4), n, offsetGroups, 1, taps, outH * outW));
        }
        ValueId columns = ops.reshape(sampled, n, groups, s.dim(1) / groups * taps, outH * outW);
        ValueId rows = ops.reshape(weights, 1, groups, w.dim(0) / groups, w.dim(1) * taps);
        ValueId y = ops.reshape(ops.add(new Op.MatMul(), rows, columns), n, w.dim(0), outH, outW);
        return node.has(3) ? ops.add(y, Convolution.perChannel(ops, node.input(3), 4)) : y;
    }

    /** Averages a fixed number of bilinear samples in each bin of each (secret) region. */
    private static ValueId roiAlign(NodeContext node) {
        GraphOps ops = node.ops();
        int ratio = node.integer("sampling_ratio", 0);
        if (ratio < 1 || !node.text("mode", "avg", List.of("avg", "max")).equals("avg")) {
            throw new RefusedNode("sampling_ratio=" + ratio + " or mode other than avg; expected a fixed ratio (an adaptive one follows the"
                    + " secret region's size) and avg");
        }
        ValueId x = node.input(0);
        ValueId rois = node.input(1);
        int count = ops.dim(rois, 0);
        boolean halfPixel = node.opset() >= 16
                && node.text("coordinate_transformation_mode", "half_pixel", List.of("half_pixel", "output_half_pixel")).equals("half_pixel");
        double scale = node.real("spatial_scale", 1);
        int[] bins = { node.integer("output_height", 1), node.integer("output_width", 1) };
        ValueId scaled = ops.add(ops.mul(rois, scale), halfPixel ? -0.5 : 0);
        var perAxis = new ArrayList<ValueId>();
        for (int axis = 0; axis < 2; axis++) {
            int samples = bins[axis] * ratio;
            ValueId start = ops.slice(scaled, 1, 1 - axis, 1);
            ValueId size = ops.sub(ops.slice(scaled, 1, 3 - axis, 1), start);
            ValueId length = halfPixel ? size : ops.clip(size, 1, Double.POSITIVE_INFINITY);
            ValueId fractions = ops.constant(ops.type(x), Shape.of(1, samples), IntStream.range(0, samples).mapToDouble(i -> (i + 0.5) / samples)
                    .toArray());
            ValueId place = ops.add(ops.mul(length, fractions), start);
            int extent = ops.dim(x, axis + 2);
            // Places up to one element outside read the border; farther ones read zero.
            ValueId near = ops.and(ops.compare(Op.Compare.Relation.GREATER_OR_EQUAL, place, -1),
                    ops.compare(Op.Compare.Relation.LESS_OR_EQUAL, place, extent));
            ValueId weights = linearWeights(ops, ops.clip(place, 0, extent - 1), extent);
            ValueId kept = ops.mul(weights, ops.unsqueeze(ops.cast(near, ops.type(x)), 2));
            perAxis.add(ops.squeeze(ops.mean(ops.reshape(kept, count, bins[axis], ratio, extent), 2), 2));
        }
        ValueId images = Gathering.gather(ops, x, node.input(2), 0);
        // [count, C, H, W] → rows then columns.
        ValueId alongWidth = ops.add(new Op.MatMul(), images, ops.unsqueeze(ops.transposeMatrix(perAxis.get(1)), 1));
        return ops.add(new Op.MatMul(), ops.unsqueeze(perAxis.get(0), 1), alongWidth);
    }
}
