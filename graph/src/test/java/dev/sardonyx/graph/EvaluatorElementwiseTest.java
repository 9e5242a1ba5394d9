package dev.sardonyx.graph;

import static dev.sardonyx.graph.Close.assertClose;
import static dev.sardonyx.graph.Close.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class EvaluatorElementwiseTest {
    static LongStream seeds() {
        return Draw.seeds(60);
    }

    private static Tensor evaluate(Op op, Tensor... inputs) {
        return Evaluator.evaluate(op, List.of(inputs)).getFirst();
    }

    private static Tensor longs(ElementType type, long... values) {
        return Tensor.ofLongs(type, Shape.of(values.length), values);
    }

    private static Tensor doubles(double... values) {
        return Tensor.ofDoubles(ElementType.FLOAT64, Shape.of(values.length), values);
    }

    private static Tensor bools(long... values) {
        return longs(ElementType.BOOL, values);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void binaryOperatorsBroadcast(long seed) {
        var draw = new Draw(seed);
        Map<Function, DoubleBinaryOperator> meaning = new EnumMap<>(Map.of(Function.ADD, (x, y) -> x + y, Function.SUB, (x, y) -> x - y,
                Function.MUL, (x, y) -> x * y, Function.DIV, (x, y) -> x / y, Function.MIN, Math::min, Function.MAX, Math::max, Function.MODULO,
                (x, y) -> x - Math.floor(x / y) * y, Function.REMAINDER, (x, y) -> x - (long) (x / y) * y));
        Shape shape = draw.shape(draw.between(0, 4));
        Tensor a = draw.reals(draw.broadcastable(shape));
        Tensor b = draw.reals(draw.broadcastable(shape), 0.5, 2);
        meaning.forEach((function, operator) -> {
            Tensor result = evaluate(new Op.Binary(function), a, b);
            assertClose(Coordinates.tensor(Shape.broadcast(a.shape(), b.shape()),
                    at -> operator.applyAsDouble(Coordinates.broadcastAt(a, at), Coordinates.broadcastAt(b, at))), result, 1e-12);
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void selectionsAndComparisonsBroadcast(long seed) {
        var draw = new Draw(seed);
        Shape shape = draw.shape(draw.between(0, 4));
        Tensor p = draw.bits(draw.broadcastable(shape));
        Tensor a = draw.fewLevels(draw.broadcastable(shape));
        Tensor b = draw.fewLevels(draw.broadcastable(shape));
        Tensor chosen = evaluate(new Op.Where(), p, a, b);
        assertSame(Coordinates.tensor(chosen.shape(), at -> Coordinates.broadcastAt(Coordinates.broadcastAt(p, at) == 1 ? a : b, at)), chosen);
        for (Op.Compare.Relation relation : Op.Compare.Relation.values()) {
            Tensor bits = evaluate(new Op.Compare(relation), a, b);
            assertSame(bits, evaluate(new Op.Compare(relation), a.as(ElementType.INT32), b.as(ElementType.INT32)));
            assertSame(Coordinates.tensor(bits.shape(), at -> {
                double order = Coordinates.broadcastAt(a, at) - Coordinates.broadcastAt(b, at);
                return switch (relation) {
                    case EQUAL -> order == 0;
                    case LESS -> order < 0;
                    case LESS_OR_EQUAL -> order <= 0;
                    case GREATER -> order > 0;
                    case GREATER_OR_EQUAL -> order >= 0;
                } ? 1 : 0;
            }).as(ElementType.BOOL), bits);
        }
    }

    @Test
    void logicFollowsItsTruthTables() {
        Tensor a = bools(0, 0, 1, 1);
        Tensor b = bools(0, 1, 0, 1);
        assertSame(bools(0, 0, 0, 1), evaluate(new Op.Logic(Op.Logic.Function.AND), a, b));
        assertSame(bools(0, 1, 1, 1), evaluate(new Op.Logic(Op.Logic.Function.OR), a, b));
        assertSame(bools(0, 1, 1, 0), evaluate(new Op.Logic(Op.Logic.Function.XOR), a, b));
        assertSame(bools(1, 1, 0, 0), evaluate(new Op.Not(), a));
    }

    @Test
    void remaindersTakeTheSignTheirNamesSay() {
        Tensor a = longs(ElementType.INT32, -7, 7, -7, 7);
        Tensor b = longs(ElementType.INT32, 3, -3, -3, 3);
        assertSame(longs(ElementType.INT32, 2, -2, -1, 1), evaluate(new Op.Binary(Function.MODULO), a, b));
        assertSame(longs(ElementType.INT32, -1, 1, -1, 1), evaluate(new Op.Binary(Function.REMAINDER), a, b));
        assertSame(longs(ElementType.INT32, -2, -2, 2, 2), evaluate(new Op.Binary(Function.DIV), a, b));
        Tensor x = doubles(-7, 7, -7, 7);
        Tensor y = doubles(3, -3, -3, 3);
        assertSame(doubles(2, -2, -1, 1), evaluate(new Op.Binary(Function.MODULO), x, y));
        assertSame(doubles(-1, 1, -1, 1), evaluate(new Op.Binary(Function.REMAINDER), x, y));
    }

    @Test
    void integersWrapInTheirOwnWidth() {
        assertSame(longs(ElementType.INT8, -128), evaluate(new Op.Binary(Function.ADD), longs(ElementType.INT8, 127), longs(ElementType.INT8, 1)));
        assertSame(longs(ElementType.UINT8, 255), evaluate(new Op.Binary(Function.SUB), longs(ElementType.UINT8, 0), longs(ElementType.UINT8, 1)));
        assertSame(longs(ElementType.UINT32, 0xFFFF_FFFEL),
                evaluate(new Op.Binary(Function.MUL), longs(ElementType.UINT32, 0xFFFF_FFFFL), longs(ElementType.UINT32, 2)));
        assertSame(longs(ElementType.INT16, -32768), evaluate(new Op.Unary(Elementary.NEGATE), longs(ElementType.INT16, -32768)));
        assertSame(longs(ElementType.INT64, 81), evaluate(new Op.Binary(Function.POW), longs(ElementType.INT64, -3), longs(ElementType.INT64, 4)));
        assertSame(longs(ElementType.INT32, -27), evaluate(new Op.Unary(new ScalarFunction.Power(3)), longs(ElementType.INT32, -3)));
    }

    @Test
    void unsigned64BitIntegersOrderAndDivideWithoutASign() {
        Tensor big = longs(ElementType.UINT64, -2);
        Tensor three = longs(ElementType.UINT64, 3);
        assertSame(bools(0), evaluate(new Op.Compare(Op.Compare.Relation.LESS), big, three));
        assertSame(big, evaluate(new Op.Binary(Function.MAX), big, three));
        assertSame(longs(ElementType.UINT64, Long.divideUnsigned(-2, 3)), evaluate(new Op.Binary(Function.DIV), big, three));
        assertEquals(0x1p64, big.getDouble(0));
        assertSame(big, evaluate(new Op.Relu(), big));
        assertSame(longs(ElementType.UINT64, 10), evaluate(new Op.Clip(2, 10), big));
    }

    @ParameterizedTest
    @EnumSource(value = Function.class, names = {"DIV", "MODULO", "REMAINDER"})
    void integersAreNotDividedByZero(Function function) {
        var error = assertThrows(IllegalArgumentException.class,
                () -> evaluate(new Op.Binary(function), longs(ElementType.INT64, 1, 2), longs(ElementType.INT64, 1, 0)));
        assertEquals("Binary: " + function + " of INT64 by zero", error.getMessage());
    }

    @Test
    void castsCutFractionsAndWrap() {
        assertSame(longs(ElementType.INT32, -1, 1, 0), evaluate(new Op.Cast(ElementType.INT32), doubles(-1.9, 1.9, -0.5)));
        assertSame(longs(ElementType.UINT8, 44, 255), evaluate(new Op.Cast(ElementType.UINT8), longs(ElementType.INT32, 300, -1)));
        assertSame(bools(1, 0, 1), evaluate(new Op.Cast(ElementType.BOOL), doubles(-0.1, 0, Double.NaN)));
        assertSame(doubles(0, 1), evaluate(new Op.Cast(ElementType.FLOAT64), bools(0, 1)));
    }

    @Test
    void narrowFloatingTypesRoundHalvesToEven() {
        assertEquals(1 + 0x1p-10, ElementType.FLOAT16.round(1 + 0x1.8p-11));
        assertEquals(1, ElementType.FLOAT16.round(1 + 0x1p-11));
        assertEquals(Double.POSITIVE_INFINITY, ElementType.FLOAT16.round(65_520));
        assertEquals(1, ElementType.BFLOAT16.round(1 + 0x1p-8));
        assertEquals(1 + 0x1p-6, ElementType.BFLOAT16.round(1 + 0x1.8p-7));
        assertEquals(Double.NEGATIVE_INFINITY, ElementType.BFLOAT16.round(Double.NEGATIVE_INFINITY));
        assertTrue(Double.isNaN(ElementType.BFLOAT16.round(Double.NaN)));
        Tensor third = Tensor.ofDoubles(ElementType.BFLOAT16, Shape.SCALAR, 1 / 3.0);
        assertEquals(0x1.56p-2, third.getDouble(0));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void functionsFollowTheirDefinitions(long seed) {
        Map<ScalarFunction, DoubleUnaryOperator> meaning = Map.ofEntries(Map.entry(Elementary.NEGATE, x -> -x), Map.entry(Elementary.ABS, Math::abs),
                Map.entry(Elementary.SIGN, x -> x > 0 ? 1 : x < 0 ? -1 : 0), Map.entry(Elementary.RSQRT, x -> Math.pow(x, -0.5)),
                Map.entry(Elementary.TRUNCATE, x -> (long) x), Map.entry(Elementary.SOFTSIGN, x -> x / (1 + Math.abs(x))),
                Map.entry(Elementary.MISH, x -> x * Math.tanh(Math.log(1 + Math.exp(x)))),
                Map.entry(new ScalarFunction.Elu(1.5), x -> x < 0 ? 1.5 * (Math.exp(x) - 1) : x),
                Map.entry(new ScalarFunction.Celu(0.5), x -> x < 0 ? 0.5 * (Math.exp(x / 0.5) - 1) : x),
                Map.entry(new ScalarFunction.Selu(1.5, 2), x -> x <= 0 ? 2 * (1.5 * Math.exp(x) - 1.5) : 2 * x),
                Map.entry(new ScalarFunction.Swish(2), x -> x / (1 + Math.exp(-2 * x))), Map.entry(new ScalarFunction.Power(3), x -> x * x * x));
        Tensor x = new Draw(seed).reals(Shape.of(50), -3, 3);
        meaning.forEach((function, operator) -> assertClose(Coordinates.tensor(x.shape(), at -> operator.applyAsDouble(Coordinates.at(x, at))),
                evaluate(new Op.Unary(function), x), 1e-13));
        assertClose(Coordinates.tensor(x.shape(), at -> Math.max(0, Coordinates.at(x, at))), evaluate(new Op.Relu(), x), 0);
        assertClose(Coordinates.tensor(x.shape(), at -> Coordinates.at(x, at) * (Coordinates.at(x, at) < 0 ? 0.3 : 1)),
                evaluate(new Op.LeakyRelu(0.3), x), 0);
        assertClose(Coordinates.tensor(x.shape(), at -> Math.clamp(Coordinates.at(x, at), -1, 2)), evaluate(new Op.Clip(-1, 2), x), 0);
    }

    @Test
    void roundingGoesToTheEvenNeighbour() {
        assertSame(doubles(-2, 0, 2, 2, -0.0), evaluate(new Op.Unary(Elementary.ROUND), doubles(-1.5, 0.5, 1.5, 2.5, -0.4)));
        assertSame(longs(ElementType.INT8, 3), evaluate(new Op.Unary(Elementary.FLOOR), longs(ElementType.INT8, 3)));
    }

    @ParameterizedTest
    @EnumSource(Elementary.class)
    void noFunctionTurnsANumberOfItsDomainIntoNaN(Elementary function) {
        Tensor result = evaluate(new Op.Unary(function), doubles(1));
        assertTrue(function == Elementary.ATANH || Double.isFinite(result.getDouble(0)), () -> function + "(1) = " + result.getDouble(0));
    }

    @ParameterizedTest
    @EnumSource(value = Elementary.class, names = {"GELU", "GELU_TANH", "SOFTPLUS", "MISH", "EXP", "SIGMOID"})
    void functionsThatVanishFarLeftDoSoAtMinusInfinity(Elementary function) {
        assertEquals(0, evaluate(new Op.Unary(function), doubles(Double.NEGATIVE_INFINITY)).getDouble(0));
    }

    @Test
    void boundsOfIntegersMayBeFractionsOrInfinite() {
        assertSame(longs(ElementType.INT32, 0, 1, 2), evaluate(new Op.Clip(-0.5, 2.5), longs(ElementType.INT32, -3, 1, 7)));
        assertSame(longs(ElementType.INT64, Long.MIN_VALUE, 5),
                evaluate(new Op.Clip(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY), longs(ElementType.INT64, Long.MIN_VALUE, 5)));
    }
}
