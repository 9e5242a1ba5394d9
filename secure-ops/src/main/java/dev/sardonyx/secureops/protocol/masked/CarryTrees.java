package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.plan.CarryTree;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The carry trees among which a planner chooses by its network. */
public final class CarryTrees {
    private static final int WIDEST_FIRST_GROUP = 3;
    private static final int WIDEST_RADIX = 4;
    private static final Map<Integer, List<CarryTree>> KNOWN = new ConcurrentHashMap<>();

    /**
     * What a tree costs for one element and one threshold.
     *
     * @param rounds rounds between the workers
     * @param helperBits bits that the helper sends beforehand
     * @param workerBits bits that each worker sends
     */
    public record Cost(int rounds, int helperBits, int workerBits) {
        public static Cost of(CarryTree tree) {
            var circuit = CarryCircuit.of(tree);
            return new Cost(circuit.rounds(), circuit.sharedPlanes() + circuit.thresholdPlanes(), circuit.openedPlanes());
        }

        boolean noWorseThan(Cost other) {
            return rounds <= other.rounds && helperBits <= other.helperBits && workerBits <= other.workerBits;
        }
    }

    private record Candidate(CarryTree tree, Cost cost) {
    }

    private CarryTrees() {
    }

    /**
     * The trees of a width that no other tree beats in rounds, helper bits and worker bits at once; by rounds, then by helper bits. One
     * tree stands for all of equal cost.
     *
     * @param width bits compared, sign included, 1 to 64
     */
    public static List<CarryTree> candidates(int width) {
        return KNOWN.computeIfAbsent(width, CarryTrees::paretoFront);
    }

    private static List<CarryTree> paretoFront(int width) {
        var all = new ArrayList<Candidate>();
        for (int firstGroup = 1; firstGroup <= WIDEST_FIRST_GROUP; firstGroup++) {
            extend(width, firstGroup, (width - 1 + firstGroup - 1) / firstGroup, List.of(), all);
        }
        all.sort(Comparator.comparingInt((Candidate candidate) -> candidate.cost().rounds())
                .thenComparingInt(candidate -> candidate.cost().helperBits())
                .thenComparingInt(candidate -> candidate.cost().workerBits()));
        var front = new ArrayList<Candidate>();
        for (Candidate candidate : all) {
            if (front.stream().noneMatch(kept -> kept.cost().noWorseThan(candidate.cost()))) {
                front.add(candidate);
            }
        }
        return front.stream().map(Candidate::tree).toList();
    }

    private static void extend(int width, int firstGroup, int groups, List<Integer> radices, List<Candidate> into) {
        if (groups <= 1) {
            var tree = new CarryTree(width, firstGroup, radices);
            into.add(new Candidate(tree, Cost.of(tree)));
            return;
        }
        for (int radix = 2; radix <= Math.min(WIDEST_RADIX, groups); radix++) {
            var longer = new ArrayList<>(radices);
            longer.add(radix);
            extend(width, firstGroup, (groups + radix - 1) / radix, longer, into);
        }
    }
}
