package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Indices;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ShapeInference;
import dev.sardonyx.graph.TypedShape;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Removes operators that change nothing, and merges two of a kind that follow each other. */
final class Identities {
    static final GraphPass PASS = new DraftPass("identity-removal",
            "operators that change nothing are dropped, movements that follow each other become one", Identities::apply);

    private Identities() {
    }

    private static void apply(Draft draft, Node node) {
        if (node.outputs().size() != 1) {
            return;
        }
        ValueId output = node.output();
        Optional<ValueId> same = unchanged(draft, node);
        if (same.isPresent()) {
            draft.replace(output, same.get());
            return;
        }
        Optional<Node> before = node.inputs().isEmpty() ? Optional.empty() : draft.producer(node.inputs().getFirst());
        Optional<Op> merged = before.flatMap(inner -> merged(draft, inner, node.op()));
        if (merged.isPresent()) {
            draft.replace(output, draft.add(node.origin(), merged.get(), before.get().inputs().getFirst()));
        } else if (node.op() instanceof Op.Transpose(var permutation) && movesOnlyOnes(draft.shape(node.inputs().getFirst()), permutation)) {
            draft.replace(output, draft.add(node.origin(), new Op.Reshape(draft.shape(output)), node.inputs().getFirst()));
        } else if (node.op() instanceof Op.Conv conv) {
            widenPadding(draft, node, conv);
        } else if (node.op() instanceof Op.Binary(var function)) {
            bound(draft, node, function).ifPresentOrElse(bounded -> draft.replace(output, bounded), () -> readThroughExpand(draft, node));
        } else {
            readThroughExpand(draft, node);
        }
    }

    /** A convolution pads with zeros itself. */
    private static void widenPadding(Draft draft, Node node, Op.Conv conv) {
        Optional<Node> padding = draft.producer(node.inputs().getFirst(), Op.Pad.class);
        if (padding.isPresent() && padding.get().op() instanceof Op.Pad(var before, var after, double value) && value == 0
                && before.get(0) + before.get(1) + after.get(0) + after.get(1) == 0) {
            Window window = conv.window();
            var wider = new Window(window.kernel(), window.strides(), window.dilations(), sum(window.padsBegin(), before.subList(2, before.size())),
                    sum(window.padsEnd(), after.subList(2, after.size())));
            draft.replace(node.output(), draft.add(node.origin(), new Op.Conv(wider, conv.groups()), padding.get().inputs().getFirst(),
                    node.inputs().get(1)));
        }
    }

    private static List<Integer> sum(List<Integer> a, List<Integer> b) {
        return IntStream.range(0, a.size()).mapToObj(axis -> a.get(axis) + b.get(axis)).toList();
    }

    /** The greater or lesser of a value and a public number as the operator that says so. */
    private static Optional<ValueId> bound(Draft draft, Node node, Op.Binary.Function function) {
        if (function != Op.Binary.Function.MAX && function != Op.Binary.Function.MIN) {
            return Optional.empty();
        }
        int constant = draft.isConstant(node.inputs().get(0)) ? 0 : 1;
        ValueId x = node.inputs().get(1 - constant);
        return draft.publicConstant(node.inputs().get(constant)).filter(tensor -> tensor.size() == 1 && sameType(draft, x, node.output()))
                .filter(tensor -> tensor.type().isFloating()).map(tensor -> {
                    double number = tensor.getDouble(0);
                    Op low = number == 0 ? new Op.Relu() : new Op.Clip(number, Double.POSITIVE_INFINITY);
                    return draft.add(node.origin(), function == Op.Binary.Function.MAX ? low : new Op.Clip(Double.NEGATIVE_INFINITY, number), x);
                });
    }

