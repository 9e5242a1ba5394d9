package dev.sardonyx.secureops.planner;

import java.util.Locale;

/** The planner's optimisations; each has an off switch. Those of the operator graph are in {@code dev.sardonyx.graph}. */
public enum PlanPass {
    /** Truncations wait until a product needs them, past additions, pooling and movement; off: right after each product. */
    TRUNCATION_SINKING,
    /** Comparisons are as wide as the planned range; off: 64 bits. */
    COMPARISON_WIDTH,
    /** Comparisons ignore bits below what the planned precision needs. */
    COMPARISON_LOW_BITS,
    /** The carry tree with the least time on the planned network; off: parallel prefix of radix 2. */
    CARRY_RADIX,
    /** Elements travel modulo 2^w of their planned width; off: 8 bytes each. */
    PLANNED_WIDTH,
    /** A step that was emitted before with the same inputs is not emitted again. */
    SHARED_STEPS,
    /** The select after a ReLU's comparison works on the truncated value, which is made while the comparison runs. */
    PARALLEL_TRUNCATION,
    /** Average pooling's division joins the next truncation. */
    POOLING_DIVISION,
    /** The batch is cut into lanes with rotated roles. */
    LANE_ROTATION,
    /** Values are freed after their last reader; off: at the end. */
    EARLY_FREE,
    /** Softmax and sigmoid before a revealed arg-max are dropped. */
    MONOTONE_HEAD;

    /** As users write it: {@code truncation-sinking}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
