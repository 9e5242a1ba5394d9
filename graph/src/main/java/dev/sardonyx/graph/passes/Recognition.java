package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds activations that exporters wrote out in small operators. One function of one element is approximated at once, which costs less
 * and errs less than its parts do one after the other: sigmoid, softplus, GELU in both forms, Swish, Mish and softmax.
 */
final class Recognition {
    static final GraphPass PASS = new DraftPass("activation-recognition",
            "activations written out in small operators (sigmoid, GELU, Swish, Mish, softmax, …) become one function", Recognition::apply);

    private static final Polynomial ERF_ARGUMENT = new Polynomial(0, Math.sqrt(0.5), 0, 0);
    private static final Polynomial TANH_ARGUMENT = new Polynomial(0, Math.sqrt(2 / Math.PI), 0, 0.044715 * Math.sqrt(2 / Math.PI));

    private Recognition() {
    }

    /** {@code coefficient · function(of)}. */
    private record Activation(double coefficient, ScalarFunction function) {
    }

    private static void apply(Draft draft, Node node) {
        switch (node.op()) {
            case Op.Binary(var function) when function == Function.MUL -> product(draft, node);
            case Op.Binary(var function) when function == Function.DIV -> {
                softmax(draft, node);
                product(draft, node);
                if (draft.producer(node.output()).isPresent() && draft.isPublicly(node.inputs().get(0), 1)) {
                    sigmoid(draft, node, node.inputs().get(1));
                }
            }
            case Op.Unary(var function) when function == Elementary.RECIPROCAL -> sigmoid(draft, node, node.inputs().getFirst());
            case Op.Unary(var function) when function == Elementary.LOG -> {
                logSoftmax(draft, node);
                onePlusExp(draft, node.inputs().getFirst(), draft.shape(node.output()))
                        .ifPresent(x -> draft.replace(node.output(), draft.add(node.origin(), new Op.Unary(Elementary.SOFTPLUS), x)));
            }
            case Op _ -> {
            }
        }
    }

    /** 1 / (1 + exp(−x)). */
    private static void sigmoid(Draft draft, Node inverse, ValueId divisor) {
        onePlusExp(draft, divisor, draft.shape(inverse.output())).ifPresent(exponent -> {
            Op negate = new Op.Unary(Elementary.NEGATE);
            ValueId x = draft.producer(exponent).filter(node -> node.op().equals(negate)).map(node -> node.inputs().getFirst())
                    .orElseGet(() -> draft.add(inverse.origin(), negate, exponent));
            draft.replace(inverse.output(), draft.add(inverse.origin(), new Op.Unary(Elementary.SIGMOID), x));
        });
    }

    /** The x of a value 1 + exp(x) of the given shape that nobody else reads. */
    private static Optional<ValueId> onePlusExp(Draft draft, ValueId value, Shape shape) {
        Optional<Node> sum = draft.producer(value).filter(node -> draft.isSolelyRead(value) && node.op().equals(new Op.Binary(Function.ADD)));
        return sum.filter(node -> node.inputs().stream().anyMatch(id -> draft.isPublicly(id, 1)))
                .flatMap(node -> node.inputs().stream().filter(draft::isSolelyRead).flatMap(id -> draft.producer(id).stream())
                        .filter(maker -> maker.op().equals(new Op.Unary(Elementary.EXP))).findFirst())
                .map(exp -> exp.inputs().getFirst()).filter(x -> draft.shape(x).equals(shape));
    }

