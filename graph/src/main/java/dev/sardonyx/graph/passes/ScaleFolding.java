package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Folds multiplication by a constant (a scalar, or one number a channel) into the weights of a convolution or dense layer before or
 * after it, through the sums, movements and means between. What is left of batch normalisation is then one bias. Each fold saves a
 * product on shares and its truncation.
 */
final class ScaleFolding {
    static final GraphPass PASS = new DraftPass("batchnorm-folding",
            "multiplications by constants before and after linear layers are folded into their weights and biases", ScaleFolding::apply);

    private ScaleFolding() {
    }

    private static void apply(Draft draft, Node node) {
        var folding = new ScaleFolding.Folding(draft, node.origin());
        switch (node.op()) {
            case Op.Binary(var function) -> {
                if (function == Function.MUL || function == Function.DIV) {
                    folding.foldProduct(node, function);
                }
            }
            case Op.Conv(var _, int groups) -> folding.foldScaledImage(node, groups);
            case Op.MatMul _ -> {
                folding.foldScaledOperands(node);
                folding.joinScales(node);
            }
            case Op _ -> {
            }
        }
    }

    /** The constants and nodes that a fold makes belong to the origin of the node that started it. */
    private record Folding(Draft draft, Node.Origin origin) {

        void foldProduct(Node node, Function function) {
            ValueId left = node.inputs().get(0);
            ValueId right = node.inputs().get(1);
            boolean floating = draft.value(left).type().isFloating();
            if (!floating || draft.isConstant(left) == draft.isConstant(right) || draft.isConstant(left) && function == Function.DIV) {
                return;
            }
            ValueId value = draft.isConstant(left) ? right : left;
            ValueId constant = draft.isConstant(left) ? left : right;
            ValueId factor = function == Function.DIV ? draft.compute(origin, new Op.Unary(Elementary.RECIPROCAL), constant) : constant;
            scaling(value, factor).ifPresent(scaled -> draft.replace(node.output(), scaled.get()));
        }

        /**
         * How to get a value times a constant without a multiplication at run time; empty if there is no way. Nothing is built until
         * the supplier is asked.
         */
        private Optional<Supplier<ValueId>> scaling(ValueId value, ValueId factor) {
            if (draft.isConstant(value)) {
                return Optional.of(() -> times(value, factor));
            }
            Shape shape = draft.shape(value);
            if (!draft.isSolelyRead(value) || !broadcastsTo(draft.shape(factor), shape)) {
                return Optional.empty();
            }
            return draft.producer(value).flatMap(node -> scaling(node, shape, factor));
        }

        private Optional<Supplier<ValueId>> scaling(Node node, Shape shape, ValueId factor) {
            boolean scalar = draft.shape(factor).size() == 1;
            ValueId x = node.inputs().getFirst();
            return switch (node.op()) {
                case Op.Conv _ -> scalingFilters(node, shape, factor);
                case Op.MatMul _ -> scalingMatrix(node, shape, factor);
                case Op.Binary(var function) -> switch (function) {
                    case ADD, SUB -> scalingAll(node, factor);
                    case MUL -> scalingOneOf(node, factor);
                    case DIV -> rebuilt(node, 0, scaling(x, factor));
                    case MIN, MAX, POW, MODULO, REMAINDER -> Optional.empty();
                };
                case Op.Reshape _, Op.Transpose _, Op.Slice _, Op.Expand _, Op.Pick _, Op.AveragePool _, Op.CumSum _ -> scalar
                        ? rebuilt(node, 0, scaling(x, scalar(factor)))
                        : Optional.empty();
                case Op.Pad pad -> scalar && pad.value() == 0 ? rebuilt(node, 0, scaling(x, scalar(factor))) : Optional.empty();
                case Op.Concat _ -> scalar ? scalingAll(node, scalar(factor)) : Optional.empty();
                case Op.Reduce(var function, var _) -> switch (function) {
                    case SUM, MEAN -> scalar ? rebuilt(node, 0, scaling(x, scalar(factor))) : Optional.empty();
                    case MAX, MIN -> keepingOrder(node, factor);
                    case PRODUCT -> Optional.empty();
                };
                case Op.Relu _, Op.LeakyRelu _, Op.MaxPool _ -> keepingOrder(node, factor);
                case Op.Compare _, Op.Logic _, Op.Not _, Op.Where _, Op.Unary _, Op.Clip _, Op.Cast _, Op.ArgMax _, Op.TopK _, Op.Softmax _,
                        Op.LogSoftmax _, Op.GatherSecret _, Op.OneHot _ -> Optional.empty();
            };
        }

