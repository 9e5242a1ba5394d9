package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Draw;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Draws graphs full of what the passes look for: chains of scales and biases around linear layers, transpositions in pairs, activations
 * before pools, divisions, selections; with values read twice and outputs in the middle.
 */
final class RandomGraph {
    private final Draw draw;
    private final GraphBuilder builder = new GraphBuilder();
    private final List<ValueId> values = new ArrayList<>();

    private RandomGraph(Draw draw) {
        this.draw = draw;
    }

    static Graph draw(Draw draw) {
        return new RandomGraph(draw).make();
    }

    private Graph make() {
        values.add(builder.input("image", ElementType.FLOAT64, Shape.of(draw.between(1, 2), draw.between(1, 4), draw.between(2, 5), 4)));
        values.add(builder.input("rows", ElementType.FLOAT64, Shape.of(draw.between(1, 3), draw.between(1, 5))));
        int steps = draw.between(5, 30);
        for (int i = 0; i < steps; i++) {
            builder.origin(new Node.Origin("node" + i, "Test"));
            // Mostly go on from the newest value, so that chains form.
            ValueId x = draw.between(0, 3) > 0 ? values.getLast() : draw.oneOf(values);
            values.add(step(x, shape(x)));
        }
        builder.output("last", values.getLast());
        for (int i = draw.between(0, 2); i > 0; i--) {
            builder.output("middle" + i, draw.oneOf(values));
        }
        return builder.build();
    }

    private ValueId step(ValueId x, Shape shape) {
        return switch (draw.between(0, 19)) {
            case 0, 1 -> scale(x, shape, draw.oneOf(Function.MUL, Function.DIV));
            case 2, 3 -> scale(x, shape, draw.oneOf(Function.ADD, Function.SUB));
            case 4, 5 -> linear(x, shape);
            case 6 -> activation(x);
            case 7, 18 -> pool(x, shape);
            case 8 -> builder.add(new Op.Transpose(permutation(shape.rank())), x);
            case 9 -> builder.add(new Op.Reshape(regrouped(shape)), x);
            case 10 -> reduceAndDivide(x, shape);
            case 11 -> select(x, shape);
            case 12 -> joined(x, shape);
            case 13 -> slice(x, shape);
            case 14 -> normalise(x, shape);
            case 16 -> gated(bounded(x));
            case 19 -> logSumExp(bounded(x), shape);
            case 15 -> dense(scale(dense(x), shape(x).with(-1, 4), Function.ADD));
            default -> builder.add(new Op.Binary(draw.oneOf(Function.ADD, Function.MUL, Function.MAX)), bounded(x), bounded(sibling(x)));
        };
    }

    /** Keeps products of products from growing beyond what doubles can compare. */
    private ValueId bounded(ValueId x) {
        return builder.add(new Op.Clip(-4, 4), x);
    }

    private ValueId scale(ValueId x, Shape shape, Function function) {
        Shape constant = draw.oneOf(Shape.SCALAR, Shape.of(1), perAxis(shape), draw.broadcastable(shape), draw.broadcastable(shape));
        boolean secret = draw.coin();
        var tensor = draw.reals(constant, 0.5, 2);
        ValueId c = builder.constant("c", secret ? Constant.secret(tensor) : Constant.open(tensor));
        return draw.coin() && function != Function.DIV ? builder.add(new Op.Binary(function), c, x)
                : builder.add(new Op.Binary(function), x, c);
    }

    private Shape perAxis(Shape shape) {
        int kept = draw.between(0, shape.rank() - 1);
        return new Shape(IntStream.range(0, shape.rank()).mapToObj(axis -> axis == kept ? shape.dim(axis) : 1).toList());
    }

    private ValueId linear(ValueId x, Shape shape) {
        if (shape.rank() == 4 && draw.between(0, 3) > 0) {
            int groups = shape.dim(1) % 2 == 0 ? draw.between(1, 2) : 1;
            Window window = draw.window(shape);
            Shape kernels = Shape.of(groups * draw.between(1, 3), shape.dim(1) / groups, window.kernel().get(0), window.kernel().get(1));
            return builder.add(new Op.Conv(window, groups), x, Graphs.secret(builder, draw.reals(kernels, -0.5, 0.5)));
        }
        if (draw.coin()) {
            return builder.add(new Op.MatMul(), x, Graphs.secret(builder, draw.reals(Shape.of(shape.dim(-1), draw.between(1, 5)), -0.5, 0.5)));
        }
        if (draw.coin()) {
            return builder.add(new Op.MatMul(), Graphs.secret(builder, draw.reals(Shape.of(draw.between(1, 4), shape.dim(-2)), -0.5, 0.5)), x);
        }
        var swapped = new ArrayList<>(IntStream.range(0, shape.rank()).boxed().toList());
        Collections.swap(swapped, shape.rank() - 1, shape.rank() - 2);
        return builder.add(new Op.MatMul(), bounded(x), builder.add(new Op.Transpose(swapped), bounded(x)));
    }

