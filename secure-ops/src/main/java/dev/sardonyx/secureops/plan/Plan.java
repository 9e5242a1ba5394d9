package dev.sardonyx.secureops.plan;

import java.util.List;
import java.util.Optional;

/**
 * What the parties agree on before they start: every value and every step, and who learns what. It holds no weights.
 *
 * @param model name of the model
 * @param protocol name of the protocol that it was planned for
 * @param inputs what the data owner gives
 * @param values all values, by id
 * @param steps all steps, in an order in which steps that can start together stand together
 * @param outputs what is revealed, and to whom
 * @param disclosures what each role learns besides
 */
public record Plan(String model, String protocol, List<InputSpec> inputs, List<PlanValue> values, List<Step> steps,
        List<Output> outputs, List<Disclosure> disclosures) {
    /** The kernel of steps that bring an input into its declared range, whatever its owner shared. */
    public static final String CLAMP = "clamp";

    /**
     * An input of the data owner.
     *
     * @param name as in the model
     * @param value id of its value
     * @param low declared least real value
     * @param high declared greatest real value
     */
    public record InputSpec(String name, int value, double low, double high) {
    }

    /** The output that says whether values stayed within ranges that samples showed, in plans that rely on such ranges. */
    public static final String RANGE_CHECK = "sardonyx.ranges";

    /** A value that is revealed to the data owner under a name; integers and booleans come back as such. */
    public record Output(String name, int value, dev.sardonyx.graph.ElementType type) {
        /** Whether this is no output of the model but the bit that vouches for them. */
        public boolean isRangeCheck() {
            return name.equals(RANGE_CHECK);
        }
    }

    /** Something that a role learns from the plan or the run. */
    public record Disclosure(String role, String what) {
    }

    public Plan {
        inputs = List.copyOf(inputs);
        values = List.copyOf(values);
        steps = List.copyOf(steps);
        outputs = List.copyOf(outputs);
        disclosures = List.copyOf(disclosures);
        for (InputSpec input : inputs) {
            if (!values.get(input.value()).isSecret()) {
                throw new IllegalArgumentException("input '" + input.name() + "' is no secret: every party would be given it");
            }
        }
    }

    /** The outputs that the model has. */
    public List<Output> answers() {
        return outputs.stream().filter(output -> !output.isRangeCheck()).toList();
    }

    public PlanValue value(int id) {
        return values.get(id);
    }

    public List<PlanValue> inputsOf(Step step) {
        return step.inputs().stream().map(values::get).toList();
    }

    public List<PlanValue> outputsOf(Step step) {
        return step.outputs().stream().map(values::get).toList();
    }

    /** Whether every input of numbers is clamped in shares to its declared range. */
    public boolean clampsInputs() {
        return inputs.stream().allMatch(input -> value(input.value()).kind() == PlanValue.Kind.BITS
                || steps.stream().anyMatch(step -> step.kernel().equals(CLAMP) && step.node().equals(input.name())
                        && step.instruction() instanceof Instruction.Compare));
    }

    public Optional<InputSpec> input(String name) {
        return inputs.stream().filter(input -> input.name().equals(name)).findFirst();
    }
}
