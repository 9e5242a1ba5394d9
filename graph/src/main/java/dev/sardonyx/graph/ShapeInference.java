package dev.sardonyx.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/** What each operator makes of the types and shapes of its inputs. Ranks and attributes are checked here, once for all readers. */
public final class ShapeInference {
    private ShapeInference() {
    }

    /**
     * The types and shapes of an operator's outputs.
     *
     * @throws IllegalArgumentException naming the operator, what does not fit and what was expected
     */
    public static List<TypedShape> infer(Op op, List<TypedShape> inputs) {
        var in = new Inputs(op, inputs);
        return switch (op) {
            case Op.Binary(var _) -> List.of(broadcastSameType(in, 0).numeric(0));
            case Op.Compare(var relation) -> List.of(compare(in, relation));
            case Op.Logic(var _) -> List.of(broadcastSameType(in, 0).type(0, ElementType.BOOL));
            case Op.Not() -> List.of(in.count(1).type(0, ElementType.BOOL));
            case Op.Where() -> List.of(where(in));
            case Op.Unary(var function) -> List.of(unary(in.count(1), function));
            case Op.Relu(), Op.Clip(var _, var _) -> List.of(in.count(1).numeric(0));
            case Op.LeakyRelu(var _) -> List.of(in.count(1).floating(0));
            case Op.Cast(var to) -> List.of(cast(in.count(1), to));
            case Op.MatMul() -> List.of(matMul(in));
            case Op.Conv(var window, int groups) -> List.of(conv(in, window, groups));
            case Op.MaxPool(var window) -> List.of(pool(in.count(1), window));
            case Op.AveragePool(var window, var _, var countedPadsEnd) -> List.of(averagePool(in, window, countedPadsEnd));
            case Op.Reduce(var function, var axes) -> List.of(reduce(in.count(1), function, axes));
            case Op.ArgMax(int axis, var _) -> List.of(argMax(in, axis));
            case Op.TopK(int axis, int k, var _) -> topK(in, axis, k);
            case Op.Softmax(int axis) -> List.of(alongAxis(in.count(1), axis, in.floating(0)));
            case Op.LogSoftmax(int axis) -> List.of(alongAxis(in.count(1), axis, in.floating(0)));
            case Op.CumSum(int axis, var _, var _) -> List.of(alongAxis(in.count(1), axis, in.numeric(0)));
            case Op.Reshape(var shape) -> List.of(reshape(in, shape));
            case Op.Transpose(var permutation) -> List.of(transpose(in, permutation));
            case Op.Slice(var starts, var steps, var sizes) -> List.of(slice(in, starts, steps, sizes));
            case Op.Concat(int axis) -> List.of(concat(in, axis));
            case Op.Expand(var shape) -> List.of(expand(in, shape));
            case Op.Pad(var before, var after, var _) -> List.of(pad(in, before, after));
            case Op.Pick(var shape, var indices) -> List.of(pick(in, shape, indices));
            case Op.GatherSecret(int axis) -> List.of(gather(in, axis));
            case Op.OneHot(int axis, int depth) -> List.of(oneHot(in, axis, depth));
        };
    }

    private static Inputs broadcastSameType(Inputs in, int first) {
        in.count(first + 2).sameType(first, first + 1);
        return in.replaced(first, in.get(first).with(Shape.broadcast(in.shape(first), in.shape(first + 1))));
    }

    private static TypedShape compare(Inputs in, Op.Compare.Relation relation) {
        Inputs both = broadcastSameType(in, 0);
        if (relation != Op.Compare.Relation.EQUAL) {
            both.numeric(0);
        }
        return both.get(0).with(ElementType.BOOL);
    }

    private static TypedShape where(Inputs in) {
        Inputs branches = broadcastSameType(in, 1);
        in.type(0, ElementType.BOOL);
        return in.get(1).with(Shape.broadcast(in.shape(0), branches.shape(1)));
    }