    /** Looks among the factors of a whole product for a value and the gate that it is multiplied by. */
    private static void product(Draft draft, Node node) {
        boolean isPart = draft.soleReader(node.output()).filter(reader -> isFactor(draft, reader, node.output())).isPresent();
        if (isPart || draft.producer(node.output()).isEmpty() || !isFactor(draft, node, node.inputs().getFirst())) {
            return;
        }
        var factors = new ArrayList<ValueId>();
        double coefficient = factors(draft, node, factors);
        Optional<Shape> shape = factors.stream().map(draft::shape).reduce(Shape::broadcast);
        if (!shape.equals(Optional.of(draft.shape(node.output())))) {
            return;
        }
        for (ValueId gate : factors) {
            for (ValueId x : factors) {
                Optional<Activation> activation = draft.shape(x).equals(draft.shape(gate)) && draft.isSolelyRead(gate) ? activation(draft, gate, x)
                        : Optional.empty();
                if (activation.isPresent()) {
                    factors.remove(x);
                    factors.set(factors.indexOf(gate), draft.add(node.origin(), new Op.Unary(activation.get().function()), x));
                    rebuild(draft, node, factors, coefficient * activation.get().coefficient());
                    return;
                }
            }
        }
    }

    private static boolean isFactor(Draft draft, Node reader, ValueId value) {
        return reader.op().equals(new Op.Binary(Function.MUL)) || reader.op().equals(new Op.Binary(Function.DIV))
                && reader.inputs().getFirst().equals(value) && scalar(draft, reader.inputs().get(1)).isPresent();
    }

    /** Collects what a node multiplies, through the products that only it reads; returns the public scalars' product. */
    private static double factors(Draft draft, Node node, List<ValueId> factors) {
        double coefficient = 1;
        boolean divides = node.op().equals(new Op.Binary(Function.DIV));
        for (int i = 0; i < 2; i++) {
            ValueId input = node.inputs().get(i);
            Optional<Double> number = scalar(draft, input);
            Optional<Node> inner = draft.producer(input).filter(_ -> draft.isSolelyRead(input) && isFactor(draft, node, input))
                    .filter(before -> isFactor(draft, before, before.inputs().getFirst()));
            if (number.isPresent()) {
                coefficient *= divides && i == 1 ? 1 / number.get() : number.get();
            } else if (inner.isPresent()) {
                coefficient *= factors(draft, inner.get(), factors);
            } else {
                factors.add(input);
            }
        }
        return coefficient;
    }

    private static Optional<Double> scalar(Draft draft, ValueId id) {
        return draft.publicConstant(id).filter(tensor -> tensor.size() == 1).map(tensor -> tensor.getDouble(0));
    }

    private static void rebuild(Draft draft, Node node, List<ValueId> factors, double coefficient) {
        ValueId result = factors.getFirst();
        for (ValueId factor : factors.subList(1, factors.size())) {
            result = draft.add(node.origin(), new Op.Binary(Function.MUL), result, factor);
        }
        // Coefficients come from numbers rounded to the value's type: what is 1 up to that is 1.
        if (Math.abs(coefficient - 1) > tolerance(draft, result)) {
            result = draft.add(node.origin(), new Op.Binary(Function.MUL), result, draft.addPublic(node.origin(), coefficient, result));
        }
        draft.replace(node.output(), result);
    }

    /** What x times the gate is. */
    private static Optional<Activation> activation(Draft draft, ValueId gate, ValueId x) {
        Optional<Node> made = draft.producer(gate);
        if (made.isEmpty() || x.equals(gate)) {
            return Optional.empty();
        }
        if (made.get().op() instanceof Op.Unary(var function)) {
            return gatedByFunction(draft, function, made.get().inputs().getFirst(), x);
        }
        // c·(1 + erf(…)) or c·(1 + tanh(…)) in any order of the constants.
        return inner(draft, gate).flatMap(curve -> Polynomial.of(draft, gate, curve.output())
                .filter(line -> line.c0() != 0 && line.isClose(new Polynomial(line.c0(), line.c0(), 0, 0), tolerance(draft, x)))
                .flatMap(line -> gelu(draft, curve, x).map(function -> new Activation(2 * line.c0(), function))));
    }

