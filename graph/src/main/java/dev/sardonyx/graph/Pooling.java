package dev.sardonyx.graph;

import java.util.Arrays;
import java.util.List;

/** The plaintext meaning of pooling over x [N, C, spatial…]. */
final class Pooling {
    private Pooling() {
    }

    static Tensor max(Op.MaxPool pool, Tensor x) {
        var windows = Windows.of(pool.window(), x.shape());
        Shape shape = outputShape(pool, x);
        int[] winners = new int[shape.size()];
        Arrays.fill(winners, -1);
        for (int i = 0; i < winners.length; i++) {
            int base = i / windows.count() * windows.plane();
            for (int tap = 0; tap < windows.taps(); tap++) {
                int place = windows.table()[tap * windows.count() + i % windows.count()];
                if (place >= 0 && (winners[i] < 0 || x.compare(base + place, winners[i]) > 0)) {
                    winners[i] = base + place;
                }
            }
        }
        return x.pick(shape, winners, x.type().minimum());
    }

    static Tensor average(Op.AveragePool pool, Tensor x) {
        var windows = Windows.of(pool.window(), x.shape());
        double[] divisors = divisors(pool, x.shape());
        Shape shape = outputShape(pool, x);
        double[] values = x.doubles();
        double[] means = new double[shape.size()];
        for (int i = 0; i < means.length; i++) {
            int base = i / windows.count() * windows.plane();
            double sum = 0;
            for (int tap = 0; tap < windows.taps(); tap++) {
                int place = windows.table()[tap * windows.count() + i % windows.count()];
                sum += place >= 0 ? values[base + place] : 0;
            }
            means[i] = sum / divisors[i % windows.count()];
        }
        return Tensor.ofDoubles(x.type(), shape, means);
    }

    /** How many elements each window of a plane is the mean of, row-major in the output's spatial axes. */
    static double[] divisors(Op.AveragePool pool, Shape x) {
        var counted = pool.countIncludePad() ? Windows.counted(pool.window(), x, pool.countedPadsEnd()) : Windows.of(pool.window(), x);
        double[] divisors = new double[counted.count()];
        for (int i = 0; i < counted.table().length; i++) {
            divisors[i % divisors.length] += counted.table()[i] >= 0 ? 1 : 0;
        }
        return divisors;
    }

    private static Shape outputShape(Op op, Tensor x) {
        return ShapeInference.infer(op, List.of(TypedShape.of(x))).getFirst().shape();
    }
}
