package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Kept;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Packs each of a model's constants for a party's products as soon as it is split, where the parties are in one process with the
 * owner: shares of all constants at once would take as much memory again as the panels.
 */
final class WeightPacking implements Owner.Keeper {
    private final Protocol protocol;
    private final List<Integer> rotations;
    private final Map<WeightStore.Key, List<Form>> forms = new HashMap<>();

    /** @throws RunException of kind BAD_PLAN if the plan cannot be run */
    WeightPacking(LanedPlan plans, Protocol protocol) {
        this.protocol = protocol;
        this.rotations = plans.lanes().stream().map(LanedPlan.Lane::rotation).distinct().toList();
        Set<WeightStore.Key> others = new HashSet<>();
        var prepared = new PreparedPlan(plans.plan(), protocol);
        prepared.weights().forEach((value, key) -> prepared.onlyOperand(value).ifPresentOrElse(
                form -> forms.computeIfAbsent(key, _ -> new ArrayList<>()).add(form), () -> others.add(key)));
        forms.keySet().removeAll(others);
        forms.values().removeIf(all -> all.stream().map(Form::layout).distinct().count() > 1);
    }

    @Override
    public PartyValue kept(int party, WeightStore.Key key, PartyValue share) {
        List<Form> all = forms.getOrDefault(key, List.of());
        if (all.isEmpty() || !(share instanceof Numbers numbers)) {
            return share;
        }
        Operand operand = Operand.lasting(numbers);
        for (int rotation : rotations) {
            int role = LaneContext.role(party, rotation, protocol.parties());
            all.forEach(form -> protocol.engine().prepare(role, form, operand));
        }
        return new Kept(operand, all.getFirst().layout());
    }
}