    /** The input that the node hands on as it is. */
    private static Optional<ValueId> unchanged(Draft draft, Node node) {
        if (node.inputs().isEmpty()) {
            return Optional.empty();
        }
        ValueId x = node.inputs().getFirst();
        Optional<ValueId> candidate = switch (node.op()) {
            case Op.Reshape _, Op.Expand _, Op.Cast _ -> Optional.of(x);
            case Op.Transpose(var permutation) -> when(isAscending(permutation), x);
            case Op.Slice(var _, var steps, var _) -> when(steps.stream().allMatch(step -> step == 1), x);
            case Op.Concat _ -> when(node.inputs().size() == 1, x);
            case Op.Pad _ -> Optional.of(x);
            case Op.Pick(var _, Indices indices) -> when(IntStream.range(0, indices.length()).allMatch(i -> indices.get(i) == i), x);
            case Op.Clip(double low, double high) -> when(low == Double.NEGATIVE_INFINITY && high == Double.POSITIVE_INFINITY, x);
            case Op.Reduce(var _, var axes) -> when(axes.stream().allMatch(axis -> draft.shape(x).dim(axis) == 1), x);
            case Op.MaxPool(Window window) -> when(isSinglePoint(window), x);
            case Op.AveragePool(Window window, var _, var _) -> when(isSinglePoint(window), x);
            case Op.Binary(var function) -> neutral(draft, function, x, node.inputs().get(1));
            case Op.Where _ -> when(node.inputs().get(1).equals(node.inputs().get(2)), node.inputs().get(1));
            case Op.Unary(var function) -> when(function.equals(new ScalarFunction.Power(1)), x);
            case Op.Compare _, Op.Logic _, Op.Not _, Op.Relu _, Op.LeakyRelu _, Op.MatMul _, Op.Conv _, Op.ArgMax _, Op.TopK _,
                    Op.Softmax _, Op.LogSoftmax _, Op.GatherSecret _, Op.OneHot _, Op.CumSum _ -> Optional.empty();
        };
        return candidate.or(() -> undone(draft, node)).filter(same -> sameType(draft, same, node.output()));
    }

    private static boolean sameType(Draft draft, ValueId a, ValueId b) {
        return TypedShape.of(draft.value(a)).equals(TypedShape.of(draft.value(b)));
    }

    private static Optional<ValueId> neutral(Draft draft, Op.Binary.Function function, ValueId x, ValueId y) {
        return switch (function) {
            case ADD -> when(draft.isPublicly(y, 0), x).or(() -> when(draft.isPublicly(x, 0), y));
            case SUB -> when(draft.isPublicly(y, 0), x);
            case MUL -> when(draft.isPublicly(y, 1), x).or(() -> when(draft.isPublicly(x, 1), y));
            case DIV, POW -> when(draft.isPublicly(y, 1), x);
            case MIN, MAX -> when(x.equals(y), x);
            case MODULO, REMAINDER -> Optional.empty();
        };
    }

    /** What stands before an operator that undoes, or repeats to no effect, the one before it. */
    private static Optional<ValueId> undone(Draft draft, Node node) {
        if (node.inputs().size() != 1) {
            return Optional.empty();
        }
        ValueId x = node.inputs().getFirst();
        Optional<Node> before = draft.producer(x);
        if (node.op() instanceof Op.Relu) {
            return when(before.map(Node::op).filter(Identities::isNeverNegative).isPresent(), x);
        }
        boolean involution = node.op() instanceof Op.Not || node.op().equals(new Op.Unary(ScalarFunction.Elementary.NEGATE));
        return before.filter(inner -> involution && inner.op().equals(node.op())).map(inner -> inner.inputs().getFirst());
    }

    private static boolean isNeverNegative(Op op) {
        return op instanceof Op.Relu || op instanceof Op.Clip clip && clip.low() >= 0;
    }

    /** One operator that does what a node and then {@code second} do, where that is cheaper than the second alone after the first. */
    private static Optional<Op> merged(Draft draft, Node first, Op second) {
        boolean replacesFirst = draft.isSolelyRead(first.output());
        return switch (second) {
            case Op.Reshape _ when first.op() instanceof Op.Reshape -> Optional.of(second);
            case Op.Expand _ when first.op() instanceof Op.Expand -> Optional.of(second);
            case Op.Cast _ when first.op() instanceof Op.Cast(var between)
                    && holdsAll(between, draft.value(first.inputs().getFirst()).type()) -> Optional.of(second);
            case Op.Transpose(var then) when first.op() instanceof Op.Transpose(var order) -> Optional
                    .of(new Op.Transpose(then.stream().map(order::get).toList()));
            case Op.Slice then when first.op() instanceof Op.Slice slice -> Optional.of(merged(slice, then));
            case Op.Relu _ when replacesFirst -> bounded(first.op(), 0, Double.POSITIVE_INFINITY);
            case Op.Clip(double low, double high) when replacesFirst -> bounded(first.op(), low, high);
            case Op _ -> Optional.empty();
        };
    }

