package dev.sardonyx.secureops.approx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;

/**
 * Fits one polynomial to a function on an interval: least squares on Chebyshev nodes, sharpened towards the least maximum error by
 * Lawson's reweighting (C. L. Lawson, 1961; J. R. Rice, The Approximation of Functions II, section 13-9). No randomness: the same
 * question has the same answer, bit for bit.
 */
public final class PolynomialFit {
    private static final int NODES_PER_COEFFICIENT = 6;
    private static final int LAWSON_STEPS = 24;
    private static final int PROBES_PER_COEFFICIENT = 16;

    private final DoubleUnaryOperator function;
    private final DoubleUnaryOperator weight;
    private final double low;
    private final double high;

    /**
     * @param function what to approximate, finite on [low, high]
     * @param weight what an error at x counts: 1 for absolute, 1/|f(x)| for relative
     */
    public PolynomialFit(DoubleUnaryOperator function, DoubleUnaryOperator weight, double low, double high) {
        if (!(low < high)) {
            throw new IllegalArgumentException("fit on [" + low + ", " + high + "]; expected low < high");
        }
        this.function = function;
        this.weight = weight;
        this.low = low;
        this.high = high;
    }

    /** A fit whose absolute error counts. */
    public static PolynomialFit absolute(DoubleUnaryOperator function, double low, double high) {
        return new PolynomialFit(function, x -> 1, low, high);
    }

    /** A fit whose error relative to the function counts; the function has no zero in [low, high]. */
    public static PolynomialFit relative(DoubleUnaryOperator function, double low, double high) {
        return new PolynomialFit(function, x -> 1 / Math.abs(function.applyAsDouble(x)), low, high);
    }

    /** The polynomial of least weighted maximum error, nearly. */
    public Polynomial minimax(int degree, double centre) {
        return solve(degree, centre, LAWSON_STEPS);
    }

    /** Plain least squares on Chebyshev nodes: within a small factor of the best, and quick. */
    public Polynomial leastSquares(int degree, double centre) {
        return solve(degree, centre, 0);
    }

    /** The polynomial of the lowest degree whose error is at most {@code error}. */
    public Polynomial within(double error, double centre, int maxDegree) {
        for (int degree = 0; degree <= maxDegree; degree++) {
            Polynomial fit = minimax(degree, centre);
            if (error(fit) <= error) {
                return fit;
            }
        }
        throw new IllegalArgumentException("no polynomial of degree " + maxDegree + " or less on [" + low + ", " + high
                + "] errs by at most " + error);
    }

    /**
     * The polynomial of least error among those whose coefficient k is a multiple of 2^−fractionBits[k]: rounded from the top, each
     * time fitting the lower coefficients anew so that they make up for it.
     */
    public Polynomial rounded(int[] fractionBits, double centre, boolean quick) {
        int degree = fractionBits.length - 1;
        double[] coefficients = new double[degree + 1];
        for (int k = degree; k >= 0; k--) {
            double[] fixed = coefficients.clone();
            var rest = new PolynomialFit(x -> function.applyAsDouble(x) - evaluate(fixed, x - centre), weight, low, high);
            double best = rest.solve(k, centre, quick ? 0 : LAWSON_STEPS).coefficient(k);
            coefficients[k] = Math.scalb(Math.rint(Math.scalb(best, fractionBits[k])), -fractionBits[k]);
        }
        return new Polynomial(centre, Arrays.stream(coefficients).boxed().toList());
    }

    private static double evaluate(double[] coefficients, double t) {
        double sum = 0;
        for (int k = coefficients.length - 1; k >= 0; k--) {
            sum = sum * t + coefficients[k];
        }
        return sum;
    }

    /** The greatest weighted error over a dense sweep, ends included. */
    public double error(Polynomial polynomial) {
        int probes = PROBES_PER_COEFFICIENT * (polynomial.degree() + 2);
        double worst = 0;
        for (int i = 0; i <= probes; i++) {
            // Denser at the ends, where the error of a polynomial is greatest.
            double x = node(i, probes);
            worst = Math.max(worst, Math.abs(polynomial.at(x) - function.applyAsDouble(x)) * weight.applyAsDouble(x));
        }
        return worst;
    }

    private double node(int i, int count) {
        double position = -Math.cos(Math.PI * i / count);
        return low + (high - low) * (position + 1) / 2;
    }

