package dev.sardonyx.test.differential;

import static dev.sardonyx.test.differential.Draw.attribute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.AttributeProto.AttributeType;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import dev.sardonyx.importer.proto.TypeProto;
import dev.sardonyx.importer.proto.ValueInfoProto;
import dev.sardonyx.test.differential.Operators.Family;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Draws models of what newer exporters write: attention and its parts, sampling and patches, and operators with bodies. */
final class Structures {
    static final Map<String, Family> FAMILIES = families();

    private Structures() {
    }

    private static Map<String, Family> families() {
        Map<String, Family> all = new LinkedHashMap<>();
        all.put("Attention", Structures::attention);
        all.put("RotaryEmbedding", Structures::rotary);
        all.put("RMSNormalization", draw -> draw.node("RMSNormalization", List.of(attribute("axis", draw.one(-1, 2)), attribute("epsilon", 1e-3)),
                draw.real(Shape.of(2, draw.upTo(1, 3), 6), -4, 4), draw.either(Shape.of(6), -2, 2)));
        all.put("TensorScatter", Structures::tensorScatter);
        all.put("GridSample", Structures::gridSample);
        all.put("Col2Im", Structures::columns);
        all.put("CenterCropPad", draw -> {
            Shape shape = Shape.of(draw.upTo(1, 6), draw.upTo(1, 6), 3);
            String x = draw.real(shape, -5, 5);
            if (draw.coin()) {
                draw.node("CenterCropPad", List.of(attribute("axes", new int[] {draw.one(1, -2), 0})), x, draw.longs(draw.upTo(1, 7), draw.upTo(1, 7)));
            } else {
                draw.node("CenterCropPad", List.of(), x, draw.longs(draw.upTo(1, 7), draw.upTo(1, 7), draw.upTo(1, 5)));
            }
        });
        all.put("OneHot", draw -> {
            Shape shape = draw.shape(0, 2);
            int depth = draw.upTo(1, 5);
            String indices = draw.input(draw.wholes(ElementType.INT64, shape, -depth - 2, depth + 2));
            draw.node("OneHot", List.of(attribute("axis", draw.upTo(-shape.rank() - 1, shape.rank()))), indices, draw.longs(depth),
                    draw.either(Shape.of(2), -4, 4));
        });
        all.put("If", Structures::branches);
        all.put("Loop", Structures::loop);
        all.put("Scan", Structures::scan);
        return all;
    }

    private static void attention(Draw draw) {
        int heads = draw.one(1, 2, 4);
        int keyHeads = draw.coin() ? heads : 1;
        int size = draw.one(2, 4);
        int queries = draw.upTo(1, 4);
        int keys = draw.upTo(1, 5);
        var attributes = new ArrayList<AttributeProto>();
        boolean flat = draw.coin();
        if (flat) {
            attributes.add(attribute("q_num_heads", heads));
            attributes.add(attribute("kv_num_heads", keyHeads));
        }
        if (draw.coin()) {
            attributes.add(attribute("scale", 0.3 + draw.random.nextDouble()));
        }
        if (draw.random.nextInt(3) == 0) {
            attributes.add(attribute("softcap", 2.0));
        }
        if (draw.random.nextInt(3) == 0) {
            attributes.add(attribute("is_causal", 1));
        }
        String q = draw.real(flat ? Shape.of(2, queries, heads * size) : Shape.of(2, heads, queries, size), -2, 2);
        String k = draw.real(flat ? Shape.of(2, keys, keyHeads * size) : Shape.of(2, keyHeads, keys, size), -2, 2);
        String v = draw.either(flat ? Shape.of(2, keys, keyHeads * size) : Shape.of(2, keyHeads, keys, size), -2, 2);
        String mask = switch (draw.upTo(0, 3)) {
            case 0 -> draw.either(Shape.of(queries, keys), -3, 3);
            case 1 -> draw.either(Shape.of(1, heads, queries, keys), -3, 3);
            default -> "";
        };
        draw.node("Attention", attributes, mask.isEmpty() ? new String[] {q, k, v} : new String[] {q, k, v, mask});
    }

