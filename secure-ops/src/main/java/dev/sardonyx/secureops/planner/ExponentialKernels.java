package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.approx.Polynomial;
import dev.sardonyx.secureops.approx.PolynomialFit;
import java.util.ArrayList;
import java.util.List;

/**
 * exp(x) = exp(c)·exp(x − c) for the nearest of the centres c that one comparison with many thresholds finds; the second factor is a
 * polynomial on [−1/2, 1/2]. The error is relative, {@value #ERROR} by the polynomial, down to where exp counts as zero.
 */
final class ExponentialKernels {
    static final double ERROR = 0x1p-15;
    private static final double LN_2 = Math.log(2);
    private static final double STEP = 1;
    private static final double SLACK = 0x1p-5;
    private static final int EXTRA_BITS = 3;

    /** How exact exponentials are. */
    enum Precision {
        /** A relative error of {@value ExponentialKernels#ERROR} by the polynomial. */
        STANDARD(ERROR),
        /** Sixteen times better: for results that are rounded to whole numbers, or raised further. */
        FINE(ERROR / 16);

        private final int bits;
        private final Polynomial fit;

        Precision(double error) {
            this.bits = EXTRA_BITS - Math.getExponent(error);
            this.fit = PolynomialFit.relative(Math::exp, -STEP / 2 - SLACK, STEP / 2 + SLACK)
                    .within(error, 0, PublicPolynomial.MAX_DEGREE);
        }
    }

    private ExponentialKernels() {
    }

    static Draft exp(PlanBuilder builder, Draft x) {
        double top = Math.exp(x.range().high());
        // What is below half a unit in the last place, or below the error of the greatest value that is at most 1, counts as zero.
        return exp(builder, x, Math.min(1, top) * ERROR / 2, Precision.STANDARD);
    }

    /**
     * exp(x), where values below {@code vanishing} count as zero: the absolute error there is {@code vanishing} at most.
     */
    static Draft exp(PlanBuilder builder, Draft x, double vanishing, Precision precision) {
        // Rounded to multiples of ln 2: like every range, those of results are known to powers of two only.
        double high = Math.ceil(x.range().high() / LN_2) * LN_2;
        double zeroBelow = Math.log(vanishing);
        if (Math.exp(high) > 0x1p40) {
            throw builder.outOfRange("exp of numbers up to " + x.range().outward().high() + " needs more bits than the ring has");
        }
        boolean vanishes = x.range().low() < zeroBelow;
        double low = vanishes ? Math.min(zeroBelow, high - STEP) : Math.floor(x.range().low() / LN_2) * LN_2;
        int count = Math.max(1, (int) Math.ceil((high - low) / STEP));
        double first = high - count * STEP;
        var thresholds = new ArrayList<Double>();
        for (int i = vanishes ? 0 : 1; i < count; i++) {
            thresholds.add(first + i * STEP);
        }
        int pieces = thresholds.size() + 1;
        double[] centres = new double[pieces];
        double[] factors = new double[pieces];
        for (int i = 0; i < pieces; i++) {
            int interval = vanishes ? i - 1 : i;
            boolean zero = vanishes && i == 0;
            centres[i] = first + (Math.max(0, interval) + 0.5) * STEP;
            factors[i] = zero ? 0 : Math.exp(centres[i]);
        }
        Interval range = new Interval(vanishes ? 0 : Math.exp(x.range().low()) * (1 - 2 * ERROR), Math.exp(x.range().high()) * (1 + 2 * ERROR));
        double leastFactor = factors[vanishes && pieces > 1 ? 1 : 0];
        int room = StepLog.MAX_MAGNITUDE_BITS - precision.bits - 3 - Math.getExponent(factors[pieces - 1]);
        // Factors keep their significant bits as far down as results count.
        int factorScale = Math.clamp(precision.bits - Math.getExponent(leastFactor), 0, Math.min(room, 36));
        Draft near = builder.rescale(x, Math.min(x.fractionBits(), PublicPolynomial.COORDINATE_BITS));
        List<Draft> columns = thresholds.isEmpty()
                ? List.of(builder.sources().literal(Shape.SCALAR, centres[0], near.fractionBits()),
                        builder.sources().literal(Shape.SCALAR, factors[0], factorScale))
                : builder.bits().stepFunctions(builder.bits().atLeast(x, thresholds, SLACK), new double[][] {centres, factors},
                        new int[] {near.fractionBits(), factorScale},
                        List.of(new Interval(centres[0], centres[pieces - 1]), new Interval(0, factors[pieces - 1])));
        // Where exp vanishes the local coordinate is beyond all bounds and its powers wrap, harmlessly: the factor is zero in the ring.
        Interval local = Interval.symmetric(STEP / 2 + SLACK);
        Draft t = builder.within(builder.subtract(near, columns.getFirst()), local);
        t = builder.rescale(t, PublicPolynomial.COORDINATE_BITS);
        Interval bounds = new Interval(Math.exp(local.low()) - 0.01, Math.exp(local.high()) + 0.01);
        Draft value = builder.rescale(PublicPolynomial.wide(builder, t, precision.fit, PublicPolynomial.COEFFICIENT_BITS, bounds),
                precision.bits);
        Draft product = builder.sumOfProducts(List.of(value, columns.getLast()), range);
        int wanted = Math.max(builder.scales().working(range), vanishes ? 1 - Math.getExponent(vanishing) : 0);
        return builder.rescale(product, Math.min(product.fractionBits(), wanted));
    }
}
