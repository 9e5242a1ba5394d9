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

/** Draws the rarer forms of layers and movements: attributes that the plain families leave at their defaults. */
final class Forms {
    static final Map<String, Family> FAMILIES = families();

    private record Since(String family, int opset) {
    }

    private static final List<Since> SINCE = List.of(new Since("Resize with sizes", 13), new Since("Resize along axes", 18), new Since("Pad along axes", 18),
            new Since("Split into parts", 18), new Since("AveragePool with dilations", 19), new Since("Reduction of nothing", 18), new Since("Attention with a past", 23),
            new Since("Attention with a boolean mask", 23), new Since("GridSample in space", 20), new Since("GridSample at secret places", 16),
            new Since("Einsum of many", 12), new Since("ScatterND", 16), new Since("ScatterElements with reduction", 18), new Since("AffineGrid", 20),
            new Since("Swish", 24), new Since("CastLike", 15), new Since("Trilu of all", 14), new Since("DFT along an axis", 17), new Since("GatherND in batches", 12),
            new Since("ReverseSequence", 10), new Since("Gathering at secret places", 11), new Since("MaxPool with dilations", 10), new Since("MeanVarianceNormalization", 13),
            new Since("Reshape to zero", 14), new Since("Shrink", 9), new Since("MaxUnpool", 9), new Since("Compress", 9), new Since("Slice of defaults", 10));

    private Forms() {
    }

    static int since(String family) {
        return SINCE.stream().filter(one -> one.family().equals(family)).mapToInt(Since::opset).findFirst().orElse(11);
    }

    private static Map<String, Family> families() {
        Map<String, Family> all = new LinkedHashMap<>();
        windows(all);
        moving(all);
        all.put("Resize with sizes", Forms::sizes);
        all.put("Resize along axes", Forms::resizeAxes);
        all.put("Recurrent of all kinds", Forms::recurrent);
        all.put("Attention with a past", draw -> attention(draw, true));
        all.put("Attention with a boolean mask", draw -> attention(draw, false));
        all.put("Einsum of many", draw -> draw.node("Einsum", List.of(attribute("equation", draw.one("bij,bjk,bk->bi", "bij,bjk,bk->b", "bij,bjk,bk->ki"))),
                draw.real(Shape.of(2, 3, 4), -2, 2), draw.either(Shape.of(2, 4, 2), -2, 2), draw.either(Shape.of(2, 2), -2, 2)));
        all.put("Einsum of one", draw -> draw.node("Einsum", List.of(attribute("equation", draw.one("ii->i", "ii", "ij->ji", "...j->...", "ij->j"))),
                draw.real(Shape.of(3, 3), -4, 4)));
        all.put("Reduction of nothing", draw -> draw.node(draw.one("ReduceSum", "ReduceSumSquare", "ReduceL1", "ReduceMax", "ReduceMean"),
                List.of(attribute("noop_with_empty_axes", draw.coin())), draw.real(draw.shape(1, 3), -3, 3), draw.longs()));
        all.put("Swish", draw -> draw.node("Swish", draw.coin() ? List.of() : List.of(attribute("alpha", 0.5 + draw.random.nextDouble())),
                draw.real(draw.shape(0, 3), -6, 6)));
        all.put("Shrink", draw -> draw.node("Shrink", List.of(attribute("lambd", 0.4), attribute("bias", draw.one(0.0, 0.3))), draw.real(draw.shape(0, 3), -2, 2)));
        for (String op : List.of("Sum", "Mean", "Max", "Min")) {
            all.put(op.equals("Sum") || op.equals("Mean") ? op : op + " of many", draw -> {
                Shape shape = draw.shape(1, 3);
                draw.node(op, List.of(), IntStream.range(0, draw.upTo(1, 4)).mapToObj(i -> draw.either(i == 0 ? shape : draw.broadcasting(shape), -4, 4))
                        .toArray(String[]::new));
            });
        }
        all.put("MeanVarianceNormalization", draw -> draw.node("MeanVarianceNormalization", draw.coin() ? List.of() : List.of(attribute("axes", new int[] {1, -1})),
                draw.real(Shape.of(2, 3, 3, 4), -3, 3)));
        all.put("AffineGrid", draw -> draw.node("AffineGrid", List.of(attribute("align_corners", draw.coin())), draw.either(Shape.of(2, 2, 3), -1, 1),
                draw.longs(2, 3, draw.upTo(2, 4), draw.upTo(2, 4))));
        all.put("GridSample in space", draw -> draw.node("GridSample", List.of(attribute("mode", draw.one("linear", "nearest")),
                attribute("padding_mode", draw.one("zeros", "border", "reflection")), attribute("align_corners", draw.coin())), draw.real(Shape.of(1, 2, 3, 2, 4), -3, 3),
                draw.constant(draw.reals(Shape.of(1, 2, 2, 2, 3), -1.2, 1.2))));
        all.put("GridSample at secret places", draw -> draw.node("GridSample", List.of(attribute("mode", draw.opset >= 20 ? "linear" : "bilinear"),
                attribute("padding_mode", draw.one("zeros", "border")), attribute("align_corners", draw.coin())), draw.real(Shape.of(1, 1, 3, 4), -3, 3),
                draw.real(Shape.of(1, 2, 2, 2), -1.2, 1.2)));
        all.put("DFT along an axis", Forms::transform);
        return all;
    }