    private ValueId dense(ValueId x) {
        return builder.add(new Op.MatMul(), x, Graphs.secret(builder, draw.reals(Shape.of(shape(x).dim(-1), 4), -0.5, 0.5)));
    }

    private ValueId activation(ValueId x) {
        Op op = draw.oneOf(new Op.Relu(), new Op.LeakyRelu(draw.real(-0.5, 0.5)), new Op.Clip(-1, draw.real(-0.5, 2)),
                new Op.Unary(Elementary.TANH), new Op.Unary(new ScalarFunction.Elu(1)), new Op.Unary(Elementary.NEGATE),
                new Op.Unary(new ScalarFunction.Power(draw.between(1, 3))));
        return builder.add(op, op instanceof Op.Unary ? bounded(x) : x);
    }

    private ValueId logSumExp(ValueId x, Shape shape) {
        ValueId exp = builder.add(new Op.Unary(Elementary.EXP), x);
        values.add(draw.coin() ? exp : x);
        ValueId sum = builder.add(new Op.Reduce(Op.Reduce.Function.SUM, List.of(shape.rank() - 1)), exp);
        Shape flat = Shape.of(1, shape(sum).size());
        return builder.add(new Op.Unary(Elementary.LOG), draw.coin() ? sum : builder.add(new Op.Reshape(flat), sum));
    }

    private ValueId gated(ValueId x) {
        ValueId erf = builder.add(new Op.Unary(Elementary.ERF), builder.add(new Op.Binary(Function.DIV), x, Graphs.open(builder, Math.sqrt(2))));
        ValueId gate = switch (draw.between(0, 3)) {
            case 0 -> builder.add(new Op.Binary(Function.ADD), Graphs.open(builder, 1), erf);
            case 1 -> builder.add(new Op.Unary(Elementary.SIGMOID), builder.add(new Op.Binary(Function.MUL), x, Graphs.open(builder, 1.5)));
            case 2 -> builder.add(new Op.Unary(Elementary.TANH), builder.add(new Op.Unary(Elementary.SOFTPLUS), x));
            default -> builder.add(new Op.Binary(Function.ADD), Graphs.open(builder, 0.9), erf);
        };
        values.add(draw.coin() ? gate : x);
        ValueId product = builder.add(new Op.Binary(Function.MUL), x, gate);
        return draw.coin() ? product : builder.add(new Op.Binary(Function.MUL), Graphs.open(builder, 0.5), product);
    }

    private ValueId pool(ValueId x, Shape shape) {
        if (shape.rank() != 4) {
            return builder.add(new Op.Reduce(draw.oneOf(Op.Reduce.Function.MAX, Op.Reduce.Function.MIN), List.of(shape.rank() - 1)), x);
        }
        Window window = draw.window(shape);
        if (window.alwaysMeets(shape) && draw.between(0, 2) > 0) {
            return builder.add(new Op.MaxPool(window), draw.coin() ? activation(x) : x);
        }
        boolean pointwise = draw.coin();
        ValueId y = pointwise ? scale(builder.add(new Op.Conv(Graphs.window(1, 1, 0), 1), x,
                Graphs.secret(builder, draw.reals(Shape.of(3, shape.dim(1), 1, 1), -0.5, 0.5))), shape.with(1, 3), Function.ADD) : x;
        boolean counts = draw.coin() || !window.alwaysMeets(shape);
        return builder.add(new Op.AveragePool(window, counts, window.padsEnd()), shape(y).rank() == 4 ? y : x);
    }

    private List<Integer> permutation(int rank) {
        var axes = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        for (int i = rank - 1; i > 0; i--) {
            Collections.swap(axes, i, draw.between(0, i));
        }
        return axes;
    }

