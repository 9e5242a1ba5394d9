package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Compare.Relation;
import dev.sardonyx.graph.Op.Reduce;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Reading and writing by index. Public indices become movements; secret ones one-hot vectors, whose products with the data read, and
 * whose sums write, without any party learning where.
 */
final class Gathering {
    private static final String SECRET_INDEX = "public indices are free; secret ones cost a one-hot product over the axis";

    static final List<Operator> TABLE = List.of(
            core("Gather").indexInputs(1).note(SECRET_INDEX).gives(node -> gather(node.ops(), node.input(0), node.input(1),
                    node.axis(node.integer("axis", 0), node.shape(0).rank()))),
            core("GatherElements").versions(11).indexInputs(1).note(SECRET_INDEX).gives(Gathering::gatherElements),
            core("GatherND").versions(11, 12).indexInputs(1).note(SECRET_INDEX).gives(Gathering::gatherNd),
            core("Scatter").versions(9).indexInputs(1).note(SECRET_INDEX).gives(Gathering::scatterElements),
            core("ScatterElements").versions(11, 16, 18).indexInputs(1).note(SECRET_INDEX).gives(Gathering::scatterElements),
            core("ScatterND").versions(11, 16, 18).indexInputs(1).note(SECRET_INDEX).gives(Gathering::scatterNd),
            core("TensorScatter").versions(24).indexInputs(2).note(SECRET_INDEX).gives(Gathering::tensorScatter),
            core("OneHot").versions(9, 11).publicInputs(1).indexInputs(0).gives(Gathering::oneHot));

    private Gathering() {
    }

    static ValueId gather(GraphOps ops, ValueId data, ValueId indices, int axis) {
        Optional<Tensor> open = ops.publicTensor(indices);
        if (open.isEmpty()) {
            return ops.add(new Op.GatherSecret(axis), data, indices);
        }
        int extent = ops.dim(data, axis);
        int[] source = IntStream.range(0, open.get().size()).map(i -> normal(open.get().getLong(i), extent)).toArray();
        var dims = new ArrayList<>(ops.shape(data).dims());
        dims.remove(axis);
        dims.addAll(axis, open.get().shape().dims());
        boolean run = source.length > 0 && IntStream.range(1, source.length).allMatch(i -> source[i] == source[i - 1] + 1);
        ValueId picked = run ? ops.slice(data, axis, source[0], source.length) : ops.pickAlong(data, axis, source);
        return ops.reshape(picked, new Shape(dims));
    }

    private static int normal(long index, int extent) {
        long at = index < 0 ? index + extent : index;
        if (at < 0 || at >= extent) {
            throw new IllegalArgumentException("index " + index + " of an axis of extent " + extent + "; expected " + -extent + " to "
                    + (extent - 1));
        }
        return (int) at;
    }

    /** Secret indices counted from the front, as INT64. */
    private static ValueId fromFront(GraphOps ops, ValueId indices, int extent) {
        ValueId index = ops.cast(indices, ElementType.INT64);
        return ops.where(ops.compare(Relation.LESS, index, 0), ops.add(index, extent), index);
    }

    /** One-hot along a new last axis, in the type of the data it will meet. */
    private static ValueId lastOneHot(GraphOps ops, ValueId indices, int extent) {
        return ops.add(new Op.OneHot(ops.rank(indices), extent), fromFront(ops, indices, extent));
    }

    private static ValueId gatherElements(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId data = node.input(0);
        Shape from = ops.shape(data);
        Shape to = node.shape(1);
        int axis = node.axis(node.integer("axis", 0), from.rank());
        Optional<Tensor> open = ops.publicTensor(node.input(1));
        if (open.isPresent()) {
            int[] strides = from.strides();
            return ops.pick(data, to, flat -> {
                int[] at = Pooling.coordinates(to, flat);
                at[axis] = normal(open.get().getLong(flat), from.dim(axis));
                return IntStream.range(0, at.length).map(i -> at[i] * strides[i]).sum();
            });
        }
        // Rows of the data that no index looks at, along the other axes, are cut off.
        for (int other = 0; other < from.rank(); other++) {
            data = other == axis ? data : ops.slice(data, other, 0, to.dim(other));
        }
        ValueId chosen = ops.cast(lastOneHot(ops, node.input(1), from.dim(axis)), ops.type(data));
        ValueId rows = ops.unsqueeze(ops.moveAxis(data, axis, from.rank() - 1), axis);
        return ops.squeeze(ops.sum(ops.mul(chosen, rows), from.rank()), from.rank());
    }

