package dev.sardonyx.test.differential;

import static dev.sardonyx.test.differential.Draw.attribute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.AttributeProto.AttributeType;
import dev.sardonyx.test.differential.Operators.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Draws models on integers and booleans, quantised ones among them, and classical models. */
final class Integers {
    static final Map<String, Family> FAMILIES = families();

    private Integers() {
    }

    static int since(String family) {
        return switch (family) {
            case "Reduction of integers", "Power of integers", "TopK of integers", "Extremes of integers", "Clip of integers", "Selection of integers" -> 13;
            case "Movement of integers" -> 14;
            default -> 11;
        };
    }

    private static Map<String, Family> families() {
        Map<String, Family> all = new LinkedHashMap<>();
        for (String op : List.of("And", "Or", "Xor")) {
            all.put(op, draw -> {
                Shape shape = draw.shape(0, 3);
                draw.node(op, List.of(), bits(draw, shape), bits(draw, draw.broadcasting(shape)));
            });
        }
        all.put("Not", draw -> draw.node("Not", List.of(), bits(draw, draw.shape(0, 3))));
        all.put("Equal of bits", draw -> {
            Shape shape = draw.shape(0, 3);
            draw.node("Equal", List.of(), bits(draw, shape), bits(draw, draw.broadcasting(shape)));
        });
        all.put("Mod of both signs", draw -> {
            Shape shape = draw.shape(0, 3);
            long[] divisors = IntStream.range(0, shape.size()).mapToLong(i -> draw.upTo(1, 9) * (draw.coin() ? 1 : -1)).toArray();
            draw.node("Mod", List.of(attribute("fmod", draw.coin())), whole(draw, shape, -40, 40), draw.input(Tensor.ofLongs(ElementType.INT32, shape, divisors)));
        });
        all.put("Mod of reals", draw -> {
            Shape shape = draw.shape(0, 3);
            draw.node("Mod", List.of(attribute("fmod", 1)), draw.real(shape, -9, 9), draw.either(shape, 1, 5));
        });
        all.put("Div of both signs", draw -> {
            Shape shape = draw.shape(0, 3);
            long[] divisors = IntStream.range(0, shape.size()).mapToLong(i -> draw.upTo(1, 9) * (draw.coin() ? 1 : -1)).toArray();
            Tensor divisor = Tensor.ofLongs(ElementType.INT32, shape, divisors);
            draw.node("Div", List.of(), whole(draw, shape, -1000, 1000), draw.coin() ? draw.input(divisor) : draw.constant(divisor));
        });
        all.put("Power of integers", draw -> {
            Shape shape = draw.shape(0, 3);
            draw.node("Pow", List.of(), whole(draw, shape, -6, 6), draw.constant(draw.wholes(ElementType.INT32, draw.one(Shape.SCALAR, shape), 0, 4)));
        });
        all.put("Reduction of integers", draw -> draw.node(draw.one("ReduceSum", "ReduceMax", "ReduceMin", "ReduceMean", "ReduceProd", "ReduceSumSquare", "ReduceL1"),
                List.of(), whole(draw, Shape.of(draw.upTo(1, 3), draw.upTo(1, 4)), -9, 9)));
        all.put("TopK of integers", draw -> draw.nodes("TopK", 2, List.of(attribute("largest", draw.coin())), draw.input(draw.wholes(ElementType.INT64, Shape.of(3, 6), -3, 3)),
                draw.longs(draw.upTo(1, 6))));
        all.put("Extremes of integers", draw -> draw.node(draw.one("Max", "Min"), List.of(), whole(draw, Shape.of(3, 4), -9, 9), whole(draw, Shape.of(4), -9, 9)));
        all.put("Clip of integers", draw -> draw.node("Clip", List.of(), whole(draw, draw.shape(0, 3), -9, 9), draw.constant(Tensor.ofLongs(ElementType.INT32, Shape.SCALAR, draw.upTo(-5, 3))),
                draw.constant(Tensor.ofLongs(ElementType.INT32, Shape.SCALAR, draw.upTo(-3, 5)))));
        all.put("Selection of integers", draw -> draw.node("Where", List.of(), bits(draw, Shape.of(3, 1)), whole(draw, Shape.of(3, 4), -9, 9), whole(draw, Shape.of(4), -9, 9)));
        all.put("CumSum of integers", draw -> draw.node("CumSum", List.of(attribute("exclusive", draw.coin())), whole(draw, Shape.of(3, 4), -9, 9),
                draw.constant(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, draw.upTo(-2, 1)))));
        all.put("Movement of integers", draw -> draw.node("Pad", List.of(), whole(draw, Shape.of(2, 3), -9, 9), draw.longs(0, 1, 2, 0),
                draw.constant(Tensor.ofLongs(ElementType.INT32, Shape.SCALAR, 7))));
        all.put("Cast between integers", draw -> draw.node("Cast", List.of(attribute("to", draw.one(1L, 2L, 3L, 6L, 7L, 9L))), draw.input(draw.anyWholes(
                draw.one(ElementType.INT32, ElementType.UINT8, ElementType.INT8), draw.shape(0, 3)))));
        quantised(all);
        classical(all);
        return all;
    }

    private static String bits(Draw draw, Shape shape) {
        return draw.input(draw.wholes(ElementType.BOOL, shape, 0, 1));
    }

    private static String whole(Draw draw, Shape shape, int low, int high) {
        Tensor tensor = draw.wholes(ElementType.INT32, shape, low, high);
        return draw.random.nextInt(4) == 0 ? draw.constant(tensor) : draw.input(tensor);
    }

    // ---- quantised

    private static String scale(Draw draw, Shape shape) {
        float[] scales = new float[shape.size()];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = draw.one(0.125f, 0.0625f, 0.03125f);
        }
        return draw.constant(Tensor.ofFloats(shape, scales));
    }

    private static void quantised(Map<String, Family> all) {
        all.put("DynamicQuantizeLinear", draw -> draw.nodes("DynamicQuantizeLinear", 3, List.of(),
                draw.input(Tensor.ofFloats(Shape.of(5), 0, 255, draw.upTo(1, 254), draw.upTo(1, 254), draw.upTo(1, 254)))));
        all.put("MatMulInteger", draw -> {
            String a = draw.input(draw.anyWholes(ElementType.UINT8, Shape.of(2, 3)));
            String b = draw.constant(draw.anyWholes(draw.one(ElementType.UINT8, ElementType.INT8), Shape.of(3, 4)));
            draw.node("MatMulInteger", List.of(), draw.coin() ? new String[] {a, b} : new String[] {a, b, draw.constant(draw.anyWholes(ElementType.UINT8, Shape.SCALAR))});
        });
        all.put("ConvInteger", draw -> draw.node("ConvInteger", List.of(attribute("strides", new int[] {1, 2})), draw.input(draw.anyWholes(ElementType.UINT8, Shape.of(1, 2, 4, 4))),
                draw.constant(draw.anyWholes(ElementType.UINT8, Shape.of(3, 2, 2, 2))), draw.constant(draw.anyWholes(ElementType.UINT8, Shape.SCALAR))));
        all.put("QLinearMatMul", draw -> {
            ElementType type = draw.one(ElementType.UINT8, ElementType.INT8);
            draw.node("QLinearMatMul", List.of(), draw.input(draw.anyWholes(type, Shape.of(2, 3))), scale(draw, Shape.SCALAR), draw.constant(draw.anyWholes(type, Shape.SCALAR)),
                    draw.constant(draw.anyWholes(type, Shape.of(3, 4))), scale(draw, Shape.SCALAR), draw.constant(draw.anyWholes(type, Shape.SCALAR)),
                    draw.constant(Tensor.ofFloats(Shape.SCALAR, 2)), draw.constant(draw.anyWholes(type, Shape.SCALAR)));
        });
        all.put("QLinearConv", draw -> {
            boolean perChannel = draw.coin();
            Shape of = perChannel ? Shape.of(3) : Shape.SCALAR;
            draw.node("QLinearConv", List.of(attribute("pads", new int[] {draw.upTo(0, 1), 0, 0, 1})), draw.input(draw.anyWholes(ElementType.UINT8, Shape.of(1, 2, 4, 4))),
                    scale(draw, Shape.SCALAR), draw.constant(draw.wholes(ElementType.UINT8, Shape.SCALAR, 0, 255)),
                    draw.constant(draw.anyWholes(ElementType.INT8, Shape.of(3, 2, 2, 2))), scale(draw, of), draw.constant(Tensor.ofLongs(ElementType.INT8, of, new long[of.size()])),
                    draw.constant(Tensor.ofFloats(Shape.SCALAR, 2)), draw.constant(draw.wholes(ElementType.UINT8, Shape.SCALAR, 0, 255)),
                    draw.constant(draw.wholes(ElementType.INT32, Shape.of(3), -500, 500)));
        });
    }

    // ---- classical models

    private static void classical(Map<String, Family> all) {
        all.put("ai.onnx.ml.Scaler", draw -> draw.node("ai.onnx.ml.Scaler", List.of(attribute("offset", new float[] {1, -2, 0.5f}), attribute("scale", new float[] {2, 0.5f, -1})),
                draw.real(Shape.of(draw.upTo(1, 3), 3), -4, 4)));
        all.put("ai.onnx.ml.Normalizer", draw -> draw.node("ai.onnx.ml.Normalizer", List.of(attribute("norm", draw.one("MAX", "L1", "L2"))),
                draw.real(Shape.of(draw.upTo(1, 3), 4), 0.3, 4)));
        all.put("ai.onnx.ml.Binarizer", draw -> draw.node("ai.onnx.ml.Binarizer", List.of(attribute("threshold", 0.75)), draw.real(draw.shape(1, 2), -2, 2)));
        all.put("ai.onnx.ml.ArrayFeatureExtractor", draw -> draw.node("ai.onnx.ml.ArrayFeatureExtractor", List.of(), draw.real(Shape.of(2, 5), -2, 2),
                draw.constant(draw.wholes(ElementType.INT64, Shape.of(3), 0, 4))));
        all.put("ai.onnx.ml.LinearRegressor", draw -> draw.node("ai.onnx.ml.LinearRegressor", List.of(attribute("coefficients", floats(draw, 6)), attribute("intercepts", floats(draw, 2)),
                attribute("targets", 2)), draw.real(Shape.of(draw.upTo(1, 3), 3), -4, 4)));
        all.put("ai.onnx.ml.LinearClassifier", Integers::linearClassifier);
        all.put("ai.onnx.ml.SVMRegressor", draw -> supportVectors(draw, false));
        all.put("ai.onnx.ml.SVMClassifier", draw -> supportVectors(draw, true));
        all.put("ai.onnx.ml.TreeEnsembleRegressor", draw -> trees(draw, false));
        all.put("ai.onnx.ml.TreeEnsembleClassifier", draw -> trees(draw, true));
    }

    private static float[] floats(Draw draw, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (draw.random.nextDouble() * 2 - 1);
        }
        return values;
    }

    private static void linearClassifier(Draw draw) {
        int classes = draw.upTo(2, 4);
        boolean one = classes == 2 && draw.coin();
        int rows = one ? 1 : classes;
        draw.nodes("ai.onnx.ml.LinearClassifier", 2, List.of(attribute("coefficients", floats(draw, 3 * rows)), attribute("intercepts", floats(draw, rows)),
                attribute("classlabels_ints", IntStream.range(0, classes).map(i -> 10 * i + 1).toArray()), attribute("post_transform",
                        one ? draw.one("NONE", "LOGISTIC") : draw.one("NONE", "LOGISTIC", "SOFTMAX"))), draw.real(Shape.of(draw.upTo(1, 3), 3), -4, 4));
    }

    private static void supportVectors(Draw draw, boolean classifies) {
        String kernel = draw.one("LINEAR", "RBF", "POLY", "SIGMOID");
        int vectors = 4;
        var attributes = new ArrayList<>(List.of(attribute("kernel_type", kernel), attribute("kernel_params", new float[] {0.3f, 0.5f, 2}),
                attribute("support_vectors", floats(draw, 3 * vectors)), attribute("coefficients", floats(draw, vectors)), attribute("rho", floats(draw, 1))));
        if (classifies) {
            attributes.add(attribute("classlabels_ints", new int[] {0, 1}));
            attributes.add(attribute("vectors_per_class", new int[] {2, 2}));
            draw.nodes("ai.onnx.ml.SVMClassifier", 2, attributes, draw.real(Shape.of(2, 3), -2, 2));
        } else {
            attributes.add(attribute("n_supports", vectors));
            draw.node("ai.onnx.ml.SVMRegressor", attributes, draw.real(Shape.of(2, 3), -2, 2));
        }
    }

    /** Complete trees of depth two: nodes 0 to 2 test, 3 to 6 are leaves. */
    private static void trees(Draw draw, boolean classifies) {
        int trees = draw.upTo(1, 3);
        int classes = classifies ? draw.upTo(2, 3) : draw.upTo(1, 2);
        String comparison = draw.one("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT");
        int nodes = 7 * trees;
        String[] modes = new String[nodes];
        int[] leafTrees = new int[4 * trees * classes];
        int[] leafNodes = new int[leafTrees.length];
        int[] leafIds = new int[leafTrees.length];
        for (int i = 0; i < nodes; i++) {
            modes[i] = i % 7 < 3 ? comparison : "LEAF";
        }
        for (int i = 0; i < leafTrees.length; i++) {
            leafIds[i] = i % classes;
            leafNodes[i] = 3 + i / classes % 4;
            leafTrees[i] = i / classes / 4;
        }
        String prefix = classifies ? "class" : "target";
        var attributes = new ArrayList<>(List.of(attribute("nodes_treeids", IntStream.range(0, nodes).map(i -> i / 7).toArray()),
                attribute("nodes_nodeids", IntStream.range(0, nodes).map(i -> i % 7).toArray()),
                attribute("nodes_featureids", IntStream.range(0, nodes).map(i -> draw.upTo(0, 2)).toArray()), texts("nodes_modes", modes),
                attribute("nodes_values", floats(draw, nodes)), attribute("nodes_truenodeids", IntStream.range(0, nodes).map(i -> i % 7 < 3 ? 2 * (i % 7) + 1 : 0).toArray()),
                attribute("nodes_falsenodeids", IntStream.range(0, nodes).map(i -> i % 7 < 3 ? 2 * (i % 7) + 2 : 0).toArray()), attribute(prefix + "_treeids", leafTrees),
                attribute(prefix + "_nodeids", leafNodes), attribute(prefix + "_ids", leafIds), attribute(prefix + "_weights", floats(draw, leafIds.length))));
        if (classifies) {
            // ONNX Runtime names two classes 0 and 1 where both have leaves, whatever they are called.
            attributes.add(attribute("classlabels_int64s", IntStream.range(0, classes).map(i -> classes == 2 ? i : i + 5).toArray()));
            attributes.add(attribute("post_transform", draw.one("NONE", "SOFTMAX", "LOGISTIC")));
        } else {
            attributes.add(attribute("n_targets", classes));
            attributes.add(attribute("aggregate_function", draw.one("SUM", "AVERAGE", "MIN", "MAX")));
        }
        draw.nodes("ai.onnx.ml.TreeEnsemble" + (classifies ? "Classifier" : "Regressor"), classifies ? 2 : 1, attributes, draw.real(Shape.of(3, 3), -1, 1));
    }

    private static AttributeProto texts(String name, String[] values) {
        var attribute = AttributeProto.newBuilder().setName(name).setType(AttributeType.STRINGS);
        Arrays.stream(values).forEach(value -> attribute.addStrings(com.google.protobuf.ByteString.copyFromUtf8(value)));
        return attribute.build();
    }
}
