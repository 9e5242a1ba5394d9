package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.planner.ModelPlanner.PlannedModel;
import dev.sardonyx.secureops.planner.Planner.Trace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans whose planner chose too coarse a scale for one value: it is truncated to it, and back in its old form for those who read it. */
final class CoarsePlan {
    private CoarsePlan() {
    }

    /** The plan with the value kept at so many fraction bits, if it has a value of its own and more bits than that. */
    static Optional<Compiled> of(Compiled compiled, ValueId id, int bits) {
        Plan plan = compiled.plan();
        Trace trace = compiled.planned().traces().get(id);
        if (trace == null) {
            return Optional.empty();
        }
        PlanValue fine = plan.value(trace.value());
        int shift = fine.fractionBits() - bits;
        String origin = compiled.planned().graph().nodes().stream().filter(node -> node.outputs().contains(id)).findFirst().orElseThrow().origin().name();
        if (shift < 1 || !fine.name().equals(origin) || fine.kind() != PlanValue.Kind.NUMBER) {
            return Optional.empty();
        }
        List<PlanValue> values = new ArrayList<>(plan.values());
        var coarse = new PlanValue(values.size(), fine.name(), fine.kind(), fine.visibility(), fine.shape(), bits, Math.max(1, fine.magnitudeBits() - shift),
                fine.nonNegative(), fine.width());
        var back = new PlanValue(values.size() + 1, fine.name(), fine.kind(), fine.visibility(), fine.shape(), fine.fractionBits(), fine.magnitudeBits(),
                fine.nonNegative(), fine.width());
        values.add(coarse);
        values.add(back);
        List<Step> steps = new ArrayList<>();
        for (Step step : plan.steps()) {
            boolean frees = step.instruction() instanceof Instruction.Free;
            List<Integer> inputs = step.inputs().stream().map(input -> input == fine.id() && !frees ? back.id() : input).toList();
            steps.add(new Step(steps.size(), step.node(), step.kernel(), step.instruction(), inputs, step.outputs()));
            if (step.outputs().contains(fine.id())) {
                steps.add(new Step(steps.size(), origin, "coarse", new Instruction.Truncate(shift), List.of(fine.id()), List.of(coarse.id())));
                steps.add(new Step(steps.size(), origin, "coarse", new Instruction.ShiftLeft(shift), List.of(coarse.id()), List.of(back.id())));
            }
        }
        List<Plan.Output> outputs = plan.outputs().stream().map(output -> output.value() == fine.id() ? new Plan.Output(output.name(), back.id(), output.type()) : output).toList();
        Map<ValueId, Trace> traces = new HashMap<>(compiled.planned().traces());
        traces.replaceAll((_, old) -> old.value() == fine.id() ? new Trace(back.id(), old.range()) : old);
        var changed = new Plan(plan.model(), plan.protocol(), plan.inputs(), values, steps, outputs, plan.disclosures());
        PlannedModel planned = compiled.planned();
        return Optional.of(new Compiled(new PlannedModel(LanedPlan.single(changed), planned.constants(), planned.graph(), planned.effects(), traces, planned.accuracy()), compiled.batch()));
    }
}