    private static ValueId gatherNd(NodeContext node) {
        GraphOps ops = node.ops();
        Shape from = node.shape(0);
        Shape indices = node.shape(1);
        int batch = node.integer("batch_dims", 0, 0, from.rank());
        int depth = indices.dim(-1);
        ValueId flat = flatIndices(ops, node.input(1), from, batch);
        ValueId rows = ops.reshape(node.input(0), from.size(0, batch + depth), from.size(batch + depth, from.rank()));
        var dims = new ArrayList<>(indices.dims().subList(0, indices.rank() - 1));
        dims.addAll(from.dims().subList(batch + depth, from.rank()));
        return ops.reshape(gather(ops, rows, flat, 0), new Shape(dims));
    }

    /** Index tuples as flat indices into the axes they cover, the leading batch axes included; shape [number of tuples]. */
    private static ValueId flatIndices(GraphOps ops, ValueId indices, Shape data, int batch) {
        Shape shape = ops.shape(indices);
        int depth = shape.dim(-1);
        int tuples = shape.size(0, shape.rank() - 1);
        int covered = data.size(batch, batch + depth);
        int perBatch = tuples / Math.max(1, data.size(0, batch));
        double[] offsets = IntStream.range(0, tuples).mapToDouble(tuple -> (double) (perBatch == 0 ? 0 : tuple / perBatch) * covered).toArray();
        ValueId flat = ops.constant(ElementType.INT64, Shape.of(tuples), offsets);
        ValueId rows = ops.reshape(ops.cast(indices, ElementType.INT64), tuples, depth);
        for (int i = 0; i < depth; i++) {
            ValueId component = fromFront(ops, ops.at(rows, 1, i), data.dim(batch + i));
            flat = ops.add(flat, ops.mul(component, data.size(batch + i + 1, batch + depth)));
        }
        return flat;
    }

    private static String reduction(NodeContext node) {
        return node.text("reduction", "none", List.of("none", "add", "mul", "min", "max"));
    }

    /** Updates [.., n, ..] written along an axis at indices of the same shape. */
    private static ValueId scatterElements(NodeContext node) {
        GraphOps ops = node.ops();
        Shape to = node.shape(0);
        Shape from = node.shape(1);
        int axis = node.axis(node.integer("axis", 0), to.rank());
        Optional<Tensor> open = ops.publicTensor(node.input(1));
        if (open.isPresent()) {
            int[] strides = to.strides();
            int[] target = IntStream.range(0, from.size()).map(flat -> {
                int[] at = Pooling.coordinates(from, flat);
                at[axis] = normal(open.get().getLong(flat), to.dim(axis));
                return IntStream.range(0, at.length).map(i -> at[i] * strides[i]).sum();
            }).toArray();
            return ops.reshape(write(node, ops.reshape(node.input(0), to.size(), 1), target, ops.reshape(node.input(2), from.size(), 1)), to);
        }
        // Only the part of the data that updates can reach takes part: [others, extent] and, one more axis, [others, extent, n].
        ValueId reached = node.input(0);
        for (int other = 0; other < to.rank(); other++) {
            reached = other == axis ? reached : ops.slice(reached, other, 0, from.dim(other));
        }
        int last = to.rank() - 1;
        ValueId rows = ops.moveAxis(reached, axis, last);
        ValueId updates = ops.unsqueeze(ops.moveAxis(node.input(2), axis, last), last);
        ValueId chosen = ops.transposeMatrix(lastOneHot(ops, ops.moveAxis(node.input(1), axis, last), to.dim(axis)));
        ValueId written = ops.moveAxis(combine(node, rows, chosen, updates), last, axis);
        return inFront(ops, node.input(0), written);
    }

