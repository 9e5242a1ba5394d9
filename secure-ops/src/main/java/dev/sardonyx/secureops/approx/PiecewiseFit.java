package dev.sardonyx.secureops.approx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * Cuts an interval into as few pieces as a polynomial degree and an error bound allow: each piece reaches as far as it can, then the
 * bound is lowered as long as the number of pieces stays, which spreads the error evenly.
 */
public final class PiecewiseFit {
    private static final int CUT_STEPS = 24;
    private static final int LEVEL_STEPS = 8;
    /** Thresholds and centres are multiples of this, so that they are exact at any working scale. */
    private static final double GRID = 0x1p-10;

    /**
     * What to fit.
     *
     * @param function finite on [low − slack, high + slack]
     * @param low start of the first piece
     * @param high end of the last piece
     * @param error absolute error allowed
     * @param slack how far beyond its ends each piece must hold
     */
    public record Target(DoubleUnaryOperator function, double low, double high, double error, double slack) {
        public Target {
            if (!(low < high) || !(error > 0) || !(slack >= 0)) {
                throw new IllegalArgumentException("fit on [" + low + ", " + high + "] within " + error + ", slack " + slack);
            }
        }
    }

    private final Target target;
    private final int[] fractionBits;
    private final int maxPieces;

    private PiecewiseFit(Target target, int[] fractionBits, int maxPieces) {
        this.target = target;
        this.fractionBits = fractionBits;
        this.maxPieces = maxPieces;
    }

    /**
     * The pieces, or nothing if more than {@code maxPieces} would be needed.
     *
     * @param fractionBits coefficient k of each piece is a multiple of 2^−fractionBits[k]; their number gives the degree
     */
    public static Optional<PiecewisePolynomial> fit(Target target, int[] fractionBits, int maxPieces) {
        return new PiecewiseFit(target, fractionBits.clone(), maxPieces).fit();
    }

    private Optional<PiecewisePolynomial> fit() {
        List<Double> ends = cut(target.error());
        if (ends.isEmpty()) {
            return Optional.empty();
        }
        double low = target.error() / 4;
        double high = target.error();
        for (int step = 0; step < LEVEL_STEPS; step++) {
            double middle = (low + high) / 2;
            List<Double> other = cut(middle);
            if (!other.isEmpty() && other.size() <= ends.size()) {
                ends = other;
                high = middle;
            } else {
                low = middle;
            }
        }
        return Optional.of(pieces(ends));
    }

    /** The right ends of the pieces; none if there are too many. */
    private List<Double> cut(double error) {
        var ends = new ArrayList<Double>();
        double start = target.low();
        while (start < target.high()) {
            if (ends.size() == maxPieces) {
                return List.of();
            }
            double end = reach(start, error);
            if (end <= start) {
                return List.of();
            }
            ends.add(end);
            start = end;
        }
        return ends;
    }

    private double reach(double start, double error) {
        if (holds(start, target.high(), error)) {
            return target.high();
        }
        double good = start;
        double bad = target.high();
        // The first try is as long as a piece is likely to be; from there the cut is bracketed.
        double step = Math.min((target.high() - start) / 2, 1);
        while (good + step < bad) {
            if (holds(start, good + step, error)) {
                good += step;
                step *= 2;
            } else {
                bad = good + step;
            }
        }
        for (int i = 0; i < CUT_STEPS && bad - good > GRID; i++) {
            double middle = (good + bad) / 2;
            if (holds(start, middle, error)) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        return Math.floor(good / GRID) * GRID;
    }

    private boolean holds(double start, double end, double error) {
        PolynomialFit fit = fitting(start, end);
        return fit.error(fit.rounded(fractionBits, centre(start, end), true)) <= error;
    }

    private PolynomialFit fitting(double start, double end) {
        return PolynomialFit.absolute(target.function(), start - target.slack(), end + target.slack());
    }

    private static double centre(double start, double end) {
        return Math.rint((start + end) / 2 / GRID) * GRID;
    }

    private PiecewisePolynomial pieces(List<Double> ends) {
        var pieces = new ArrayList<Polynomial>();
        double start = target.low();
        double worst = 0;
        for (double end : ends) {
            PolynomialFit fit = fitting(start, end);
            Polynomial quick = fit.rounded(fractionBits, centre(start, end), true);
            Polynomial sharp = fit.rounded(fractionBits, centre(start, end), false);
            Polynomial better = fit.error(sharp) < fit.error(quick) ? sharp : quick;
            pieces.add(better);
            worst = Math.max(worst, fit.error(better));
            start = end;
        }
        return new PiecewisePolynomial(ends.subList(0, ends.size() - 1), pieces, target.slack(), worst);
    }
}
