package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.Plan.Disclosure;
import dev.sardonyx.secureops.planner.Lowering.Revealed;
import dev.sardonyx.secureops.planner.PlanFinisher.Finished;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * From an operator graph to a plan. Deterministic: the same graph and options give the same plan, byte for byte.
 */
public final class Planner {
    /**
     * A plan with the numbers it refers to.
     *
     * @param plan what the parties agree on
     * @param constants the model owner's side: the tensor behind each {@code Weight} step
     * @param traces where the plan holds the graph's values; those that no step makes any more are missing
     * @param accuracy bounds how far values may be from the model's
     */
    public record Planned(Plan plan, Map<ValueId, Constant> constants, Map<ValueId, Trace> traces, AccuracyAnalysis accuracy) {
    }

    /**
     * A value of the graph in its plan.
     *
     * @param value id in the plan
     * @param range bounds of its real value, as planned
     */
    public record Trace(int value, Interval range) {
    }

    private Planner() {
    }

    /**
     * Plans a graph.
     *
     * @throws PlanException listing every node without a secure kernel, or naming the first node whose values could leave the ring
     */
    public static Planned plan(String model, Graph graph, PlanOptions options) {
        Set<String> known = Arrays.stream(PlanPass.values()).map(PlanPass::label).collect(Collectors.toUnmodifiableSet());
        for (String disabled : options.disabled()) {
            if (!known.contains(disabled)) {
                throw new PlanException(PlanException.Kind.OPTION, disabled, "pass", "unknown; expected one of "
                        + known.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
        Graph prepared = RevealRewrite.apply(Canonical.of(graph), options);
        return plan(model, prepared, DeclaredWeights.bounded(prepared, options), options.trust().weights().isPresent());
    }

    private static Planned plan(String model, Graph prepared, PlanOptions options, boolean weightsDeclared) {
        var lowering = new Lowering(prepared, options);
        List<Revealed> revealed = lowering.run();
        Finished finished = PlanFinisher.finish(lowering.builder(), revealed);
        var inputs = prepared.inputs().stream().map(id -> {
            String name = prepared.value(id).name();
            Interval range = options.inputRanges().getOrDefault(name, Interval.UNIT);
            int value = finished.steps().stream()
                    .filter(step -> step.instruction() instanceof dev.sardonyx.secureops.plan.Instruction.Input input
                            && input.name().equals(name))
                    .findFirst().orElseThrow().outputs().getFirst();
            return new Plan.InputSpec(name, value, range.low(), range.high());
        }).toList();
        var outputs = revealed.stream()
                .map(output -> new Plan.Output(output.name(), finished.ids().get(output.draft().id()), output.type()))
                .toList();
        var plan = new Plan(model, options.protocol().name(), inputs, finished.values(), finished.steps(), outputs,
                disclosures(prepared, options, outputs, weightsDeclared));
        return new Planned(plan, prepared.constants(), lowering.traces(finished.ids()), lowering.accuracy(revealed));
    }

    private static String text(Interval bounds) {
        return "[" + bounds.low() + ", " + bounds.high() + "]";
    }

    private static List<Disclosure> disclosures(Graph graph, PlanOptions options, List<Plan.Output> outputs, boolean weightsDeclared) {
        var list = new ArrayList<Disclosure>();
        String names = outputs.stream().filter(output -> !output.isRangeCheck()).map(Plan.Output::name).collect(Collectors.joining(", "));
        list.add(new Disclosure("the data owner", switch (options.reveal()) {
            case PlanOptions.Reveal.All() -> "every number of " + names;
            case PlanOptions.Reveal.ArgMax() -> "the index of the greatest score of " + names;
            case PlanOptions.Reveal.TopK(int k) -> "the indices of the " + k + " greatest scores of " + names;
        }));
        if (outputs.stream().anyMatch(Plan.Output::isRangeCheck)) {
            list.add(new Disclosure("the data owner", "one bit: whether every value stayed within the ranges that calibration samples showed"));
        }
        list.add(new Disclosure("every party", "the plan: operators, shapes, scales, and declared input ranges"));
        if (options.publicWeights()) {
            list.add(new Disclosure("every party", "all constants of the model (--model-visibility public)"));
        } else {
            long scalars = graph.constants().values().stream()
                    .filter(constant -> !constant.isSecret() && constant.tensor().shape().equals(Shape.SCALAR)
                            && constant.tensor().type().isFloating())
                    .count();
            if (scalars > 0) {
                list.add(new Disclosure("every party", scalars + " scalar constants written in the graph (hyperparameters)"));
            }
            switch (options.ranges()) {
                case PRIVATE_DERIVED -> list.add(new Disclosure("every party", "bounds of intermediate values that come from the weights, to powers of two"));
                case DECLARED -> options.trust().weights().ifPresent(bounds -> list.add(new Disclosure("every party", weightsDeclared
                        ? "that every weight lies in " + text(bounds.each()) + ", as declared"
                        : "that every weight lies in " + text(bounds.each()) + " and that the sizes of any row of n weights add up to at most "
                                + bounds.rows() + "·√n: two bounds of all weights together, rounded up to four bits")));
            }
        }
        if (!options.calibration().isEmpty()) {
            list.add(new Disclosure("every party", "bounds of intermediate values that come from calibration samples, to powers of two"));
        }
        return list;
    }
}
