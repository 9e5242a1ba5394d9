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

/** Operators whose output's very shape tells about the data: computed where the data is public, refused where it is secret. */
final class DataDependent {
    static final List<Operator> TABLE = List.of(
            core("NonZero").versions(9).note("public data only: the output's extent is the number of non-zeros; a mask with Where does the"
                    + " same with a fixed shape").gives(DataDependent::nonZero),
            core("Unique").versions(11).note("public data only: the output's extent is the number of distinct elements")
                    .translates(DataDependent::unique),
            core("NonMaxSuppression").versions(10, 11).publicInputs(2, 3, 4).note("not translated: how many boxes are left tells about them;"
                    + " return scores and boxes and suppress at the data owner's side").translates(node -> {
                        throw new RefusedNode("the output's extent is the number of boxes kept, which depends on secret data; end the graph before it"
                                + " and suppress at the data owner's side");
                    }));

    private DataDependent() {
    }

    private static Tensor open(NodeContext node, String what) {
        return node.ops().publicTensor(node.input(0)).orElseThrow(() -> new RefusedNode("the output's extent is the number of " + what
                + ", which depends on secret data; expected public data (a mask with Where keeps the shape fixed)"));
    }

    private static ValueId nonZero(NodeContext node) {
        Tensor x = open(node, "non-zero elements");
        int[] found = IntStream.range(0, x.size()).filter(i -> x.getDouble(i) != 0).toArray();
        int rank = x.shape().rank();
        long[] indices = new long[rank * found.length];
        for (int i = 0; i < found.length; i++) {
            int[] at = Pooling.coordinates(x.shape(), found[i]);
            for (int axis = 0; axis < rank; axis++) {
                indices[axis * found.length + i] = at[axis];
            }
        }
        return node.ops().open(Tensor.ofLongs(ElementType.INT64, Shape.of(rank, found.length), indices));
    }

    private static void unique(NodeContext node) {
        GraphOps ops = node.ops();
        if (node.shape(0).size() == 1) {
            // One element is distinct whatever it is.
            ValueId x = node.input(0);
            node.output(0, node.hasAttribute("axis") ? x : ops.reshape(x, 1));
            node.output(1, ops.open(Tensor.vector(0)));
            node.output(2, ops.open(Tensor.vector(0)));
            node.output(3, ops.open(Tensor.vector(1)));
            return;
        }
        Tensor x = open(node, "distinct elements");
        boolean flat = !node.hasAttribute("axis");
        Shape shape = flat ? Shape.of(x.size()) : x.shape();
        int axis = flat ? 0 : node.axis(node.integer("axis", 0), shape.rank());
        int inner = shape.size(axis + 1, shape.rank());
        int extent = shape.dim(axis);
        var slices = new ArrayList<double[]>();
        for (int i = 0; i < extent; i++) {
            int at = i;
            slices.add(IntStream.range(0, shape.size()).filter(j -> j / inner % extent == at).mapToDouble(x::getDouble).toArray());
        }
        var first = new ArrayList<Integer>();
        for (int i = 0; i < extent; i++) {
            double[] slice = slices.get(i);
            if (first.stream().noneMatch(j -> Arrays.equals(slices.get(j), slice))) {
                first.add(i);
            }
        }
        if (node.flag("sorted", true)) {
            first.sort((a, b) -> Arrays.compare(slices.get(a), slices.get(b)));
        }
        int[] order = first.stream().mapToInt(Integer::intValue).toArray();
        long[] inverse = new long[extent];
        long[] counts = new long[order.length];
        for (int i = 0; i < extent; i++) {
            double[] slice = slices.get(i);
            int at = IntStream.range(0, order.length).filter(j -> Arrays.equals(slices.get(order[j]), slice)).findFirst().orElseThrow();
            inverse[i] = at;
            counts[at]++;
        }
        node.output(0, ops.pickAlong(ops.reshape(node.input(0), shape), axis, order));
        node.output(1, ops.open(Tensor.vector(Arrays.stream(order).asLongStream().toArray())));
        node.output(2, ops.open(Tensor.vector(inverse)));
        node.output(3, ops.open(Tensor.vector(counts)));
    }
}
