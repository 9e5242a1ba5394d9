package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.protocol.Engine;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Kept;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.StepContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A plan at one party in one role with the model's weights in place: what all requests have in common. */
final class PreparedLane {
    private record Panel(int value, String layout) {
    }

    private final PreparedPlan prepared;
    private final Engine engine;
    private final int role;
    private final int constantSlot;
    private final WeightStore weights;
    private final @Nullable PartyValue[] lasting;
    private final Map<Panel, Operand> operands = new ConcurrentHashMap<>();

    /** Runs the steps that last. */
    PreparedLane(PreparedPlan prepared, Engine engine, int role, WeightStore weights) {
        this.prepared = prepared;
        this.engine = engine;
        this.role = role;
        this.constantSlot = engine.constantSlot(role);
        this.weights = weights;
        this.lasting = new @Nullable PartyValue[prepared.plan().values().size()];
        var seat = new LoadSeat();
        for (Step step : prepared.plan().steps()) {
            if (prepared.memory().lasting(step.index())) {
                List<PartyValue> outputs = keptWeight(step).orElseGet(() -> prepared.kernel(step.index()).run(seat, inputs(step, lasting)));
                for (int i = 0; i < outputs.size(); i++) {
                    int id = step.outputs().get(i);
                    lasting[id] = kept(id, outputs.get(i));
                }
            }
        }
        for (int id = 0; id < lasting.length; id++) {
            if (!prepared.isRead(id)) {
                lasting[id] = null;
            }
        }
    }

    /** A weight that is only multiplied by, without putting its share together. */
    private Optional<List<PartyValue>> keptWeight(Step step) {
        if (!(step.instruction() instanceof Instruction.Weight)) {
            return Optional.empty();
        }
        int id = step.outputs().getFirst();
        WeightStore.Key key = prepared.weight(id);
        return key == null ? Optional.empty()
                : prepared.onlyOperand(id).flatMap(form -> weights.kept(key, form.layout())).map(List::of);
    }

    /** What is kept of a value: of a share that is only multiplied by, its operand. */
    private PartyValue kept(int id, PartyValue value) {
        Optional<Form> form = prepared.onlyOperand(id);
        if (form.isEmpty()) {
            return value;
        }
        PartyValue kept = value instanceof Numbers share ? new Kept(Operand.lasting(share), form.get().layout()) : value;
        if (kept instanceof Kept(var operand, var _)) {
            engine.prepare(role, form.get(), operand);
        }
        return kept;
    }

    /** The values that a step reads; all are there. */
    static List<PartyValue> inputs(Step step, @Nullable PartyValue[] values) {
        var inputs = new ArrayList<PartyValue>(step.inputs().size());
        for (int id : step.inputs()) {
            PartyValue value = values[id];
            if (value == null) {
                throw new IllegalStateException(PreparedPlan.describe(step) + " started without value %" + id);
            }
            inputs.add(value);
        }
        return inputs;
    }

    PreparedPlan prepared() {
        return prepared;
    }

    Engine engine() {
        return engine;
    }

    int role() {
        return role;
    }

    int constantSlot() {
        return constantSlot;
    }

    /** The values that outlive requests, by id; others are null. A fresh array. */
    @Nullable PartyValue[] values() {
        return lasting.clone();
    }

    Operand operand(int value, String layout, Numbers share) {
        WeightStore.Key key = prepared.weight(value);
        if (key != null) {
            return weights.operand(key, layout, share);
        }
        return prepared.memory().lastingValue(value)
                ? operands.computeIfAbsent(new Panel(value, layout), _ -> Operand.lasting(share))
                : Operand.passing(share);
    }

    /** The seat of steps that run when the model is loaded: no messages, no inputs. */
    private final class LoadSeat implements Seat {
        @Override
        public Engine engine() {
            return engine;
        }

        @Override
        public int constantSlot() {
            return constantSlot;
        }

        @Override
        public StepContext context() {
            throw new IllegalStateException("a step that lasts wants to send");
        }

        @Override
        public void settle() {
            // Without messages nothing is left open.
        }

        @Override
        public PartyValue input(String name) {
            throw new IllegalStateException("a step that lasts reads input '" + name + "'");
        }

        @Override
        public PartyValue weight(WeightStore.Key key) {
            return weights.get(key);
        }

        @Override
        public Operand operand(int value, String layout, Numbers share) {
            return PreparedLane.this.operand(value, layout, share);
        }
    }
}