    private static Optional<Activation> gatedByFunction(Draft draft, ScalarFunction function, ValueId argument, ValueId x) {
        if (function == Elementary.SIGMOID) {
            return Polynomial.of(draft, argument, x).filter(line -> line.c0() == 0 && line.c2() == 0 && line.c3() == 0 && line.c1() > 0)
                    .map(line -> new Activation(1, new ScalarFunction.Swish(line.c1())));
        }
        boolean isSoftplus = function == Elementary.TANH && draft.isSolelyRead(argument) && draft.producer(argument)
                .filter(node -> node.op().equals(new Op.Unary(Elementary.SOFTPLUS)) && node.inputs().getFirst().equals(x)).isPresent();
        return isSoftplus ? Optional.of(new Activation(1, Elementary.MISH)) : Optional.empty();
    }

    private static Optional<ScalarFunction> gelu(Draft draft, Node curve, ValueId x) {
        if (!(curve.op() instanceof Op.Unary(var function))) {
            return Optional.empty();
        }
        Optional<Polynomial> argument = Polynomial.of(draft, curve.inputs().getFirst(), x);
        if (function == Elementary.ERF && argument.filter(line -> line.isClose(ERF_ARGUMENT, tolerance(draft, x))).isPresent()) {
            return Optional.of(Elementary.GELU);
        }
        boolean isTanhForm = function == Elementary.TANH && argument.filter(cubic -> cubic.isClose(TANH_ARGUMENT, tolerance(draft, x))).isPresent();
        return isTanhForm ? Optional.of(Elementary.GELU_TANH) : Optional.empty();
    }

    /** The one function that a chain of sums and products with public scalars starts from, if nobody else reads it. */
    private static Optional<Node> inner(Draft draft, ValueId value) {
        Optional<Node> node = draft.producer(value);
        while (node.isPresent() && node.get().op() instanceof Op.Binary) {
            node = node.get().inputs().stream().filter(id -> !draft.isConstant(id) && draft.isSolelyRead(id))
                    .flatMap(id -> draft.producer(id).stream()).findFirst();
        }
        return node.filter(found -> found.op() instanceof Op.Unary);
    }

    /** Constants are as exact as the type they were written in. */
    private static double tolerance(Draft draft, ValueId x) {
        ElementType type = draft.value(x).type();
        return type == ElementType.FLOAT16 || type == ElementType.BFLOAT16 ? 4e-3 : 1e-6;
    }

    /** exp(x) / sum(exp(x)), with or without the maximum taken off x before. */
    private static void softmax(Draft draft, Node division) {
        ValueId exponential = division.inputs().get(0);
        Optional<Integer> axis = draft.producer(division.inputs().get(1)).filter(sum -> sum.inputs().getFirst().equals(exponential))
                .flatMap(sum -> axis(sum, Op.Reduce.Function.SUM));
        Optional<Node> exp = draft.producer(exponential).filter(node -> node.op().equals(new Op.Unary(Elementary.EXP)));
        if (axis.isEmpty() || exp.isEmpty()) {
            return;
        }
        ValueId argument = exp.get().inputs().getFirst();
        ValueId x = draft.producer(argument).filter(node -> node.op().equals(new Op.Binary(Function.SUB))).flatMap(
                difference -> draft.producer(difference.inputs().get(1)).filter(most -> most.inputs().getFirst().equals(difference.inputs().get(0)))
                        .filter(most -> axis(most, Op.Reduce.Function.MAX).equals(axis)).map(most -> most.inputs().getFirst()))
                .orElse(argument);
        draft.replace(division.output(), draft.add(division.origin(), new Op.Softmax(axis.get()), x));
    }

    private static Optional<Integer> axis(Node node, Op.Reduce.Function wanted) {
        return node.op() instanceof Op.Reduce(var function, var axes) && function == wanted && axes.size() == 1 ? Optional.of(axes.getFirst())
                : Optional.empty();
    }

    private static void logSoftmax(Draft draft, Node logarithm) {
        ValueId argument = logarithm.inputs().getFirst();
        draft.producer(argument).filter(_ -> draft.isSolelyRead(argument)).ifPresent(node -> {
            if (node.op() instanceof Op.Softmax(int axis)) {
                draft.replace(logarithm.output(), draft.add(logarithm.origin(), new Op.LogSoftmax(axis), node.inputs().getFirst()));
            }
        });
    }
}
