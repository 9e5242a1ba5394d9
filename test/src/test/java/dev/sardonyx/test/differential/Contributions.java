package dev.sardonyx.test.differential;

import static dev.sardonyx.test.differential.Draw.attribute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.test.differential.Operators.Family;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Draws models of what ONNX Runtime's optimiser and quantiser write, and of losses, bits and optional values. */
final class Contributions {
    static final Map<String, Family> FAMILIES = families();

    private Contributions() {
    }

    private static Map<String, Family> families() {
        Map<String, Family> all = new LinkedHashMap<>();
        all.put("NegativeLogLikelihoodLoss", draw -> loss(draw, "NegativeLogLikelihoodLoss", 1));
        all.put("SoftmaxCrossEntropyLoss", draw -> loss(draw, "SoftmaxCrossEntropyLoss", 2));
        all.put("CumProd", draw -> {
            Shape shape = Shape.of(draw.upTo(1, 3), draw.upTo(1, 5));
            draw.node("CumProd", List.of(attribute("exclusive", draw.coin()), attribute("reverse", draw.coin())), draw.real(shape, -2, 2),
                    draw.constant(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, draw.axis(2))));
        });
        all.put("BitShift", draw -> {
            ElementType type = draw.one(ElementType.UINT8, ElementType.UINT8);
            Shape shape = draw.shape(1, 3);
            draw.node("BitShift", List.of(attribute("direction", draw.one("LEFT", "RIGHT"))), draw.input(draw.anyWholes(type, shape)),
                    draw.constant(draw.wholes(type, shape, 0, 7)));
        });
        all.put("BitwiseNot", draw -> draw.node("BitwiseNot", List.of(), draw.input(draw.anyWholes(
                draw.one(ElementType.INT32, ElementType.UINT8, ElementType.INT8), draw.shape(0, 3)))));
        all.put("DynamicSlice", draw -> draw.node("DynamicSlice", List.of(), draw.real(Shape.of(4, 5, 3), -3, 3), draw.longs(draw.upTo(0, 2), draw.upTo(-3, 0)),
                draw.longs(draw.upTo(3, 9), draw.upTo(1, 4)), draw.longs(1, 0)));
        for (String op : List.of("Optional", "OptionalHasElement", "OptionalGetElement")) {
            all.put(op, Contributions::optional);
        }
        contributed(all, "Gelu", draw -> draw.real(draw.shape(0, 3), -6, 6));
        contributed(all, "QuickGelu", draw -> draw.real(draw.shape(1, 3), -6, 6));
        for (String op : List.of("BiasGelu", "FastGelu")) {
            all.put("com.microsoft." + op, draw -> {
                Shape shape = Shape.of(draw.upTo(1, 3), draw.upTo(1, 5));
                draw.node("com.microsoft." + op, List.of(), draw.real(shape, -5, 5), draw.either(Shape.of(shape.dim(1)), -1, 1));
            });
        }
        all.put("com.microsoft.FusedMatMul", Contributions::matMul);
        all.put("com.microsoft.FusedGemm", Contributions::gemm);
        all.put("com.microsoft.FusedConv", Contributions::conv);
        all.put("com.microsoft.SkipLayerNormalization", draw -> skip(draw, true));
        all.put("com.microsoft.SkipSimplifiedLayerNormalization", draw -> skip(draw, false));
        all.put("SimplifiedLayerNormalization", draw -> draw.node("SimplifiedLayerNormalization", List.of(attribute("axis", -1), attribute("epsilon", 1e-3)),
                draw.real(Shape.of(2, 3, 4), -4, 4), draw.either(Shape.of(4), -2, 2)));
        all.put("com.microsoft.EmbedLayerNormalization", Contributions::embed);
        all.put("com.microsoft.Attention", Contributions::attention);
        integers(all);
        return all;
    }

    private static void contributed(Map<String, Family> all, String op, java.util.function.Function<Draw, String> operand) {
        all.put("com.microsoft." + op, draw -> draw.node("com.microsoft." + op, List.of(), operand.apply(draw)));
    }

    private static void loss(Draw draw, String op, int outputs) {
        int classes = draw.upTo(2, 5);
        int[] rest = IntStream.range(0, draw.upTo(0, 2)).map(i -> draw.upTo(1, 3)).toArray();
        int samples = draw.upTo(1, 3);
        Shape shape = Shape.of(IntStream.concat(IntStream.of(samples, classes), IntStream.of(rest)).toArray());
        Shape labels = Shape.of(IntStream.concat(IntStream.of(samples), IntStream.of(rest)).toArray());
        var attributes = new ArrayList<>(List.of(attribute("reduction", draw.one("none", "sum", "mean"))));
        Tensor classOf = draw.wholes(ElementType.INT64, labels, 0, classes - 1);
        int ignored = draw.one(classes - 1, -100);
        if (draw.coin()) {
            attributes.add(attribute("ignore_index", ignored));
            // One sample at least counts: the mean over none is no number.
            long[] some = IntStream.range(0, classOf.size()).mapToLong(i -> i == 0 ? 0 : draw.random.nextInt(3) == 0 ? ignored : classOf.getLong(i)).toArray();
            finish(draw, op, outputs, attributes, draw.real(shape, -3, 0), draw.input(Tensor.ofLongs(ElementType.INT64, labels, some)), classes);
        } else {
            finish(draw, op, outputs, attributes, draw.real(shape, -3, 0), draw.input(classOf), classes);
        }
    }

    private static void finish(Draw draw, String op, int outputs, List<AttributeProto> attributes, String scores, String labels, int classes) {
        if (draw.coin()) {
            draw.nodes(op, outputs, attributes, scores, labels, draw.either(Shape.of(classes), 0.3, 2));
        } else {
            draw.nodes(op, outputs, attributes, scores, labels);
        }
    }

    private static void optional(Draw draw) {
        String x = draw.real(Shape.of(2), -3, 3);
        String wrapped = draw.node("Optional", List.of(), x);
        String there = draw.node("OptionalHasElement", List.of(), wrapped);
        draw.node("Where", List.of(), there, draw.node("OptionalGetElement", List.of(), wrapped), draw.real(Shape.of(2), 4, 5));
    }

    // ---- fusions

    private static void matMul(Draw draw) {
        int inner = draw.upTo(1, 4);
        boolean a = draw.coin();
        boolean b = draw.coin();
        draw.node("com.microsoft.FusedMatMul", List.of(attribute("transA", a), attribute("transB", b), attribute("alpha", draw.one(1.0, 0.25, -2.0))),
                draw.real(a ? Shape.of(2, inner, 3) : Shape.of(2, 3, inner), -2, 2), draw.either(b ? Shape.of(2, inner) : Shape.of(inner, 2), -2, 2));
    }

    private static void gemm(Draw draw) {
        String activation = draw.one("Relu", "Tanh", "Sigmoid", "LeakyRelu");
        var attributes = new ArrayList<>(List.of(attribute("activation", activation), attribute("transB", true)));
        if (activation.equals("LeakyRelu")) {
            attributes.add(attribute("activation_alpha", 0.3));
        }
        draw.node("com.microsoft.FusedGemm", attributes, draw.real(Shape.of(2, 3), -2, 2), draw.either(Shape.of(4, 3), -1, 1), draw.either(Shape.of(4), -1, 1));
    }

    private static void conv(Draw draw) {
        String activation = draw.one("Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid");
        var attributes = new ArrayList<>(List.of(attribute("activation", activation), attribute("pads", new int[] {1, 1, 1, 1})));
        switch (activation) {
            case "LeakyRelu" -> attributes.add(attribute("activation_params", new float[] {0.2f}));
            case "Clip" -> attributes.add(attribute("activation_params", new float[] {-0.5f, 1.5f}));
            case "HardSigmoid" -> attributes.add(attribute("activation_params", new float[] {0.25f, 0.4f}));
            default -> {
            }
        }
        draw.node("com.microsoft.FusedConv", attributes, draw.real(Shape.of(1, 2, 4, 4), -2, 2), draw.either(Shape.of(3, 2, 3, 3), -0.5, 0.5),
                draw.either(Shape.of(3), -1, 1));
    }

    private static void skip(Draw draw, boolean full) {
        Shape shape = Shape.of(2, draw.upTo(1, 3), 4);
        Shape row = Shape.of(4);
        var operands = new ArrayList<>(List.of(draw.real(shape, -3, 3), draw.real(shape, -3, 3), draw.either(row, 0.5, 2)));
        if (full) {
            operands.add(draw.coin() ? "" : draw.either(row, -1, 1));
        }
        if (draw.coin()) {
            operands.add(draw.either(row, -1, 1));
        }
        draw.node("com.microsoft.Skip" + (full ? "" : "Simplified") + "LayerNormalization", List.of(attribute("epsilon", 1e-3)), operands.toArray(String[]::new));
    }

    private static void embed(Draw draw) {
        int length = draw.upTo(1, 4);
        Shape ids = Shape.of(2, length);
        Tensor words = draw.wholes(ElementType.INT32, ids, 0, 5);
        boolean segments = draw.coin();
        draw.nodes("com.microsoft.EmbedLayerNormalization", 2, List.of(attribute("epsilon", 1e-3)), draw.input(words),
                segments ? draw.input(draw.wholes(ElementType.INT32, ids, 0, 1)) : "", draw.either(Shape.of(6, 4), -2, 2), draw.either(Shape.of(5, 4), -2, 2),
                segments ? draw.either(Shape.of(2, 4), -2, 2) : "", draw.either(Shape.of(4), 0.5, 2), draw.either(Shape.of(4), -1, 1));
    }

    private static void attention(Draw draw) {
        int heads = draw.upTo(1, 2);
        int length = draw.upTo(1, 4);
        int size = 2 * heads;
        var attributes = new ArrayList<>(List.of(attribute("num_heads", heads)));
        if (draw.coin()) {
            attributes.add(attribute("unidirectional", 1));
        }
        var operands = new ArrayList<>(List.of(draw.real(Shape.of(2, length, 3), -2, 2), draw.either(Shape.of(3, 3 * size), -1, 1),
                draw.either(Shape.of(3 * size), -1, 1)));
        switch (draw.upTo(0, 2)) {
            case 0 -> operands.add(draw.input(Tensor.ofLongs(ElementType.INT32, Shape.of(2), draw.upTo(1, length), draw.upTo(1, length))));
            case 1 -> {
                // The first key may always be attended.
                long[] mask = IntStream.range(0, 2 * length).mapToLong(i -> i % length == 0 ? 1 : draw.upTo(0, 1)).toArray();
                operands.add(draw.input(Tensor.ofLongs(ElementType.INT32, Shape.of(2, length), mask)));
            }
            default -> {
            }
        }
        draw.node("com.microsoft.Attention", attributes, operands.toArray(String[]::new));
    }

    // ---- integers; scales are powers of two, so that a half is one in any arithmetic

    private static void integers(Map<String, Family> all) {
        all.put("com.microsoft.QuantizeLinear", draw -> draw.node("com.microsoft.QuantizeLinear", List.of(), draw.real(Shape.of(2, 3), -6, 6), scale(draw),
                zero(draw, ElementType.UINT8)));
        all.put("com.microsoft.DequantizeLinear", draw -> draw.node("com.microsoft.DequantizeLinear", List.of(),
                draw.input(draw.anyWholes(ElementType.INT8, Shape.of(2, 3))), scale(draw), zero(draw, ElementType.INT8)));
        for (String op : List.of("QLinearAdd", "QLinearMul")) {
            all.put("com.microsoft." + op, draw -> {
                ElementType type = draw.one(ElementType.UINT8, ElementType.INT8);
                draw.node("com.microsoft." + op, List.of(), draw.input(draw.anyWholes(type, Shape.of(3, 4))), scale(draw), zero(draw, type),
                        draw.input(draw.anyWholes(type, draw.one(Shape.of(3, 4), Shape.of(4)))), scale(draw), zero(draw, type), scale(draw), zero(draw, type));
            });
        }
        for (String op : List.of("QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", "QLinearGlobalAveragePool", "QLinearAveragePool")) {
            all.put("com.microsoft." + op, draw -> one(draw, op));
        }
        all.put("com.microsoft.QLinearConcat", draw -> {
            ElementType type = draw.one(ElementType.UINT8, ElementType.INT8);
            draw.node("com.microsoft.QLinearConcat", List.of(attribute("axis", 1)), scale(draw), zero(draw, type),
                    draw.input(draw.anyWholes(type, Shape.of(2, 3))), scale(draw), zero(draw, type), draw.input(draw.anyWholes(type, Shape.of(2, 1))), scale(draw),
                    zero(draw, type));
        });
        all.put("com.microsoft.QGemm", Contributions::integerGemm);
        all.put("com.microsoft.MatMulIntegerToFloat", draw -> draw.node("com.microsoft.MatMulIntegerToFloat", List.of(),
                draw.input(draw.anyWholes(ElementType.UINT8, Shape.of(2, 3))), draw.constant(draw.wholes(ElementType.INT8, Shape.of(3, 4), -60, 60)), scale(draw),
                scale(draw), zero(draw, ElementType.UINT8), zero(draw, ElementType.INT8), draw.either(Shape.of(4), -1, 1)));
        all.put("com.microsoft.DynamicQuantizeMatMul", draw -> draw.node("com.microsoft.DynamicQuantizeMatMul", List.of(),
                draw.input(Tensor.ofFloats(Shape.of(2, 3), 0, 255, draw.upTo(1, 254), draw.upTo(1, 254), draw.upTo(1, 254), draw.upTo(1, 254))),
                draw.constant(draw.wholes(ElementType.UINT8, Shape.of(3, 4), 0, 255)), scale(draw), zero(draw, ElementType.UINT8), draw.either(Shape.of(4), -1, 1)));
    }

    private static String scale(Draw draw) {
        return draw.constant(Tensor.ofFloats(Shape.SCALAR, draw.one(0.125f, 0.0625f, 0.03125f)));
    }

    private static String zero(Draw draw, ElementType type) {
        return draw.constant(draw.wholes(type, Shape.SCALAR, type == ElementType.UINT8 ? 0 : -20, 120));
    }

    private static void one(Draw draw, String op) {
        ElementType type = draw.one(ElementType.UINT8, ElementType.INT8);
        boolean pools = op.endsWith("AveragePool");
        Shape shape = pools ? Shape.of(1, 2, 4, 4) : Shape.of(2, 5);
        List<AttributeProto> attributes = switch (op) {
            case "QLinearLeakyRelu" -> List.of(attribute("alpha", 0.25));
            case "QLinearSoftmax" -> List.of(attribute("axis", -1), attribute("opset", 13));
            case "QLinearAveragePool" -> List.of(attribute("kernel_shape", new int[] {2, 2}), attribute("strides", new int[] {2, 2}));
            default -> List.of();
        };
        // An average of sixteen has sixteenths: its output's scale is as fine as that.
        draw.node("com.microsoft." + op, attributes, draw.input(draw.anyWholes(type, shape)), scale(draw), zero(draw, type),
                op.equals("QLinearSoftmax") || op.equals("QLinearSigmoid") ? draw.constant(Tensor.ofFloats(Shape.SCALAR, 1 / 256f)) : scale(draw), zero(draw, type));
    }

    private static void integerGemm(Draw draw) {
        boolean turned = draw.coin();
        var operands = new ArrayList<>(List.of(draw.input(draw.anyWholes(ElementType.UINT8, Shape.of(2, 3))), scale(draw), zero(draw, ElementType.UINT8),
                draw.constant(draw.wholes(ElementType.INT8, turned ? Shape.of(4, 3) : Shape.of(3, 4), -60, 60)), scale(draw), zero(draw, ElementType.INT8),
                draw.constant(draw.wholes(ElementType.INT32, Shape.of(4), -500, 500))));
        if (draw.coin()) {
            operands.add(draw.constant(Tensor.ofFloats(Shape.SCALAR, 1)));
            operands.add(zero(draw, ElementType.UINT8));
        }
        draw.node("com.microsoft.QGemm", List.of(attribute("transB", turned)), operands.toArray(String[]::new));
    }

    /** The least operator-set version that a family is drawn at. */
    static int since(String op) {
        return switch (op) {
            case "CumProd" -> 26;
            case "Optional", "OptionalHasElement", "OptionalGetElement", "BitwiseNot" -> 18;
            case "BitShift" -> 11;
            case "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss" -> 12;
            default -> 14;
        };
    }
}