    private static void rotary(Draw draw) {
        int heads = draw.upTo(1, 3);
        int length = draw.upTo(1, 4);
        int size = 8;
        boolean flat = draw.coin();
        int rotated = draw.one(0, 4);
        var attributes = new ArrayList<>(List.of(attribute("interleaved", draw.coin())));
        if (flat) {
            attributes.add(attribute("num_heads", heads));
        }
        if (rotated > 0) {
            attributes.add(attribute("rotary_embedding_dim", rotated));
        }
        int half = (rotated == 0 ? size : rotated) / 2;
        String x = draw.real(flat ? Shape.of(2, length, heads * size) : Shape.of(2, heads, length, size), -3, 3);
        if (draw.coin()) {
            draw.node("RotaryEmbedding", attributes, x, draw.either(Shape.of(6, half), -1, 1), draw.either(Shape.of(6, half), -1, 1),
                    draw.constant(draw.wholes(ElementType.INT64, Shape.of(2, length), 0, 5)));
        } else {
            draw.node("RotaryEmbedding", attributes, x, draw.either(Shape.of(2, length, half), -1, 1), draw.either(Shape.of(2, length, half), -1, 1));
        }
    }

    private static void tensorScatter(Draw draw) {
        int length = draw.upTo(3, 6);
        int written = draw.upTo(1, 2);
        boolean circular = draw.coin();
        int most = circular ? length - 1 : length - written;
        draw.node("TensorScatter", List.of(attribute("mode", circular ? "circular" : "linear"), attribute("axis", draw.one(-2, 2))),
                draw.real(Shape.of(2, 2, length, 3), -4, 4), draw.either(Shape.of(2, 2, written, 3), -4, 4),
                draw.constant(draw.wholes(ElementType.INT64, Shape.of(2), 0, most)));
    }

    private static void gridSample(Draw draw) {
        String mode = draw.opset >= 20 ? draw.one("linear", "nearest", "cubic") : draw.one("bilinear", "nearest", "bicubic");
        draw.node("GridSample", List.of(attribute("mode", mode), attribute("padding_mode", draw.one("zeros", "border", "reflection")),
                attribute("align_corners", draw.coin())), draw.real(Shape.of(1, 2, draw.upTo(2, 5), draw.upTo(2, 5)), -3, 3),
                draw.constant(draw.reals(Shape.of(1, draw.upTo(1, 3), draw.upTo(1, 3), 2), -1.2, 1.2)));
    }

    private static void columns(Draw draw) {
        int height = draw.upTo(4, 6);
        int width = draw.upTo(4, 6);
        int stride = draw.upTo(1, 2);
        int dilation = draw.one(1, 1, 2);
        int pad = draw.upTo(0, 1);
        int tap = 2;
        int down = (height + 2 * pad - dilation * (tap - 1) - 1) / stride + 1;
        int across = (width + 2 * pad - dilation * (tap - 1) - 1) / stride + 1;
        draw.node("Col2Im", List.of(attribute("strides", new int[] {stride, stride}), attribute("dilations", new int[] {dilation, dilation}),
                attribute("pads", new int[] {pad, pad, pad, pad})), draw.real(Shape.of(2, 3 * tap * tap, down * across), -3, 3), draw.longs(height, width),
                draw.longs(tap, tap));
    }

    // ---- bodies

