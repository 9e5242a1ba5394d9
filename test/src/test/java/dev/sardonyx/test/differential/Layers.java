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

/** Draws models of one layer: convolutions, poolings, norms, recurrent nets, quantisation, resizing. */
final class Layers {
    static final Map<String, Family> FAMILIES = families();

    private Layers() {
    }

    private static Map<String, Family> families() {
        Map<String, Family> all = new LinkedHashMap<>();
        all.put("Conv", Layers::conv);
        all.put("ConvTranspose", Layers::convTranspose);
        for (String op : List.of("MaxPool", "AveragePool", "LpPool")) {
            all.put(op, draw -> pool(draw, op));
        }
        for (String op : List.of("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")) {
            all.put(op, draw -> draw.node(op, List.of(), draw.real(Shape.of(draw.upTo(1, 2), 3, draw.upTo(1, 5), draw.upTo(1, 4)), 0.2, 5)));
        }
        all.put("BatchNormalization", draw -> {
            int channels = draw.upTo(1, 4);
            Shape of = Shape.of(channels);
            draw.node("BatchNormalization", List.of(attribute("epsilon", 1e-3)), draw.real(Shape.of(2, channels, 3), -5, 5), draw.either(of, 0.5, 2),
                    draw.either(of, -1, 1), draw.either(of, -1, 1), draw.either(of, 0.3, 3));
        });
        all.put("InstanceNormalization", draw -> draw.node("InstanceNormalization", List.of(), draw.real(Shape.of(2, 3, 4, 3), -5, 5),
                draw.either(Shape.of(3), 0.5, 2), draw.either(Shape.of(3), -1, 1)));
        all.put("LayerNormalization", draw -> {
            int axis = draw.upTo(1, 2);
            Shape scale = axis == 1 ? Shape.of(3, 4) : Shape.of(4);
            draw.node("LayerNormalization", List.of(attribute("axis", draw.coin() ? axis : axis - 3)), draw.real(Shape.of(2, 3, 4), -5, 5),
                    draw.either(scale, 0.5, 2), draw.either(scale, -1, 1));
        });
        all.put("GroupNormalization", draw -> draw.node("GroupNormalization", List.of(attribute("num_groups", draw.one(1, 2, 4))),
                draw.real(Shape.of(2, 4, 3, 2), -5, 5), draw.either(Shape.of(4), 0.5, 2), draw.either(Shape.of(4), -1, 1)));
        all.put("LRN", draw -> draw.node("LRN", List.of(attribute("size", draw.one(1, 3, 5)), attribute("alpha", 0.01), attribute("bias", 1.5)),
                draw.real(Shape.of(1, 5, 2, 3), -5, 5)));
        all.put("LpNormalization", draw -> draw.node("LpNormalization", List.of(attribute("axis", draw.upTo(-1, 1)), attribute("p", draw.upTo(1, 2))),
                draw.real(Shape.of(3, 4), 0.2, 5)));
        all.put("Gelu", draw -> draw.node("Gelu", List.of(attribute("approximate", draw.one("none", "tanh"))), draw.real(draw.shape(0, 3), -6, 6)));
        for (String op : List.of("RNN", "GRU", "LSTM")) {
            all.put(op, draw -> recurrent(draw, op));
        }
        all.put("QuantizeLinear", Layers::quantize);
        all.put("DequantizeLinear", Layers::dequantize);
        all.put("Resize", Layers::resize);
        for (String op : List.of("HannWindow", "HammingWindow", "BlackmanWindow")) {
            all.put(op, draw -> {
                String window = draw.node(op, List.of(attribute("periodic", draw.coin())), draw.constant(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, 6)));
                draw.node("Mul", List.of(), draw.real(Shape.of(2, 6), -3, 3), window);
            });
        }
        all.put("DFT", draw -> draw.node("DFT", List.of(attribute("onesided", draw.coin())), draw.real(Shape.of(2, draw.upTo(2, 6), 1), -2, 2)));
        all.put("STFT", draw -> draw.node("STFT", List.of(), draw.real(Shape.of(1, 16, 1), -2, 2),
                draw.constant(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, 4)), "", draw.constant(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, 8))));
        all.put("Det", draw -> draw.node("Det", List.of(), draw.real(draw.one(Shape.of(2, 2), Shape.of(2, 3, 3)), -2, 2)));
        all.put("IsInf", draw -> draw.node("IsInf", List.of(attribute("detect_negative", draw.coin())), draw.real(draw.shape(0, 3), -5, 5)));
        all.put("SequenceErase", draw -> {
            String sequence = draw.node("SequenceConstruct", List.of(), draw.real(Shape.of(2), -5, 5), draw.real(Shape.of(2), -5, 5),
                    draw.real(Shape.of(2), -5, 5));
            String erased = draw.node("SequenceErase", List.of(), sequence, draw.constant(draw.wholes(ElementType.INT64, Shape.SCALAR, -3, 2)));
            draw.node("ConcatFromSequence", List.of(attribute("axis", 0)), erased);
        });
        all.put("ai.onnx.ml.FeatureVectorizer", draw -> draw.node("ai.onnx.ml.FeatureVectorizer", List.of(attribute("inputdimensions", new int[] {2, 3})),
                draw.real(Shape.of(2, 2), -5, 5), draw.real(Shape.of(2, 3), -5, 5)));
        all.put("ai.onnx.ml.Imputer", draw -> draw.node("ai.onnx.ml.Imputer", List.of(attribute("imputed_value_floats", new float[] {1.5f, 2, -1}),
                attribute("replaced_value_float", 3.0)), draw.input(draw.wholes(ElementType.INT32, Shape.of(4, 3), 1, 4).as(ElementType.FLOAT32))));
        all.put("ai.onnx.ml.OneHotEncoder", draw -> draw.node("ai.onnx.ml.OneHotEncoder", List.of(attribute("cats_int64s", new int[] {0, 1, 3}),
                attribute("zeros", 1)), draw.input(draw.wholes(ElementType.INT64, Shape.of(draw.upTo(1, 4)), 0, 4))));
        all.put("ai.onnx.ml.LabelEncoder", draw -> draw.node("ai.onnx.ml.LabelEncoder", List.of(attribute("keys_int64s", new int[] {0, 1, 3}),
                attribute("values_floats", new float[] {0.5f, -2, 7}), attribute("default_float", 9.0)),
                draw.input(draw.wholes(ElementType.INT64, Shape.of(draw.upTo(1, 4)), 0, 4))));
        all.put("Einsum", draw -> draw.node("Einsum", List.of(attribute("equation", draw.one("ij,jk->ik", "ij,jk", "ij,jk->ki", "ij,jk->", "ij,jk->j"))),
                draw.real(Shape.of(3, 4), -3, 3), draw.either(Shape.of(4, 2), -3, 3)));
        return all;
    }

    private static void conv(Draw draw) {
        int rank = draw.upTo(1, 3);
        int groups = draw.one(1, 1, 2);
        int in = groups * draw.upTo(1, 2);
        int out = groups * draw.upTo(1, 3);
        int[] spatial = IntStream.range(0, rank).map(i -> draw.upTo(4, 6)).toArray();
        int[] kernel = IntStream.range(0, rank).map(i -> draw.upTo(1, 3)).toArray();
        var attributes = new ArrayList<AttributeProto>(List.of(attribute("group", groups)));
        attributes.add(attribute("strides", IntStream.range(0, rank).map(i -> draw.upTo(1, 2)).toArray()));
        if (draw.random.nextInt(3) == 0) {
            attributes.add(attribute("auto_pad", draw.one("SAME_UPPER", "SAME_LOWER", "VALID")));
        } else {
            attributes.add(attribute("pads", IntStream.range(0, 2 * rank).map(i -> draw.upTo(0, 1)).toArray()));
            attributes.add(attribute("dilations", IntStream.range(0, rank).map(i -> draw.one(1, 1, 2)).toArray()));
        }
        var operands = new ArrayList<>(List.of(draw.real(channels(2, in, spatial), -2, 2), draw.either(channels(out, in / groups, kernel), -1, 1)));
        if (draw.coin()) {
            operands.add(draw.either(Shape.of(out), -1, 1));
        }
        draw.node("Conv", attributes, operands.toArray(String[]::new));
    }

    private static Shape channels(int first, int second, int[] spatial) {
        return Shape.of(IntStream.concat(IntStream.of(first, second), IntStream.of(spatial)).toArray());
    }

    private static void convTranspose(Draw draw) {
        int rank = draw.upTo(1, 2);
        int groups = draw.one(1, 1, 2);
        int in = groups * draw.upTo(1, 2);
        int each = draw.upTo(1, 2);
        int[] spatial = IntStream.range(0, rank).map(i -> draw.upTo(2, 4)).toArray();
        int[] kernel = IntStream.range(0, rank).map(i -> draw.upTo(2, 3)).toArray();
        int[] strides = IntStream.range(0, rank).map(i -> draw.upTo(1, 2)).toArray();
        var attributes = new ArrayList<AttributeProto>(List.of(attribute("group", groups), attribute("strides", strides),
                attribute("pads", IntStream.range(0, 2 * rank).map(i -> draw.upTo(0, 1)).toArray())));
        if (draw.coin()) {
            attributes.add(attribute("output_padding", IntStream.of(strides).map(stride -> stride - 1).toArray()));
        }
        draw.node("ConvTranspose", attributes, draw.real(channels(1, in, spatial), -2, 2), draw.either(channels(in, each, kernel), -1, 1));
    }

    private static void pool(Draw draw, String op) {
        int rank = draw.upTo(1, 3);
        int[] kernel = IntStream.range(0, rank).map(i -> draw.upTo(2, 3)).toArray();
        var attributes = new ArrayList<AttributeProto>(List.of(attribute("kernel_shape", kernel),
                attribute("strides", IntStream.range(0, rank).map(i -> draw.upTo(1, 2)).toArray())));
        if (draw.random.nextInt(3) == 0) {
            attributes.add(attribute("auto_pad", draw.one("SAME_UPPER", "SAME_LOWER", "VALID")));
        } else {
            attributes.add(attribute("pads", IntStream.range(0, 2 * rank).map(i -> draw.upTo(0, 1)).toArray()));
            if (draw.opset >= 10 && !op.equals("LpPool")) {
                attributes.add(attribute("ceil_mode", draw.coin()));
            }
        }
        if (op.equals("AveragePool")) {
            attributes.add(attribute("count_include_pad", draw.coin()));
        }
        if (op.equals("LpPool")) {
            attributes.add(attribute("p", draw.upTo(1, 2)));
        }
        draw.node(op, attributes, draw.real(channels(1, 2, IntStream.range(0, rank).map(i -> draw.upTo(4, 6)).toArray()), 0.1, 5));
    }

    private static void recurrent(Draw draw, String op) {
        int gates = op.equals("LSTM") ? 4 : op.equals("GRU") ? 3 : 1;
        String direction = draw.one("forward", "reverse", "bidirectional");
        int directions = direction.equals("bidirectional") ? 2 : 1;
        int steps = draw.upTo(1, 3);
        int hidden = draw.upTo(1, 3);
        var attributes = new ArrayList<>(List.of(attribute("hidden_size", hidden), attribute("direction", direction)));
        if (op.equals("GRU")) {
            attributes.add(attribute("linear_before_reset", draw.coin()));
        }
        var operands = new ArrayList<>(List.of(draw.real(Shape.of(steps, 2, 3), -2, 2), draw.either(Shape.of(directions, gates * hidden, 3), -1, 1),
                draw.either(Shape.of(directions, gates * hidden, hidden), -1, 1)));
        operands.add(draw.coin() ? "" : draw.either(Shape.of(directions, 2 * gates * hidden), -1, 1));
        operands.add("");
        operands.add(draw.coin() ? "" : draw.either(Shape.of(directions, 2, hidden), -1, 1));
        if (op.equals("LSTM")) {
            operands.add(draw.coin() ? "" : draw.either(Shape.of(directions, 2, hidden), -1, 1));
            operands.add(draw.coin() ? "" : draw.either(Shape.of(directions, 3 * hidden), -1, 1));
        }
        draw.nodes(op, op.equals("LSTM") ? 3 : 2, attributes, operands.toArray(String[]::new));
    }

    private static void quantize(Draw draw) {
        ElementType type = draw.one(ElementType.UINT8, ElementType.INT8);
        boolean perAxis = draw.opset >= 13 && draw.coin();
        Shape of = perAxis ? Shape.of(3) : Shape.SCALAR;
        int low = type == ElementType.UINT8 ? 0 : -20;
        Tensor zero = draw.wholes(type, of, low, 20);
        draw.node("QuantizeLinear", perAxis ? List.of(attribute("axis", draw.coin() ? 1 : -1)) : List.of(), draw.real(Shape.of(2, 3), -6, 6),
                draw.constant(draw.reals(of, 0.02, 0.3)), draw.constant(zero));
    }

    private static void dequantize(Draw draw) {
        ElementType type = draw.one(ElementType.UINT8, ElementType.INT8);
        boolean perAxis = draw.opset >= 13 && draw.coin();
        Shape of = perAxis ? Shape.of(3) : Shape.SCALAR;
        int low = type == ElementType.UINT8 ? 0 : -100;
        draw.node("DequantizeLinear", perAxis ? List.of(attribute("axis", 1)) : List.of(), draw.input(draw.wholes(type, Shape.of(2, 3), low, 100)),
                draw.constant(draw.reals(of, 0.02, 0.3)), draw.constant(draw.wholes(type, of, low, 100)));
    }

    private static void resize(Draw draw) {
        String mode = draw.opset < 11 ? draw.one("nearest", "linear") : draw.one("nearest", "linear", "cubic");
        String x = draw.real(Shape.of(1, 1, draw.upTo(2, 4), draw.upTo(2, 4)), -5, 5);
        Tensor scales = Tensor.ofFloats(Shape.of(4), 1, 1, draw.one(2f, 1f, 1.5f), draw.one(2f, 1f, 0.5f));
        if (draw.opset < 11) {
            draw.node("Resize", List.of(attribute("mode", mode)), x, draw.constant(scales));
            return;
        }
        var attributes = new ArrayList<>(List.of(attribute("mode", mode), attribute("coordinate_transformation_mode",
                draw.one("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"))));
        if (mode.equals("nearest")) {
            attributes.add(attribute("nearest_mode", draw.one("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")));
        }
        draw.node("Resize", attributes, x, draw.opset >= 13 ? "" : draw.constant(Tensor.ofFloats(Shape.of(0))), draw.constant(scales));
    }
}