    private static TypedShape unary(Inputs in, ScalarFunction function) {
        return switch (function) {
            case ScalarFunction.Elementary elementary -> switch (elementary) {
                case NEGATE, ABS, SIGN, FLOOR, CEIL, ROUND, TRUNCATE -> in.numeric(0);
                case EXP, LOG, SQRT, RSQRT, RECIPROCAL, SIGMOID, TANH, ERF, GELU, GELU_TANH, SOFTPLUS, SOFTSIGN, MISH, SIN, COS, TAN,
                        ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH -> in.floating(0);
            };
            case ScalarFunction.Elu _, ScalarFunction.Celu _, ScalarFunction.Selu _, ScalarFunction.Swish _ -> in.floating(0);
            case ScalarFunction.Power _ -> in.numeric(0);
        };
    }

    private static TypedShape cast(Inputs in, ElementType to) {
        if (to == ElementType.STRING || in.get(0).type() == ElementType.STRING) {
            throw in.error("casts " + in.get(0).type() + " to " + to + "; expected numbers or booleans");
        }
        return in.get(0).with(to);
    }

    private static TypedShape matMul(Inputs in) {
        in.count(2).sameType(0, 1).numeric(0);
        Shape a = in.shape(0);
        Shape b = in.shape(1);
        if (a.rank() < 2 || b.rank() < 2) {
            throw in.error("multiplies " + a + " by " + b + "; expected ranks of 2 or more");
        }
        if (a.dim(-1) != b.dim(-2)) {
            throw in.error("multiplies " + a + " by " + b + "; expected the last extent of the first to be the last but one of the second");
        }
        Shape batch = Shape.broadcast(new Shape(a.dims().subList(0, a.rank() - 2)), new Shape(b.dims().subList(0, b.rank() - 2)));
        var dims = new ArrayList<>(batch.dims());
        dims.add(a.dim(-2));
        dims.add(b.dim(-1));
        return in.get(0).with(new Shape(dims));
    }

    private static TypedShape conv(Inputs in, Window window, int groups) {
        in.count(2).sameType(0, 1).numeric(0);
        Shape x = in.shape(0);
        Shape weights = in.shape(1);
        if (x.rank() != window.rank() + 2 || weights.rank() != x.rank()) {
            throw in.error("x " + x + " and weights " + weights + " under a window of rank " + window.rank()
                    + "; expected ranks of the window's plus 2");
        }
        if (!weights.dims().subList(2, weights.rank()).equals(window.kernel())) {
            throw in.error("weights " + weights + " do not end with the kernel " + window.kernel());
        }
        if (groups < 1 || weights.dim(0) % groups != 0 || x.dim(1) != weights.dim(1) * groups) {
            throw in.error("x " + x + " and weights " + weights + " with " + groups
                    + " groups; expected channels to be groups times the weights' second extent and groups to divide their first");
        }
        return in.get(0).with(slide(in, window).with(1, weights.dim(0)));
    }

    private static TypedShape pool(Inputs in, Window window) {
        if (in.shape(0).rank() != window.rank() + 2) {
            throw in.error("x " + in.shape(0) + " under a window of rank " + window.rank() + "; expected rank " + (window.rank() + 2));
        }
        return in.numeric(0).with(slide(in, window));
    }

    private static TypedShape averagePool(Inputs in, Window window, List<Integer> countedPadsEnd) {
        in.count(1).floating(0);
        if (countedPadsEnd.size() != window.rank()) {
            throw in.error("counts padding on " + countedPadsEnd.size() + " axes; expected " + window.rank());
        }
        return pool(in, window);
    }

    private static Shape slide(Inputs in, Window window) {
        Shape shape = in.shape(0);
        for (int axis = 0; axis < window.rank(); axis++) {
            int extent = in.extent((long) shape.dim(axis + 2) + window.padsBegin().get(axis) + window.padsEnd().get(axis));
            long reach = (long) window.dilations().get(axis) * (window.kernel().get(axis) - 1) + 1;
            if (extent < reach) {
                throw in.error("a window reaching over " + reach + " does not fit the padded extent " + extent + " of spatial axis " + axis
                        + " of x " + in.shape(0));
            }
            shape = shape.with(axis + 2, window.outputExtent(axis, in.shape(0).dim(axis + 2)));
        }
        return shape;
    }

