package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Constants, shapes as values, and the operators that change nothing but the shape. */
final class Shaping {
    /** A range is a public constant, written out. */
    private static final int MAX_RANGE = 1 << 26;

    static final List<Operator> TABLE = List.of(
            core("Constant").versions(6, 11, 12).gives(Shaping::constant),
            core("ConstantOfShape").versions(9).publicInputs(0).gives(Shaping::constantOfShape),
            core("Identity").translates(node -> node.output(0, node.held(0))),
            core("Dropout").versions(6, 10, 12).publicInputs(1, 2).note("inference only").translates(Shaping::dropout),
            core("Shape").versions(6, 15).note("the shape is public").gives(Shaping::shape),
            core("Size").gives(node -> node.ops().open(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, node.shape(0).size()))),
            core("Reshape").versions(6, 14).publicInputs(1).gives(Shaping::reshape),
            core("Flatten").gives(Shaping::flatten),
            core("Squeeze").versions(6, 13).publicInputs(1).gives(Shaping::squeeze),
            core("Unsqueeze").versions(6, 13).publicInputs(1).gives(Shaping::unsqueeze),
            core("Expand").versions(8).publicInputs(1).gives(node -> {
                Shape target = Shape.broadcast(node.shape(0), Shape.of(node.openInts(1)));
                return node.ops().expand(node.input(0), target);
            }),
            core("Range").versions(11).publicInputs(0, 1, 2).gives(Shaping::range),
            core("EyeLike").versions(9).gives(Shaping::eyeLike));

    private Shaping() {
    }

    private static ValueId constant(NodeContext node) {
        GraphOps ops = node.ops();
        String name = node.outputName(0);
        if (node.hasAttribute("value_float")) {
            return ops.scalar(ElementType.FLOAT32, node.real("value_float", 0));
        }
        if (node.hasAttribute("value_floats")) {
            double[] values = node.reals("value_floats").orElseThrow();
            return node.translator().attributeConstant(name, GraphOps.tensor(ElementType.FLOAT32, Shape.of(values.length), values));
        }
        if (node.hasAttribute("value_int")) {
            long value = node.attribute("value_int").orElseThrow().getI();
            return ops.open(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, value));
        }
        if (node.hasAttribute("value_ints")) {
            return node.translator().attributeConstant(name, Tensor.vector(node.longs("value_ints").orElseThrow()));
        }
        if (node.hasAttribute("sparse_value")) {
            return switch (node.sparse("sparse_value")) {
                case Stored.Held(Tensor tensor, var _) -> node.translator().attributeConstant(name, tensor);
                case Stored.Refused(String reason) -> throw new RefusedNode(reason);
            };
        }
        return node.translator().attributeConstant(name,
                node.tensor("value").orElseThrow(() -> new RefusedNode("no attribute value, or one that holds text")));
    }

    private static ValueId constantOfShape(NodeContext node) {
        Tensor value = node.tensor("value").orElseGet(() -> Tensor.scalar(0));
        if (value.size() != 1) {
            throw node.invalid("value has " + value.size() + " elements; expected 1");
        }
        return node.ops().expand(node.ops().open(value.reshaped(Shape.SCALAR)), Shape.of(node.openInts(0)));
    }

    private static void dropout(NodeContext node) {
        boolean training = node.opset() < 7 && !node.flag("is_test", false) || node.has(2) && node.openInts(2)[0] != 0 && !(node.has(1) && node.open(1).getDouble(0) == 0);
        if (training) {
            throw new RefusedNode("training_mode is true; expected an exported inference graph");
        }
        node.output(0, node.input(0));
        node.output(1, node.ops().filled(ElementType.BOOL, node.shape(0), 1));
    }

    private static ValueId shape(NodeContext node) {
        int rank = node.shape(0).rank();
        int start = clampAxis(node.integer("start", 0), rank);
        int end = clampAxis(node.integer("end", rank), rank);
        long[] dims = node.shape(0).dims().stream().mapToLong(Integer::longValue).toArray();
        return node.ops().open(Tensor.vector(start < end ? Arrays.copyOfRange(dims, start, end) : new long[0]));
    }

    private static int clampAxis(int axis, int rank) {
        return Math.clamp(axis < 0 ? axis + rank : axis, 0, rank);
    }

    private static ValueId reshape(NodeContext node) {
        Shape from = node.shape(0);
        int[] dims = node.openInts(1).clone();
        boolean zeroIsZero = node.flag("allowzero", false);
        int unknown = -1;
        long known = 1;
        for (int axis = 0; axis < dims.length; axis++) {
            if (dims[axis] == 0 && !zeroIsZero) {
                if (axis >= from.rank()) {
                    throw node.invalid("shape " + Sliding.list(dims) + " copies axis " + axis + " of " + from);
                }
                dims[axis] = from.dim(axis);
            }
            if (dims[axis] == -1 && unknown < 0) {
                unknown = axis;
            } else {
                known *= dims[axis];
            }
        }
        if (unknown >= 0) {
            dims[unknown] = known == 0 ? 0 : (int) (from.size() / known);
        }
        return node.ops().reshape(node.input(0), dims);
    }

    private static ValueId flatten(NodeContext node) {
        Shape shape = node.shape(0);
        int given = node.integer("axis", 1);
        int axis = given == shape.rank() ? given : node.axis(given, shape.rank());
        return node.ops().reshape(node.input(0), shape.size(0, axis), shape.size(axis, shape.rank()));
    }

    private static ValueId squeeze(NodeContext node) {
        Shape shape = node.shape(0);
        boolean given = node.opset() < 13 ? node.hasAttribute("axes") : node.has(1);
        int[] axes = !given ? IntStream.range(0, shape.rank()).filter(axis -> shape.dim(axis) == 1).toArray()
                : node.axes(node.opset() < 13 ? node.integers("axes", new int[0]) : node.openInts(1), shape.rank());
        IntStream.of(axes).filter(axis -> shape.dim(axis) != 1).findFirst().ifPresent(axis -> {
            throw node.invalid("squeezes axis " + axis + " of " + shape + "; expected an axis of extent 1");
        });
        return Reduction.withoutAxes(node.ops(), node.input(0), axes);
    }

    private static ValueId unsqueeze(NodeContext node) {
        Shape shape = node.shape(0);
        int[] given = node.opset() < 13 ? node.integers("axes").orElseThrow(() -> node.missing("axes")) : node.openInts(1);
        int[] axes = node.axes(given, shape.rank() + given.length);
        var dims = new ArrayList<>(shape.dims());
        IntStream.of(axes).sorted().forEach(axis -> dims.add(axis, 1));
        return node.ops().reshape(node.input(0), new Shape(dims));
    }

    private static ValueId range(NodeContext node) {
        Tensor start = node.open(0);
        ElementType type = start.type();
        double delta = node.open(2).getDouble(0);
        double first = start.getDouble(0);
        double count = Math.max(0, Math.ceil((node.open(1).getDouble(0) - first) / delta));
        if (!(count <= MAX_RANGE)) {
            throw node.invalid("a range of " + count + " elements; expected at most " + MAX_RANGE);
        }
        double[] values = IntStream.range(0, (int) count).mapToDouble(i -> first + i * delta).toArray();
        return node.ops().constant(type, Shape.of(values.length), values);
    }

    private static ValueId eyeLike(NodeContext node) {
        Shape shape = node.shape(0);
        if (shape.rank() != 2) {
            throw node.invalid("shape " + shape + "; expected rank 2");
        }
        int k = node.integer("k", 0);
        double[] values = new double[shape.size()];
        for (int row = 0; row < shape.dim(0); row++) {
            long column = (long) row + k;
            if (column >= 0 && column < shape.dim(1)) {
                values[row * shape.dim(1) + (int) column] = 1;
            }
        }
        return node.ops().constant(node.elementType("dtype").orElse(node.type(0)), shape, values);
    }
}
