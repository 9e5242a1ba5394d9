package dev.sardonyx.graph.passes;

import static dev.sardonyx.graph.passes.Graphs.binary;
import static dev.sardonyx.graph.passes.Graphs.named;
import static dev.sardonyx.graph.passes.Graphs.open;
import static dev.sardonyx.graph.passes.Graphs.operators;
import static dev.sardonyx.graph.passes.Graphs.rewritten;
import static dev.sardonyx.graph.passes.Graphs.secret;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

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
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArithmeticPassesTest {
    private static final Op MULTIPLY = new Op.Binary(Function.MUL);

    private final Draw draw = new Draw(13);

    static LongStream seeds() {
        return Draw.seeds(40);
    }

    private static ValueId positive(GraphBuilder b, ValueId x) {
        return binary(b, Function.ADD, b.add(new Op.Reduce(Op.Reduce.Function.SUM, List.of(1)), b.add(new Op.Unary(Elementary.ABS), x)), open(b, 1));
    }

    private static List<Op> ops(Graph graph) {
        return graph.nodes().stream().map(Node::op).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8})
    void wholePowersTakeAtMostTwiceTheLogarithmOfProducts(int exponent) {
        Graph graph = Graphs.of(Shape.of(9), (b, x) -> b.add(new Op.Unary(new ScalarFunction.Power(exponent)), x));
        Graph products = rewritten(named("power-to-product"), graph, draw);
        int bits = 31 - Integer.numberOfLeadingZeros(exponent);
        assertEquals(Map.of("Binary.MUL", bits + Integer.bitCount(exponent) - 1), operators(products));
    }

    @Test
    void powersOfAHalfAreRootsAndAPublicExponentIsSeen() {
        Graph graph = Graphs.of(Shape.of(3, 4),
                (b, x) -> binary(b, Function.MUL, binary(b, Function.POW, positive(b, x), open(b, -0.5)),
                        b.add(new Op.Unary(new ScalarFunction.Power(0.5)), positive(b, x))));
        Graph roots = rewritten(named("power-to-product"), graph, draw);
        assertEquals(1, ops(roots).stream().filter(new Op.Unary(Elementary.RSQRT)::equals).count());
        assertEquals(1, ops(roots).stream().filter(new Op.Unary(Elementary.SQRT)::equals).count());
        Graph hidden = Graphs.of(Shape.of(3), (b, x) -> binary(b, Function.POW, x, secret(b, draw.reals(Shape.SCALAR, 2, 2.5))));
        assertSame(hidden, named("power-to-product").apply(hidden));
    }

    @Test
    void divisionByFewerElementsInvertsThemFirst() {
        Graph graph = Graphs.of(Shape.of(3, 4), (b, x) -> binary(b, Function.DIV, x, positive(b, x)));
        Graph product = rewritten(named("division-to-reciprocal"), graph, draw);
        Node inverse = product.nodes().stream().filter(node -> node.op().equals(new Op.Unary(Elementary.RECIPROCAL))).findFirst().orElseThrow();
        assertEquals(3, product.value(inverse.output()).shape().size());
        assertEquals(MULTIPLY, product.nodes().getLast().op());
        Graph equal = Graphs.of(Shape.of(3, 1), (b, x) -> binary(b, Function.DIV, x, positive(b, x)));
        assertSame(equal, named("division-to-reciprocal").apply(equal));
    }

    @Test
    void divisionByARootMultipliesByItsInverse() {
        Graph graph = Graphs.of(Shape.of(3, 4), (b, x) -> binary(b, Function.DIV, x, b.add(new Op.Unary(Elementary.SQRT), positive(b, x))));
        Graph product = rewritten(named("division-to-reciprocal"), graph, draw);
        assertEquals(List.of(new Op.Unary(Elementary.RSQRT), MULTIPLY), ops(product).subList(3, 5));
    }

    @Test
    void invertedRootsAreOneOperator() {
        Graph graph = Graphs.of(Shape.of(3, 4),
                (b, x) -> binary(b, Function.DIV, open(b, 1), b.add(new Op.Unary(Elementary.SQRT), positive(b, x))));
        assertEquals(new Op.Unary(Elementary.RSQRT), ops(rewritten(named("division-to-reciprocal"), graph, draw)).getLast());
    }

    @Test
    void aRootThatOthersReadIsNotReckonedTwice() {
        Graph graph = Graphs.of(Shape.of(3, 1), (b, x) -> {
            ValueId root = b.add(new Op.Unary(Elementary.SQRT), positive(b, x));
            return binary(b, Function.ADD, binary(b, Function.DIV, x, root), root);
        });
        assertSame(graph, named("division-to-reciprocal").apply(graph));
    }

    @Test
    void divisionByAConstantMultipliesAndIntegersAreLeftAlone() {
        Graph graph = Graphs.of(Shape.of(3), (b, x) -> binary(b, Function.DIV, x, secret(b, draw.reals(Shape.of(3), 1, 2))));
        assertEquals(List.of(MULTIPLY), ops(rewritten(named("division-to-reciprocal"), graph, draw)));
        Graph whole = Graphs.of(Shape.of(3), (b, x) -> {
            ValueId integers = b.add(new Op.Cast(ElementType.INT32), x);
            ValueId divisor = b.constant("d", Constant.open(draw.longs(ElementType.INT32, Shape.of(3), 2, 5)));
            return binary(b, Function.DIV, integers, divisor);
        });
        assertSame(whole, named("division-to-reciprocal").apply(whole));
    }

    @Test
    void selectionsOfZeroHaveTheZeroOnTheFalseSide() {
        Graph graph = Graphs.of(Shape.of(8), (b, x) -> {
            ValueId condition = b.add(new Op.Compare(Op.Compare.Relation.LESS), x, open(b, 0.5));
            return b.add(new Op.Where(), condition, open(b, 0), x);
        });
        Graph product = rewritten(named("select-to-product"), graph, draw);
        assertEquals(List.of(new Op.Not(), new Op.Where()), ops(product).subList(1, 3));
        assertEquals(0, product.constants().get(product.nodes().getLast().inputs().get(2)).tensor().getDouble(0));
    }

    @Test
    void aConstantConditionIsNegatedAtOnce() {
        Graph graph = Graphs.of(Shape.of(8), (b, x) -> b.add(new Op.Where(), b.constant("mask", Constant.open(draw.bits(Shape.of(8)))), open(b, 0), x));
        assertEquals(List.of(new Op.Where()), ops(rewritten(named("select-to-product"), graph, draw)));
    }

    @Test
    void selectionsOfPositiveElementsAreRelu() {
        for (Op.Compare.Relation relation : List.of(Op.Compare.Relation.GREATER, Op.Compare.Relation.GREATER_OR_EQUAL)) {
            Graph graph = Graphs.of(Shape.of(8), (b, x) -> b.add(new Op.Where(), b.add(new Op.Compare(relation), x, open(b, 0)), x, open(b, 0)));
            assertEquals(List.of(new Op.Relu()), ops(rewritten(named("select-to-product"), graph, draw)));
        }
        Graph other = Graphs.of(Shape.of(8), (b, x) -> b.add(new Op.Where(),
                b.add(new Op.Compare(Op.Compare.Relation.GREATER), b.add(new Op.Unary(Elementary.TANH), x), open(b, 0)), x, open(b, 0)));
        assertSame(other, named("select-to-product").apply(other));
    }

    @Test
    void productsWithAPredicateSelectAndSecretZerosAreNotSeen() {
        Graph graph = Graphs.of(Shape.of(8), (b, x) -> binary(b, Function.MUL,
                b.add(new Op.Cast(ElementType.FLOAT64), b.add(new Op.Compare(Op.Compare.Relation.LESS), x, open(b, 0.5))), x));
        assertEquals(Map.of("Compare", 1, "Where", 1), operators(rewritten(named("select-to-product"), graph, draw)));
        Graph hidden = Graphs.of(Shape.of(8), (b, x) -> b.add(new Op.Where(), b.add(new Op.Compare(Op.Compare.Relation.LESS), x, open(b, 0.5)),
                secret(b, Tensor.ofDoubles(ElementType.FLOAT64, Shape.SCALAR, 0)), x));
        assertSame(hidden, named("select-to-product").apply(hidden));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void chainsOfConstantsBecomeOneConstant(long seed) {
        var random = new Draw(seed);
        List<Function> functions = random.coin() ? List.of(Function.MUL) : List.of(Function.ADD, Function.SUB);
        Graph graph = Graphs.of(Shape.of(4, 3), (b, x) -> {
            ValueId value = x;
            for (int i = random.between(2, 5); i > 0; i--) {
                ValueId c = random.coin() ? secret(b, random.reals(Shape.of(3))) : open(b, random.real(-2, 2));
                Function function = random.oneOf(functions);
                value = random.coin() ? binary(b, function, value, c) : binary(b, function, c, value);
            }
            return value;
        });
        assertEquals(1, rewritten(named("visibility-reorder"), graph, random).nodes().size());
    }

    @Test
    void productsOfScaledValuesAreScaledOnce() {
        Graph graph = Graphs.of(Shape.of(4), (b, x) -> binary(b, Function.MUL, binary(b, Function.MUL, x, secret(b, draw.reals(Shape.of(4)))),
                binary(b, Function.MUL, open(b, 3), b.add(new Op.Relu(), x))));
        assertEquals(Map.of("Binary.MUL", 2, "Relu", 1), operators(rewritten(named("visibility-reorder"), graph, draw)));
    }

    @Test
    void aPartialProductThatOthersReadIsNotMadeTwice() {
        Graph graph = Graphs.of(Shape.of(4), (b, x) -> {
            ValueId half = binary(b, Function.MUL, x, open(b, 0.5));
            return binary(b, Function.SUB, binary(b, Function.MUL, half, secret(b, draw.reals(Shape.of(4)))), half);
        });
        assertSame(graph, named("visibility-reorder").apply(graph));
    }
}