    // ---- windows

    private static void windows(Map<String, Family> all) {
        all.put("ConvTranspose in other forms", Forms::convTranspose);
        all.put("MaxPool with dilations", draw -> draw.node("MaxPool", List.of(attribute("kernel_shape", new int[] {2, 3}), attribute("dilations", new int[] {draw.upTo(1, 2), 2}),
                attribute("ceil_mode", draw.coin()), attribute("strides", new int[] {draw.upTo(1, 2), 1})), draw.real(Shape.of(1, 2, 6, 7), -4, 4)));
        all.put("MaxPool with indices", draw -> draw.nodes("MaxPool", 2, List.of(attribute("kernel_shape", new int[] {2, 2}), attribute("strides", new int[] {draw.upTo(1, 2), 2}),
                attribute("storage_order", draw.coin()), attribute("pads", new int[] {draw.upTo(0, 1), 0, 0, 1})),
                draw.input(draw.wholes(ElementType.INT32, Shape.of(2, 2, 5, 4), -3, 3).as(ElementType.FLOAT32))));
        all.put("MaxUnpool", draw -> {
            List<String> pooled = draw.nodes("MaxPool", 2, List.of(attribute("kernel_shape", new int[] {2, 2}), attribute("strides", new int[] {2, 2})),
                    draw.constant(draw.reals(Shape.of(1, 1, 4, 4), -4, 4)));
            draw.node("MaxUnpool", List.of(attribute("kernel_shape", new int[] {2, 2}), attribute("strides", new int[] {2, 2})), draw.real(Shape.of(1, 1, 2, 2), -4, 4),
                    pooled.get(1));
        });
        all.put("AveragePool with dilations", draw -> draw.node("AveragePool", List.of(attribute("kernel_shape", new int[] {2, 3}), attribute("dilations", new int[] {2, draw.upTo(1, 2)}),
                attribute("pads", new int[] {draw.upTo(0, 1), 0, 1, draw.upTo(0, 1)}), attribute("count_include_pad", draw.coin()), attribute("ceil_mode", draw.coin())),
                draw.real(Shape.of(1, 2, 6, 7), -4, 4)));
        all.put("LpPool of other powers", draw -> draw.node("LpPool", List.of(attribute("kernel_shape", new int[] {2, 2}), attribute("p", draw.upTo(1, 4))),
                draw.real(Shape.of(1, 2, 4, 4), 0.2, 2)));
    }

