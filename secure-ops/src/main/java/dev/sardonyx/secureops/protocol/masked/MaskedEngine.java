package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.Bilinear;
import dev.sardonyx.secureops.protocol.Engine;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.Product;
import dev.sardonyx.secureops.protocol.StepContext;
import java.util.List;

/**
 * The interactive steps on values {@code x = m + a + b} modulo 2^width (bits: exclusive or): both workers know m, the left one a, the
 * right one b, the helper a and b.
 *
 * <p>Everything the helper does depends on masks alone. It draws new masks in common with the workers, shares products of masks
 * between them, sends one message a step, to the right worker, and never receives. The workers exchange shares of masked results.
 * Every message is covered, over the whole of the ring it travels in, by a draw that its receiver does not know and that covers nothing
 * else; so each role's view can be made from its own input shares and uniform noise (semi-honest, one corrupted role).
 *
 * <p>Sources: the masked evaluation of products is that of ASTRA (Chaudhari, Choudhury, Patra, Suresh, CCSW 2019) and ABY2.0 (Patra,
 * Schneider, Suresh, Yalame, USENIX Security 2021); see {@code docs/protocols.md} for each step. Stateless.
 */
public final class MaskedEngine implements Engine {
    @Override
    public int constantSlot(int role) {
        return Roles.maskedSlot(role);
    }

    @Override
    public void prepare(int role, Bilinear form, Operand operand) {
        Products.prepare(role, form, operand);
    }

    @Override
    public Numbers multiply(StepContext context, List<Product> terms, PlanValue output) {
        return new Numbers(output.shape(), context.role() == Roles.HELPER
                ? Products.helper(context, terms, output)
                : Products.worker(context, terms, output));
    }

    @Override
    public Numbers truncate(StepContext context, Numbers x, int bits, PlanValue input, PlanValue output) {
        var truncation = Truncation.of(bits, input, output);
        return new Numbers(output.shape(), context.role() == Roles.HELPER
                ? truncation.helper(context, x.components())
                : truncation.worker(context, x.components()));
    }

    @Override
    public List<Bits> compare(StepContext context, Numbers x, Instruction.Compare compare, PlanValue input) {
        int low = compare.lowBit();
        int width = compare.carry().width();
        if (low < 0 || low + width > input.width()) {
            throw new IllegalArgumentException("comparison of bits " + low + " to " + (low + width - 1) + " of a number in a ring of "
                    + input.width() + " bits");
        }
        if (compare.thresholds().isEmpty()) {
            return List.of();
        }
        List<long[][]> components = context.role() == Roles.HELPER
                ? new ComparisonHelper(context, compare).run(x.components())
                : new ComparisonWorker(context, compare).run(x.components());
        return components.stream().map(bits -> new Bits(x.shape(), bits)).toList();
    }

    @Override
    public Numbers select(StepContext context, Bits bits, Numbers x, PlanValue output) {
        return new Numbers(output.shape(), context.role() == Roles.HELPER
                ? BitProducts.selectHelper(context, bits.components(), x.components(), output.width())
                : BitProducts.selectWorker(context, bits.components(), x.components(), output.width()));
    }

    @Override
    public List<Numbers> combine(StepContext context, List<Bits> bits, Instruction.Combine combine, PlanValue output) {
        List<long[][]> components = bits.stream().map(Bits::components).toList();
        var sums = new Combination(combine, output.size(), output.width());
        List<long[][]> results = context.role() == Roles.HELPER ? sums.helper(context, components) : sums.worker(context, components);
        return results.stream().map(result -> new Numbers(output.shape(), result)).toList();
    }

    @Override
    public Bits and(StepContext context, Bits a, Bits b) {
        return new Bits(a.shape(), context.role() == Roles.HELPER
                ? BitProducts.andHelper(context, a.components(), b.components())
                : BitProducts.andWorker(context, a.components(), b.components()));
    }
}
