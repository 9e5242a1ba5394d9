package dev.sardonyx.secureops.plan;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Window;
import dev.sardonyx.secureops.plan.PlanTags.InstructionTag;
import dev.sardonyx.secureops.plan.PlanTags.MovementTag;

/** Writes one plan; {@link PlanReader} is its mirror image. */
final class PlanWriter {
    private final PlanOutput out;

    PlanWriter(PlanOutput out) {
        this.out = out;
    }

    void plan(Plan plan) {
        out.text(plan.model());
        out.text(plan.protocol());
        out.list(plan.values(), this::value);
        out.list(plan.inputs(), input -> {
            out.text(input.name());
            out.count(input.value());
            out.real(input.low());
            out.real(input.high());
        });
        out.list(plan.steps(), this::step);
        out.list(plan.outputs(), output -> {
            out.text(output.name());
            out.count(output.value());
            out.text(output.type().name());
        });
        out.list(plan.disclosures(), disclosure -> {
            out.text(disclosure.role());
            out.text(disclosure.what());
        });
    }

    private void value(PlanValue value) {
        out.text(value.name());
        out.count(value.kind().ordinal());
        out.count(value.visibility().ordinal());
        shape(value.shape());
        out.signed(value.fractionBits());
        out.signed(value.magnitudeBits());
        out.flag(value.nonNegative());
        out.count(value.width());
    }

    private void shape(Shape shape) {
        out.list(shape.dims(), out::count);
    }

    private void step(Step step) {
        out.text(step.node());
        out.text(step.kernel());
        instruction(step.instruction());
        out.list(step.inputs(), out::count);
        out.list(step.outputs(), out::count);
    }

    private void tag(InstructionTag tag) {
        out.count(tag.ordinal());
    }

    private void instruction(Instruction instruction) {
        switch (instruction) {
            case Instruction.Input(String name) -> {
                tag(InstructionTag.INPUT);
                out.text(name);
            }
            case Instruction.Weight(var constant) -> {
                tag(InstructionTag.WEIGHT);
                out.count(constant.index());
            }
            case Instruction.Literal(RingData data) -> {
                tag(InstructionTag.LITERAL);
                out.count(data.length());
                for (long value : data.toArray()) {
                    out.signed(value);
                }
            }
            case Instruction.Free _ -> tag(InstructionTag.FREE);
            case Instruction.Add _ -> tag(InstructionTag.ADD);
            case Instruction.Subtract _ -> tag(InstructionTag.SUBTRACT);
            case Instruction.Negate _ -> tag(InstructionTag.NEGATE);
            case Instruction.ShiftLeft(int bits) -> {
                tag(InstructionTag.SHIFT_LEFT);
                out.signed(bits);
            }
            case Instruction.Sum(var axes) -> {
                tag(InstructionTag.SUM);
                out.integers(axes);
            }
            case Instruction.SumWindow(Window window) -> {
                tag(InstructionTag.SUM_WINDOW);
                window(window);
            }
            case Instruction.CumulativeSum(int axis, boolean exclusive, boolean reverse) -> {
                tag(InstructionTag.CUMULATIVE_SUM);
                out.signed(axis);
                out.flag(exclusive);
                out.flag(reverse);
            }
            case Instruction.Move(Op.Movement movement) -> {
                tag(InstructionTag.MOVE);
                movement(movement);
            }
            case Instruction.Xor _ -> tag(InstructionTag.XOR);
            case Instruction.Not _ -> tag(InstructionTag.NOT);
            case Instruction.Multiply _ -> tag(InstructionTag.MULTIPLY);
            case Instruction.MatMul _ -> tag(InstructionTag.MAT_MUL);
            case Instruction.Convolve(Window window, int groups) -> {
                tag(InstructionTag.CONVOLVE);
                window(window);
                out.count(groups);
            }
            case Instruction.Truncate(int bits) -> {
                tag(InstructionTag.TRUNCATE);
                out.signed(bits);
            }
            case Instruction.Compare(var thresholds, int lowBit, CarryTree carry) -> {
                tag(InstructionTag.COMPARE);
                out.longs(thresholds);
                out.count(lowBit);
                out.count(carry.width());
                out.count(carry.firstGroup());
                out.integers(carry.radices());
            }
            case Instruction.Select _ -> tag(InstructionTag.SELECT);
            case Instruction.Combine(var base, var coefficients) -> {
                tag(InstructionTag.COMBINE);
                out.longs(base);
                out.list(coefficients, out::longs);
            }
            case Instruction.And _ -> tag(InstructionTag.AND);
        }
    }

    private void window(Window window) {
        out.integers(window.kernel());
        out.integers(window.strides());
        out.integers(window.dilations());
        out.integers(window.padsBegin());
        out.integers(window.padsEnd());
    }

    private void tag(MovementTag tag) {
        out.count(tag.ordinal());
    }

    private void movement(Op.Movement movement) {
        switch (movement) {
            case Op.Reshape(Shape shape) -> {
                tag(MovementTag.RESHAPE);
                shape(shape);
            }
            case Op.Transpose(var permutation) -> {
                tag(MovementTag.TRANSPOSE);
                out.integers(permutation);
            }
            case Op.Slice(var starts, var steps, var sizes) -> {
                tag(MovementTag.SLICE);
                out.integers(starts);
                out.integers(steps);
                out.integers(sizes);
            }
            case Op.Concat(int axis) -> {
                tag(MovementTag.CONCAT);
                out.signed(axis);
            }
            case Op.Expand(Shape shape) -> {
                tag(MovementTag.EXPAND);
                shape(shape);
            }
            case Op.Pad(var before, var after, double value) -> {
                tag(MovementTag.PAD);
                out.integers(before);
                out.integers(after);
                out.real(value);
            }
            case Op.Pick(Shape shape, var indices) -> {
                tag(MovementTag.PICK);
                shape(shape);
                out.count(indices.length());
                for (int index : indices.toArray()) {
                    out.signed(index);
                }
            }
        }
    }
}
