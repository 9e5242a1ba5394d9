package dev.sardonyx.secureops.approx;

import java.util.List;

/**
 * A polynomial on each of several neighbouring intervals. Piece i holds from thresholds[i−1] to thresholds[i], the first and the last
 * without end.
 *
 * @param thresholds ascending; one fewer than pieces
 * @param pieces from left to right
 * @param slack how far beyond its thresholds each piece still keeps the error, so that comparisons may ignore low bits
 * @param error the greatest absolute error within the fitted domain, slack included
 */
public record PiecewisePolynomial(List<Double> thresholds, List<Polynomial> pieces, double slack, double error) {
    public PiecewisePolynomial {
        thresholds = List.copyOf(thresholds);
        pieces = List.copyOf(pieces);
        if (pieces.size() != thresholds.size() + 1) {
            throw new IllegalArgumentException(pieces.size() + " pieces for " + thresholds.size() + " thresholds");
        }
    }

    public int degree() {
        return pieces.stream().mapToInt(Polynomial::degree).max().orElse(0);
    }

    public double at(double x) {
        int piece = 0;
        while (piece < thresholds.size() && x >= thresholds.get(piece)) {
            piece++;
        }
        return pieces.get(piece).at(x);
    }
}
