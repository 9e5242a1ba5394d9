package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.RingData;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.PartyValue.Public;
import dev.sardonyx.secureops.protocol.PartyValue.PublicBits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Chooses the kernel of each step. */
final class StepKernels {
    private final Plan plan;
    /** Values that are a literal of a single element standing for a whole tensor. */
    private final Set<Integer> uniform = new HashSet<>();
    private final Set<Integer> weights = new HashSet<>();

    StepKernels(Plan plan) {
        this.plan = plan;
        for (Step step : plan.steps()) {
            switch (step.instruction()) {
                case Instruction.Literal(var data) when data.length() == 1 -> uniform.addAll(step.outputs());
                case Instruction.Weight _ -> weights.addAll(step.outputs());
                case Instruction _ -> {
                }
            }
        }
    }

    /** @throws RuntimeException if the step's values do not fit its instruction */
    Kernel of(Step step) {
        return switch (step.instruction()) {
            case Instruction.Input(var name) -> (seat, _) -> List.of(seat.input(name));
            case Instruction.Weight weight -> weight(weight, output(step));
            case Instruction.Literal(var data) -> literal(data, output(step));
            case Instruction.Free _ -> (_, _) -> List.of();
            case Instruction.Add _ -> LinearKernels.sum(Broadcast.Operation.ADD, operands(step, 0, 1));
            case Instruction.Subtract _ -> LinearKernels.sum(Broadcast.Operation.SUBTRACT, operands(step, 0, 1));
            case Instruction.Negate _ -> LinearKernels.map(output(step).shape(), LinearKernels::negate);
            case Instruction.ShiftLeft(int bits) -> LinearKernels.map(output(step).shape(), LinearKernels.shiftLeft(bits));
            case Instruction.Sum(var axes) -> LinearKernels.map(output(step).shape(), Sums.along(axes, input(step, 0).shape()));
            case Instruction.SumWindow(var window) ->
                LinearKernels.map(output(step).shape(), Sums.windows(window, input(step, 0).shape()));
            case Instruction.CumulativeSum(int axis, boolean exclusive, boolean reverse) ->
                LinearKernels.map(output(step).shape(), Sums.prefixes(axis, input(step, 0).shape(), exclusive, reverse));
            case Instruction.Move(var movement) -> LinearKernels.move(movement, shapes(step), output(step).shape());
            case Instruction.Xor _ -> LinearKernels.xor(input(step, 0).shape(), input(step, 1).shape(), output(step).shape());
            case Instruction.Not _ -> LinearKernels.not(output(step).shape());
            case Instruction.Multiply _ -> multiply(step);
            case Instruction.MatMul _ -> product(step, new Form.MatMul(input(step, 0).shape(), input(step, 1).shape()));
            case Instruction.Convolve convolve ->
                product(step, new Form.Convolution(convolve, input(step, 0).shape(), input(step, 1).shape()));
            case Instruction.Truncate(int bits) -> InteractiveKernels.truncate(bits, input(step, 0), output(step));
            case Instruction.Compare compare -> InteractiveKernels.compare(compare, input(step, 0));
            case Instruction.Select _ -> InteractiveKernels.select(input(step, 0).shape(), input(step, 1).shape(), output(step));
            case Instruction.Combine combine -> InteractiveKernels.combine(combine, output(step));
            case Instruction.And _ -> InteractiveKernels.and(input(step, 0).shape(), input(step, 1).shape(), output(step).shape());
        };
    }

    private PlanValue input(Step step, int position) {
        return plan.value(step.inputs().get(position));
    }

    private PlanValue output(Step step) {
        return plan.value(step.outputs().getFirst());
    }

    private List<Shape> shapes(Step step) {
        return plan.inputsOf(step).stream().map(PlanValue::shape).toList();
    }

    private Operands operands(Step step, int left, int right) {
        return Operands.of(side(step, left), side(step, right), output(step).shape());
    }

    private Operands.Side side(Step step, int position) {
        return new Operands.Side(position, input(step, position).shape(), uniform.contains(step.inputs().get(position)));
    }

    private static Kernel weight(Instruction.Weight weight, PlanValue output) {
        var key = WeightStore.Key.of(weight, output);
        Shape shape = output.shape();
        return (seat, _) -> List.of(switch (seat.weight(key)) {
            case Numbers(var _, var components) -> new Numbers(shape, components);
            case Bits(var _, var components) -> new Bits(shape, components);
            case PartyValue.Kept(var operand, var _) -> new Numbers(shape, operand.share().components());
            case Public(var _, var values) -> new Public(shape, values);
            case PublicBits(var _, var words) -> new PublicBits(shape, words);
        });
    }

    private static Kernel literal(RingData data, PlanValue output) {
        if (data.length() != 1 && data.length() != output.size()) {
            throw new IllegalArgumentException("literal of " + data.length() + " numbers for " + output.shape());
        }
        PartyValue value = switch (output.kind()) {
            case NUMBER -> new Public(output.shape(), data.toArray());
            case BITS -> new PublicBits(output.shape(), bits(data, output.size()));
        };
        return (_, _) -> List.of(value);
    }

    private static long[] bits(RingData data, int size) {
        long[] values = data.toArray();
        if (values.length != size) {
            long only = values[0];
            values = new long[size];
            Arrays.fill(values, only);
        }
        return PackedBits.pack(values);
    }

    private Kernel multiply(Step step) {
        var terms = new ArrayList<ProductKernel.Term>();
        for (int at = 0; at + 1 < step.inputs().size(); at += 2) {
            // Products commute, and panels are kept for a weight on the right.
            boolean swap = weights.contains(step.inputs().get(at)) && !weights.contains(step.inputs().get(at + 1));
            Operands operands = swap ? operands(step, at + 1, at) : operands(step, at, at + 1);
            var form = new Form.ElementWise(operands.leftWalked(), operands.rightWalked());
            terms.add(new ProductKernel.Term(form, place(step, operands.leftSide()), place(step, operands.rightSide())));
        }
        if (terms.isEmpty() || step.inputs().size() % 2 != 0) {
            throw new IllegalArgumentException("product of " + step.inputs().size() + " operands; expected pairs");
        }
        return new ProductKernel(terms, output(step));
    }

    private Kernel product(Step step, Form form) {
        var left = new ProductKernel.Place(0, step.inputs().get(0), false);
        var right = new ProductKernel.Place(1, step.inputs().get(1), false);
        return new ProductKernel(List.of(new ProductKernel.Term(form, left, right)), output(step));
    }

    private static ProductKernel.Place place(Step step, Operands.Side side) {
        return new ProductKernel.Place(side.position(), step.inputs().get(side.position()), side.uniform());
    }
}
