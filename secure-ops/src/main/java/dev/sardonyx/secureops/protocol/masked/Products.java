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
            // The left worker adds the product of the masked values by way of its own half: m_x·(m_y + a_y).
            Bilinear.Prepared byMasked = role == Roles.LEFT
                    ? right.sum(term.form())
                    : right.component(term.form(), 1 - Roles.maskedSlot(role));
            term.form().apply(Roles.masked(role, left), byMasked, sum, accumulate);
            Bilinear.Prepared byHalf = right.component(term.form(), Roles.maskedSlot(role));
            term.form().apply(Roles.half(role, left), byHalf, sum, true);
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
