package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.stream.IntStream;

/** Operations on bits that are arithmetic: the complement, and shifts by public counts. */
final class Bits {
    static final List<Operator> TABLE = List.of(
            core("BitwiseNot").versions(18).gives(Bits::complement),
            core("BitShift").versions(11).publicInputs(1).gives(Bits::shift));

    private Bits() {
    }

    private static ValueId complement(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        ElementType type = ops.type(x);
        if (type == ElementType.UINT64) {
            throw new RefusedNode("64 unsigned bits; the ring has 63 for a number");
        }
        return ops.sub(ops.like(x, type.minimum() < 0 ? -1 : type.maximum()), x);
    }

    /** By powers of two; bits that leave the type are gone. */
    private static ValueId shift(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        boolean left = node.text("direction", "", List.of("LEFT", "RIGHT")).equals("LEFT");
        Tensor counts = node.open(1);
        int bits = Long.numberOfTrailingZeros(Long.highestOneBit((long) ops.type(x).maximum())) + 1;
        double[] powers = IntStream.range(0, counts.size()).mapToDouble(i -> counts.getLong(i) < bits ? Math.scalb(1.0, (int) counts.getLong(i)) : 0).toArray();
        if (left) {
            return ops.mul(x, ops.constant(ops.type(x), counts.shape(), powers));
        }
        if (IntStream.range(0, powers.length).anyMatch(i -> powers[i] == 0)) {
            throw node.invalid("shifts by " + bits + " bits or more; expected fewer than the type has");
        }
        return ops.div(x, ops.constant(ops.type(x), counts.shape(), powers));
    }
}
