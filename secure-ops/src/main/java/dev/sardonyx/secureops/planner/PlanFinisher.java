package dev.sardonyx.secureops.planner;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.plan.Visibility;
import dev.sardonyx.secureops.planner.Lowering.Revealed;
import dev.sardonyx.secureops.planner.StepLog.DraftStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns emitted steps into a plan's: drops what nobody reads, fixes ring widths, orders steps by the round in which they can start (so
 * that independent steps share rounds) and frees values after their last reader.
 */
final class PlanFinisher {
    /** The parts of a plan that follow from the steps. */
    record Finished(List<PlanValue> values, List<Step> steps, Map<Integer, Integer> ids) {
    }

    private record Timed(DraftStep step, int start) {
    }

    private final PlanOptions options;
    private final List<Draft> drafts;
    private final List<DraftStep> live;
    private final List<Revealed> revealed;
    private final PlanValue[] values;

    private PlanFinisher(PlanBuilder builder, List<Revealed> revealed) {
        this.options = builder.options();
        this.drafts = builder.log().drafts();
        this.revealed = revealed;
        List<DraftStep> read = live(builder.log().steps(), revealed);
        int[] widths = Widths.of(drafts, read, revealed.stream().map(Revealed::draft).toList(), options.enabled(PlanPass.PLANNED_WIDTH));
        this.live = read.stream().map(step -> step.inputs().isEmpty() ? step : builder.bits().wholeWidth(step, widths[step.inputs().getFirst().id()])).toList();
        this.values = new PlanValue[drafts.size()];
        Map<Integer, String> names = new HashMap<>();
        live.forEach(step -> step.outputs().forEach(output -> names.put(output.id(), step.node())));
        for (Draft draft : drafts) {
            values[draft.id()] = new PlanValue(draft.id(), names.getOrDefault(draft.id(), ""), draft.kind(), draft.visibility(),
                    draft.shape(), draft.fractionBits(), draft.isBits() ? 1 : draft.magnitudeBits(), draft.range().isNonNegative(),
                    widths[draft.id()]);
        }
    }

    static Finished finish(PlanBuilder builder, List<Revealed> revealed) {
        return new PlanFinisher(builder, revealed).finish();
    }

    private static List<DraftStep> live(List<DraftStep> steps, List<Revealed> revealed) {
        var read = new BitSet();
        revealed.forEach(output -> read.set(output.draft().id()));
        var live = new ArrayList<DraftStep>();
        for (int i = steps.size() - 1; i >= 0; i--) {
            DraftStep step = steps.get(i);
            if (step.instruction() instanceof Instruction.Input || step.outputs().stream().anyMatch(output -> read.get(output.id()))) {
                step.inputs().forEach(input -> read.set(input.id()));
                live.addFirst(step);
            }
        }
        return live;
    }

    private Finished finish() {
        int[] ready = new int[drafts.size()];
        var timed = new ArrayList<Timed>();
        for (DraftStep step : live) {
            int start = step.inputs().stream().mapToInt(input -> ready[input.id()]).max().orElse(0);
            int end = start + options.protocol().cost(step.instruction(), planned(step.inputs()), planned(step.outputs())).rounds();
            step.outputs().forEach(output -> ready[output.id()] = end);
            timed.add(new Timed(step, start));
        }
        timed.sort(Comparator.comparingInt(Timed::start));
        Map<Integer, List<Draft>> frees = frees(timed, ready);

        var ids = new HashMap<Integer, Integer>();
        var finalValues = new ArrayList<PlanValue>();
        var steps = new ArrayList<Step>();
        for (int i = 0; i < timed.size(); i++) {
            DraftStep step = timed.get(i).step();
            for (Draft output : step.outputs()) {
                ids.put(output.id(), finalValues.size());
                finalValues.add(renumbered(values[output.id()], finalValues.size()));
            }
            steps.add(new Step(steps.size(), step.node(), step.kernel(), step.instruction(), renumbered(ids, step.inputs()),
                    renumbered(ids, step.outputs())));
            for (Draft dead : frees.getOrDefault(i, List.of())) {
                steps.add(new Step(steps.size(), step.node(), "free", new Instruction.Free(), List.of(ids.get(dead.id())), List.of()));
            }
        }
        return new Finished(finalValues, steps, ids);
    }

    /**
     * Values to free after each place of the order: behind the last step that starts before the last reader ends, so that waiting for
     * that reader delays nothing that could have started.
     */
    private Map<Integer, List<Draft>> frees(List<Timed> timed, int[] ready) {
        if (!options.enabled(PlanPass.EARLY_FREE)) {
            return Map.of();
        }
        int[] lastEnd = new int[drafts.size()];
        int[] lastPlace = new int[drafts.size()];
        Arrays.fill(lastPlace, -1);
        for (int i = 0; i < timed.size(); i++) {
            DraftStep step = timed.get(i).step();
            int end = step.outputs().stream().mapToInt(output -> ready[output.id()]).max().orElse(timed.get(i).start());
            for (Draft value : step.outputs()) {
                touch(lastEnd, lastPlace, value, end, i);
            }
            for (Draft value : step.inputs()) {
                touch(lastEnd, lastPlace, value, end, i);
            }
        }
        var keep = new BitSet();
        revealed.forEach(output -> keep.set(output.draft().id()));
        var frees = new HashMap<Integer, List<Draft>>();
        for (Timed maker : timed) {
            boolean lasting = maker.step().instruction() instanceof Instruction.Weight
                    || maker.step().instruction() instanceof Instruction.Literal;
            for (Draft value : maker.step().outputs()) {
                if (lasting || keep.get(value.id()) || value.visibility() == Visibility.PUBLIC) {
                    continue;
                }
                int place = lastPlace[value.id()];
                while (place + 1 < timed.size() && timed.get(place + 1).start() < lastEnd[value.id()]) {
                    place++;
                }
                frees.computeIfAbsent(place, key -> new ArrayList<>()).add(value);
            }
        }
        return frees;
    }

    private static void touch(int[] lastEnd, int[] lastPlace, Draft value, int end, int place) {
        lastEnd[value.id()] = Math.max(lastEnd[value.id()], end);
        lastPlace[value.id()] = place;
    }

    private List<PlanValue> planned(List<Draft> list) {
        return list.stream().map(draft -> values[draft.id()]).toList();
    }

    private static List<Integer> renumbered(Map<Integer, Integer> ids, List<Draft> list) {
        return list.stream().map(draft -> ids.get(draft.id())).toList();
    }

    private static PlanValue renumbered(PlanValue value, int id) {
        return new PlanValue(id, value.name(), value.kind(), value.visibility(), value.shape(), value.fractionBits(), value.magnitudeBits(),
                value.nonNegative(), value.width());
    }
}
