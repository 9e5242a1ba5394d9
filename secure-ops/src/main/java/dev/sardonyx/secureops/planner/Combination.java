package dev.sardonyx.secureops.planner;

import dev.sardonyx.secureops.plan.Instruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rounds the real numbers of {@link Instruction.Combine} to a scale for each output. */
final class Combination {
    private Combination() {
    }

    /** Output c is {@code base[c] + Σ_t coefficients[c][t]·bit_t} at scale {@code scales[c]}. */
    static Instruction.Combine linear(double[] base, double[][] coefficients, int[] scales) {
        var values = new double[base.length][];
        for (int c = 0; c < base.length; c++) {
            values[c] = new double[coefficients[c].length + 1];
            values[c][0] = base[c];
            for (int t = 0; t < coefficients[c].length; t++) {
                values[c][t + 1] = values[c][t] + coefficients[c][t];
            }
        }
        return stepFunctions(values, scales);
    }

    /**
     * Output c is {@code values[c][i]} where the first i bits are set. Each value is rounded, not each difference: sums that telescope
     * stay exact, and equal values are equal in the ring.
     */
    static Instruction.Combine stepFunctions(double[][] values, int[] scales) {
        var base = new ArrayList<Long>();
        var differences = new ArrayList<List<Long>>();
        for (int c = 0; c < values.length; c++) {
            int scale = scales[c];
            long[] raw = Arrays.stream(values[c]).mapToLong(value -> Math.round(Math.scalb(value, scale))).toArray();
            base.add(raw[0]);
            var row = new ArrayList<Long>();
            for (int i = 1; i < raw.length; i++) {
                row.add(raw[i] - raw[i - 1]);
            }
            differences.add(row);
        }
        return new Instruction.Combine(base, differences);
    }
}