    private Polynomial solve(int degree, double centre, int steps) {
        int nodes = NODES_PER_COEFFICIENT * (degree + 1);
        double[] x = new double[nodes + 1];
        double[] y = new double[nodes + 1];
        double[] scale = new double[nodes + 1];
        double[] importance = new double[nodes + 1];
        Arrays.fill(importance, 1);
        // Ends count half in sums over Chebyshev extremes.
        importance[0] = importance[nodes] = 0.5;
        for (int i = 0; i <= nodes; i++) {
            x[i] = node(i, nodes);
            y[i] = function.applyAsDouble(x[i]);
            scale[i] = weight.applyAsDouble(x[i]);
        }
        // Where the function is not finite nothing fits, and no error of this compares as small enough.
        double[] best = new double[degree + 1];
        Arrays.fill(best, Double.NaN);
        double least = Double.POSITIVE_INFINITY;
        for (int step = 0; step <= steps; step++) {
            double[] chebyshev = leastSquares(degree, x, y, scale, importance);
            double worst = 0;
            double total = 0;
            for (int i = 0; i <= nodes; i++) {
                double error = Math.abs(series(chebyshev, position(x[i])) - y[i]) * scale[i];
                worst = Math.max(worst, error);
                importance[i] *= error;
                total += importance[i];
            }
            if (worst < least) {
                least = worst;
                best = chebyshev;
            }
            if (total == 0) {
                break;
            }
            for (int i = 0; i <= nodes; i++) {
                importance[i] = Math.max(importance[i] / total, 1e-12);
            }
        }
        return monomials(best, centre);
    }

    private double position(double x) {
        return (2 * x - low - high) / (high - low);
    }

    /** Coefficients of the Chebyshev polynomials that minimise Σ importance·(scale·residual)². */
    private double[] leastSquares(int degree, double[] x, double[] y, double[] scale, double[] importance) {
        var matrix = new DMatrixRMaj(x.length, degree + 1);
        var right = new DMatrixRMaj(x.length, 1);
        for (int i = 0; i < x.length; i++) {
            double factor = Math.sqrt(importance[i]) * scale[i];
            double u = position(x[i]);
            double before = 1;
            double current = u;
            for (int k = 0; k <= degree; k++) {
                matrix.set(i, k, factor * (k == 0 ? 1 : current));
                if (k > 0) {
                    double next = 2 * u * current - before;
                    before = current;
                    current = next;
                }
            }
            right.set(i, 0, factor * y[i]);
        }
        var solver = LinearSolverFactory_DDRM.leastSquares(x.length, degree + 1);
        if (!solver.setA(matrix)) {
            throw new IllegalStateException("least squares of degree " + degree + " on [" + low + ", " + high + "] has no solution");
        }
        var solution = new DMatrixRMaj(degree + 1, 1);
        solver.solve(right, solution);
        return solution.getData().clone();
    }

    /** Clenshaw's recurrence. */
    private static double series(double[] chebyshev, double u) {
        double after = 0;
        double next = 0;
        for (int k = chebyshev.length - 1; k >= 1; k--) {
            double current = 2 * u * next - after + chebyshev[k];
            after = next;
            next = current;
        }
        return u * next - after + chebyshev[0];
    }

    /** From Chebyshev polynomials of the position in [low, high] to powers of (x − centre). */
    private Polynomial monomials(double[] chebyshev, double centre) {
        // position = slope·t + offset
        double slope = 2 / (high - low);
        double offset = slope * centre - (low + high) / (high - low);
        int size = chebyshev.length;
        double[] before = new double[size];
        double[] current = new double[size];
        double[] sum = new double[size];
        before[0] = 1;
        sum[0] = chebyshev[0];
        if (size > 1) {
            current[0] = offset;
            current[1] = slope;
        }
        for (int k = 1; k < size; k++) {
            double[] next = new double[size];
            for (int i = 0; i <= k; i++) {
                sum[i] += chebyshev[k] * current[i];
                next[i] += 2 * offset * current[i] - before[i];
                if (i + 1 < size) {
                    next[i + 1] += 2 * slope * current[i];
                }
            }
            before = current;
            current = next;
        }
        List<Double> coefficients = new ArrayList<>();
        for (double coefficient : sum) {
            coefficients.add(coefficient);
        }
        return new Polynomial(centre, coefficients);
    }
}
