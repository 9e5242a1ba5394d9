package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.secureops.ring.RingKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Public linear combinations of bits as numbers. A bit s = μ ⊕ β is {@code μ + (1 - 2μ)·β} as a number, and the helper, who knows β,
 * shares it as one; each combination is then opened under a new mask.
 *
 * @param combine base and coefficients
 * @param size elements of each tensor
 * @param width ring of the results
 */
record Combination(Instruction.Combine combine, int size, int width) {

    private static final RingKernels KERNELS = RingKernels.best();

    List<long[][]> helper(StepContext context, List<long[][]> bits) {
        var shares = new HelperShares(context, length(bits.size()));
        var beta = new long[size];
        for (long[][] bit : bits) {
            var words = new long[bit[0].length];
            KERNELS.xor(bit[0], bit[1], words);
            KERNELS.spreadBits(words, beta);
            for (int i = 0; i < size; i++) {
                beta[i] = -beta[i];
            }
            shares.numbers(beta, width);
        }
        shares.send();
        var results = new ArrayList<long[][]>();
        for (int c = 0; c < combine.base().size(); c++) {
            results.add(Roles.helper(context.common(Roles.LEFT, size, width), context.common(Roles.RIGHT, size, width)));
        }
        return results;
    }

    List<long[][]> worker(StepContext context, List<long[][]> bits) {
        int role = context.role();
        boolean left = role == Roles.LEFT;
        int results = combine.base().size();
        var sums = new long[results][size];
        if (left) {
            for (int c = 0; c < results; c++) {
                Arrays.fill(sums[c], combine.base().get(c));
            }
        }
        var shares = new WorkerShares(context, length(bits.size()));
        var masks = new long[size];
        for (int t = 0; t < bits.size(); t++) {
            KERNELS.spreadBits(Roles.masked(role, bits.get(t)), masks);
            long[] number = number(masks, shares.numbers(size, width), left);
            for (int c = 0; c < results; c++) {
                addScaled(number, combine.coefficients().get(c).get(t), sums[c]);
            }
        }
        var halves = new long[results][];
        for (int c = 0; c < results; c++) {
            halves[c] = context.common(Roles.HELPER, size, width);
            addScaled(halves[c], -1, sums[c]);
        }
        Wire.openSums(context, width, sums);
        var components = new ArrayList<long[][]>();
        for (int c = 0; c < results; c++) {
            components.add(Roles.worker(role, sums[c], halves[c]));
        }
        return components;
    }

    /**
     * A worker's additive share of the bits, made in place of its share of β.
     *
     * @param masks −μ: all ones where the opened bit is set
     * @param counts whether this worker adds the opened bits themselves
     */
    private static long[] number(long[] masks, long[] beta, boolean counts) {
        int twice = counts ? 2 : 1;
        for (int i = 0; i < beta.length; i++) {
            beta[i] = (beta[i] ^ masks[i]) - twice * masks[i];
        }
        return beta;
    }

    private static void addScaled(long[] values, long factor, long[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * values[i];
        }
    }

    private int length(int bits) {
        return Math.multiplyExact(bits, Wire.bytes(size, width));
    }
}