    private static AttributeProto body(String name, GraphProto.Builder graph) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.GRAPH).setG(graph.setName(name)).build();
    }

    private static NodeProto inner(String op, String result, String... operands) {
        return NodeProto.newBuilder().setOpType(op).setName(op + " in " + result).addAllInput(List.of(operands)).addOutput(result).build();
    }

    private static ValueInfoProto info(String name, DataType type) {
        return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(type.getNumber())))
                .build();
    }

    private static void branches(Draw draw) {
        Shape shape = draw.shape(1, 3);
        String x = draw.real(shape, -3, 3);
        String y = draw.either(shape, -3, 3);
        Tensor choice = draw.wholes(ElementType.BOOL, Shape.SCALAR, 0, 1);
        String condition = draw.coin() ? draw.input(choice) : draw.constant(choice);
        var yes = GraphProto.newBuilder().addNode(inner("Add", "sum", x, y)).addNode(inner("Tanh", "whenTrue", "sum")).addOutput(info("whenTrue", DataType.FLOAT));
        var no = GraphProto.newBuilder().addNode(inner("Mul", "whenFalse", x, y)).addOutput(info("whenFalse", DataType.FLOAT));
        draw.node("If", List.of(body("then_branch", yes), body("else_branch", no)), condition);
    }

    private static void loop(Draw draw) {
        Shape shape = draw.shape(1, 2);
        String start = draw.real(shape, -2, 2);
        String step = draw.either(shape, -1, 1);
        var body = GraphProto.newBuilder().addInput(info("turn", DataType.INT64)).addInput(info("goesOn", DataType.BOOL)).addInput(info("state", DataType.FLOAT))
                .addNode(inner("Identity", "stillGoesOn", "goesOn")).addNode(inner("Add", "moved", "state", step)).addNode(inner("Sin", "next", "moved"))
                .addNode(inner("Mul", "seen", "next", step))
                .addOutput(info("stillGoesOn", DataType.BOOL)).addOutput(info("next", DataType.FLOAT)).addOutput(info("seen", DataType.FLOAT));
        String turns = draw.constant(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, draw.upTo(1, 4)));
        String condition = draw.coin() ? "" : draw.constant(Tensor.ofLongs(ElementType.BOOL, Shape.SCALAR, 1));
        draw.nodes("Loop", 2, List.of(body("body", body)), turns, condition, start);
    }

    private static void scan(Draw draw) {
        int columns = draw.upTo(1, 4);
        String start = draw.real(Shape.of(columns), -2, 2);
        String rows = draw.real(Shape.of(draw.upTo(1, 5), columns), -2, 2);
        String weight = draw.either(Shape.of(columns), -1, 1);
        var body = GraphProto.newBuilder().addInput(info("state", DataType.FLOAT)).addInput(info("row", DataType.FLOAT))
                .addNode(inner("Mul", "weighted", "row", weight)).addNode(inner("Add", "next", "state", "weighted")).addNode(inner("Sigmoid", "seen", "next"))
                .addOutput(info("next", DataType.FLOAT)).addOutput(info("seen", DataType.FLOAT));
        draw.nodes("Scan", 2, List.of(body("body", body), attribute("num_scan_inputs", 1),
                attribute("scan_input_directions", new int[] {draw.upTo(0, 1)}), attribute("scan_output_directions", new int[] {draw.upTo(0, 1)})), start, rows);
    }

    /** The first form of Scan: lengths that are not given, and a batch in front. */
    static void scanOfBatches(Draw draw) {
        int batch = draw.upTo(1, 2);
        int length = draw.upTo(1, 4);
        var body = GraphProto.newBuilder().addInput(info("state", DataType.FLOAT)).addInput(info("row", DataType.FLOAT))
                .addNode(inner("Add", "next", "state", "row")).addNode(inner("Tanh", "seen", "next"))
                .addOutput(info("next", DataType.FLOAT)).addOutput(info("seen", DataType.FLOAT));
        draw.nodes("Scan", 2, List.of(body("body", body), attribute("num_scan_inputs", 1), attribute("directions", new int[] {draw.upTo(0, 1)})), "",
                draw.real(Shape.of(batch, 3), -1, 1), draw.real(Shape.of(batch, length, 3), -1, 1));
    }

    /** The least operator-set version that a family is drawn at. */
    static int since(String op) {
        return switch (op) {
            case "Attention", "RotaryEmbedding", "RMSNormalization" -> 23;
            case "TensorScatter" -> 24;
            case "GridSample" -> 16;
            case "Col2Im", "CenterCropPad" -> 18;
            case "If", "Loop", "Scan" -> 11;
            default -> 9;
        };
    }
}
