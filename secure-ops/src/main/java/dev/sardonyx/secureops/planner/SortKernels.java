package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The k greatest elements in order, by rank: each element's rank is the number of elements that come before it. */
final class SortKernels {
    private SortKernels() {
    }

    /**
     * Outputs values and indices. All pairs along the axis are compared in one step, so the rounds do not depend on the extent n;
     * the comparisons are n·(n−1)/2.
     */
    static List<Draft> topK(PlanBuilder builder, Draft input, Op.TopK topK) {
        Moves moves = builder.moves();
        int axis = topK.axis();
        Draft x = topK.largest() ? input : builder.negate(input);
        int n = x.shape().dim(axis);
        int k = topK.k();
        if (k == 0) {
            return List.of(moves.slice(input, axis, 0, 1, 0), moves.slice(positions(builder, x.shape(), axis), axis, 0, 1, 0));
        }
        // Pairs (i, j), i < j: i comes first if x_i ≥ x_j, so ties go to the lower index.
        var firsts = new ArrayList<Draft>();
        var seconds = new ArrayList<Draft>();
        for (int i = 0; i + 1 < n; i++) {
            Draft one = moves.slice(x, axis, i, 1, 1);
            firsts.add(moves.expand(one, x.shape().with(axis, n - 1 - i)));
            seconds.add(moves.slice(x, axis, i + 1, 1, n - 1 - i));
        }
        Draft ranks = n <= 1
                ? builder.sources().literal(x.shape(), 0, 0)
                : ranks(builder, builder.subtract(moves.concat(firsts, axis), moves.concat(seconds, axis)), axis, n);
        var values = new ArrayList<Draft>();
        var indices = new ArrayList<Draft>();
        Draft positions = positions(builder, x.shape(), axis);
        if (n <= 1) {
            return List.of(moves.slice(input, axis, 0, 1, k), moves.slice(positions, axis, 0, 1, k));
        }
        for (int place = 0; place < k; place++) {
            Draft here = LogicKernels.equalsZero(builder, builder.addConstant(ranks, -place));
            Draft value = builder.sum(builder.bits().select(here, input), List.of(axis));
            values.add(builder.within(value, input.range()));
            Draft index = builder.sum(builder.bits().select(here, positions), List.of(axis));
            indices.add(builder.within(index, new Interval(0, n - 1)));
        }
        return List.of(moves.concat(values, axis), moves.concat(indices, axis));
    }

    /** Rank of each element from the differences of all pairs (0,1), (0,2), …, (1,2), …. */
    private static Draft ranks(PlanBuilder builder, Draft differences, int axis, int n) {
        Moves moves = builder.moves();
        Draft before = builder.bits().toNumber(builder.bits().atLeast(differences, 0, 0));
        var rows = new ArrayList<Draft>();
        int[] offset = new int[n];
        for (int i = 1; i < n; i++) {
            offset[i] = offset[i - 1] + n - i;
        }
        for (int j = 0; j < n; j++) {
            // Elements before j that win against it, and elements behind it that it loses to.
            Draft rank = null;
            for (int i = 0; i < j; i++) {
                rank = plus(builder, rank, moves.slice(before, axis, offset[i] + j - i - 1, 1, 1));
            }
            if (j < n - 1) {
                Draft wins = builder.sum(moves.slice(before, axis, offset[j], 1, n - 1 - j), List.of(axis));
                rank = plus(builder, rank, builder.subtractFrom(n - 1 - j, wins));
            }
            rows.add(builder.within(rank, new Interval(0, n - 1)));
        }
        return moves.concat(rows, axis);
    }

    private static Draft plus(PlanBuilder builder, @org.jspecify.annotations.Nullable Draft sum, Draft term) {
        return sum == null ? term : builder.add(sum, term);
    }

    private static Draft positions(PlanBuilder builder, Shape shape, int axis) {
        var dims = new ArrayList<>(Collections.nCopies(shape.rank(), 1));
        dims.set(axis, shape.dim(axis));
        double[] numbers = new double[shape.dim(axis)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        return builder.moves().expand(builder.sources().literal(new Shape(dims), numbers, 0), shape);
    }
}
