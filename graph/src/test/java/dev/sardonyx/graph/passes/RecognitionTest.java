package dev.sardonyx.graph.passes;

import static dev.sardonyx.graph.passes.Graphs.binary;
import static dev.sardonyx.graph.passes.Graphs.named;
import static dev.sardonyx.graph.passes.Graphs.open;
import static dev.sardonyx.graph.passes.Graphs.rewritten;
import static dev.sardonyx.graph.passes.Graphs.secret;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Draw;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecognitionTest {
    private static final double ROOT = Math.sqrt(2);
    private static final double STEEP = Math.sqrt(2 / Math.PI);

    private final Draw draw = new Draw(19);

    private static ValueId unary(GraphBuilder b, ScalarFunction function, ValueId x) {
        return b.add(new Op.Unary(function), x);
    }

    private static ValueId times(GraphBuilder b, ValueId x, ValueId y) {
        return binary(b, Function.MUL, x, y);
    }

    private static ValueId onePlus(GraphBuilder b, ValueId x) {
        return binary(b, Function.ADD, open(b, 1), x);
    }

    private static ValueId erf(GraphBuilder b, ValueId x) {
        return unary(b, Elementary.ERF, binary(b, Function.DIV, x, open(b, ROOT)));
    }

    private static ValueId cubicTanh(GraphBuilder b, ValueId x, ValueId cube) {
        return unary(b, Elementary.TANH, times(b, binary(b, Function.ADD, x, times(b, cube, open(b, 0.044715))), open(b, STEEP)));
    }

    private static Arguments form(String name, ScalarFunction function, BiFunction<GraphBuilder, ValueId, ValueId> body) {
        return Arguments.of(name, function, body);
    }

    static Stream<Arguments> forms() {
        return Stream.of(form("half of x first", Elementary.GELU, (b, x) -> times(b, times(b, x, open(b, 0.5)), onePlus(b, erf(b, x)))),
                form("half last", Elementary.GELU, (b, x) -> times(b, times(b, x, onePlus(b, erf(b, x))), open(b, 0.5))),
                form("divided by two", Elementary.GELU, (b, x) -> binary(b, Function.DIV, times(b, onePlus(b, erf(b, x)), x), open(b, 2))),
                form("half inside the gate", Elementary.GELU,
                        (b, x) -> times(b, x, binary(b, Function.ADD, times(b, erf(b, x), open(b, 0.5)), open(b, 0.5)))),
                form("reciprocal root", Elementary.GELU,
                        (b, x) -> times(b, open(b, 0.5), times(b, x, onePlus(b, unary(b, Elementary.ERF, times(b, x, open(b, 1 / ROOT))))))),
                form("tanh of a power", Elementary.GELU_TANH,
                        (b, x) -> times(b, times(b, open(b, 0.5), x), onePlus(b, cubicTanh(b, x, unary(b, new ScalarFunction.Power(3), x))))),
                form("tanh of products", Elementary.GELU_TANH,
                        (b, x) -> times(b, times(b, open(b, 0.5), x), onePlus(b, cubicTanh(b, x, times(b, times(b, x, x), x))))),
                form("tanh of a factored cubic", Elementary.GELU_TANH, (b, x) -> {
                    ValueId square = times(b, binary(b, Function.POW, x, open(b, 2)), open(b, 0.044715));
                    ValueId argument = times(b, times(b, x, open(b, STEEP)), onePlus(b, square));
                    return times(b, open(b, 0.5), times(b, x, onePlus(b, unary(b, Elementary.TANH, argument))));
                }), form("SiLU", new ScalarFunction.Swish(1), (b, x) -> times(b, x, unary(b, Elementary.SIGMOID, x))),
                form("quick GELU", new ScalarFunction.Swish(1.702), (b, x) -> times(b, unary(b, Elementary.SIGMOID, times(b, x, open(b, 1.702))), x)),
                form("inverse of one and an exponential", Elementary.SIGMOID,
                        (b, x) -> binary(b, Function.DIV, open(b, 1), onePlus(b, unary(b, Elementary.EXP, unary(b, Elementary.NEGATE, x))))),
                form("reciprocal of an exponential and one", Elementary.SIGMOID,
                        (b, x) -> unary(b, Elementary.RECIPROCAL,
                                binary(b, Function.ADD, unary(b, Elementary.EXP, unary(b, Elementary.NEGATE, x)), open(b, 1)))),
                form("logarithm of one and an exponential", Elementary.SOFTPLUS, (b, x) -> unary(b, Elementary.LOG, onePlus(b, unary(b, Elementary.EXP, x)))),
                form("Mish", Elementary.MISH, (b, x) -> times(b, x, unary(b, Elementary.TANH, unary(b, Elementary.SOFTPLUS, x)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void writtenOutActivationsBecomeOneFunction(String name, ScalarFunction function, BiFunction<GraphBuilder, ValueId, ValueId> body) {
        Graph graph = Graphs.of(Shape.of(3, 40), body);
        assertEquals(List.of(new Op.Unary(function)), rewritten(named("activation-recognition"), graph, draw).nodes().stream().map(Node::op).toList(), name);
    }

    @Test
    void otherFactorsOfTheProductStay() {
        Graph graph = Graphs.of(Shape.of(3, 4), (b, x) -> times(b, times(b, x, secret(b, draw.reals(Shape.of(4)))), times(b, open(b, 3), unary(b, Elementary.SIGMOID, x))));
        Graph recognised = rewritten(named("activation-recognition"), graph, draw);
        assertEquals(1, recognised.nodes().stream().filter(node -> node.op().equals(new Op.Unary(new ScalarFunction.Swish(1)))).count());
        assertEquals(3, recognised.nodes().size());
    }

    static Stream<Arguments> lookalikes() {
        return Stream.of(form("another slope", Elementary.GELU, (b, x) -> times(b, x, onePlus(b, unary(b, Elementary.ERF, x)))),
                form("another offset", Elementary.GELU, (b, x) -> times(b, x, binary(b, Function.ADD, erf(b, x), open(b, 0.99)))),
                form("a shifted gate", Elementary.SIGMOID, (b, x) -> times(b, x, unary(b, Elementary.SIGMOID, onePlus(b, x)))),
                form("a gate of another value", Elementary.SIGMOID, (b, x) -> times(b, x, unary(b, Elementary.SIGMOID, unary(b, Elementary.ABS, x)))),
                form("a gate of a secret multiple", Elementary.SIGMOID,
                        (b, x) -> times(b, x, unary(b, Elementary.SIGMOID, times(b, x, secret(b, new Draw(1).reals(Shape.SCALAR)))))),
                form("a gate that others read", Elementary.SIGMOID, (b, x) -> {
                    ValueId gate = unary(b, Elementary.SIGMOID, x);
                    return binary(b, Function.ADD, times(b, x, gate), gate);
                }), form("two and an exponential", Elementary.SIGMOID,
                        (b, x) -> unary(b, Elementary.RECIPROCAL, binary(b, Function.ADD, unary(b, Elementary.EXP, x), open(b, 2)))),
                form("a falling gate", Elementary.SIGMOID, (b, x) -> times(b, x, unary(b, Elementary.SIGMOID, times(b, x, open(b, -1))))),
                form("a gate that divides", Elementary.SIGMOID, (b, x) -> binary(b, Function.DIV, x, unary(b, Elementary.SIGMOID, x))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lookalikes")
    void lookalikesStay(String name, ScalarFunction function, BiFunction<GraphBuilder, ValueId, ValueId> body) {
        Graph graph = Graphs.of(Shape.of(3, 4), body);
        assertSame(graph, named("activation-recognition").apply(graph), () -> name + " " + function);
    }

    @Test
    void writtenOutSoftmaxIsRecognisedWithAndWithoutItsMaximumTakenOff() {
        for (boolean shifted : new boolean[] {false, true}) {
            Graph graph = Graphs.of(Shape.of(3, 4), (b, x) -> {
                ValueId most = b.add(new Op.Reduce(Op.Reduce.Function.MAX, List.of(1)), x);
                ValueId exp = unary(b, Elementary.EXP, shifted ? binary(b, Function.SUB, x, most) : x);
                return unary(b, Elementary.LOG, binary(b, Function.DIV, exp, b.add(new Op.Reduce(Op.Reduce.Function.SUM, List.of(1)), exp)));
            });
            Graph found = rewritten(named("dead-code"), rewritten(named("activation-recognition"), graph, draw), draw);
            assertEquals(List.of(new Op.LogSoftmax(1)), found.nodes().stream().map(Node::op).toList());
        }
        Graph other = Graphs.of(Shape.of(4, 4), (b, x) -> {
            ValueId exp = unary(b, Elementary.EXP, binary(b, Function.SUB, x, b.add(new Op.Reduce(Op.Reduce.Function.MAX, List.of(0)), x)));
            return binary(b, Function.DIV, exp, b.add(new Op.Reduce(Op.Reduce.Function.SUM, List.of(1)), exp));
        });
        assertEquals(List.of(new Op.Reduce(Op.Reduce.Function.MAX, List.of(0)), new Op.Binary(Function.SUB), new Op.Softmax(1)),
                rewritten(named("activation-recognition"), other, draw).nodes().stream().map(Node::op).toList());
    }

    @Test
    void theLogarithmOfASumOfExponentialsIsTakenAroundTheMaximum() {
        Graph graph = Graphs.of(Shape.of(3, 4), (b, x) -> {
            ValueId sum = b.add(new Op.Reduce(Op.Reduce.Function.SUM, List.of(1)), unary(b, Elementary.EXP, x));
            return unary(b, Elementary.LOG, b.add(new Op.Reshape(Shape.of(3)), sum));
        });
        Graph found = rewritten(named("dead-code"), rewritten(named("log-sum-exp"), graph, draw), draw);
        assertTrue(found.nodes().stream().anyMatch(node -> node.op().equals(new Op.Reduce(Op.Reduce.Function.MAX, List.of(1)))));
        assertSame(found, named("log-sum-exp").apply(found));
    }
}
