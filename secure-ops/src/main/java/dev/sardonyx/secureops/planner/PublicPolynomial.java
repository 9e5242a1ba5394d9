package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.approx.Polynomial;
import java.util.ArrayList;
import java.util.List;

/**
 * A polynomial with public coefficients at a secret: only products of powers cost messages. With k powers t, …, t^k the polynomial is
 * {@code low(t) + t^k·high(t)}, both of degree k or less, and linear in the powers (M. S. Paterson and L. J. Stockmeyer, 1973).
 */
final class PublicPolynomial {
    /** Fraction bits of the local coordinate and its powers: an error of one unit is 1e-6. */
    static final int COORDINATE_BITS = 20;
    static final int MAX_DEGREE = 8;
    /** Fraction bits of the higher coefficients where the result leaves room for them. */
    static final int COEFFICIENT_BITS = 18;

    private PublicPolynomial() {
    }

    /**
     * The wide value of the polynomial, at {@link #wideScale}.
     *
     * @param t the local coordinate x − centre, at {@value #COORDINATE_BITS} fraction bits, |t| ≤ 1
     * @param coefficientBits fraction bits of the higher coefficients
     * @param range what bounds the result
     */
    static Draft wide(PlanBuilder builder, Draft t, Polynomial polynomial, int coefficientBits, Interval range) {
        int degree = polynomial.degree();
        int scale = wideScale(degree, coefficientBits);
        if (degree > MAX_DEGREE) {
            throw new IllegalArgumentException("a polynomial of degree " + degree + "; expected at most " + MAX_DEGREE);
        }
        if (degree <= 1) {
            return linear(builder, List.of(t), polynomial, 0, scale, range);
        }
        int last = (degree + 1) / 2;
        List<Draft> powers = powers(builder, t, last);
        Interval highRange = bound(polynomial, last, t.range());
        Draft high = linear(builder, powers.subList(0, degree - last), polynomial, last, scale - COORDINATE_BITS, highRange);
        Draft low = linear(builder, powers.subList(0, last - 1), polynomial, 0, scale, bound(polynomial, 0, t.range()));
        Draft top = powers.get(last - 1);
        Draft product = builder.sumOfProducts(List.of(top, high), top.range().times(highRange));
        return builder.addWide(product, low, range);
    }

    static int wideScale(int degree, int coefficientBits) {
        return (degree <= 1 ? 1 : 2) * COORDINATE_BITS + coefficientBits;
    }

    /** t, t², …, t^last at the coordinate's scale. */
    private static List<Draft> powers(PlanBuilder builder, Draft t, int last) {
        var powers = new ArrayList<Draft>(List.of(t));
        var wide = new ArrayList<Draft>(List.of(t));
        for (int power = 2; power <= last; power++) {
            Draft left = powers.get(power / 2 - 1);
            Draft right = powers.get(power - power / 2 - 1);
            Interval range = left.id() == right.id() ? left.range().squared() : left.range().times(right.range());
            // t³ = t²·t from the square as it comes out of its product: one truncation less on the way.
            boolean fits = power == 3 && Draft.magnitudeBits(range, 3 * COORDINATE_BITS) <= StepLog.MAX_MAGNITUDE_BITS;
            Draft product = fits ? builder.sumOfProducts(List.of(wide.get(1), t), range)
                    : builder.sumOfProducts(List.of(left, right), range);
            wide.add(product);
            powers.add(builder.rescale(product, COORDINATE_BITS));
        }
        return powers;
    }

    /** coefficients[from] + Σ coefficients[from + i]·t^i over the given powers, at a scale. */
    private static Draft linear(PlanBuilder builder, List<Draft> powers, Polynomial polynomial, int from, int scale, Interval range) {
        Draft constant = builder.sources().literal(Shape.SCALAR, polynomial.coefficient(from), scale);
        if (powers.isEmpty()) {
            return constant;
        }
        var factors = new ArrayList<Draft>();
        for (int i = 0; i < powers.size(); i++) {
            factors.add(powers.get(i));
            factors.add(builder.sources().literal(Shape.SCALAR, polynomial.coefficient(from + 1 + i), scale - COORDINATE_BITS));
        }
        return builder.addWide(builder.sumOfProducts(factors, range), constant, range);
    }

    /** Bounds of Σ coefficients[from + i]·t^i, all signs taken to be against us. */
    private static Interval bound(Polynomial polynomial, int from, Interval t) {
        double sum = 0;
        double power = 1;
        for (int k = from; k <= polynomial.degree(); k++) {
            sum += Math.abs(polynomial.coefficient(k)) * power;
            power *= t.magnitude();
        }
        return Interval.symmetric(sum);
    }
}
