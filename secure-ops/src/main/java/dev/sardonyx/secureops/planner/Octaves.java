package dev.sardonyx.secureops.planner;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * Range reduction by the leading bit: a positive x is compared with all powers of two of its range at once, and a public function of
 * the octave [2^e, 2^(e+1)) that it lies in gives the factor 2^−e that brings it to z in [1, 2). Values next to a power of two may be
 * counted to either side, so functions of z are fitted a little beyond [1, 2).
 */
final class Octaves {
    /** Functions of z hold on this interval. */
    static final Interval MANTISSA = new Interval(1 - 0x1p-5, 2 + 0x1p-4);
    private static final int SLACK_EXPONENT = -5;

    private final PlanBuilder builder;
    private final Draft x;
    private final List<Draft> bits;
    private final int lowest;
    private final int highest;
    private final boolean bottom;

    private Octaves(PlanBuilder builder, Draft x, List<Draft> bits, int lowest, int highest, boolean bottom) {
        this.builder = builder;
        this.x = x;
        this.bits = bits;
        this.lowest = lowest;
        this.highest = highest;
        this.bottom = bottom;
    }

    /**
     * Compares x with the powers of two within its range. If the range reaches zero or below, the octaves end at the last bit of x, or
     * at {@code leastExponent} (counted from the range's own size where that is below 1), and below them the factor is zero.
     */
    static Octaves of(PlanBuilder builder, Draft x, int leastExponent) {
        if (!(x.range().high() > 0)) {
            throw builder.outOfRange("takes positive numbers; the range is " + x.range().outward());
        }
        int highest = Interval.point(x.range().high()).magnitudeExponent() - 1;
        boolean bottom = x.range().low() <= 0;
        int lowest = Math.min(highest, bottom
                ? Math.max(leastExponent + Math.min(0, highest), -x.fractionBits())
                : Math.getExponent(x.range().low()));
        var thresholds = new ArrayList<Double>();
        for (int e = bottom ? lowest : lowest + 1; e <= highest; e++) {
            thresholds.add(Math.scalb(1.0, e));
        }
        double resolution = Math.scalb(1.0, (bottom ? lowest : lowest + 1) + SLACK_EXPONENT);
        List<Draft> bits = thresholds.isEmpty() ? List.of() : builder.bits().atLeast(x, thresholds, resolution);
        return new Octaves(builder, x, bits, lowest, highest, bottom);
    }

    int lowest() {
        return lowest;
    }

    int highest() {
        return highest;
    }

    /** Least x whose octave is told apart. */
    double floor() {
        return Math.scalb(1.0, lowest);
    }

    /** A public function of the octave. */
    record Column(IntToDoubleFunction of, double bottom, int scale) {
    }

    /** z and the value of further columns. */
    record Reduced(Draft z, List<Draft> columns) {
    }

    /**
     * Brings x into [1, 2), at {@link PublicPolynomial#COORDINATE_BITS}; z is 0 below the lowest octave of a range that reaches zero.
     */
    Reduced reduce(List<Column> columns) {
        // Scale of the factors: just enough to make all of them whole numbers.
        int scale = Math.max(0, highest);
        // The product has x's magnitude at the top octave everywhere: room for it is room for all.
        int excess = x.fractionBits() + scale + 2 - StepLog.MAX_MAGNITUDE_BITS + 1;
        Draft operand = excess > 0 ? builder.rescale(x, x.fractionBits() - excess) : x;
        var all = new ArrayList<Column>();
        all.add(new Column(e -> Math.scalb(1.0, -e), 0, scale));
        all.addAll(columns);
        List<Draft> made = columns(all);
        Interval range = new Interval(bottom ? 0 : MANTISSA.low(), MANTISSA.high());
        Draft wide = builder.sumOfProducts(List.of(operand, made.getFirst()), range);
        return new Reduced(builder.rescale(wide, PublicPolynomial.COORDINATE_BITS), made.subList(1, made.size()));
    }

    private List<Draft> columns(List<Column> columns) {
        int count = highest - lowest + 1 + (bottom ? 1 : 0);
        double[][] values = new double[columns.size()][count];
        int[] scales = new int[columns.size()];
        var ranges = new ArrayList<Interval>();
        for (int c = 0; c < values.length; c++) {
            Column column = columns.get(c);
            scales[c] = column.scale();
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < count; i++) {
                values[c][i] = bottom && i == 0 ? column.bottom() : column.of().applyAsDouble(lowest + i - (bottom ? 1 : 0));
                low = Math.min(low, values[c][i]);
                high = Math.max(high, values[c][i]);
            }
            ranges.add(new Interval(low, high));
        }
        if (bits.isEmpty()) {
            var literals = new ArrayList<Draft>();
            for (int c = 0; c < values.length; c++) {
                literals.add(builder.sources().literal(x.shape(), values[c][0], scales[c]));
            }
            return Collections.unmodifiableList(literals);
        }
        return builder.bits().stepFunctions(bits, values, scales, ranges);
    }
}
