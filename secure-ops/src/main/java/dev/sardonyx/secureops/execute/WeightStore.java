package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Kept;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** One party's shares of a model's learned constants, and the panels packed from them. Serves all lanes of all requests. */
public final class WeightStore {
    /**
     * Names one encoding of a constant: lanes and steps that want it at one scale share it.
     *
     * @param constant the constant of the graph
     * @param kind numbers or bits
     * @param fractionBits its scale
     * @param secret shared, or known to all parties
     */
    public record Key(ValueId constant, PlanValue.Kind kind, int fractionBits, boolean secret) {
        /** The encoding that a weight step asks for. */
        public static Key of(Instruction.Weight weight, PlanValue value) {
            return new Key(weight.constant(), value.kind(), value.fractionBits(), value.isSecret());
        }
    }

    private record Panel(Key key, String layout) {
    }

    private final Map<Key, PartyValue> values;
    private final Map<Panel, Operand> operands = new ConcurrentHashMap<>();

    /** The values' arrays are given up to the store. */
    public WeightStore(Map<Key, PartyValue> values) {
        this.values = new ConcurrentHashMap<>(values);
    }

    /**
     * A constant's share, put together again where only panels of it are kept.
     *
     * @throws RunException if the model's owner did not give this constant
     */
    PartyValue get(Key key) {
        PartyValue value = values.get(key);
        if (value == null) {
            throw new RunException(RunException.Kind.REFUSED, "constant %" + key.constant().index() + " at scale 2^" + key.fractionBits()
                    + " is not among the " + values.size() + " that the model owner gave");
        }
        return value instanceof Kept(var operand, var _) ? operand.share() : value;
    }

    /** All values, ordered by their keys. */
    List<PartyValue> ordered() {
        return values.entrySet().stream().sorted(Map.Entry.comparingByKey(Comparator.comparingInt((Key key) -> key.constant().index())
                .thenComparing(Key::kind).thenComparingInt(Key::fractionBits).thenComparing(Key::secret))).map(Map.Entry::getValue).toList();
    }

    /**
     * A shared number as a product's right operand; from now on the store keeps of it no more than that. Empty for what is not shared or
     * no number.
     */
    synchronized Optional<Kept> kept(Key key, String layout) {
        if (values.get(key) instanceof Kept known && known.layout().equals(layout)) {
            return Optional.of(known);
        }
        if (!(get(key) instanceof Numbers share)) {
            return Optional.empty();
        }
        var kept = new Kept(Operand.lasting(share), layout);
        values.put(key, kept);
        return Optional.of(kept);
    }

    /** The constant as a right operand of products in one layout, whatever role this party plays in the lane that asks. */
    Operand operand(Key key, String layout, Numbers share) {
        return operands.computeIfAbsent(new Panel(key, layout), _ -> Operand.lasting(share));
    }

    /** Bytes of the shares held, without panels. */
    public long bytes() {
        return values.values().stream().mapToLong(LiveBytes::of).sum();
    }

    @Override
    public String toString() {
        return "WeightStore[" + values.size() + " constants]";
    }
}
