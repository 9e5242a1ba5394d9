package dev.sardonyx.secureops.plan;

import java.util.List;

/**
 * A plan for a batch that is cut along axis 0 of every input and output into lanes that run side by side, each with the parties'
 * roles rotated, so that no party carries the load of the heaviest role alone. A single lane means that nothing is cut. All lanes run the
 * same plan, whose digest thereby stands for all that is run.
 */
public record LanedPlan(List<Lane> lanes) {
    /**
     * @param plan what the lane runs
     * @param rotation role r is played by party (rotation + r) mod parties
     * @param offset first row of the batch in this lane
     * @param rows rows of the batch in this lane; where the plan has more, the rest is filled with copies of the batch's last row
     *        and dropped from the answer
     */
    public record Lane(Plan plan, int rotation, int offset, int rows) {
    }

    public LanedPlan {
        lanes = List.copyOf(lanes);
        if (lanes.isEmpty()) {
            throw new IllegalArgumentException("a plan without lanes");
        }
        Plan first = lanes.getFirst().plan();
        if (lanes.stream().anyMatch(lane -> !lane.plan().equals(first))) {
            throw new IllegalArgumentException("lanes that run different plans, of which the hash tells one only");
        }
    }

    /** A plan that is not cut. */
    public static LanedPlan single(Plan plan) {
        return new LanedPlan(List.of(new Lane(plan, 0, 0, 0)));
    }

    public boolean isCut() {
        return lanes.size() > 1;
    }
}