        /** f(c·x) = c·f(x) where c is known to be positive. */
        private Optional<Supplier<ValueId>> keepingOrder(Node node, ValueId factor) {
            boolean positive = draft.publicConstant(factor).filter(tensor -> tensor.size() == 1 && tensor.getDouble(0) > 0).isPresent();
            return positive ? rebuilt(node, 0, scaling(node.inputs().getFirst(), scalar(factor))) : Optional.empty();
        }

        private Optional<Supplier<ValueId>> scalingFilters(Node node, Shape shape, ValueId factor) {
            ValueId weights = node.inputs().get(1);
            if (draft.isConstant(weights) && alongAxis(factor, shape, 1)) {
                return Optional.of(() -> with(node, 1, times(weights, lined(factor, 0, draft.shape(weights).rank()))));
            }
            return draft.shape(factor).size() == 1 ? scalingOneOf(node, scalar(factor)) : Optional.empty();
        }

        private Optional<Supplier<ValueId>> scalingMatrix(Node node, Shape shape, ValueId factor) {
            ValueId left = node.inputs().get(0);
            ValueId right = node.inputs().get(1);
            if (draft.isConstant(right) && alongAxis(factor, shape, shape.rank() - 1)) {
                return Optional.of(() -> with(node, 1, times(right, lined(factor, 1, 2))));
            }
            if (draft.isConstant(left) && alongAxis(factor, shape, shape.rank() - 2)) {
                return Optional.of(() -> with(node, 0, times(left, lined(factor, 0, 2))));
            }
            return draft.shape(factor).size() == 1 ? scalingOneOf(node, scalar(factor)) : Optional.empty();
        }

        private Optional<Supplier<ValueId>> scalingOneOf(Node node, ValueId factor) {
            return rebuilt(node, 1, scaling(node.inputs().get(1), factor)).or(() -> rebuilt(node, 0, scaling(node.inputs().get(0), factor)));
        }

        private Optional<Supplier<ValueId>> scalingAll(Node node, ValueId factor) {
            var parts = new ArrayList<Supplier<ValueId>>();
            for (ValueId input : node.inputs()) {
                Optional<Supplier<ValueId>> part = scaling(input, factor);
                if (part.isEmpty()) {
                    return Optional.empty();
                }
                parts.add(part.get());
            }
            return Optional.of(() -> draft.add(node.origin(), node.op(), parts.stream().map(Supplier::get).toArray(ValueId[]::new)));
        }

        private Optional<Supplier<ValueId>> rebuilt(Node node, int input, Optional<Supplier<ValueId>> scaled) {
            return scaled.map(supplier -> () -> with(node, input, supplier.get()));
        }

        private ValueId with(Node node, int input, ValueId value) {
            ValueId[] inputs = node.inputs().toArray(ValueId[]::new);
            inputs[input] = value;
            return draft.add(node.origin(), node.op(), inputs);
        }

        /** Conv(c·x, W) with c a scalar or one number a channel of x. */
        void foldScaledImage(Node conv, int groups) {
            ValueId weights = conv.inputs().get(1);
            Shape image = draft.shape(conv.inputs().get(0));
            Optional<Node> product = product(conv.inputs().get(0)).filter(_ -> draft.isConstant(weights));
            Optional<ValueId> factor = product.map(this::constantOf).filter(constant -> alongAxis(constant, image, 1));
            factor.ifPresent(constant -> {
                Shape kernels = draft.shape(weights);
                var split = new ArrayList<>(kernels.dims());
                split.set(0, kernels.dim(0) / groups);
                split.addFirst(groups);
                Integer[] channels = new Integer[split.size()];
                Arrays.fill(channels, 1);
                if (draft.shape(constant).size() > 1) {
                    channels[0] = groups;
                    channels[2] = kernels.dim(1);
                }
                ValueId grouped = draft.compute(origin, new Op.Reshape(new Shape(split)), weights);
                ValueId scaled = times(grouped, draft.compute(origin, new Op.Reshape(new Shape(List.of(channels))), constant));
                ValueId folded = draft.compute(origin, new Op.Reshape(kernels), scaled);
                draft.replace(conv.output(), draft.add(conv.origin(), conv.op(), valueOf(product.get()), folded));
            });
        }

        /** MatMul(c·x, W) with c a scalar or one number a row of W, and MatMul(W, c·x) with one a column of W. */
        void foldScaledOperands(Node node) {
            for (int side = 0; side < 2; side++) {
                ValueId weights = node.inputs().get(1 - side);
                ValueId operand = node.inputs().get(side);
                int inner = draft.shape(operand).rank() - 1 - side;
                int line = side;
                Optional<Node> product = product(operand).filter(_ -> draft.isConstant(weights))
                        .filter(found -> alongAxis(constantOf(found), draft.shape(operand), inner));
                if (product.isPresent()) {
                    ValueId[] inputs = new ValueId[2];
                    inputs[side] = valueOf(product.get());
                    inputs[1 - side] = times(weights, lined(constantOf(product.get()), line, 2));
                    draft.replace(node.output(), draft.add(node.origin(), node.op(), inputs));
                    return;
                }
            }
        }

