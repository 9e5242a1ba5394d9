package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.secureops.ring.RingKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The helper's part of {@link ComparisonWorker}: shares of the mask's bits and of products of masks. */
final class ComparisonHelper {
    private final StepContext context;
    private final Instruction.Compare compare;
    private final CarryCircuit circuit;
    private final int thresholds;

    ComparisonHelper(StepContext context, Instruction.Compare compare) {
        this.context = context;
        this.compare = compare;
        this.circuit = CarryCircuit.of(compare.carry());
        this.thresholds = compare.thresholds().size();
    }

    /** The mask of each result. */
    List<long[][]> run(long[][] x) {
        int words = PartyValue.Bits.words(x[0].length);
        var shares = new HelperShares(context, ComparisonWorker.helperLength(circuit, thresholds, words));
        shares.planes(maskMonomials(x, words));
        for (CarryCircuit.Level level : circuit.levels()) {
            shares.planes(joinMonomials(level, words));
        }
        shares.send();
        long[] left = context.commonWords(Roles.LEFT, thresholds * words);
        long[] right = context.commonWords(Roles.RIGHT, thresholds * words);
        var masks = new ArrayList<long[][]>();
        for (int t = 0; t < thresholds; t++) {
            masks.add(Roles.helper(Arrays.copyOfRange(left, t * words, t * words + words),
                    Arrays.copyOfRange(right, t * words, t * words + words)));
        }
        return masks;
    }

    /** Products of the bits of λ in each group of the first level, then λ's top bit. */
    private long[] maskMonomials(long[][] x, int words) {
        var kernels = RingKernels.best();
        var mask = new long[x[0].length];
        kernels.add(x[0], x[1], mask);
        int width = compare.carry().width();
        long[][] bits = kernels.toBitPlanes(mask, compare.lowBit(), width);
        var monomials = new long[Math.multiplyExact(circuit.sharedPlanes(), words)];
        for (CarryCircuit.FirstGroup group : circuit.firstGroups()) {
            for (int subset = 1; subset < 1 << group.bits(); subset++) {
                int at = (group.monomialAt() + subset - 1) * words;
                int highest = Integer.highestOneBit(subset);
                long[] bit = bits[group.lowBit() + Integer.numberOfTrailingZeros(highest)];
                if (subset == highest) {
                    System.arraycopy(bit, 0, monomials, at, words);
                } else {
                    kernels.and(monomials, (group.monomialAt() + (subset ^ highest) - 1) * words, bit, 0, monomials, at, words);
                }
            }
        }
        System.arraycopy(bits[width - 1], 0, monomials, (circuit.sharedPlanes() - 1) * words, words);
        return monomials;
    }

    /** For each threshold, the products of the new masks under which the workers open what enters this level. */
    private long[] joinMonomials(CarryCircuit.Level level, int words) {
        var kernels = RingKernels.best();
        int opened = Math.multiplyExact(thresholds * level.opened(), words);
        long[] masks = context.commonWords(Roles.LEFT, opened);
        kernels.xor(masks, context.commonWords(Roles.RIGHT, opened), masks);
        var monomials = new long[Math.multiplyExact(thresholds * level.monomials(), words)];
        for (int t = 0; t < thresholds; t++) {
            for (CarryCircuit.Join join : level.joins()) {
                int masksAt = (t * level.opened() + join.openAt()) * words;
                int at = (t * level.monomials() + join.monomialAt()) * words;
                multiply(join, masks, masksAt, monomials, at, words);
            }
        }
        return monomials;
    }

    private static void multiply(CarryCircuit.Join join, long[] masks, int masksAt, long[] monomials, int at, int words) {
        var kernels = RingKernels.best();
        List<Integer> subsets = join.monomials();
        for (int i = 0; i < subsets.size(); i++) {
            int subset = subsets.get(i);
            int highest = Integer.highestOneBit(subset);
            int rest = subset ^ highest;
            int factorAt = masksAt + join.openedPlace(Integer.numberOfTrailingZeros(highest)) * words;
            if (Integer.bitCount(rest) == 1) {
                int restAt = masksAt + join.openedPlace(Integer.numberOfTrailingZeros(rest)) * words;
                kernels.and(masks, restAt, masks, factorAt, monomials, at + i * words, words);
            } else {
                // With a product of masks the circuit lists all its factors' subsets, so the smaller one is there.
                kernels.and(monomials, at + subsets.indexOf(rest) * words, masks, factorAt, monomials, at + i * words, words);
            }
        }
    }
}
