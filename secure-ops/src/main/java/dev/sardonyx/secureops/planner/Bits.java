package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue.Kind;
import dev.sardonyx.secureops.planner.StepLog.DraftStep;
import dev.sardonyx.secureops.planner.StepLog.Signature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Emits comparisons, which make bits of numbers; logic on bits; and the steps by which bits choose among numbers or become some. */
final class Bits {
    private final PlanOptions options;
    private final CarryChooser carries;
    private final StepLog log;
    private final Moves moves;
    /** Ids of numbers that may be any element of the ring. */
    private final Set<Integer> whole = new HashSet<>();

    Bits(PlanOptions options, StepLog log, Moves moves) {
        this.options = options;
        this.carries = new CarryChooser(options);
        this.log = log;
        this.moves = moves;
    }

    // ---- comparisons

    /** Bits x ≥ threshold, each threshold in real units, ascending; judged exactly if {@code resolution} is 0. */
    List<Draft> atLeast(Draft x, List<Double> thresholds, double resolution) {
        if (x.isPublic()) {
            throw log.unsupported("compares numbers that depend on no secret, such as an input times zero; expected the model to hold them as constants");
        }
        List<Long> raw = thresholds.stream().map(t -> (long) Math.ceil(Math.scalb(t, x.fractionBits()))).toList();
        boolean dropped = resolution > 0 && options.enabled(PlanPass.COMPARISON_LOW_BITS);
        ComparisonBits bits = ComparisonBits.of(x, thresholds, dropped ? resolution : 0);
        log.require(bits.magnitude() + 1, "comparing");
        int width = options.enabled(PlanPass.COMPARISON_WIDTH) ? bits.magnitude() + 1 - bits.low() : 64 - bits.low();
        return compare(x, raw, bits.low(), width);
    }

    /** Bits x ≥ threshold for a threshold in real units. */
    Draft atLeast(Draft x, double threshold, double resolution) {
        return atLeast(x, List.of(threshold), resolution).getFirst();
    }

    /**
     * Bits x ≥ threshold, each threshold in raw units, of a number that may be any element of the ring in which it is held when the plan
     * runs: every bit of it is looked at, however wide that ring turns out to be.
     *
     * @param room bits that the ring has beyond those of x's range and sign, at least
     */
    List<Draft> atLeastWhole(Draft x, List<Long> thresholds, int room) {
        whole.add(x.id());
        return compare(x, thresholds, 0, Math.min(Long.SIZE, x.magnitudeBits() + 1 + room));
    }

    /** The step, which has inputs, looking at every bit of a ring of that width where it compares a number that may be any element of it. */
    DraftStep wholeWidth(DraftStep step, int width) {
        Draft first = step.inputs().getFirst();
        if (!whole.contains(first.id()) || !(step.instruction() instanceof Instruction.Compare(var thresholds, int low, var _))) {
            return step;
        }
        return new DraftStep(step.node(), step.kernel(), new Instruction.Compare(thresholds, low, carries.choose(width, thresholds.size(), first)),
                step.inputs(), step.outputs());
    }

    private List<Draft> compare(Draft x, List<Long> thresholds, int low, int width) {
        CarryTree carry = carries.choose(width, thresholds.size(), x);
        var reached = new Signature(Kind.BITS, x.visibility(), x.shape(), 0, Interval.UNIT);
        return log.emit(new Instruction.Compare(thresholds, low, carry), List.of(x), Collections.nCopies(thresholds.size(), reached));
    }

    // ---- logic

    Draft and(Draft a, Draft b) {
        Shape shape = Shape.broadcast(a.shape(), b.shape());
        return log.bits(new Instruction.And(), List.of(moves.expand(a, shape), moves.expand(b, shape)), shape);
    }

    Draft xor(Draft a, Draft b) {
        Shape shape = Shape.broadcast(a.shape(), b.shape());
        return log.bits(new Instruction.Xor(), List.of(moves.expand(a, shape), moves.expand(b, shape)), shape);
    }

    Draft not(Draft a) {
        return log.bits(new Instruction.Not(), List.of(a), a.shape());
    }

    // ---- numbers by bits

    /** The value where the bit is set, else zero; both broadcast. */
    Draft select(Draft bits, Draft x) {
        Shape shape = Shape.broadcast(bits.shape(), x.shape());
        return log.number(new Instruction.Select(), List.of(moves.expand(bits, shape), moves.expand(x, shape)), Kind.NUMBER,
                bits.visibility().join(x.visibility()), shape, x.fractionBits(), x.range().union(Interval.point(0)));
    }

    /** Bits as numbers 0 and 1 at scale 0. */
    Draft toNumber(Draft bits) {
        return combine(List.of(bits), new double[] {0}, new double[][] {{1}}, new int[] {0}, List.of(Interval.UNIT)).getFirst();
    }

    /**
     * Public combinations of bits of one shape: output c is {@code base[c] + Σ_t coefficients[c][t]·bit_t}, at scale
     * {@code scales[c]}, known to lie in {@code ranges[c]}.
     */
    List<Draft> combine(List<Draft> bits, double[] base, double[][] coefficients, int[] scales, List<Interval> ranges) {
        return emitEach(Combination.linear(base, coefficients, scales), bits, scales, ranges);
    }

    /**
     * Public functions of a secret that are constant between thresholds: {@code values[c][i]} is output c where i of the bits
     * x ≥ threshold are set. Equal values are equal in the ring, so what is zero beyond a threshold is zero to the last bit.
     */
    List<Draft> stepFunctions(List<Draft> atLeast, double[][] values, int[] scales, List<Interval> ranges) {
        return emitEach(Combination.stepFunctions(values, scales), atLeast, scales, ranges);
    }

    private List<Draft> emitEach(Instruction.Combine combine, List<Draft> bits, int[] scales, List<Interval> ranges) {
        var outputs = new ArrayList<Signature>();
        for (int c = 0; c < scales.length; c++) {
            outputs.add(new Signature(Kind.NUMBER, StepLog.joined(bits), bits.getFirst().shape(), scales[c], ranges.get(c)));
        }
        return log.emit(combine, bits, outputs);
    }
}
