package dev.sardonyx.secureops.plan;

import java.util.List;

/**
 * What a step costs.
 *
 * @param preprocessingBytes payload bytes that each role sends independently of any input
 * @param onlineBytes payload bytes that each role sends depending on inputs
 * @param rounds length of the step's longest chain of dependent online messages
 */
public record StepCost(List<Long> preprocessingBytes, List<Long> onlineBytes, int rounds) {
    public StepCost {
        preprocessingBytes = List.copyOf(preprocessingBytes);
        onlineBytes = List.copyOf(onlineBytes);
    }

    public static StepCost free(int parties) {
        List<Long> none = java.util.Collections.nCopies(parties, 0L);
        return new StepCost(none, none, 0);
    }

    /**
     * Bytes that the busiest link carries: the mean over parties where lanes rotate roles, else what the role that sends most does. Links
     * work at the same time, and preprocessing of one step overlaps other steps.
     */
    public double busiestLinkBytes(boolean rolesRotate) {
        long most = 0;
        long sum = 0;
        for (int role = 0; role < onlineBytes.size(); role++) {
            long bytes = onlineBytes.get(role) + preprocessingBytes.get(role);
            most = Math.max(most, bytes);
            sum += bytes;
        }
        return rolesRotate ? (double) sum / onlineBytes.size() : most;
    }
}
