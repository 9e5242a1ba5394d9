package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Secret indices and running sums. */
final class IndexKernels {
    private IndexKernels() {
    }

    /** True where a new axis' position equals the index; nowhere if the index is none of the positions. */
    static Draft oneHot(PlanBuilder builder, Draft index, Op.OneHot oneHot) {
        return oneHot(builder, index, oneHot, false);
    }

    /**
     * As above; negative indices may count from the end. The bits index ≥ 0, …, index ≥ depth fall once from true to false, and where
     * they do is the index. All places are one tensor from the comparison on, places first.
     */
    private static Draft oneHot(PlanBuilder builder, Draft index, Op.OneHot oneHot, boolean fromEnd) {
        Moves moves = builder.moves();
        int depth = oneHot.depth();
        var dims = new ArrayList<>(index.shape().dims());
        dims.addFirst(1);
        Draft x = moves.reshape(index, new Shape(dims));
        boolean negative = fromEnd && index.range().low() < 0;
        int least = negative ? -depth : 0;
        List<Double> thresholds = IntStream.rangeClosed(least, depth).mapToObj(t -> (double) t).toList();
        Draft atLeast = moves.concat(builder.bits().atLeast(x, thresholds, 0), 0);
        Draft places = falls(builder, atLeast, -least, depth);
        if (negative) {
            places = builder.bits().xor(places, falls(builder, atLeast, 0, depth));
        }
        int axis = oneHot.axis();
        var order = new ArrayList<>(IntStream.rangeClosed(1, index.shape().rank()).boxed().toList());
        order.add(axis, 0);
        dims.removeFirst();
        dims.add(axis, depth);
        return axis == 0 ? places : moves.move(new Op.Transpose(order), new Shape(dims), places);
    }

    /** Where, from {@code start} on, a threshold is reached and the next is not. */
    private static Draft falls(PlanBuilder builder, Draft atLeast, int start, int depth) {
        Moves moves = builder.moves();
        return builder.bits().xor(moves.slice(atLeast, 0, start, 1, depth), moves.slice(atLeast, 0, start + 1, 1, depth));
    }

    /** A row of a table by a secret index: one-hot vector times table. */
    static Draft gather(Kernel.Request request, Op.GatherSecret gather) {
        PlanBuilder builder = request.builder();
        Moves moves = builder.moves();
        Term data = request.input(0);
        Draft index = request.number(1);
        int axis = gather.axis();
        int depth = data.shape().dim(axis);
        int count = index.size();
        Draft flat = moves.reshape(index, Shape.of(count));
        Draft hot = builder.bits().toNumber(oneHot(builder, flat, new Op.OneHot(1, depth), true));
        // Table as [depth, everything else], so that rows are what the axis selects.
        var permutation = new ArrayList<Integer>(List.of(axis));
        IntStream.range(0, data.shape().rank()).filter(other -> other != axis).forEach(permutation::add);
        int rest = depth == 0 ? 0 : data.shape().size() / depth;
        Draft table = Terms.number(builder, data);
        var turned = permutation.stream().map(data.shape()::dim).toList();
        Draft rows = moves.reshape(moves.move(new Op.Transpose(permutation), new Shape(turned), table), Shape.of(depth, rest));
        // A one-hot row picks one entry: the product lies in the table's own range, and whole numbers add no fraction bits.
        Draft picked = builder.matmul(hot, rows, Shape.of(count, rest), table.range().union(Interval.point(0)));
        // From [indices…, before…, after…] to [before…, indices…, after…].
        var dims = new ArrayList<>(index.shape().dims());
        dims.addAll(turned.subList(1, turned.size()));
        Draft shaped = moves.reshape(picked, new Shape(dims));
        int ranks = index.shape().rank();
        var order = new ArrayList<Integer>();
        IntStream.range(0, axis).forEach(i -> order.add(ranks + i));
        IntStream.range(0, ranks).forEach(order::add);
        IntStream.range(axis, data.shape().rank() - 1).forEach(i -> order.add(ranks + i));
        return moves.move(new Op.Transpose(order), request.shape(), shaped);
    }

    static Draft cumulativeSum(PlanBuilder builder, Draft x, Op.CumSum sum) {
        return builder.cumulativeSum(x, new Instruction.CumulativeSum(sum.axis(), sum.exclusive(), sum.reverse()));
    }

}
