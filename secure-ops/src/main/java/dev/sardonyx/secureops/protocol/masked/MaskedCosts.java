package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.protocol.PartyValue;
import java.util.List;

/**
 * What each step of {@link MaskedEngine} sends: by the helper (role 0) beforehand, by each worker (roles 1 and 2) online. Bytes are
 * those of payloads; see {@code docs/protocols.md} for the table.
 */
public final class MaskedCosts {
    private static final int ROLES = 3;

    private MaskedCosts() {
    }

    /** The cost of a step; nothing where it is local or the secret operands are too few to need a message. */
    public static StepCost of(Instruction instruction, List<PlanValue> inputs, List<PlanValue> outputs) {
        if (inputs.stream().noneMatch(PlanValue::isSecret)) {
            return StepCost.free(ROLES);
        }
        return switch (instruction) {
            case Instruction.Local local -> StepCost.free(ROLES);
            case Instruction.Multiply multiply -> product(inputs, outputs.get(0));
            case Instruction.MatMul matMul -> product(inputs, outputs.get(0));
            case Instruction.Convolve convolve -> product(inputs, outputs.get(0));
            case Instruction.Truncate truncate -> truncate(Truncation.of(truncate.bits(), inputs.get(0), outputs.get(0)), outputs.get(0));
            case Instruction.Compare compare -> compare(compare, inputs.get(0).size());
            case Instruction.Select select -> inputs.get(0).isSecret()
                    ? cost(2 * bytes(outputs.get(0)), bytes(outputs.get(0)), 1)
                    : StepCost.free(ROLES);
            case Instruction.Combine combine -> cost(inputs.size() * bytes(outputs.get(0)), outputs.size() * bytes(outputs.get(0)), 1);
            case Instruction.And and -> inputs.stream().allMatch(PlanValue::isSecret)
                    ? cost(planeBytes(outputs.get(0).size()), planeBytes(outputs.get(0).size()), 1)
                    : StepCost.free(ROLES);
        };
    }

    private static StepCost product(List<PlanValue> inputs, PlanValue output) {
        for (int i = 0; i < inputs.size(); i += 2) {
            if (inputs.get(i).isSecret() && inputs.get(i + 1).isSecret()) {
                return cost(bytes(output), bytes(output), 1);
            }
        }
        return StepCost.free(ROLES);
    }

    private static StepCost truncate(Truncation truncation, PlanValue output) {
        return switch (truncation.form()) {
            case REINTERPRET, ZERO -> StepCost.free(ROLES);
            case LOCAL -> cost(bytes(output), 0, 0);
            case CORRECTED -> cost(bytes(output) + (long) output.size() * Wire.bytes(truncation.overflowBits()), bytes(output), 1);
        };
    }

    private static StepCost compare(Instruction.Compare compare, int size) {
        var circuit = CarryCircuit.of(compare.carry());
        long thresholds = compare.thresholds().size();
        if (thresholds == 0) {
            return StepCost.free(ROLES);
        }
        return cost(planeBytes(size) * (circuit.sharedPlanes() + thresholds * circuit.thresholdPlanes()),
                planeBytes(size) * thresholds * circuit.openedPlanes(), circuit.rounds());
    }

    private static long bytes(PlanValue value) {
        return (long) value.size() * value.bytesPerElement();
    }

    private static long planeBytes(int size) {
        return 8L * PartyValue.Bits.words(size);
    }

    private static StepCost cost(long helper, long worker, int rounds) {
        return new StepCost(List.of(helper, 0L, 0L), List.of(0L, worker, worker), rounds);
    }
}
