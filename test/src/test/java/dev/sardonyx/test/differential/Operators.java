package dev.sardonyx.test.differential;

import static dev.sardonyx.test.differential.Draw.attribute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.AttributeProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Draws models of one operator: element-wise ones, reductions, products and movements. */
public final class Operators {
    /** Draws the nodes of one model. */
    interface Family {
        void draw(Draw draw);
    }

    private record Domain(String op, int since, double low, double high) {
    }

    private static final List<Domain> UNARY = List.of(new Domain("Abs", 7, -9, 9), new Domain("Neg", 7, -9, 9), new Domain("Exp", 7, -9, 4),
            new Domain("Log", 7, 0.05, 40), new Domain("Sqrt", 7, 0.01, 90), new Domain("Reciprocal", 7, 0.2, 9), new Domain("Floor", 7, -9, 9),
            new Domain("Ceil", 7, -9, 9), new Domain("Round", 11, -9, 9), new Domain("Sign", 9, -2, 2), new Domain("Erf", 9, -4, 4),
            new Domain("Sigmoid", 7, -12, 12), new Domain("Tanh", 7, -6, 6), new Domain("Relu", 7, -9, 9), new Domain("Softplus", 7, -12, 12),
            new Domain("Softsign", 7, -9, 9), new Domain("Sin", 7, -9, 9), new Domain("Cos", 7, -9, 9), new Domain("Tan", 7, -1.2, 1.2),
            new Domain("Asin", 7, -0.95, 0.95), new Domain("Acos", 7, -0.95, 0.95), new Domain("Atan", 7, -9, 9), new Domain("Sinh", 9, -3, 3),
            new Domain("Cosh", 9, -3, 3), new Domain("Asinh", 9, -9, 9), new Domain("Acosh", 9, 1.1, 9), new Domain("Atanh", 9, -0.9, 0.9),
            new Domain("HardSwish", 14, -6, 6), new Domain("Mish", 18, -6, 6), new Domain("Identity", 7, -9, 9));

    static final Map<String, Family> FAMILIES = families();

    private Operators() {
    }

