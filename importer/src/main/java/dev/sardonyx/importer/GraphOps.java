package dev.sardonyx.importer;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Indices;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The words translators write in: each method adds the operators for one idea to the graph being built, and none where the result
 * would be the input. Axes may be negative here.
 */
final class GraphOps {
    /** Movements by index are written in the plan index by index; a model that asks for more than this is hostile or lost. */
    private static final int MAX_PICKED = 1 << 28;

    private record ScalarKey(ElementType type, double value) {
    }

    private final GraphBuilder builder;
    private final Map<ScalarKey, ValueId> scalars = new HashMap<>();

    GraphOps(GraphBuilder builder) {
        this.builder = builder;
    }

    ValueId add(Op op, ValueId... inputs) {
        return builder.add(op, inputs);
    }

    List<ValueId> addAll(Op op, ValueId... inputs) {
        return builder.addAll(op, inputs);
    }

    Shape shape(ValueId x) {
        return builder.value(x).shape();
    }

    int rank(ValueId x) {
        return shape(x).rank();
    }

    int dim(ValueId x, int axis) {
        return shape(x).dim(axis);
    }

    ElementType type(ValueId x) {
        return builder.value(x).type();
    }

    /** The number of a public constant's tensor; empty for values only known at run time and for secret constants. */
    Optional<Tensor> publicTensor(ValueId x) {
        return builder.constant(x).filter(constant -> !constant.isSecret()).map(Constant::tensor);
    }

    // Constants of the model's structure.

    ValueId open(Tensor tensor) {
        return builder.constant("constant", Constant.open(tensor));
    }

    /** A learned number that a model keeps in an attribute. */
    ValueId secret(String name, Tensor tensor) {
        return builder.constant(name, Constant.secret(tensor));
    }

    ValueId scalar(ElementType type, double value) {
        return scalars.computeIfAbsent(new ScalarKey(type, value), key -> open(tensor(type, Shape.SCALAR, value)));
    }

    /** A public scalar of x's type. */
    ValueId like(ValueId x, double value) {
        return scalar(type(x), value);
    }

    /** A public constant; integers and booleans are given as whole doubles. */
    ValueId constant(ElementType type, Shape shape, double... values) {
        return open(tensor(type, shape, values));
    }

    ValueId filled(ElementType type, Shape shape, double value) {
        return expand(scalar(type, value), shape);
    }

    static Tensor tensor(ElementType type, Shape shape, double... values) {
        if (type.isFloating()) {
            return Tensor.ofDoubles(type, shape, values);
        }
        return Tensor.ofLongs(type, shape, Arrays.stream(values).mapToLong(v -> (long) v).toArray());
    }

    /** 0, 1, …, extent - 1 along {@code axis} of {@code rank} axes, extent 1 along the others. */
    ValueId iota(ElementType type, int extent, int axis, int rank) {
        int[] dims = new int[rank];
        Arrays.fill(dims, 1);
        dims[axis] = extent;
        return constant(type, Shape.of(dims), IntStream.range(0, extent).asDoubleStream().toArray());
    }

    // Element by element.

    ValueId binary(Op.Binary.Function function, ValueId a, ValueId b) {
        return add(new Op.Binary(function), a, b);
    }

    ValueId add(ValueId a, ValueId b) {
        return binary(Op.Binary.Function.ADD, a, b);
    }

    /** With a bias, where there is one. */
    ValueId add(ValueId x, Optional<ValueId> bias) {
        return bias.isPresent() ? add(x, bias.get()) : x;
    }

    ValueId sub(ValueId a, ValueId b) {
        return binary(Op.Binary.Function.SUB, a, b);
    }

    ValueId mul(ValueId a, ValueId b) {
        return binary(Op.Binary.Function.MUL, a, b);
    }

    ValueId div(ValueId a, ValueId b) {
        return binary(Op.Binary.Function.DIV, a, b);
    }

    ValueId min(ValueId a, ValueId b) {
        return binary(Op.Binary.Function.MIN, a, b);
    }

