package dev.sardonyx.secureops.protocol.plaintext;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.Bilinear;
import dev.sardonyx.secureops.protocol.Engine;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.Product;
import dev.sardonyx.secureops.protocol.StepContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Every step in the clear: truncation rounds down, comparison looks at every bit of the difference from the threshold. A value counts
 * modulo 2^width of its ring.
 */
final class PlaintextEngine implements Engine {
    @Override
    public int constantSlot(int role) {
        return 0;
    }

    @Override
    public void prepare(int role, Bilinear form, Operand operand) {
        operand.component(form, 0);
    }

    @Override
    public Numbers multiply(StepContext context, List<Product> terms, PlanValue output) {
        long[] sum = new long[output.size()];
        boolean accumulate = false;
        for (Product term : terms) {
            term.form().apply(only(term.left()), term.right().component(term.form(), 0), sum, accumulate);
            accumulate = true;
        }
        return number(output, sum);
    }

    @Override
    public Numbers truncate(StepContext context, Numbers x, int bits, PlanValue input, PlanValue output) {
        long[] values = signExtended(only(x), input.width());
        for (int i = 0; i < values.length; i++) {
            values[i] >>= bits;
        }
        return number(output, values);
    }

    @Override
    public List<Bits> compare(StepContext context, Numbers x, Instruction.Compare compare, PlanValue input) {
        long[] values = only(x);
        int shift = 64 - input.width();
        var outputs = new ArrayList<Bits>();
        for (long threshold : compare.thresholds()) {
            long[] words = new long[Bits.words(values.length)];
            for (int i = 0; i < values.length; i++) {
                words[i >>> 6] |= ~(values[i] - threshold << shift) >>> 63 << i;
            }
            outputs.add(new Bits(x.shape(), new long[][] {words}));
        }
        return outputs;
    }

    @Override
    public Numbers select(StepContext context, Bits bits, Numbers x, PlanValue output) {
        long[] words = bits.components()[0];
        long[] values = only(x).clone();
        for (int i = 0; i < values.length; i++) {
            values[i] &= mask(words, i);
        }
        return number(output, values);
    }

    @Override
    public List<Numbers> combine(StepContext context, List<Bits> bits, Instruction.Combine combine, PlanValue output) {
        var outputs = new ArrayList<Numbers>();
        for (int c = 0; c < combine.base().size(); c++) {
            long[] values = new long[output.size()];
            Arrays.fill(values, combine.base().get(c));
            for (int t = 0; t < bits.size(); t++) {
                long[] words = bits.get(t).components()[0];
                long coefficient = combine.coefficients().get(c).get(t);
                for (int i = 0; i < values.length; i++) {
                    values[i] += coefficient & mask(words, i);
                }
            }
            outputs.add(number(output, values));
        }
        return outputs;
    }

    @Override
    public Bits and(StepContext context, Bits a, Bits b) {
        long[] words = a.components()[0].clone();
        for (int i = 0; i < words.length; i++) {
            words[i] &= b.components()[0][i];
        }
        return new Bits(a.shape(), new long[][] {words});
    }

    /** All ones where bit {@code index} is set, else zero. */
    private static long mask(long[] words, int index) {
        return -(words[index >>> 6] >>> index & 1);
    }

    private static long[] only(Numbers share) {
        return share.components()[0];
    }

    private static Numbers number(PlanValue output, long[] values) {
        return new Numbers(output.shape(), new long[][] {values});
    }

    /** A copy with every value brought into −2^(width−1) … 2^(width−1)−1. */
    static long[] signExtended(long[] values, int width) {
        int shift = 64 - width;
        long[] out = new long[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[i] << shift >> shift;
        }
        return out;
    }
}
