package dev.sardonyx.secureops.plan;

import dev.sardonyx.secureops.protocol.Protocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a plan costs by its protocol's declared formulas; no kernel and no protocol runs.
 *
 * @param steps cost of each step, by index
 * @param preprocessingBytes by role
 * @param onlineBytes by role
 * @param rounds longest chain of dependent online messages
 * @param preprocessingRounds longest chain of messages that depend on no input
 */
public record PlanCost(List<StepCost> steps, long[] preprocessingBytes, long[] onlineBytes, int rounds, int preprocessingRounds) {

    public static PlanCost of(Plan plan, Protocol protocol) {
        int roles = protocol.parties();
        long[] preprocessing = new long[roles];
        long[] online = new long[roles];
        int[] ready = new int[plan.values().size()];
        int rounds = 0;
        var costs = new ArrayList<StepCost>();
        for (Step step : plan.steps()) {
            StepCost cost = protocol.cost(step.instruction(), plan.inputsOf(step), plan.outputsOf(step));
            costs.add(cost);
            for (int role = 0; role < roles; role++) {
                preprocessing[role] += cost.preprocessingBytes().get(role);
                online[role] += cost.onlineBytes().get(role);
            }
            int end = step.inputs().stream().mapToInt(id -> ready[id]).max().orElse(0) + cost.rounds();
            step.outputs().forEach(id -> ready[id] = end);
            rounds = Math.max(rounds, end);
        }
        boolean prepares = Arrays.stream(preprocessing).anyMatch(bytes -> bytes > 0);
        return new PlanCost(List.copyOf(costs), preprocessing, online, rounds, prepares ? 1 : 0);
    }

    /** Bytes that each party sends, preprocessing and online, over all lanes of a laned plan. */
    public static long[] bytesPerParty(LanedPlan laned, Protocol protocol) {
        return perParty(laned, protocol, true);
    }

    /** Of {@link #bytesPerParty} those that depend on no input: a dealer's, or those of parties that help in turn. */
    public static long[] preprocessingBytesPerParty(LanedPlan laned, Protocol protocol) {
        return perParty(laned, protocol, false);
    }

    private static long[] perParty(LanedPlan laned, Protocol protocol, boolean online) {
        PlanCost cost = of(laned.plan(), protocol);
        long[] bytes = new long[protocol.parties()];
        for (LanedPlan.Lane lane : laned.lanes()) {
            for (int role = 0; role < bytes.length; role++) {
                int party = (lane.rotation() + role) % bytes.length;
                bytes[party] += cost.preprocessingBytes[role] + (online ? cost.onlineBytes[role] : 0);
            }
        }
        return bytes;
    }
}