    ValueId max(ValueId a, ValueId b) {
        return binary(Op.Binary.Function.MAX, a, b);
    }

    ValueId add(ValueId x, double value) {
        return value == 0 ? x : add(x, like(x, value));
    }

    ValueId mul(ValueId x, double value) {
        return value == 1 ? x : mul(x, like(x, value));
    }

    ValueId unary(ScalarFunction function, ValueId x) {
        return add(new Op.Unary(function), x);
    }

    ValueId negate(ValueId x) {
        return unary(Elementary.NEGATE, x);
    }

    ValueId square(ValueId x) {
        return mul(x, x);
    }

    ValueId clip(ValueId x, double low, double high) {
        return low == Double.NEGATIVE_INFINITY && high == Double.POSITIVE_INFINITY ? x : add(new Op.Clip(low, high), x);
    }

    ValueId compare(Op.Compare.Relation relation, ValueId a, ValueId b) {
        return add(new Op.Compare(relation), a, b);
    }

    ValueId compare(Op.Compare.Relation relation, ValueId x, double value) {
        return compare(relation, x, like(x, value));
    }

    ValueId and(ValueId a, ValueId b) {
        return add(new Op.Logic(Op.Logic.Function.AND), a, b);
    }

    ValueId not(ValueId a) {
        return add(new Op.Not(), a);
    }

    ValueId where(ValueId condition, ValueId a, ValueId b) {
        return add(new Op.Where(), condition, a, b);
    }

    ValueId cast(ValueId x, ElementType to) {
        return type(x) == to ? x : add(new Op.Cast(to), x);
    }

    // Sums and products.

    /** Matrix product with numpy's promotion of vectors. */
    ValueId matMul(ValueId a, ValueId b) {
        ValueId left = rank(a) == 1 ? unsqueeze(a, 0) : a;
        ValueId right = rank(b) == 1 ? unsqueeze(b, 1) : b;
        ValueId product = add(new Op.MatMul(), left, right);
        if (rank(b) == 1) {
            product = squeeze(product, rank(product) - 1);
        }
        return rank(a) == 1 ? squeeze(product, rank(product) - (rank(b) == 1 ? 1 : 2)) : product;
    }

    ValueId reduce(Op.Reduce.Function function, ValueId x, int... axes) {
        List<Integer> normal = IntStream.of(axes).map(axis -> axis(x, axis)).sorted().boxed().toList();
        return normal.isEmpty() ? x : add(new Op.Reduce(function, normal), x);
    }

    ValueId sum(ValueId x, int... axes) {
        return reduce(Op.Reduce.Function.SUM, x, axes);
    }

    ValueId mean(ValueId x, int... axes) {
        return reduce(Op.Reduce.Function.MEAN, x, axes);
    }

    // Movement.

    ValueId reshape(ValueId x, Shape shape) {
        return shape(x).equals(shape) ? x : add(new Op.Reshape(shape), x);
    }

    ValueId reshape(ValueId x, int... dims) {
        return reshape(x, Shape.of(dims));
    }

    ValueId transpose(ValueId x, int... permutation) {
        return IntStream.range(0, permutation.length).allMatch(i -> permutation[i] == i) ? x
                : add(new Op.Transpose(IntStream.of(permutation).boxed().toList()), x);
    }

    /** Swaps the last two axes. */
    ValueId transposeMatrix(ValueId x) {
        int rank = rank(x);
        return moveAxis(x, rank - 2, rank - 1);
    }

