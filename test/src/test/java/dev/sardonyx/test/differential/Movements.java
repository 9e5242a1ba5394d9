package dev.sardonyx.test.differential;

import static dev.sardonyx.test.differential.Draw.attribute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.test.differential.Operators.Family;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Draws models of one operator that moves elements: shapes, slices, gathering and scattering. */
final class Movements {
    static final Map<String, Family> FAMILIES = families();

    private Movements() {
    }

    private static Map<String, Family> families() {
        Map<String, Family> all = new LinkedHashMap<>();
        all.put("Transpose", Movements::transpose);
        all.put("Reshape", draw -> {
            int a = draw.upTo(1, 4);
            int b = draw.upTo(1, 4);
            long[] target = draw.one(new long[] {-1}, new long[] {0, -1}, new long[] {b, a * 3L}, new long[] {0, 3, -1}, new long[] {1, -1, 3});
            draw.node("Reshape", List.of(), draw.real(Shape.of(a, b, 3), -5, 5), draw.longs(target));
        });
        all.put("Slice", Movements::slice);
        all.put("Concat", draw -> {
            Shape shape = draw.shape(1, 4);
            int axis = draw.upTo(0, shape.rank() - 1);
            String[] parts = IntStream.range(0, draw.upTo(1, 3)).mapToObj(i -> draw.either(shape.with(axis, draw.upTo(1, 4)), -5, 5))
                    .toArray(String[]::new);
            draw.node("Concat", List.of(attribute("axis", draw.opset >= 11 && draw.coin() ? axis - shape.rank() : axis)), parts);
        });
        all.put("Split", Movements::split);
        all.put("Pad", Movements::pad);
        all.put("Expand", draw -> {
            Shape shape = draw.shape(0, 3);
            String x = draw.real(draw.broadcasting(shape), -5, 5);
            draw.node("Expand", List.of(), x, draw.longs(shape.dims().stream().mapToLong(Integer::longValue).toArray()));
        });
        all.put("Tile", draw -> {
            Shape shape = draw.shape(1, 3);
            draw.node("Tile", List.of(), draw.real(shape, -5, 5), draw.longs(IntStream.range(0, shape.rank()).mapToLong(i -> draw.upTo(1, 3)).toArray()));
        });
        all.put("Squeeze", draw -> axes(draw, "Squeeze", Shape.of(2, 1, 3, 1)));
        all.put("Unsqueeze", draw -> axes(draw, "Unsqueeze", Shape.of(2, 3)));
        all.put("Flatten", draw -> {
            Shape shape = draw.shape(1, 4);
            draw.node("Flatten", List.of(attribute("axis", draw.upTo(draw.opset < 11 ? 0 : -shape.rank(), shape.rank()))), draw.real(shape, -5, 5));
        });
        all.put("DepthToSpace", draw -> draw.node("DepthToSpace", List.of(attribute("blocksize", 2), attribute("mode", draw.one("DCR", "CRD"))),
                draw.real(Shape.of(draw.upTo(1, 2), 8, 2, 3), -5, 5)));
        all.put("SpaceToDepth", draw -> draw.node("SpaceToDepth", List.of(attribute("blocksize", 2)), draw.real(Shape.of(1, 2, 4, 6), -5, 5)));
        all.put("Trilu", draw -> draw.node("Trilu", List.of(attribute("upper", draw.coin())), draw.real(Shape.of(2, draw.upTo(1, 5), draw.upTo(1, 5)), -5, 5),
                draw.constant(draw.wholes(ElementType.INT64, Shape.SCALAR, -3, 3))));
        all.put("Gather", draw -> {
            Shape shape = draw.shape(1, 3);
            int axis = draw.axis(shape.rank());
            gather(draw, "Gather", shape, axis, draw.shape(0, 2));
        });
        all.put("GatherElements", draw -> {
            Shape shape = draw.shape(1, 3);
            int axis = draw.axis(shape.rank());
            gather(draw, "GatherElements", shape, axis, shape.with(axis < 0 ? axis + shape.rank() : axis, draw.upTo(1, 3)));
        });
        all.put("GatherND", draw -> draw.node("GatherND", List.of(), draw.real(Shape.of(3, 3, 2), -5, 5),
                draw.constant(draw.wholes(ElementType.INT64, draw.one(Shape.of(2, 2), Shape.of(4, 1), Shape.of(2, 1, 2)), -3, 2))));
        all.put("ScatterElements", draw -> {
            Shape shape = Shape.of(draw.upTo(2, 4), draw.upTo(2, 4));
            // Distinct targets: one row of positions that differ.
            int axis = draw.upTo(0, 1);
            Shape updates = shape.with(axis, 1);
            draw.node("ScatterElements", List.of(attribute("axis", axis)), draw.real(shape, -5, 5),
                    draw.constant(draw.wholes(ElementType.INT64, updates, -shape.dim(axis), shape.dim(axis) - 1)), draw.either(updates, -5, 5));
        });
        return all;
    }