    private static TypedShape reduce(Inputs in, Op.Reduce.Function function, List<Integer> axes) {
        TypedShape result = switch (function) {
            case SUM, PRODUCT, MEAN -> in.numeric(0);
            case MAX, MIN -> in.get(0);
        };
        if (new HashSet<>(axes).size() != axes.size()) {
            throw in.error("axes " + axes + " name an axis twice");
        }
        for (int axis : axes) {
            result = result.with(in.axis(axis, result.shape()).with(axis, 1));
        }
        return result;
    }

    private static TypedShape argMax(Inputs in, int axis) {
        in.count(1).numeric(0);
        Shape shape = in.axis(axis, in.shape(0));
        if (shape.dim(axis) == 0) {
            throw in.error("has no elements along axis " + axis + " of " + shape);
        }
        return new TypedShape(ElementType.INT64, shape.with(axis, 1));
    }

    private static List<TypedShape> topK(Inputs in, int axis, int k) {
        in.count(1).numeric(0);
        Shape shape = in.axis(axis, in.shape(0));
        if (k < 0 || k > shape.dim(axis)) {
            throw in.error("k=" + k + "; expected 0 to the extent " + shape.dim(axis) + " of axis " + axis);
        }
        TypedShape values = in.get(0).with(shape.with(axis, k));
        return List.of(values, values.with(ElementType.INT64));
    }

    private static TypedShape alongAxis(Inputs in, int axis, TypedShape result) {
        in.axis(axis, in.shape(0));
        return result;
    }

    private static TypedShape reshape(Inputs in, Shape shape) {
        if (in.count(1).shape(0).size() != shape.size()) {
            throw in.error("gives " + in.shape(0) + " the shape " + shape + "; expected as many elements");
        }
        return in.get(0).with(shape);
    }

    private static TypedShape transpose(Inputs in, List<Integer> permutation) {
        Shape shape = in.count(1).shape(0);
        if (!permutation.stream().sorted().toList().equals(IntStream.range(0, shape.rank()).boxed().toList())) {
            throw in.error("permutes " + shape + " by " + permutation + "; expected each axis once");
        }
        return in.get(0).with(new Shape(permutation.stream().map(shape.dims()::get).toList()));
    }

    private static TypedShape slice(Inputs in, List<Integer> starts, List<Integer> steps, List<Integer> sizes) {
        Shape shape = in.count(1).shape(0);
        in.rank(starts, "starts").rank(steps, "steps").rank(sizes, "sizes");
        for (int axis = 0; axis < shape.rank(); axis++) {
            long first = starts.get(axis);
            long last = first + (long) steps.get(axis) * (sizes.get(axis) - 1);
            if (sizes.get(axis) > 0 && (Math.min(first, last) < 0 || Math.max(first, last) >= shape.dim(axis))) {
                throw in.error("takes elements " + first + " to " + last + " along axis " + axis + " of " + shape);
            }
        }
        return in.get(0).with(new Shape(sizes));
    }

    private static TypedShape concat(Inputs in, int axis) {
        if (in.size() == 0) {
            throw in.error("has no inputs; expected at least one");
        }
        long extent = 0;
        for (int i = 0; i < in.size(); i++) {
            in.sameType(0, i);
            Shape shape = in.shape(i);
            if (shape.rank() != in.shape(0).rank() || !in.axis(axis, shape).with(axis, 0).equals(in.shape(0).with(axis, 0))) {
                throw in.error("joins " + in.shape(0) + " and " + shape + " along axis " + axis + "; expected the other extents to be equal");
            }
            extent += shape.dim(axis);
        }
        return in.get(0).with(in.shape(0).with(axis, in.extent(extent)));
    }

    private static TypedShape expand(Inputs in, Shape shape) {
        if (!Shape.broadcast(in.count(1).shape(0), shape).equals(shape)) {
            throw in.error("shape " + in.shape(0) + " does not broadcast to " + shape);
        }
        return in.get(0).with(shape);
    }

