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
}
