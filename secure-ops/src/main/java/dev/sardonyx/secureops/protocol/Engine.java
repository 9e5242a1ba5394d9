package dev.sardonyx.secureops.protocol;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import java.util.List;

/**
 * The interactive half of a protocol at one role: everything that is not linear. Stateless; each call runs one plan step and may
 * block for messages. {@code output} is the plan's word on the result (shape, width).
 *
 * <p>Linear steps act on every component alike and are done above this interface; only the place where a public constant enters is
 * asked for.
 */
public interface Engine {

    /** The component to which a public constant is added at this role, or -1 if this role adds none. */
    int constantSlot(int role);

    /** Prepares of a lasting right operand what products at this role will ask for, so that no request waits for it. */
    default void prepare(int role, Bilinear form, Operand operand) {
        // Products prepare what is missing.
    }

    /** Σ of the products. Valid modulo 2^width of the output. */
    Numbers multiply(StepContext context, List<Product> terms, PlanValue output);

    /** x / 2^bits within one unit in the last place, for |x| &lt; 2^(input.width − 2); lifts to the output's ring. */
    Numbers truncate(StepContext context, Numbers x, int bits, PlanValue input, PlanValue output);

    /**
     * For each threshold t the bits x ≥ t, for |x − t| &lt; 2^(lowBit + carry.width − 1); where lowBit &gt; 0 the difference must stay
     * another 2^(lowBit − 1) below this bound, since bits that are not looked at may lower what is compared by one unit of bit lowBit.
     */
    List<Bits> compare(StepContext context, Numbers x, Instruction.Compare compare, PlanValue input);

    /** bit · x; bits have x's shape. */
    Numbers select(StepContext context, Bits bits, Numbers x, PlanValue output);

    /** The combinations that {@link Instruction.Combine} describes. */
    List<Numbers> combine(StepContext context, List<Bits> bits, Instruction.Combine combine, PlanValue output);

    /** Conjunction of two tensors of bits of one shape. */
    Bits and(StepContext context, Bits a, Bits b);
}
