package dev.sardonyx.graph;

import java.util.List;
import java.util.stream.IntStream;

/** The plaintext meaning of matrix product and convolution. */
final class Linear {
    /** Elements of a tile of gathered columns: small enough for a second-level cache. */
    private static final int TILE = 1 << 16;
    /** Below so many products other threads do not pay. */
    private static final int SMALL = 1 << 20;

    private Linear() {
    }

    static Tensor matMul(Tensor a, Tensor b) {
        Shape shape = outputShape(new Op.MatMul(), a, b);
        int m = a.shape().dim(-2);
        int k = a.shape().dim(-1);
        int n = b.shape().dim(-1);
        var batch = new Shape(shape.dims().subList(0, shape.rank() - 2));
        int[] as = batches(a.shape(), batch);
        int[] bs = batches(b.shape(), batch);
        Sums sums = Sums.of(a, b, shape.size());
        for (int i = 0; i < as.length; i++) {
            sums.multiply(new Sums.Block(as[i] * m * k, k, m), new Sums.Block(bs[i] * k * n, n, n), new Sums.Block(i * m * n, n, n), k);
        }
        return sums.toTensor(a.type(), shape);
    }

    /** Which matrix of an operand each matrix of the batch reads. */
    private static int[] batches(Shape operand, Shape batch) {
        var own = new Shape(operand.dims().subList(0, operand.rank() - 2));
        return Movement.strided(batch, 0, Movement.broadcastStrides(own, batch));
    }

    /** Gathers the taps under the windows into columns, a tile of windows at a time, and multiplies by the weights. */
    static Tensor conv(Op.Conv conv, Tensor x, Tensor weights) {
        Shape shape = outputShape(conv, x, weights);
        var windows = Windows.of(conv.window(), x.shape());
        int groups = conv.groups();
        int channels = weights.shape().dim(1);
        int filters = weights.shape().dim(0) / groups;
        int taps = windows.taps();
        int inner = channels * taps;
        int tile = Math.max(1, Math.min(windows.count(), Math.max(64, TILE / Math.max(1, inner))));
        Sums sums = Sums.of(weights, x, shape.size());
        int tiles = (windows.count() + tile - 1) / tile;
        int images = x.shape().dim(0) * groups;
        IntStream pieces = IntStream.range(0, images * tiles);
        boolean worthThreads = (long) shape.size() * inner > SMALL;
        (worthThreads ? pieces.parallel() : pieces).forEach(piece -> {
            int image = piece / tiles;
            int first = piece % tiles * tile;
            int count = Math.min(tile, windows.count() - first);
            Sums columns = sums.gathering(inner * tile);
            for (int row = 0; row < inner; row++) {
                sums.gather(columns, row * tile, image * channels * windows.plane() + row / taps * windows.plane(), windows.table(),
                        row % taps * windows.count() + first, count);
            }
            columns.multiply(new Sums.Block(image % groups * filters * inner, inner, filters), new Sums.Block(0, tile, count),
                    new Sums.Block(image * filters * windows.count() + first, windows.count(), count), inner);
        });
        return sums.toTensor(x.type(), shape);
    }

    private static Shape outputShape(Op op, Tensor a, Tensor b) {
        return ShapeInference.infer(op, List.of(TypedShape.of(a), TypedShape.of(b))).getFirst().shape();
    }
}