    private Shape regrouped(Shape shape) {
        return switch (draw.between(0, 3)) {
            case 0 -> shape;
            case 1 -> Shape.of(shape.dim(0), shape.size(1, shape.rank()));
            case 2 -> Shape.of(1, 1, shape.dim(0), shape.size(1, shape.rank()));
            default -> Shape.of(shape.size(0, shape.rank() - 1), shape.dim(-1));
        };
    }

    private ValueId reduceAndDivide(ValueId x, Shape shape) {
        ValueId square = builder.add(new Op.Unary(new ScalarFunction.Power(2)), bounded(x));
        ValueId sum = builder.add(new Op.Reduce(draw.oneOf(Op.Reduce.Function.SUM, Op.Reduce.Function.MEAN), List.of(shape.rank() - 1)), square);
        ValueId positive = builder.add(new Op.Binary(Function.ADD), sum, Graphs.open(builder, 1));
        ValueId divisor = switch (draw.between(0, 3)) {
            case 0 -> builder.add(new Op.Unary(Elementary.SQRT), positive);
            case 1 -> builder.add(new Op.Expand(shape), positive);
            case 2 -> builder.add(new Op.Binary(Function.DIV), Graphs.open(builder, 1), positive);
            default -> positive;
        };
        return builder.add(new Op.Binary(Function.DIV), x, divisor);
    }

    private ValueId select(ValueId x, Shape shape) {
        ValueId zero = Graphs.open(builder, 0);
        ValueId condition = builder.add(new Op.Compare(Op.Compare.Relation.GREATER), x, draw.coin() ? zero : Graphs.open(builder, 0.1234567));
        condition = draw.coin() ? builder.add(new Op.Not(), condition) : condition;
        return switch (draw.between(0, 4)) {
            case 0 -> builder.add(new Op.Where(), condition, x, zero);
            case 1 -> builder.add(new Op.Where(), condition, zero, x);
            case 2 -> builder.add(new Op.Where(), condition, sibling(x), x);
            case 3 -> builder.add(new Op.Where(), builder.add(new Op.Not(), condition), x, builder.add(new Op.Expand(shape), zero));
            default -> builder.add(new Op.Binary(Function.MUL), x, builder.add(new Op.Cast(ElementType.FLOAT64), condition));
        };
    }

    private ValueId joined(ValueId x, Shape shape) {
        int axis = draw.between(0, shape.rank() - 1);
        return shape.size() > 400 ? x : builder.add(new Op.Concat(axis), x, sibling(x));
    }

    private ValueId slice(ValueId x, Shape shape) {
        var starts = new ArrayList<Integer>();
        var steps = new ArrayList<Integer>();
        for (int dim : shape.dims()) {
            boolean backwards = draw.coin();
            starts.add(backwards ? dim - 1 : 0);
            steps.add(backwards ? -1 : 1);
        }
        return builder.add(draw.coin() ? new Op.Slice(starts, steps, shape.dims())
                : new Op.Pad(shape.dims().stream().map(_ -> draw.between(0, 1)).toList(), shape.dims().stream().map(_ -> 0).toList(), 0), x);
    }

    /** Batch normalisation as translators write it. */
    private ValueId normalise(ValueId x, Shape shape) {
        ValueId linear = linear(x, shape);
        Shape channel = shape(linear).rank() == 4 ? Shape.of(shape(linear).dim(1), 1, 1) : Shape.of(shape(linear).dim(-1));
        ValueId gamma = Graphs.secret(builder, draw.reals(channel, 0.5, 2));
        if (draw.coin()) {
            ValueId variance = builder.add(new Op.Binary(Function.ADD), Graphs.secret(builder, draw.reals(channel, 0.5, 2)), Graphs.open(builder, 1e-5));
            gamma = builder.add(new Op.Binary(Function.DIV), gamma, builder.add(new Op.Unary(Elementary.SQRT), variance));
        }
        ValueId scaled = builder.add(new Op.Binary(Function.MUL), linear, gamma);
        return builder.add(new Op.Binary(Function.ADD), scaled, Graphs.secret(builder, draw.reals(channel)));
    }

    /** Another value of x's shape if there is one. */
    private ValueId sibling(ValueId x) {
        return draw.oneOf(values.stream().filter(other -> shape(other).equals(shape(x))).toList());
    }

    private Shape shape(ValueId id) {
        return builder.value(id).shape();
    }
}