    /** Takes the axis out and puts it in again so that it becomes axis {@code to}. */
    ValueId moveAxis(ValueId x, int from, int to) {
        var order = new ArrayList<>(IntStream.range(0, rank(x)).boxed().toList());
        order.add(axis(x, to), order.remove(axis(x, from)));
        return transpose(x, order.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Inserts an axis of extent 1 so that it becomes axis {@code axis} of the result. */
    ValueId unsqueeze(ValueId x, int axis) {
        var dims = new ArrayList<>(shape(x).dims());
        dims.add(axis < 0 ? axis + dims.size() + 1 : axis, 1);
        return reshape(x, new Shape(dims));
    }

    /** Removes an axis of extent 1. */
    ValueId squeeze(ValueId x, int axis) {
        var dims = new ArrayList<>(shape(x).dims());
        if (dims.remove(axis(x, axis)) != 1) {
            throw new IllegalArgumentException("axis " + axis + " of " + shape(x) + " has not extent 1");
        }
        return reshape(x, new Shape(dims));
    }

    /** Elements start, start + 1, …, start + size - 1 along one axis. */
    ValueId slice(ValueId x, int axis, int start, int size) {
        return slice(x, axis, start, 1, size);
    }

    /** Elements start, start + step, … along one axis. */
    ValueId slice(ValueId x, int axis, int start, int step, int size) {
        int normal = axis(x, axis);
        Shape shape = shape(x);
        if (start == 0 && size == shape.dim(normal) && (step == 1 || size <= 1)) {
            return x;
        }
        var starts = new ArrayList<>(java.util.Collections.nCopies(shape.rank(), 0));
        var steps = new ArrayList<>(java.util.Collections.nCopies(shape.rank(), 1));
        starts.set(normal, start);
        steps.set(normal, step);
        return add(new Op.Slice(starts, steps, shape.with(normal, size).dims()), x);
    }

    /** Element {@code index} of an axis, without the axis. */
    ValueId at(ValueId x, int axis, int index) {
        return squeeze(slice(x, axis, index, 1), axis);
    }

    ValueId reverse(ValueId x, int axis) {
        int extent = dim(x, axis);
        return extent <= 1 ? x : slice(x, axis, extent - 1, -1, extent);
    }

    ValueId concat(int axis, List<ValueId> parts) {
        return parts.size() == 1 ? parts.getFirst()
                : add(new Op.Concat(axis(parts.getFirst(), axis)), parts.toArray(ValueId[]::new));
    }

    ValueId concat(int axis, ValueId... parts) {
        return concat(axis, List.of(parts));
    }

    ValueId expand(ValueId x, Shape shape) {
        return shape(x).equals(shape) ? x : add(new Op.Expand(shape), x);
    }

    /** Output element i is input element {@code source(i)} (both flat), or zero where that is -1. */
    ValueId pick(ValueId x, Shape shape, IntUnaryOperator source) {
        if (shape.size() > MAX_PICKED) {
            throw new RefusedNode("moves " + shape.size() + " elements by index; expected at most " + MAX_PICKED);
        }
        return pick(x, shape, IntStream.range(0, shape.size()).map(source).toArray());
    }

    ValueId pick(ValueId x, Shape shape, int[] source) {
        return add(new Op.Pick(shape, Indices.of(source)), x);
    }

    /** Elements {@code source[i]} along one axis, zero where that is -1. */
    ValueId pickAlong(ValueId x, int axis, int[] source) {
        int normal = axis(x, axis);
        Shape from = shape(x);
        Shape to = from.with(normal, source.length);
        if (source.length == from.dim(normal) && IntStream.range(0, source.length).allMatch(i -> source[i] == i)) {
            return x;
        }
        int inner = from.size(normal + 1, from.rank());
        int fromExtent = from.dim(normal);
        return pick(x, to, flat -> {
            int within = flat % inner;
            int outer = flat / inner / source.length;
            int at = source[flat / inner % source.length];
            return at < 0 ? -1 : (outer * fromExtent + at) * inner + within;
        });
    }

    /** A negative axis counts from the end of x's axes. */
    int axis(ValueId x, int axis) {
        int rank = rank(x);
        if (axis < -rank || axis >= rank) {
            throw new IllegalArgumentException("axis " + axis + " of " + shape(x) + "; expected " + -rank + " to " + (rank - 1));
        }
        return axis < 0 ? axis + rank : axis;
    }
}
