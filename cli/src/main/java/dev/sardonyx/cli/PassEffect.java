package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * What one pass saves on a model: the plan without it, less the plan as it is.
 *
 * @param enabled false if it is switched off anyway, and saves nothing
 * @param rounds rounds saved
 * @param bytes bytes saved at the busiest party; negative where the pass spends bytes to save rounds
 */
record PassEffect(String name, boolean enabled, int rounds, long bytes) {

    static List<PassEffect> ofAll(Function<Set<String>, Compiled> planner, Compiled asItIs, PlanOptions options) {
        List<PassEffect> effects = new ArrayList<>();
        for (String pass : ModelPlanner.passNames()) {
            if (options.disabled().contains(pass)) {
                effects.add(new PassEffect(pass, false, 0, 0));
                continue;
            }
            Set<String> without = new HashSet<>(options.disabled());
            without.add(pass);
            Compiled other = planner.apply(without);
            effects.add(new PassEffect(pass, true, rounds(other, options) - rounds(asItIs, options), busiest(other, options) - busiest(asItIs, options)));
        }
        return effects;
    }

    static int rounds(Compiled compiled, PlanOptions options) {
        return PlanCost.of(compiled.plan(), options.protocol()).rounds();
    }

    static long busiest(Compiled compiled, PlanOptions options) {
        return Arrays.stream(PlanCost.bytesPerParty(compiled.plans(), options.protocol())).max().orElse(0);
    }
}
