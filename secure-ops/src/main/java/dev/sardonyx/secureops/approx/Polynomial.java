package dev.sardonyx.secureops.approx;

import java.util.List;

/**
 * Σ coefficients[k]·(x − centre)^k.
 *
 * @param centre where the local coordinate is zero
 * @param coefficients from the constant term on; at least one
 */
public record Polynomial(double centre, List<Double> coefficients) {
    public Polynomial {
        coefficients = List.copyOf(coefficients);
        if (coefficients.isEmpty()) {
            throw new IllegalArgumentException("a polynomial without coefficients; expected at least the constant term");
        }
    }

    public static Polynomial constant(double value) {
        return new Polynomial(0, List.of(value));
    }

    public int degree() {
        return coefficients.size() - 1;
    }

    /** The coefficient of (x − centre)^power, zero above the degree. */
    public double coefficient(int power) {
        return power < coefficients.size() ? coefficients.get(power) : 0;
    }

    public double at(double x) {
        double t = x - centre;
        double sum = 0;
        for (int k = degree(); k >= 0; k--) {
            sum = sum * t + coefficients.get(k);
        }
        return sum;
    }
}
