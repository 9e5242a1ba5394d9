package dev.sardonyx.secureops.plan;

import java.util.List;

/**
 * A plan for a batch that is cut along axis 0 of every input and output into lanes that run side by side, each with the parties'
 * roles rotated, so that no party carries the load of the heaviest role alone. A single lane means that nothing is cut.
 *
 * @param plan what every lane runs, for its rows of the batch; its digest thereby stands for all that is run
 */
public record LanedPlan(Plan plan, List<Lane> lanes) {
    /**
     * @param rotation role r is played by party (rotation + r) mod parties
     * @param offset first row of the batch in this lane
     * @param rows rows of the batch in this lane; where the plan has more, the rest is filled with copies of the batch's last row
     *        and dropped from the answer
     */
    public record Lane(int rotation, int offset, int rows) {
    }

    public LanedPlan {
        lanes = List.copyOf(lanes);
        if (lanes.isEmpty()) {
            throw new IllegalArgumentException("a plan without lanes");
        }
    }

    /** A plan that is not cut. */
    public static LanedPlan single(Plan plan) {
        return new LanedPlan(plan, List.of(new Lane(0, 0, 0)));
    }

    public boolean isCut() {
        return lanes.size() > 1;
    }
}
