package dev.sardonyx.secureops.planner;

import java.util.function.DoubleUnaryOperator;

/**
 * How far a function moves when its argument does: its modulus of continuity over an interval, by samples that lie evenly, and ever
 * closer to zero and to both ends, where functions are steep.
 */
final class Modulus {
    private static final int EVEN = 1024;
    private static final int OCTAVES = 48;
    private static final int AN_OCTAVE = 6;
    /** What may be missed between two samples. */
    private static final double MARGIN = 1.05;

    private final DoubleUnaryOperator function;
    private final Interval domain;
    private final double[] points;
    private final double least;
    private final double greatest;

    Modulus(DoubleUnaryOperator function, Interval domain) {
        this.function = function;
        this.domain = domain;
        this.points = points(domain);
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double x : points) {
            double y = function.applyAsDouble(x);
            low = Double.isFinite(y) ? Math.min(low, y) : Double.NEGATIVE_INFINITY;
            high = Double.isFinite(y) ? Math.max(high, y) : Double.POSITIVE_INFINITY;
        }
        this.least = low;
        this.greatest = high;
    }

    private static double[] points(Interval domain) {
        double width = domain.high() - domain.low();
        double[] points = new double[EVEN + 1 + 4 * OCTAVES * AN_OCTAVE];
        int at = 0;
        for (int i = 0; i <= EVEN; i++) {
            points[at++] = domain.low() + width * i / EVEN;
        }
        for (int i = 1; i <= OCTAVES * AN_OCTAVE; i++) {
            double part = Math.pow(2, -(double) i / AN_OCTAVE);
            points[at++] = domain.low() + width * part;
            points[at++] = domain.high() - width * part;
            points[at++] = Math.clamp(domain.magnitude() * part, domain.low(), domain.high());
            points[at++] = Math.clamp(-domain.magnitude() * part, domain.low(), domain.high());
        }
        return points;
    }

    /** The greatest absolute value; infinite at a pole. */
    double magnitude() {
        return Math.max(Math.abs(least), Math.abs(greatest));
    }

    /** How far the function moves at most when its argument moves by {@code delta}; infinite at a pole. */
    double of(double delta) {
        double whole = greatest - least;
        if (Double.isInfinite(whole) || !(delta < domain.high() - domain.low())) {
            return whole;
        }
        if (delta == 0) {
            return 0;
        }
        double most = 0;
        for (double x : points) {
            double y = function.applyAsDouble(x);
            most = Math.max(most, Math.abs(function.applyAsDouble(Math.min(x + delta, domain.high())) - y));
            most = Math.max(most, Math.abs(function.applyAsDouble(Math.max(x - delta, domain.low())) - y));
        }
        return Double.isNaN(most) ? Double.POSITIVE_INFINITY : MARGIN * most;
    }

    /** The error of the function's value for an error of its argument. */
    ErrorBound apply(ErrorBound x) {
        double shift = of(x.shift());
        double likely = of(x.likely());
        return ErrorBound.of(of(x.proven()), shift, Double.isInfinite(likely) ? 0 : Math.max(0, likely - shift) / ErrorBound.DEVIATIONS);
    }
}
