package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue.Kind;
import dev.sardonyx.secureops.plan.RingData;
import dev.sardonyx.secureops.plan.Visibility;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Emits the values that come of no other: inputs, constants of the graph, and numbers that kernels write into the plan. */
final class Sources {
    private record ConstantKey(ValueId id, int fractionBits, Kind kind) {
    }

    private final PlanOptions options;
    private final Scales scales;
    private final StepLog log;
    private final Map<ConstantKey, Draft> constants = new HashMap<>();

    Sources(PlanOptions options, Scales scales, StepLog log) {
        this.options = options;
        this.scales = scales;
        this.log = log;
    }

    Draft input(String name, Shape shape, Kind kind, int fractionBits, Interval range) {
        return log.number(new Instruction.Input(name), List.of(), kind, Visibility.DATA_OWNER, shape, fractionBits, range);
    }

    /** A constant of the graph at a scale; bits for booleans. */
    Draft constant(Term.Fixed fixed, int fractionBits) {
        boolean secret = fixed.constant().isSecret() && !options.publicWeights();
        Kind kind = fixed.type() == ElementType.BOOL ? Kind.BITS : Kind.NUMBER;
        int scale = kind == Kind.BITS ? 0 : fractionBits;
        return constants.computeIfAbsent(new ConstantKey(fixed.id(), scale, kind), key -> {
            Interval range = kind == Kind.BITS ? Interval.UNIT : scales.constantRange(fixed);
            Instruction instruction = secret
                    ? new Instruction.Weight(fixed.id())
                    : new Instruction.Literal(encode(fixed.constant().tensor(), scale));
            return log.number(instruction, List.of(), kind, secret ? Visibility.MODEL_OWNER : Visibility.PUBLIC, fixed.shape(), scale, range);
        });
    }

    /** A public tensor of one repeated value. */
    Draft literal(Shape shape, double value, int fractionBits) {
        long raw = Math.round(Math.scalb(value, fractionBits));
        return log.number(new Instruction.Literal(RingData.of(raw)), List.of(), Kind.NUMBER, Visibility.PUBLIC, shape, fractionBits,
                Interval.point(value));
    }

    /** A public tensor. */
    Draft literal(Shape shape, double[] values, int fractionBits) {
        long[] raw = new long[values.length];
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < raw.length; i++) {
            raw[i] = Math.round(Math.scalb(values[i], fractionBits));
            low = Math.min(low, values[i]);
            high = Math.max(high, values[i]);
        }
        Interval range = raw.length == 0 ? Interval.point(0) : new Interval(low, high);
        return log.number(new Instruction.Literal(RingData.of(raw)), List.of(), Kind.NUMBER, Visibility.PUBLIC, shape, fractionBits, range);
    }

    /** A public tensor of bits, given as 0 and 1. */
    Draft literalBits(Shape shape, double[] bits) {
        long[] raw = Arrays.stream(bits).mapToLong(bit -> (long) bit).toArray();
        return log.number(new Instruction.Literal(RingData.of(raw)), List.of(), Kind.BITS, Visibility.PUBLIC, shape, 0, Interval.UNIT);
    }

    private static RingData encode(Tensor tensor, int fractionBits) {
        long[] raw = new long[tensor.size()];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = tensor.type().isFloating() ? Math.round(Math.scalb(tensor.getDouble(i), fractionBits))
                    : tensor.getLong(i) << fractionBits;
        }
        return RingData.of(raw);
    }
}