    private static Map<String, Family> families() {
        Map<String, Family> all = new LinkedHashMap<>();
        UNARY.forEach(domain -> all.put(domain.op(), draw -> draw.node(domain.op(), List.of(), draw.real(draw.shape(0, 4), domain.low(), domain.high()))));
        for (String op : List.of("Add", "Sub", "Mul", "Div", "Min", "Max", "Pow", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Mod",
                "PRelu")) {
            all.put(op, draw -> binary(draw, op));
        }
        for (String op : List.of("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
                "ReduceLogSum", "ReduceLogSumExp")) {
            all.put(op, draw -> reduction(draw, op));
        }
        for (String op : List.of("LeakyRelu", "Elu", "Selu", "Celu", "HardSigmoid", "ThresholdedRelu")) {
            all.put(op, draw -> activation(draw, op));
        }
        for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            all.put(op, draw -> {
                Shape shape = draw.shape(1, 4);
                int axis = draw.upTo(draw.opset < 11 ? 0 : -shape.rank(), shape.rank() - 1);
                draw.node(op, draw.coin() ? List.of() : List.of(attribute("axis", axis)), draw.real(shape, -8, 8));
            });
        }
        all.put("Clip", Operators::clip);
        all.put("Where", Operators::where);
        all.put("Cast", draw -> draw.node("Cast", List.of(attribute("to", draw.one(1L, 6L, 7L, 9L))), draw.coin() ? draw.real(draw.shape(0, 3), -9, 9)
                : draw.input(draw.wholes(draw.one(ElementType.INT32, ElementType.INT64, ElementType.UINT8), draw.shape(0, 3), 0, 3))));
        all.put("MatMul", Operators::matMul);
        all.put("Gemm", Operators::gemm);
        all.put("ArgMax", draw -> extreme(draw, "ArgMax"));
        all.put("ArgMin", draw -> extreme(draw, "ArgMin"));
        all.put("TopK", Operators::topK);
        all.put("CumSum", draw -> {
            Shape shape = draw.shape(1, 3);
            draw.node("CumSum", List.of(attribute("exclusive", draw.coin()), attribute("reverse", draw.coin())), draw.real(shape, -5, 5),
                    draw.longs(draw.axis(shape.rank())));
        });
        all.putAll(Movements.FAMILIES);
        all.putAll(Layers.FAMILIES);
        all.putAll(Structures.FAMILIES);
        all.putAll(Contributions.FAMILIES);
        all.putAll(Forms.FAMILIES);
        all.putAll(Integers.FAMILIES);
        return all;
    }

    /** The operators that random models are drawn of; {@code DifferentialTest} holds each to ONNX Runtime. */
    public static java.util.Set<String> drawn() {
        return FAMILIES.keySet();
    }

    /** A model of a family, at any operator-set version at which it has the operator. */
    static Draw begin(String op, long seed) {
        return op.equals("DynamicSlice") ? Draw.at(seed, 9) : new Draw(seed, since(op));
    }

    /** The least operator-set version that a family is drawn at. */
    static int since(String op) {
        if (Structures.FAMILIES.containsKey(op)) {
            return Structures.since(op);
        }
        if (Forms.FAMILIES.containsKey(op)) {
            return Forms.since(op);
        }
        if (Integers.FAMILIES.containsKey(op)) {
            return Integers.since(op);
        }
        if (Contributions.FAMILIES.containsKey(op)) {
            return Contributions.since(op);
        }
        return UNARY.stream().filter(domain -> domain.op().equals(op)).mapToInt(Domain::since).findFirst().orElse(switch (op) {
            case "Mod", "Resize", "QuantizeLinear", "DequantizeLinear", "IsInf" -> 10;
            case "CumSum", "GatherElements", "GatherND", "ScatterElements", "DepthToSpace", "Det", "SequenceErase" -> 11;
            case "LessOrEqual", "GreaterOrEqual", "Celu", "Einsum" -> 12;
            case "Trilu" -> 14;
            case "LayerNormalization", "HannWindow", "HammingWindow", "BlackmanWindow", "DFT", "STFT" -> 17;
            case "Gelu" -> 20;
            case "GroupNormalization" -> 21;
            case "Where", "Cast", "OneHot", "Expand" -> 9;
            default -> 7;
        });
    }

    private static void binary(Draw draw, String op) {
        Shape shape = draw.shape(0, 4);
        Shape other = draw.broadcasting(shape);
        if (draw.opset >= 14 && List.of("Add", "Sub", "Mul").contains(op) && draw.random.nextInt(4) == 0) {
            ElementType type = draw.one(ElementType.UINT8, ElementType.INT8, ElementType.INT32);
            Tensor b = draw.anyWholes(type, other);
            draw.node(op, List.of(), draw.input(draw.anyWholes(type, shape)), draw.coin() ? draw.input(b) : draw.constant(b));
            return;
        }
        boolean whole = op.equals("Mod") || draw.random.nextInt(4) == 0 && draw.opset >= 12 && !op.equals("PRelu") && !op.equals("Pow");
        if (whole) {
            boolean divides = op.equals("Div") || op.equals("Mod");
            String a = draw.input(draw.wholes(ElementType.INT32, shape, -40, 40));
            Tensor divisor = draw.wholes(ElementType.INT32, other, divides ? 1 : -7, 7);
            draw.node(op, List.of(), a, draw.coin() ? draw.input(divisor) : draw.constant(divisor));
            return;
        }
        if (op.equals("Pow")) {
            draw.node(op, List.of(), draw.real(shape, 0.3, 3), draw.either(other, -2, 3));
        } else if (op.equals("Div")) {
            draw.node(op, List.of(), draw.real(shape, -5, 5), draw.coin() ? draw.either(other, 0.4, 5) : draw.either(other, -5, -0.4));
        } else if (op.equals("PRelu") || draw.coin()) {
            draw.node(op, List.of(), draw.real(shape, -5, 5), draw.either(other, -5, 5));
        } else {
            draw.node(op, List.of(), draw.real(other, -5, 5), draw.either(shape, -5, 5));
        }
    }

    private static void reduction(Draw draw, String op) {
        // No empty axes: where one is left and another is reduced, ONNX Runtime forgets to reduce. Products of many numbers lose the small ones.
        boolean product = op.equals("ReduceProd");
        Shape shape = Shape.of(IntStream.range(0, draw.upTo(1, product ? 2 : 4)).map(i -> draw.upTo(1, product ? 4 : 5)).toArray());
        double low = op.equals("ReduceLogSum") ? 0.1 : product ? -1.5 : -3;
        int[] axes = IntStream.range(0, shape.rank()).filter(axis -> draw.coin()).map(axis -> draw.opset >= 11 && draw.coin() ? axis - shape.rank() : axis).toArray();
        var attributes = new ArrayList<AttributeProto>(List.of(attribute("keepdims", draw.coin())));
        boolean asInput = draw.opset >= (op.equals("ReduceSum") ? 13 : 18);
        String x = draw.real(shape, low, product ? 1.5 : 3);
        if (axes.length == 0) {
            draw.node(op, attributes, x);
        } else if (asInput) {
            draw.node(op, attributes, x, draw.longs(IntStream.of(axes).asLongStream().toArray()));
        } else {
            attributes.add(attribute("axes", axes));
            draw.node(op, attributes, x);
        }
    }

    private static void activation(Draw draw, String op) {
        var attributes = new ArrayList<AttributeProto>();
        if (draw.coin()) {
            attributes.add(attribute("alpha", 0.1 + draw.random.nextDouble()));
        }
        if (draw.coin() && (op.equals("Selu") || op.equals("HardSigmoid"))) {
            attributes.add(attribute(op.equals("Selu") ? "gamma" : "beta", 0.3 + draw.random.nextDouble()));
        }
        draw.node(op, attributes, draw.real(draw.shape(0, 4), -6, 6));
    }

    private static void clip(Draw draw) {
        String x = draw.real(draw.shape(0, 4), -5, 5);
        if (draw.opset < 11) {
            draw.node("Clip", List.of(attribute("min", -1.5), attribute("max", 2.25)), x);
        } else {
            draw.node("Clip", List.of(), x, draw.coin() ? "" : draw.either(Shape.SCALAR, -3, 0), draw.either(Shape.SCALAR, 0.5, 3));
        }
    }

    private static void where(Draw draw) {
        Shape shape = draw.shape(0, 4);
        String condition = draw.input(draw.wholes(ElementType.BOOL, draw.broadcasting(shape), 0, 1));
        draw.node("Where", List.of(), condition, draw.real(shape, -5, 5), draw.either(draw.broadcasting(shape), -5, 5));
    }

    private static void matMul(Draw draw) {
        int inner = draw.upTo(1, 6);
        if (draw.random.nextInt(4) == 0) {
            draw.node("MatMul", List.of(), draw.real(Shape.of(inner), -3, 3), draw.either(draw.coin() ? Shape.of(inner) : Shape.of(inner, 3), -3, 3));
            return;
        }
        int batch = draw.upTo(1, 3);
        Shape left = draw.one(Shape.of(3, inner), Shape.of(batch, 2, inner), Shape.of(2, 1, 2, inner), Shape.of(1, 4, inner));
        Shape right = draw.one(Shape.of(inner, 2), Shape.of(batch, inner, 3), Shape.of(inner), Shape.of(1, inner, 4));
        draw.node("MatMul", List.of(), draw.real(left, -3, 3), draw.either(right, -3, 3));
    }

    private static void gemm(Draw draw) {
        int rows = draw.upTo(1, 4);
        int inner = draw.upTo(1, 5);
        int columns = draw.upTo(1, 4);
        boolean a = draw.coin();
        boolean b = draw.coin();
        var attributes = List.of(attribute("transA", a), attribute("transB", b), attribute("alpha", draw.one(1.0, 0.5)), attribute("beta", draw.one(1.0, -0.25)));
        String left = draw.real(a ? Shape.of(inner, rows) : Shape.of(rows, inner), -3, 3);
        String right = draw.either(b ? Shape.of(columns, inner) : Shape.of(inner, columns), -3, 3);
        Shape bias = draw.one(Shape.of(columns), Shape.of(1, columns), Shape.of(rows, 1), Shape.of(rows, columns), Shape.SCALAR);
        if (draw.opset >= 11 && draw.coin()) {
            draw.node("Gemm", attributes, left, right);
        } else {
            draw.node("Gemm", attributes, left, right, draw.either(bias, -3, 3));
        }
    }

    private static void extreme(Draw draw, String op) {
        Shape shape = Shape.of(IntStream.range(0, draw.upTo(1, 3)).map(i -> draw.upTo(1, 5)).toArray());
        var attributes = new ArrayList<>(List.of(attribute("axis", draw.upTo(draw.opset < 11 ? 0 : -shape.rank(), shape.rank() - 1)),
                attribute("keepdims", draw.coin())));
        if (draw.opset >= 12) {
            attributes.add(attribute("select_last_index", draw.coin()));
        }
        // Small whole numbers make ties.
        Tensor x = draw.coin() ? draw.reals(shape, -5, 5) : draw.wholes(ElementType.INT32, shape, 0, 3).as(ElementType.FLOAT32);
        draw.node(op, attributes, draw.input(x));
    }

    private static void topK(Draw draw) {
        Shape shape = draw.shape(1, 3);
        int axis = draw.upTo(draw.opset < 11 ? 0 : -shape.rank(), shape.rank() - 1);
        int extent = shape.dim(axis < 0 ? axis + shape.rank() : axis);
        int k = draw.upTo(Math.min(1, extent), extent);
        String x = draw.real(shape, -5, 5);
        if (draw.opset < 10) {
            draw.nodes("TopK", 2, List.of(attribute("axis", axis), attribute("k", k)), x);
        } else {
            var attributes = new ArrayList<>(List.of(attribute("axis", axis)));
            if (draw.opset >= 11) {
                attributes.add(attribute("largest", draw.coin()));
            }
            draw.nodes("TopK", 2, attributes, x, draw.longs(k));
        }
    }
}
