package dev.sardonyx.importer;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.proto.SparseTensorProto;

/** Sparse tensors, held densely: their pattern of zeros would otherwise be as visible as the plan. */
final class SparseTensors {
    /** A sparse tensor may stand for a huge dense one; larger than this it is refused. */
    private static final int MAX_ELEMENTS = 1 << 26;

    private SparseTensors() {
    }

    static Stored decode(SparseTensorProto sparse, ExternalData external) {
        Stored values = TensorDecoder.decode(sparse.getValues(), external);
        Stored indices = TensorDecoder.decode(sparse.getIndices(), external);
        if (!(values instanceof Stored.Held(Tensor elements, var _)) || !(indices instanceof Stored.Held(Tensor positions, var _))) {
            return values instanceof Stored.Refused ? values : indices;
        }
        Shape shape;
        try {
            shape = Shape.of(sparse.getDimsList().stream().mapToInt(Math::toIntExact).toArray());
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new ImportException(Kind.MALFORMED, "sparse tensor '" + sparse.getValues().getName() + "': " + e.getMessage(), e);
        }
        if (shape.size() > MAX_ELEMENTS) {
            return new Stored.Refused("sparse tensor " + shape + " has more than " + MAX_ELEMENTS + " elements when dense");
        }
        int count = elements.size();
        int perPosition = count == 0 ? 1 : positions.size() / count;
        if (positions.size() != count * perPosition || perPosition != 1 && perPosition != shape.rank()) {
            throw new ImportException(Kind.MALFORMED, "sparse tensor '" + sparse.getValues().getName() + "': " + positions.size()
                    + " indices for " + count + " values of " + shape);
        }
        int[] strides = perPosition == 1 ? new int[] { 1 } : shape.strides();
        double[] reals = new double[elements.type().isFloating() ? shape.size() : 0];
        long[] longs = new long[elements.type().isFloating() ? 0 : shape.size()];
        for (int i = 0; i < count; i++) {
            long at = 0;
            for (int axis = 0; axis < perPosition; axis++) {
                at += positions.getLong(i * perPosition + axis) * strides[axis];
            }
            if (at < 0 || at >= shape.size()) {
                throw new ImportException(Kind.MALFORMED, "sparse tensor '" + sparse.getValues().getName() + "': index " + at + " outside "
                        + shape);
            }
            if (elements.type().isFloating()) {
                reals[(int) at] = elements.getDouble(i);
            } else {
                longs[(int) at] = elements.getLong(i);
            }
        }
        return new Stored.Held(elements.type().isFloating() ? Tensor.ofDoubles(elements.type(), shape, reals)
                : Tensor.ofLongs(elements.type(), shape, longs));
    }
}