    private static void convTranspose(Draw draw) {
        var attributes = new ArrayList<AttributeProto>();
        int stride = draw.upTo(1, 3);
        attributes.add(attribute("strides", new int[] {stride, stride}));
        switch (draw.upTo(0, 2)) {
            case 0 -> attributes.add(attribute("auto_pad", draw.one("SAME_UPPER", "SAME_LOWER", "VALID")));
            case 1 -> attributes.add(attribute("output_shape", new int[] {stride * 3, stride * 4}));
            default -> attributes.add(attribute("dilations", new int[] {2, draw.upTo(1, 2)}));
        }
        draw.node("ConvTranspose", attributes, draw.real(Shape.of(1, 2, 3, 4), -2, 2), draw.either(Shape.of(2, 2, 3, 3), -1, 1), draw.either(Shape.of(2), -1, 1));
    }

    private static void sizes(Draw draw) {
        String mode = draw.one("nearest", "linear", "cubic");
        var attributes = new ArrayList<>(List.of(attribute("mode", mode), attribute("coordinate_transformation_mode",
                draw.one("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "tf_crop_and_resize"))));
        if (mode.equals("cubic")) {
            attributes.add(attribute("cubic_coeff_a", draw.one(-0.75, -0.5)));
            attributes.add(attribute("exclude_outside", draw.coin()));
        }
        attributes.add(attribute("extrapolation_value", 2.5));
        // Extents change: ONNX Runtime crops no axis that keeps its own.
        int height = draw.upTo(2, 5);
        int width = draw.upTo(2, 5);
        draw.node("Resize", attributes, draw.real(Shape.of(1, 1, height, width), -5, 5),
                draw.constant(Tensor.ofFloats(Shape.of(8), 0, 0, 0.25f, draw.one(0.125f, -0.25f), 1, 1, draw.one(0.75f, 1.25f), 1)), "",
                draw.longs(1, 1, height + draw.one(-1, 1, 2), width + draw.one(-1, 1, 3)));
    }

    private static void resizeAxes(Draw draw) {
        String mode = draw.one("linear", "cubic");
        draw.node("Resize", List.of(attribute("mode", mode), attribute("axes", new int[] {2, 3}), attribute("antialias", draw.coin()),
                attribute("keep_aspect_ratio_policy", draw.one("stretch", "not_larger", "not_smaller"))), draw.real(Shape.of(1, 2, draw.upTo(3, 6), draw.upTo(3, 6)), -5, 5),
                "", "", draw.longs(draw.upTo(2, 7), draw.upTo(2, 7)));
    }

    // ---- movements

    private static void moving(Map<String, Family> all) {
        all.put("Pad along axes", draw -> {
            String mode = draw.opset >= 19 ? draw.one("constant", "reflect", "edge", "wrap") : draw.one("constant", "reflect", "edge");
            draw.node("Pad", List.of(attribute("mode", mode)), draw.real(Shape.of(3, 4, 3), -5, 5), draw.longs(draw.upTo(0, 2), draw.upTo(0, 2), draw.upTo(0, 2), draw.upTo(0, 2)),
                    mode.equals("constant") && draw.coin() ? draw.constant(draw.reals(Shape.SCALAR, -2, 2)) : "", draw.longs(-1, draw.upTo(0, 1)));
        });
        all.put("Split into parts", draw -> {
            int parts = draw.upTo(1, 4);
            draw.nodes("Split", parts, List.of(attribute("num_outputs", parts), attribute("axis", draw.one(0, -2))), draw.real(Shape.of(draw.upTo(4, 7), 3), -5, 5));
        });
        all.put("Slice of defaults", draw -> draw.node("Slice", List.of(), draw.real(Shape.of(4, 5, 2), -5, 5), draw.longs(draw.upTo(-5, 4), draw.upTo(-6, 5)),
                draw.longs(draw.upTo(-5, 4), draw.upTo(-6, 5))));
        all.put("Reshape to zero", draw -> draw.node("Reshape", List.of(attribute("allowzero", 1)), draw.real(Shape.of(0, 3), -1, 1), draw.longs(draw.upTo(1, 4), 0)));
        all.put("Trilu of all", draw -> draw.node("Trilu", List.of(attribute("upper", draw.coin())), draw.real(Shape.of(draw.upTo(1, 4), draw.upTo(1, 4)), -5, 5)));
        all.put("CastLike", draw -> draw.node("CastLike", List.of(), draw.real(draw.shape(1, 3), -9, 9),
                draw.constant(draw.wholes(draw.one(ElementType.INT32, ElementType.INT64, ElementType.BOOL), Shape.of(1), 0, 1))));
        all.put("Compress", draw -> draw.node("Compress", List.of(attribute("axis", draw.one(0, 1))), draw.real(Shape.of(4, 4), -5, 5),
                draw.constant(draw.wholes(ElementType.BOOL, Shape.of(draw.upTo(2, 4)), 0, 1))));
        all.put("ReverseSequence", draw -> {
            int time = draw.upTo(0, 1);
            draw.node("ReverseSequence", List.of(attribute("time_axis", time), attribute("batch_axis", 1 - time)), draw.real(Shape.of(4, 4, 2), -5, 5),
                    draw.constant(draw.wholes(ElementType.INT64, Shape.of(4), 1, 4)));
        });
        all.put("Gathering at secret places", draw -> {
            boolean elements = draw.coin();
            String data = draw.either(Shape.of(4, 3), -5, 5);
            draw.node(elements ? "GatherElements" : "GatherND", List.of(), data, draw.input(draw.wholes(ElementType.INT64, elements ? Shape.of(2, 3) : Shape.of(3, 1), -4, 3)));
        });
        all.put("GatherND in batches", draw -> draw.node("GatherND", List.of(attribute("batch_dims", 1)), draw.real(Shape.of(2, 3, 4), -5, 5),
                draw.constant(draw.wholes(ElementType.INT64, draw.one(Shape.of(2, 1), Shape.of(2, 2, 1), Shape.of(2, 2)), -3, 2))));
        all.put("ScatterND", draw -> {
            Tensor places = draw.wholes(ElementType.INT64, Shape.of(3, 1), -4, 3);
            String reduction = reduction(draw);
            Tensor apart = reduction.equals("none") ? Tensor.ofLongs(ElementType.INT64, Shape.of(3, 1), 2, 0, -1) : places;
            draw.node("ScatterND", List.of(attribute("reduction", reduction)), draw.real(Shape.of(4, 3), -2, 2), draw.coin() ? draw.input(apart) : draw.constant(apart),
                    draw.either(Shape.of(3, 3), -2, 2));
        });
        all.put("ScatterElements with reduction", draw -> {
            Tensor places = draw.wholes(ElementType.INT64, Shape.of(2, 3), -4, 3);
            String reduction = draw.one("add", "mul", "min", "max");
            draw.node("ScatterElements", List.of(attribute("reduction", reduction)), draw.real(Shape.of(4, 3), -2, 2), draw.coin() ? draw.input(places) : draw.constant(places),
                    draw.either(Shape.of(2, 3), -2, 2));
        });
    }

    private static String reduction(Draw draw) {
        return draw.opset >= 18 ? draw.one("none", "add", "mul", "min", "max") : draw.one("none", "add", "mul");
    }

    // ---- layers

    private static void recurrent(Draw draw) {
        String op = draw.one("RNN", "GRU", "LSTM");
        int gates = op.equals("LSTM") ? 4 : op.equals("GRU") ? 3 : 1;
        int hidden = 2;
        var names = switch (op) {
            case "LSTM" -> List.of(draw.one("Sigmoid", "HardSigmoid"), draw.one("Tanh", "Softsign", "Relu"), draw.one("Tanh", "Affine"));
            case "GRU" -> List.of(draw.one("Sigmoid", "HardSigmoid"), draw.one("Tanh", "Softsign", "LeakyRelu"));
            default -> List.of(draw.one("Tanh", "Relu", "Softplus", "Elu", "ScaledTanh"));
        };
        var attributes = new ArrayList<>(List.of(attribute("hidden_size", hidden), strings("activations", names)));
        if (names.contains("Affine") || names.contains("ScaledTanh")) {
            boolean sigmoid = names.contains("HardSigmoid");
            attributes.add(attribute("activation_alpha", sigmoid ? new float[] {0.2f, 0.7f} : new float[] {0.7f}));
            attributes.add(attribute("activation_beta", sigmoid ? new float[] {0.5f, 0.3f} : new float[] {0.3f}));
        }
        if (draw.coin()) {
            attributes.add(attribute("clip", 0.8));
        }
        if (op.equals("LSTM") && draw.coin()) {
            attributes.add(attribute("input_forget", 1));
        }
        int steps = draw.upTo(2, 3);
        Tensor lengths = draw.wholes(ElementType.INT32, Shape.of(2), 1, steps);
        draw.nodes(op, op.equals("LSTM") ? 3 : 2, attributes, draw.real(Shape.of(steps, 2, 3), -1, 1), draw.either(Shape.of(1, gates * hidden, 3), -1, 1),
                draw.either(Shape.of(1, gates * hidden, hidden), -1, 1), draw.either(Shape.of(1, 2 * gates * hidden), -1, 1), draw.coin() ? "" : draw.constant(lengths));
    }

    private static AttributeProto strings(String name, List<String> values) {
        var attribute = AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRINGS);
        values.forEach(value -> attribute.addStrings(com.google.protobuf.ByteString.copyFromUtf8(value)));
        return attribute.build();
    }

    private static void attention(Draw draw, boolean past) {
        int heads = draw.one(1, 2);
        int size = draw.one(2, 4);
        int queries = draw.upTo(1, 3);
        int before = past ? draw.upTo(1, 3) : 0;
        int keys = queries + before;
        var attributes = new ArrayList<AttributeProto>();
        if (draw.coin()) {
            attributes.add(attribute("is_causal", 1));
        }
        int mode = draw.upTo(0, 3);
        boolean infinite = mode == 2 || mode == 1;
        attributes.add(attribute("qk_matmul_output_mode", infinite ? 0 : mode));
        var operands = new ArrayList<>(List.of(draw.real(Shape.of(2, heads, queries, size), -2, 2), draw.real(Shape.of(2, heads, queries, size), -2, 2),
                draw.either(Shape.of(2, heads, queries, size), -2, 2)));
        // The first key may be attended by every query.
        long[] mask = IntStream.range(0, queries * keys).mapToLong(i -> i % keys == 0 ? 1 : draw.upTo(0, 1)).toArray();
        Tensor allowed = Tensor.ofLongs(ElementType.BOOL, Shape.of(queries, keys), mask);
        operands.add(past && draw.coin() ? "" : draw.coin() ? draw.input(allowed) : draw.constant(allowed));
        if (past) {
            operands.add(draw.real(Shape.of(2, heads, before, size), -2, 2));
            operands.add(draw.real(Shape.of(2, heads, before, size), -2, 2));
        }
        draw.nodes("Attention", 4, attributes, operands.toArray(String[]::new));
    }

    private static void transform(Draw draw) {
        boolean inverse = draw.coin();
        String x = draw.real(Shape.of(2, 4, draw.upTo(2, 5), inverse ? 2 : draw.upTo(1, 2)), -2, 2);
        if (draw.opset >= 20) {
            draw.node("DFT", List.of(attribute("inverse", inverse)), x, "", draw.constant(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, draw.upTo(1, 2))));
        } else {
            draw.node("DFT", List.of(attribute("inverse", inverse), attribute("axis", draw.upTo(1, 2))), x);
        }
    }
}
