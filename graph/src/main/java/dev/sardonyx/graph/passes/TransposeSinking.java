package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Moves transpositions below the operators that do not care for the order of axes, so that those that exporters of channels-last
 * models wrap around each convolution meet and cancel. Constants on the way are transposed once, on the model owner's side.
 */
final class TransposeSinking {
    static final GraphPass PASS = new DraftPass("transpose-sinking",
            "transpositions move below element-wise operators and reductions until they meet and cancel", TransposeSinking::apply);

    private TransposeSinking() {
    }

    private static void apply(Draft draft, Node node) {
        if (node.outputs().size() != 1) {
            return;
        }
        Optional<List<Integer>> permutation = node.inputs().stream().flatMap(id -> permutation(draft, id).stream()).findFirst();
        if (permutation.isEmpty()) {
            return;
        }
        List<Integer> order = permutation.get();
        Optional<Op> beneath = beneath(node.op(), order);
        int rank = order.size();
        boolean fits = draft.shape(node.output()).rank() == rank && node.inputs().stream()
                .allMatch(id -> permutation(draft, id).equals(permutation) || draft.isConstant(id) && draft.shape(id).rank() <= rank);
        if (beneath.isEmpty() || !fits) {
            return;
        }
        ValueId[] inputs = node.inputs().stream()
                .map(id -> draft.isConstant(id) ? untransposed(draft, node, id, order) : draft.producer(id).orElseThrow().inputs().getFirst())
                .toArray(ValueId[]::new);
        ValueId result = draft.add(node.origin(), beneath.get(), inputs);
        draft.replace(node.output(), draft.add(node.origin(), new Op.Transpose(order), result));
    }

    private static Optional<List<Integer>> permutation(Draft draft, ValueId id) {
        return draft.producer(id).map(Node::op)
                .flatMap(op -> op instanceof Op.Transpose(var permutation) ? Optional.of(permutation) : Optional.empty());
    }

    /** A constant as the operands look before they are transposed. */
    private static ValueId untransposed(Draft draft, Node node, ValueId constant, List<Integer> order) {
        Shape shape = draft.shape(constant);
        if (shape.size() == 1 && shape.rank() == 0) {
            return constant;
        }
        Integer[] dims = new Integer[order.size()];
        Arrays.fill(dims, 1);
        for (int axis = 0; axis < shape.rank(); axis++) {
            dims[dims.length - shape.rank() + axis] = shape.dim(axis);
        }
        ValueId full = draft.compute(node.origin(), new Op.Reshape(new Shape(List.of(dims))), constant);
        Integer[] inverse = new Integer[order.size()];
        for (int axis = 0; axis < inverse.length; axis++) {
            inverse[order.get(axis)] = axis;
        }
        return draft.compute(node.origin(), new Op.Transpose(List.of(inverse)), full);
    }

    /** The operator that gives, before the transposition, what {@code op} gives after it; empty where there is none. */
    private static Optional<Op> beneath(Op op, List<Integer> order) {
        return switch (op) {
            case Op.Binary _, Op.Compare _, Op.Logic _, Op.Not _, Op.Where _, Op.Unary _, Op.Relu _, Op.LeakyRelu _, Op.Clip _,
                    Op.Cast _ -> Optional.of(op);
            case Op.Softmax(int axis) -> Optional.of(new Op.Softmax(order.get(axis)));
            case Op.LogSoftmax(int axis) -> Optional.of(new Op.LogSoftmax(order.get(axis)));
            case Op.CumSum(int axis, boolean exclusive, boolean reverse) -> Optional.of(new Op.CumSum(order.get(axis), exclusive, reverse));
            case Op.ArgMax(int axis, boolean lastIndex) -> Optional.of(new Op.ArgMax(order.get(axis), lastIndex));
            case Op.Reduce(var function, var axes) -> Optional.of(new Op.Reduce(function, axes.stream().map(order::get).sorted().toList()));
            case Op.Concat(int axis) -> Optional.of(new Op.Concat(order.get(axis)));
            case Op.Pad(var before, var after, double value) -> Optional.of(new Op.Pad(moved(before, order), moved(after, order), value));
            case Op.Slice(var starts, var steps, var sizes) -> Optional
                    .of(new Op.Slice(moved(starts, order), moved(steps, order), moved(sizes, order)));
            case Op.MatMul _, Op.Conv _, Op.MaxPool _, Op.AveragePool _, Op.TopK _, Op.Reshape _, Op.Transpose _, Op.Expand _, Op.Pick _,
                    Op.GatherSecret _, Op.OneHot _ -> Optional.empty();
        };
    }

    private static List<Integer> moved(List<Integer> perAxis, List<Integer> order) {
        var moved = new ArrayList<>(Collections.nCopies(order.size(), 0));
        for (int axis = 0; axis < order.size(); axis++) {
            moved.set(order.get(axis), perAxis.get(axis));
        }
        return moved;
    }
}