    private static TypedShape pad(Inputs in, List<Integer> before, List<Integer> after) {
        Shape shape = in.count(1).shape(0);
        in.rank(before, "before").rank(after, "after");
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (before.get(axis) < 0 || after.get(axis) < 0) {
                throw in.error("pads axis " + axis + " by " + before.get(axis) + " and " + after.get(axis) + "; expected 0 or more");
            }
        }
        return in.get(0).with(new Shape(IntStream.range(0, shape.rank())
                .mapToObj(axis -> in.extent((long) shape.dim(axis) + before.get(axis) + after.get(axis))).toList()));
    }

    private static TypedShape pick(Inputs in, Shape shape, Indices indices) {
        int size = in.count(1).shape(0).size();
        if (indices.length() != shape.size()) {
            throw in.error("has " + indices.length() + " indices for the shape " + shape + "; expected " + shape.size());
        }
        for (int i = 0; i < indices.length(); i++) {
            if (indices.get(i) < -1 || indices.get(i) >= size) {
                throw in.error("index " + indices.get(i) + " at " + i + "; expected -1 to " + (size - 1));
            }
        }
        return in.get(0).with(shape);
    }

    private static TypedShape gather(Inputs in, int axis) {
        Shape data = in.count(2).axis(axis, in.shape(0));
        in.integer(1);
        var dims = new ArrayList<>(data.dims());
        dims.remove(axis);
        dims.addAll(axis, in.shape(1).dims());
        return in.get(0).with(new Shape(dims));
    }

    private static TypedShape oneHot(Inputs in, int axis, int depth) {
        var dims = new ArrayList<>(in.count(1).integer(0).shape().dims());
        if (axis < 0 || axis > dims.size() || depth < 0) {
            throw in.error("depth " + depth + " at axis " + axis + " of " + in.shape(0) + "; expected axis 0 to " + dims.size());
        }
        dims.add(axis, depth);
        return new TypedShape(ElementType.BOOL, new Shape(dims));
    }

    /** An operator's inputs with the checks that all operators share. */
    private record Inputs(Op op, List<TypedShape> list) {

        int size() {
            return list.size();
        }

        TypedShape get(int index) {
            return list.get(index);
        }

        Shape shape(int index) {
            return list.get(index).shape();
        }

        IllegalArgumentException error(String problem) {
            return new IllegalArgumentException(op.getClass().getSimpleName() + ": " + problem);
        }

        Inputs count(int expected) {
            if (list.size() != expected) {
                throw error(list.size() + " inputs; expected " + expected);
            }
            return this;
        }

        Inputs replaced(int index, TypedShape input) {
            var changed = new ArrayList<>(list);
            changed.set(index, input);
            return new Inputs(op, changed);
        }

        Inputs sameType(int a, int b) {
            if (get(a).type() != get(b).type()) {
                throw error("inputs of types " + get(a).type() + " and " + get(b).type() + "; expected one type");
            }
            return this;
        }

        TypedShape type(int index, ElementType expected) {
            return require(index, get(index).type() == expected, expected.toString());
        }

        TypedShape numeric(int index) {
            return require(index, get(index).type().isFloating() || get(index).type().isInteger(), "a floating or integer type");
        }

        TypedShape floating(int index) {
            return require(index, get(index).type().isFloating(), "a floating type");
        }

        TypedShape integer(int index) {
            return require(index, get(index).type().isInteger(), "an integer type");
        }

        private TypedShape require(int index, boolean fits, String expected) {
            if (!fits) {
                throw error("input " + index + " is of type " + get(index).type() + "; expected " + expected);
            }
            return get(index);
        }

        int extent(long extent) {
            if (extent > Integer.MAX_VALUE) {
                throw error("an extent of " + extent + "; expected at most 2^31-1");
            }
            return (int) extent;
        }

        Shape axis(int axis, Shape shape) {
            if (axis < 0 || axis >= shape.rank()) {
                throw error("axis " + axis + " of " + shape + "; expected 0 to " + (shape.rank() - 1));
            }
            return shape;
        }

        Inputs rank(List<Integer> perAxis, String what) {
            if (perAxis.size() != shape(0).rank()) {
                throw error(perAxis.size() + " " + what + " for " + shape(0) + "; expected " + shape(0).rank());
            }
            return this;
        }
    }
}
