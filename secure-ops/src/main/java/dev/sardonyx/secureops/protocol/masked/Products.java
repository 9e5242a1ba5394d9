package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.Bilinear;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.Product;
import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.secureops.ring.RingKernels;
import java.util.List;

/**
 * Sums of products of secrets. With λ = a + b, {@code x·y = m_x·m_y + m_x·λ_y + λ_x·m_y + λ_x·λ_y}: the helper shares the last term,
 * the rest is linear in the halves of the masks (ASTRA; five products over all three roles, in one round).
 */
final class Products {
    private Products() {
    }

    /** Has an operand prepare what {@link #helper} or {@link #worker} will ask it for. */
    static void prepare(int role, Bilinear form, Operand right) {
        if (role == Roles.HELPER) {
            right.sum(form);
        } else {
            byMasked(role, form, right);
            byHalf(role, form, right);
        }
    }

    /** The left worker adds the product of the masked values by way of its own half: m_x·(m_y + a_y). */
    private static Bilinear.Prepared byMasked(int role, Bilinear form, Operand right) {
        return role == Roles.LEFT ? right.sum(form) : right.component(form, 1 - Roles.maskedSlot(role));
    }

    private static Bilinear.Prepared byHalf(int role, Bilinear form, Operand right) {
        return right.component(form, Roles.maskedSlot(role));
    }

    static long[][] helper(StepContext context, List<Product> terms, PlanValue output) {
        var product = new long[output.size()];
        boolean accumulate = false;
        for (Product term : terms) {
            long[] leftMask = sum(term.left().components());
            Operand right = term.right();
            Bilinear.Prepared rightMask = right.sum(term.form());
            term.form().apply(leftMask, rightMask, product, accumulate);
            accumulate = true;
        }
        int width = output.width();
        var shares = new HelperShares(context, Wire.bytes(product.length, width));
        shares.numbers(product, width);
        shares.send();
        return Roles.helper(context.common(Roles.LEFT, output.size(), width), context.common(Roles.RIGHT, output.size(), width));
    }

    static long[][] worker(StepContext context, List<Product> terms, PlanValue output) {
        int role = context.role();
        var sum = new long[output.size()];
        boolean accumulate = false;
        for (Product term : terms) {
            long[][] left = term.left().components();
            Operand right = term.right();
            term.form().apply(Roles.masked(role, left), byMasked(role, term.form(), right), sum, accumulate);
            term.form().apply(Roles.half(role, left), byHalf(role, term.form(), right), sum, true);
            accumulate = true;
        }
        int width = output.width();
        long[] maskProduct = new WorkerShares(context, Wire.bytes(sum.length, width)).numbers(sum.length, width);
        long[] half = context.common(Roles.HELPER, sum.length, width);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += maskProduct[i] - half[i];
        }
        Wire.openSums(context, width, sum);
        return Roles.worker(role, sum, half);
    }

    private static long[] sum(long[][] components) {
        var sum = new long[components[0].length];
        RingKernels.best().add(components[0], components[1], sum);
        return sum;
    }
}
