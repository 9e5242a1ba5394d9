package dev.sardonyx.secureops.plan;

/** The numbers that stand for instructions in a plan's bytes: ordinals, so new ones go to the end. */
final class PlanTags {
    private PlanTags() {
    }

    enum InstructionTag {
        INPUT, WEIGHT, LITERAL, FREE, ADD, SUBTRACT, NEGATE, SHIFT_LEFT, SUM, SUM_WINDOW, CUMULATIVE_SUM, MOVE, XOR, NOT, MULTIPLY, MAT_MUL,
        CONVOLVE, TRUNCATE, COMPARE, SELECT, COMBINE, AND
    }

    enum MovementTag {
        RESHAPE, TRANSPOSE, SLICE, CONCAT, EXPAND, PAD, PICK
    }
}