    /** x with its leading corner replaced. */
    private static ValueId inFront(GraphOps ops, ValueId x, ValueId corner) {
        Shape whole = ops.shape(x);
        Shape part = ops.shape(corner);
        if (whole.equals(part)) {
            return corner;
        }
        List<Integer> zeros = java.util.Collections.nCopies(whole.rank(), 0);
        List<Integer> rest = IntStream.range(0, whole.rank()).map(axis -> whole.dim(axis) - part.dim(axis)).boxed().toList();
        ValueId inside = ops.add(new Op.Pad(zeros, rest, 0), ops.filled(ElementType.BOOL, part, 1));
        return ops.where(inside, ops.add(new Op.Pad(zeros, rest, 0), corner), x);
    }

    /**
     * Writes by one-hot selection.
     *
     * @param data […, extent]
     * @param chosen booleans […, extent, n]: whether update u goes to a place
     * @param updates […, 1, n]
     */
    private static ValueId combine(NodeContext node, ValueId data, ValueId chosen, ValueId updates) {
        GraphOps ops = node.ops();
        ElementType type = ops.type(data);
        int last = ops.rank(chosen) - 1;
        ValueId old = ops.unsqueeze(data, last);
        return switch (reduction(node)) {
            case "none" -> {
                if (type == ElementType.BOOL) {
                    throw new RefusedNode("booleans written at secret indices");
                }
                ValueId one = ops.cast(chosen, type);
                ValueId sum = ops.squeeze(ops.sum(ops.mul(one, updates), last), last);
                ValueId written = ops.squeeze(ops.sum(one, last), last);
                yield ops.add(ops.mul(data, ops.sub(ops.like(data, 1), written)), sum);
            }
            case "add" -> ops.add(data, ops.squeeze(ops.sum(ops.mul(ops.cast(chosen, type), updates), last), last));
            case "mul" -> ops.mul(data, reduced(ops, Reduce.Function.PRODUCT, ops.where(chosen, updates, ops.like(data, 1)), last));
            case "min" -> ops.min(data, reduced(ops, Reduce.Function.MIN, ops.where(chosen, updates, old), last));
            default -> ops.max(data, reduced(ops, Reduce.Function.MAX, ops.where(chosen, updates, old), last));
        };
    }

    private static ValueId reduced(GraphOps ops, Reduce.Function function, ValueId x, int axis) {
        return ops.squeeze(ops.reduce(function, x, axis), axis);
    }

    /** Rows of updates [n, size] into rows of data [rows, size] at public places; later ones win without a reduction. */
    private static ValueId write(NodeContext node, ValueId data, int[] target, ValueId updates) {
        GraphOps ops = node.ops();
        String reduction = reduction(node);
        if (reduction.equals("none")) {
            int rows = ops.dim(data, 0);
            int[] source = IntStream.range(0, rows).toArray();
            for (int i = 0; i < target.length; i++) {
                source[target[i]] = rows + i;
            }
            return ops.pickAlong(ops.concat(0, data, updates), 0, source);
        }
        // Updates to one place are combined one after another: round r holds the r-th update of each place.
        ValueId result = data;
        int[] left = target.clone();
        while (Arrays.stream(left).anyMatch(at -> at >= 0)) {
            int[] source = new int[ops.dim(data, 0)];
            Arrays.fill(source, -1);
            for (int i = 0; i < left.length; i++) {
                if (left[i] >= 0 && source[left[i]] < 0) {
                    source[left[i]] = i;
                    left[i] = -1;
                }
            }
            result = writeOnce(ops, reduction, result, source, updates);
        }
        return result;
    }

    private static ValueId writeOnce(GraphOps ops, String reduction, ValueId data, int[] source, ValueId updates) {
        ValueId moved = ops.pickAlong(updates, 0, source);
        if (reduction.equals("add")) {
            return ops.add(data, moved);
        }
        double[] hit = IntStream.of(source).mapToDouble(at -> at < 0 ? 0 : 1).toArray();
        ValueId mask = ops.constant(ElementType.BOOL, Shape.of(source.length, 1), hit);
        ValueId combined = switch (reduction) {
            case "mul" -> ops.mul(data, moved);
            case "min" -> ops.min(data, moved);
            default -> ops.max(data, moved);
        };
        return ops.where(mask, combined, data);
    }