    /** Bounding twice is bounding once, by the bounds of the first bounded by those of the second. */
    private static Optional<Op> bounded(Op first, double low, double high) {
        double least = first instanceof Op.Clip clip ? clip.low() : 0;
        double greatest = first instanceof Op.Clip clip ? clip.high() : Double.POSITIVE_INFINITY;
        boolean bounds = first instanceof Op.Clip || first instanceof Op.Relu;
        return bounds && low <= high && least <= greatest
                ? Optional.of(new Op.Clip(Math.clamp(least, low, high), Math.clamp(greatest, low, high)))
                : Optional.empty();
    }

    /** Whether a type has every value of another. */
    private static boolean holdsAll(ElementType type, ElementType other) {
        if (type == other || other == ElementType.BOOL) {
            return true;
        }
        return switch (other) {
            case FLOAT16, BFLOAT16 -> type == ElementType.FLOAT32 || type == ElementType.FLOAT64;
            case FLOAT32 -> type == ElementType.FLOAT64;
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> type.isInteger() && type.minimum() <= other.minimum()
                    && type.maximum() >= other.maximum();
            case FLOAT64, BOOL, STRING -> false;
        };
    }

    private static Op.Slice merged(Op.Slice first, Op.Slice second) {
        var starts = new ArrayList<Integer>();
        var steps = new ArrayList<Integer>();
        for (int axis = 0; axis < second.sizes().size(); axis++) {
            starts.add(first.starts().get(axis) + second.starts().get(axis) * first.steps().get(axis));
            steps.add(first.steps().get(axis) * second.steps().get(axis));
        }
        return new Op.Slice(starts, steps, second.sizes());
    }

    /** Operators that broadcast by themselves read what an Expand reads. */
    private static void readThroughExpand(Draft draft, Node node) {
        boolean broadcasts = node.op() instanceof Op.Binary || node.op() instanceof Op.Compare || node.op() instanceof Op.Logic
                || node.op() instanceof Op.Where;
        if (!broadcasts) {
            return;
        }
        for (int i = 0; i < node.inputs().size(); i++) {
            var inputs = new ArrayList<>(node.inputs());
            Optional<Node> expand = draft.producer(inputs.get(i), Op.Expand.class);
            if (expand.isEmpty()) {
                continue;
            }
            inputs.set(i, expand.get().inputs().getFirst());
            List<TypedShape> types = inputs.stream().map(id -> TypedShape.of(draft.value(id))).toList();
            if (ShapeInference.infer(node.op(), types).getFirst().shape().equals(draft.shape(node.output()))) {
                draft.replace(node.output(), draft.add(node.origin(), node.op(), inputs.toArray(ValueId[]::new)));
                return;
            }
        }
    }

    /** Axes of extent 1 may go anywhere without an element moving. */
    private static boolean movesOnlyOnes(Shape shape, List<Integer> permutation) {
        return isAscending(permutation.stream().filter(axis -> shape.dim(axis) != 1).toList());
    }

    private static boolean isAscending(List<Integer> axes) {
        return IntStream.range(1, axes.size()).allMatch(i -> axes.get(i - 1) < axes.get(i));
    }

    private static boolean isSinglePoint(Window window) {
        return IntStream.range(0, window.rank()).allMatch(axis -> window.kernel().get(axis) == 1 && window.strides().get(axis) == 1
                && window.padsBegin().get(axis) == 0 && window.padsEnd().get(axis) == 0);
    }

    private static Optional<ValueId> when(boolean condition, ValueId id) {
        return condition ? Optional.of(id) : Optional.empty();
    }
}
