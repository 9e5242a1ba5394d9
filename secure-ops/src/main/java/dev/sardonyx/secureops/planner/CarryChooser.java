package dev.sardonyx.secureops.planner;

import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Chooses the carry tree of a comparison: the one that takes the least time on the planned network by the protocol's own costs. */
final class CarryChooser {
    private record Question(int width, int thresholds, int size) {
    }

    private final PlanOptions options;
    private final Map<Question, CarryTree> answers = new HashMap<>();

    CarryChooser(PlanOptions options) {
        this.options = options;
    }

    CarryTree choose(int width, int thresholds, Draft x) {
        return answers.computeIfAbsent(new Question(width, thresholds, x.size()), question -> search(width, thresholds, x));
    }

    private CarryTree search(int width, int thresholds, Draft x) {
        if (!options.enabled(PlanPass.CARRY_RADIX)) {
            return CarryTree.uniform(width, 1, 2);
        }
        CarryTree best = CarryTree.uniform(width, 2, 2);
        double bestSeconds = seconds(best, thresholds, x);
        for (int firstGroup = 1; firstGroup <= 4; firstGroup++) {
            for (List<Integer> radices : radixLists((width - 1 + firstGroup - 1) / firstGroup)) {
                var tree = new CarryTree(width, firstGroup, radices);
                double seconds = seconds(tree, thresholds, x);
                if (seconds < bestSeconds) {
                    best = tree;
                    bestSeconds = seconds;
                }
            }
        }
        return best;
    }

    private double seconds(CarryTree tree, int thresholds, Draft x) {
        var compare = new Instruction.Compare(Collections.nCopies(thresholds, 0L), 0, tree);
        var input = new PlanValue(0, "", PlanValue.Kind.NUMBER, x.visibility(), x.shape(), 0, 62, false, 64);
        var bits = new PlanValue(1, "", PlanValue.Kind.BITS, x.visibility(), x.shape(), 0, 1, true, 1);
        StepCost cost = options.protocol().cost(compare, List.of(input), Collections.nCopies(thresholds, bits));
        return options.network().seconds(cost.rounds(), cost.busiestLinkBytes(options.protocol().rolesRotate()));
    }

    /** Every sequence of radices 2 to 4 that joins {@code groups} groups into one. */
    private static List<List<Integer>> radixLists(int groups) {
        if (groups <= 1) {
            return List.of(List.of());
        }
        var lists = new ArrayList<List<Integer>>();
        for (int radix = 2; radix <= 4; radix++) {
            for (List<Integer> rest : radixLists((groups + radix - 1) / radix)) {
                var list = new ArrayList<Integer>();
                list.add(radix);
                list.addAll(rest);
                lists.add(list);
            }
        }
        return lists;
    }
}