    private static void transpose(Draw draw) {
        Shape shape = draw.shape(0, 4);
        var order = new ArrayList<>(IntStream.range(0, shape.rank()).boxed().toList());
        Collections.shuffle(order, draw.random);
        draw.node("Transpose", order.isEmpty() || draw.coin() ? List.of() : List.of(attribute("perm", order.stream().mapToInt(i -> i).toArray())),
                draw.real(shape, -5, 5));
    }

    private static void slice(Draw draw) {
        Shape shape = draw.shape(1, 3);
        int[] axes = IntStream.range(0, shape.rank()).filter(axis -> draw.coin()).toArray();
        if (axes.length == 0) {
            axes = new int[] {0};
        }
        long[] starts = IntStream.of(axes).mapToLong(axis -> draw.upTo(-6, 6)).toArray();
        long[] ends = IntStream.of(axes).mapToLong(axis -> draw.random.nextInt(5) == 0 ? Integer.MAX_VALUE : draw.upTo(-6, 6)).toArray();
        String x = draw.real(shape, -5, 5);
        if (draw.opset < 10) {
            draw.node("Slice", List.of(attribute("axes", axes), ints("starts", starts), ints("ends", ends)), x);
            return;
        }
        int rank = shape.rank();
        long[] places = IntStream.of(axes).mapToLong(axis -> draw.opset >= 11 && draw.coin() ? axis - rank : axis).toArray();
        long[] steps = IntStream.of(axes).mapToLong(axis -> draw.one(1, 1, 2, 3, -1, -2)).toArray();
        draw.node("Slice", List.of(), x, draw.longs(starts), draw.longs(ends), draw.longs(places), draw.longs(steps));
    }

    private static AttributeProto ints(String name, long[] values) {
        return attribute(name, IntStream.range(0, values.length).map(i -> (int) values[i]).toArray());
    }

    private static void split(Draw draw) {
        int first = draw.upTo(1, 3);
        int second = draw.upTo(1, 3);
        String x = draw.real(Shape.of(2, first + second, 3), -5, 5);
        var axis = attribute("axis", draw.opset >= 11 && draw.coin() ? -2 : 1);
        if (draw.opset < 13) {
            draw.nodes("Split", 2, List.of(axis, attribute("split", new int[] {first, second})), x);
        } else {
            draw.nodes("Split", 2, List.of(axis), x, draw.longs(first, second));
        }
    }

    private static void pad(Draw draw) {
        Shape shape = Shape.of(draw.upTo(3, 5), draw.upTo(3, 5));
        String mode = draw.one("constant", "reflect", "edge");
        int least = mode.equals("constant") ? -1 : 0;
        int[] pads = IntStream.range(0, 4).map(i -> draw.upTo(least, 2)).toArray();
        String x = draw.real(shape, -5, 5);
        if (draw.opset < 11) {
            draw.node("Pad", List.of(attribute("mode", mode), attribute("pads", pads), attribute("value", 1.5)), x);
        } else {
            draw.node("Pad", List.of(attribute("mode", mode)), x, draw.longs(IntStream.of(pads).asLongStream().toArray()),
                    mode.equals("constant") ? draw.constant(draw.reals(Shape.SCALAR, -2, 2)) : "");
        }
    }

    private static void axes(Draw draw, String op, Shape shape) {
        int[] axes = op.equals("Squeeze") ? draw.one(new int[] {1}, new int[] {3}, new int[] {1, 3}) : draw.one(new int[] {0}, new int[] {1, 3}, new int[] {2});
        String x = draw.real(shape, -5, 5);
        if (draw.opset < 13) {
            draw.node(op, List.of(attribute("axes", axes)), x);
        } else {
            draw.node(op, List.of(), x, draw.longs(IntStream.of(axes).asLongStream().toArray()));
        }
    }

    private static void gather(Draw draw, String op, Shape shape, int axis, Shape indices) {
        int extent = Math.max(1, shape.dim(axis < 0 ? axis + shape.rank() : axis));
        var positions = draw.wholes(ElementType.INT64, indices, draw.opset >= 11 ? -extent : 0, extent - 1);
        boolean secret = draw.coin() && op.equals("Gather");
        draw.node(op, List.of(attribute("axis", axis)), draw.either(shape, -5, 5), secret ? draw.input(positions) : draw.constant(positions));
    }
}