        /** MatMul(s·a, t·b) with scalars s and t, where attention scales both its operands, takes one multiplication of the smaller one. */
        void joinScales(Node node) {
            ValueId left = node.inputs().get(0);
            ValueId right = node.inputs().get(1);
            if (draft.producer(node.output()).isEmpty() || left.equals(right)) {
                return;
            }
            scaled(left).ifPresent(a -> scaled(right).ifPresent(b -> {
                ValueId factor = times(scalar(a.factor()), scalar(b.factor()));
                boolean leftIsSmaller = draft.shape(left).size() < draft.shape(right).size();
                ValueId first = a.unscaled().get();
                ValueId second = b.unscaled().get();
                Op multiply = new Op.Binary(Function.MUL);
                draft.replace(node.output(), leftIsSmaller ? draft.add(node.origin(), node.op(), draft.add(origin, multiply, first, factor), second)
                        : draft.add(node.origin(), node.op(), first, draft.add(origin, multiply, second, factor)));
            }));
        }

        /**
         * A value times a scalar constant.
         *
         * @param unscaled builds the value alone
         */
        private record Scaled(ValueId factor, Supplier<ValueId> unscaled) {
        }

        /** Looks for a multiplication by a scalar constant through the movements after it. */
        private Optional<Scaled> scaled(ValueId id) {
            Optional<Node> product = product(id).filter(node -> draft.shape(constantOf(node)).size() == 1);
            if (product.isPresent()) {
                return product.map(node -> new Scaled(constantOf(node), () -> valueOf(node)));
            }
            return draft.producer(id).filter(node -> draft.isSolelyRead(id) && switch (node.op()) {
                case Op.Reshape _, Op.Transpose _, Op.Slice _ -> true;
                case Op _ -> false;
            }).flatMap(node -> scaled(node.inputs().getFirst())
                    .map(inner -> new Scaled(inner.factor(), () -> with(node, 0, inner.unscaled().get()))));
        }

        /** The multiplication of a value by a constant that makes {@code id}, if that is all it is for. */
        private Optional<Node> product(ValueId id) {
            return draft.producer(id).filter(node -> node.op().equals(new Op.Binary(Function.MUL)) && draft.isSolelyRead(id)
                    && draft.value(id).type().isFloating()
                    && draft.isConstant(node.inputs().get(0)) != draft.isConstant(node.inputs().get(1))
                    && draft.shape(valueOf(node)).equals(draft.shape(id)));
        }

        private ValueId constantOf(Node product) {
            return product.inputs().get(draft.isConstant(product.inputs().get(0)) ? 0 : 1);
        }

        private ValueId valueOf(Node product) {
            return product.inputs().get(draft.isConstant(product.inputs().get(0)) ? 1 : 0);
        }

        private ValueId times(ValueId constant, ValueId factor) {
            return draft.compute(origin, new Op.Binary(Function.MUL), constant, factor);
        }

        private ValueId scalar(ValueId factor) {
            return draft.shape(factor).rank() == 0 ? factor : draft.compute(origin, new Op.Reshape(Shape.SCALAR), factor);
        }

        /** The numbers of a constant along one axis of a given rank. */
        private ValueId lined(ValueId factor, int axis, int rank) {
            Integer[] dims = new Integer[rank];
            Arrays.fill(dims, 1);
            dims[axis] = draft.shape(factor).size();
            return draft.compute(origin, new Op.Reshape(new Shape(List.of(dims))), factor);
        }

        /** Whether a constant that broadcasts to {@code shape} differs along one axis only. */
        private boolean alongAxis(ValueId factor, Shape shape, int axis) {
            Shape own = draft.shape(factor);
            return own.size() == 1 || own.size() == own.dims().stream().mapToInt(Integer::intValue).max().orElse(1)
                    && axis - (shape.rank() - own.rank()) >= 0 && own.dim(axis - (shape.rank() - own.rank())) == own.size();
        }

        private static boolean broadcastsTo(Shape small, Shape shape) {
            if (small.rank() > shape.rank()) {
                return false;
            }
            for (int i = 1; i <= small.rank(); i++) {
                if (small.dim(-i) != 1 && small.dim(-i) != shape.dim(-i)) {
                    return false;
                }
            }
            return true;
        }
    }
}
