package dev.sardonyx.secureops.planner;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.planner.StepLog.DraftStep;
import java.util.List;

/**
 * Finds the narrowest ring for each value: from the last reader backwards, each step asks of its inputs what its outputs and its own
 * protocol need. Widths are whole bytes, since a message takes whole bytes an element.
 */
final class Widths {
    private Widths() {
    }

    /** Ring width of each draft by id; all 64 if the pass is off. */
    static int[] of(List<Draft> drafts, List<DraftStep> steps, List<Draft> revealed, boolean planned) {
        int[] need = new int[drafts.size()];
        if (!planned) {
            java.util.Arrays.fill(need, 64);
            for (Draft draft : drafts) {
                need[draft.id()] = draft.isBits() ? 1 : 64;
            }
            return need;
        }
        for (Draft draft : revealed) {
            ask(need, draft, drafts.get(draft.id()).magnitudeBits() + 1);
        }
        for (int i = steps.size() - 1; i >= 0; i--) {
            propagate(need, steps.get(i), drafts);
        }
        for (Draft draft : drafts) {
            need[draft.id()] = draft.isBits() ? 1 : wholeBytes(need[draft.id()]);
        }
        return need;
    }

    private static void propagate(int[] need, DraftStep step, List<Draft> drafts) {
        int output = step.outputs().stream().mapToInt(draft -> wholeBytes(need[draft.id()])).max().orElse(0);
        switch (step.instruction()) {
            case Instruction.Compare compare ->
                ask(need, step.inputs().getFirst(), compare.lowBit() + compare.carry().width());
            case Instruction.Truncate ignored -> {
                Draft input = step.inputs().getFirst();
                ask(need, input, drafts.get(input.id()).magnitudeBits() + 2);
            }
            case Instruction.ShiftLeft shift -> ask(need, step.inputs().getFirst(), output - shift.bits());
            case Instruction.Combine ignored ->
                // Its inputs are bits; its outputs are made together, in one ring.
                step.outputs().forEach(made -> ask(need, made, output));
            case Instruction.Local ignored -> step.inputs().forEach(input -> ask(need, input, output));
            case Instruction.Multiply ignored -> step.inputs().forEach(input -> ask(need, input, output));
            case Instruction.MatMul ignored -> step.inputs().forEach(input -> ask(need, input, output));
            case Instruction.Convolve ignored -> step.inputs().forEach(input -> ask(need, input, output));
            case Instruction.Select ignored -> step.inputs().forEach(input -> ask(need, input, output));
            case Instruction.And ignored -> {
                // Bits.
            }
        }
    }

    private static void ask(int[] need, Draft draft, int width) {
        if (!draft.isBits()) {
            need[draft.id()] = Math.max(need[draft.id()], Math.min(64, width));
        }
    }

    private static int wholeBytes(int width) {
        return Math.clamp((width + 7) / 8 * 8, 8, 64);
    }
}
