package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Tensor;

/**
 * By how much a linear map magnifies errors: the greatest norms of the rows of its matrix.
 *
 * @param absolute greatest Σ|w|: errors against us
 * @param common |Σ w| of many rows on average, of few at most: what remains common to all rows of an error common to all elements
 * @param varying deviation of Σ w from row to row: what does not
 * @param euclidean greatest √Σw²: independent errors; equal to {@code absolute} for short rows, whose inputs may well err together
 */
record RowNorms(double absolute, double common, double varying, double euclidean) {
    /** Rows up to this long are not taken to average anything out. */
    static final int SHORT = 16;

    /** Of rows of numbers of which nothing but a bound is known. */
    static RowNorms bounded(double magnitude, int depth) {
        return new RowNorms(depth * magnitude, depth * magnitude, 0, magnitude * independent(depth));
    }

    /** By how much the deviation of a sum of so many terms exceeds that of one. */
    static double independent(int depth) {
        return depth <= SHORT ? depth : Math.sqrt(depth);
    }

    /** Of a constant. */
    static RowNorms of(Tensor tensor, WeightRows layout) {
        int rows = layout.rows();
        int depth = layout.depth();
        int stride = layout.stride();
        double absolute = 0;
        double greatest = 0;
        double total = 0;
        double totalSquares = 0;
        double squares = 0;
        for (int row = 0; row < rows; row++) {
            int at = layout.start(row);
            double size = 0;
            double sum = 0;
            double square = 0;
            for (int i = 0; i < depth; i++, at += stride) {
                double weight = tensor.getDouble(at);
                size += Math.abs(weight);
                sum += weight;
                square += weight * weight;
            }
            absolute = Math.max(absolute, size);
            greatest = Math.max(greatest, Math.abs(sum));
            total += sum;
            totalSquares += sum * sum;
            squares = Math.max(squares, square);
        }
        double mean = Math.abs(total) / Math.max(1, rows);
        double varying = Math.sqrt(Math.max(0, totalSquares / Math.max(1, rows) - mean * mean));
        return new RowNorms(absolute, rows <= SHORT ? greatest : mean, rows <= SHORT ? 0 : varying, depth <= SHORT ? absolute : Math.sqrt(squares));
    }

    /** The error of W·x for an error of x; the common part's variation from row to row counts as deviation. */
    ErrorBound apply(ErrorBound x) {
        return ErrorBound.of(x.isExact() ? 0 : absolute * x.proven(), x.shift() == 0 ? 0 : common * x.shift(),
                x.isExact() ? 0 : Math.hypot(euclidean * Math.hypot(x.spread(), x.shift()), varying * x.shift()));
    }
}
