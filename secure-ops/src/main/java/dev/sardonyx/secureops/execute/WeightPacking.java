package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Kept;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Packs each of a model's constants for a party's products as soon as it is split, where the parties are in one process with the
 * owner: shares of all constants at once would take as much memory again as the panels.
 */
final class WeightPacking implements Owner.Keeper {
    private record Use(Form form, int rotation) {
    }

    private final Protocol protocol;
    private final Map<WeightStore.Key, List<Use>> uses = new HashMap<>();

    /** @throws RunException of kind BAD_PLAN if the plan cannot be run */
    WeightPacking(LanedPlan plans, Protocol protocol) {
        this.protocol = protocol;
        var known = new IdentityHashMap<Plan, PreparedPlan>();
        Set<WeightStore.Key> others = new HashSet<>();
        for (LanedPlan.Lane lane : plans.lanes()) {
            PreparedPlan prepared = known.computeIfAbsent(lane.plan(), plan -> new PreparedPlan(plan, protocol));
            prepared.weights().forEach((value, key) -> prepared.onlyOperand(value).ifPresentOrElse(
                    form -> uses.computeIfAbsent(key, _ -> new ArrayList<>()).add(new Use(form, lane.rotation())), () -> others.add(key)));
        }
        uses.keySet().removeAll(others);
        uses.values().removeIf(all -> all.stream().map(use -> use.form.layout()).distinct().count() > 1);
    }

    @Override
    public PartyValue kept(int party, WeightStore.Key key, PartyValue share) {
        List<Use> all = uses.getOrDefault(key, List.of());
        if (all.isEmpty() || !(share instanceof Numbers numbers)) {
            return share;
        }
        Operand operand = Operand.lasting(numbers);
        for (Use use : all) {
            protocol.engine().prepare(LaneContext.role(party, use.rotation, protocol.parties()), use.form, operand);
        }
        return new Kept(operand, all.getFirst().form.layout());
    }
}
