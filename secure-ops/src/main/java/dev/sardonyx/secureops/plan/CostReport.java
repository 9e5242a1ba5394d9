package dev.sardonyx.secureops.plan;

import dev.sardonyx.secureops.protocol.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A plan's predicted cost by ONNX node, for people: which kernel serves it, in how many steps, and what it sends.
 *
 * @param nodes in the order of their first step
 * @param total of the whole plan
 */
public record CostReport(List<NodeCost> nodes, PlanCost total) {
    public CostReport {
        nodes = List.copyOf(nodes);
    }

    /**
     * What one ONNX node costs.
     *
     * @param node its name
     * @param kernel the secure kernel
     * @param steps steps that do something (moves and frees left out)
     * @param result the last value it makes
     * @param bytes by role, preprocessing and online
     * @param rounds rounds of its longest chain, counted from its own first message
     */
    public record NodeCost(String node, String kernel, int steps, PlanValue result, List<Long> bytes, int rounds) {
    }

    /** Sums a plan's costs by node. */
    public static CostReport of(Plan plan, Protocol protocol) {
        PlanCost total = PlanCost.of(plan, protocol);
        Map<String, List<Step>> byNode = new LinkedHashMap<>();
        for (Step step : plan.steps()) {
            boolean source = step.instruction() instanceof Instruction.Weight || step.instruction() instanceof Instruction.Literal
                    || step.instruction() instanceof Instruction.Free || step.instruction() instanceof Instruction.Input;
            if (!source) {
                byNode.computeIfAbsent(step.node(), key -> new ArrayList<>()).add(step);
            }
        }
        var nodes = new ArrayList<NodeCost>();
        byNode.forEach((node, steps) -> nodes.add(nodeCost(plan, protocol, total, node, steps)));
        return new CostReport(nodes, total);
    }

    private static NodeCost nodeCost(Plan plan, Protocol protocol, PlanCost total, String node, List<Step> steps) {
        long[] bytes = new long[protocol.parties()];
        Map<Integer, Integer> ready = new LinkedHashMap<>();
        int rounds = 0;
        for (Step step : steps) {
            StepCost cost = total.steps().get(step.index());
            for (int role = 0; role < bytes.length; role++) {
                bytes[role] += cost.preprocessingBytes().get(role) + cost.onlineBytes().get(role);
            }
            int end = step.inputs().stream().mapToInt(id -> ready.getOrDefault(id, 0)).max().orElse(0) + cost.rounds();
            step.outputs().forEach(id -> ready.put(id, end));
            rounds = Math.max(rounds, end);
        }
        long working = steps.stream().filter(step -> !(step.instruction() instanceof Instruction.Move)).count();
        Step last = steps.getLast();
        return new NodeCost(node, mainKernel(steps, total), (int) working, plan.value(last.outputs().getLast()),
                java.util.Arrays.stream(bytes).boxed().toList(), rounds);
    }

    /** The kernel whose steps send most, the first of equals: a convolution's bias is an addition, but the node is a convolution. */
    private static String mainKernel(List<Step> steps, PlanCost total) {
        Map<String, Long> sent = new LinkedHashMap<>();
        for (Step step : steps) {
            StepCost cost = total.steps().get(step.index());
            long bytes = 0;
            for (int role = 0; role < cost.onlineBytes().size(); role++) {
                bytes += cost.onlineBytes().get(role) + cost.preprocessingBytes().get(role);
            }
            sent.merge(step.kernel(), bytes, Long::sum);
        }
        String main = steps.getFirst().kernel();
        for (var kernel : sent.entrySet()) {
            main = kernel.getValue() > sent.get(main) ? kernel.getKey() : main;
        }
        return main;
    }
}