    private static ValueId scatterNd(NodeContext node) {
        GraphOps ops = node.ops();
        Shape to = node.shape(0);
        int depth = node.shape(1).dim(-1);
        int tuples = node.shape(1).size(0, node.shape(1).rank() - 1);
        int rows = to.size(0, depth);
        int size = to.size(depth, to.rank());
        ValueId data = ops.reshape(node.input(0), rows, size);
        ValueId updates = ops.reshape(node.input(2), tuples, size);
        ValueId flat = flatIndices(ops, node.input(1), to, 0);
        Optional<Tensor> open = ops.publicTensor(flat);
        if (open.isPresent()) {
            int[] target = IntStream.range(0, tuples).map(i -> normal(open.get().getLong(i), rows)).toArray();
            return ops.reshape(write(node, data, target, updates), to);
        }
        ValueId chosen = ops.transpose(ops.add(new Op.OneHot(1, rows), flat), 1, 0);
        ValueId columns = ops.unsqueeze(ops.transpose(updates, 1, 0), 1);
        ValueId result = combine(node, ops.transpose(data, 1, 0), chosen(ops, chosen, size), columns);
        return ops.reshape(ops.transpose(result, 1, 0), to);
    }

    private static ValueId chosen(GraphOps ops, ValueId chosen, int size) {
        return ops.expand(ops.unsqueeze(chosen, 0), Shape.of(size, ops.dim(chosen, 0), ops.dim(chosen, 1)));
    }

    /** A cache [batch, …, length, …] with updates [batch, …, n, …] written from an index of each batch entry on. */
    private static ValueId tensorScatter(NodeContext node) {
        GraphOps ops = node.ops();
        Shape cache = node.shape(0);
        Shape update = node.shape(1);
        int axis = node.axis(node.integer("axis", -2), cache.rank());
        boolean circular = node.text("mode", "linear", List.of("linear", "circular")).equals("circular");
        int length = cache.dim(axis);
        int count = update.dim(axis);
        ValueId start = node.has(2) ? ops.cast(node.input(2), ElementType.INT64)
                : ops.filled(ElementType.INT64, Shape.of(cache.dim(0)), 0);
        ValueId places = ops.add(ops.unsqueeze(start, 1), ops.iota(ElementType.INT64, count, 1, 2));
        if (circular) {
            places = ops.binary(Op.Binary.Function.MODULO, places, ops.like(places, length));
        }
        // [batch, length, n]: whether update u lands on a place of the cache.
        ValueId chosen = ops.transposeMatrix(ops.add(new Op.OneHot(2, length), places));
        ValueId moved = ops.reshape(ops.moveAxis(node.input(1), axis, 1), cache.dim(0), count, update.size() / Math.max(1, cache.dim(0) * count));
        ValueId written = ops.add(new Op.MatMul(), ops.cast(chosen, ops.type(moved)), moved);
        ValueId covered = ops.reduce(Reduce.Function.MAX, ops.cast(chosen, ElementType.INT64), 2);
        var front = new ArrayList<>(cache.dims());
        front.remove(axis);
        front.add(1, length);
        ValueId aligned = ops.moveAxis(ops.reshape(written, new Shape(front)), 1, axis);
        int[] mask = IntStream.range(0, cache.rank()).map(i -> i == 0 || i == axis ? cache.dim(i) : 1).toArray();
        return ops.where(ops.reshape(ops.cast(covered, ElementType.BOOL), mask), aligned, node.input(0));
    }

    private static ValueId oneHot(NodeContext node) {
        GraphOps ops = node.ops();
        int depth = (int) node.open(1).getDouble(0);
        int axis = node.axis(node.integer("axis", -1), node.shape(0).rank() + 1);
        ValueId chosen = ops.add(new Op.OneHot(axis, depth), fromFront(ops, node.input(0), depth));
        ValueId values = node.input(2);
        return ops.where(chosen, ops.at(values, 0, 1), ops.at(values, 0, 0));
    }
}
