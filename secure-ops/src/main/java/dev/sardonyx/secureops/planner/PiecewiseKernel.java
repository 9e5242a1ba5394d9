package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.approx.PiecewiseFit;
import dev.sardonyx.secureops.approx.PiecewisePolynomial;
import dev.sardonyx.secureops.approx.Polynomial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleUnaryOperator;

/**
 * A function by pieces of polynomials. One comparison finds the piece, one combination of its bits gives centre and coefficients, and
 * {@code c0 + c1·t + t²·(c2 + c3·t)} is reckoned in wide scales without any truncation but the last.
 */
final class PiecewiseKernel {
    /** Absolute error of a piece where the function reaches 1 or more; relative to the greatest value where it does not. */
    static final double ERROR = 0x1p-15;
    private static final int MAX_DEGREE = 3;
    private static final int MAX_PIECES = 64;
    private static final int LEAST_TOP_BITS = 6;
    private static final int COARSE_TOP_BITS = 16;
    private static final double SLACK = 0x1p-6;
    private static final double KINK_SLACK = 0x1p-15;
    /** Functions that level off exponentially have done so here. */
    private static final double FURTHEST_TAIL = 64;
    private static final double SLOW_TAIL = 0x1p17;
    private static final int SAMPLES = 4096;
    /** Functions that reach further are not for absolute errors. */
    private static final double GREATEST = 0x1p32;

    private record Question(Object function, Interval domain, int coordinateBits) {
    }

    /**
     * @param fit pieces of the rest, tails included
     * @param scale fraction bits of the wide result
     * @param rest bounds of the rest
     * @param zero number of the threshold at zero, or -1
     */
    private record Answer(PiecewisePolynomial fit, int degree, int scale, Interval rest, int zero) {
    }

    private static final Map<Question, List<Answer>> ANSWERS = new ConcurrentHashMap<>();

    private final PlanBuilder builder;
    private final Curve curve;
    private final Draft x;
    private final Draft near;
    private final Interval domain;

    private PiecewiseKernel(PlanBuilder builder, Curve curve, Draft x, Interval domain) {
        this.builder = builder;
        this.curve = curve;
        this.x = x;
        this.domain = domain;
        int working = builder.options().fractionBits().orElse(Scales.WORKING_BITS);
        int small = Math.max(0, -domain.magnitudeExponent());
        this.near = builder.rescale(x, Math.min(x.fractionBits(), working + Math.min(small, 8)));
    }

    /**
     * The function at x.
     *
     * @param function what names the function, with its parameters
     * @throws PlanException if it would take more than {@value #MAX_PIECES} pieces
     */
    static Draft apply(PlanBuilder builder, Object function, Curve curve, Draft x) {
        return attempt(builder, function, curve, x, x.range().covering())
                .orElseThrow(() -> builder.outOfRange(function + " on " + x.range().covering() + " would take more than " + MAX_PIECES
                        + " pieces; declare a tighter --input-range or --calibrate"));
    }

    /** As {@link #apply}, on a domain that the caller knows x to lie in; nothing if it would take too many pieces. */
    static Optional<Draft> attempt(PlanBuilder builder, Object function, Curve curve, Draft x, Interval domain) {
        var kernel = new PiecewiseKernel(builder, curve, x, domain);
        List<Answer> answers = ANSWERS.computeIfAbsent(new Question(function, domain, kernel.near.fractionBits()), key -> kernel.answers());
        return answers.stream().min((a, b) -> Double.compare(kernel.seconds(a), kernel.seconds(b))).map(kernel::apply);
    }

    private Draft apply(Answer answer) {
        double margin = answer.fit().error() + Math.scalb(1.0, -Scales.WORKING_BITS);
        Interval range = bounds(domain, curve::at);
        range = new Interval(range.low() - margin, range.high() + margin);
        List<Double> thresholds = answer.fit().thresholds();
        List<Draft> bits = thresholds.isEmpty() ? List.of() : builder.bits().atLeast(x, thresholds, answer.fit().slack());
        Draft rest = polynomial(answer, bits);
        Draft result = rest;
        if (curve.gain() != 0 && domain.high() > 0) {
            Draft kept = domain.low() >= 0 ? near : builder.bits().select(bits.get(answer.zero()), near);
            result = builder.add(rest, builder.narrow(builder.scaleBy(kept, curve.gain())));
        }
        return builder.within(result, range);
    }

    // ---- fitting

    /** One answer for each degree that can hold the error. */
    private List<Answer> answers() {
        if (!(Math.max(Math.abs(curve.at(domain.low())), Math.abs(curve.at(domain.high()))) < GREATEST)) {
            return List.of();
        }
        double tolerance = ERROR * Math.min(1, Math.max(0x1p-16, bounds(domain, curve::at).magnitude()));
        Interval rest = bounds(domain, curve::rest);
        rest = new Interval(rest.low() - tolerance, rest.high() + tolerance);
        var answers = new ArrayList<Answer>();
        for (int degree = 1; degree <= MAX_DEGREE; degree++) {
            int room = StepLog.MAX_MAGNITUDE_BITS - 1 - Math.getExponent(rest.magnitude());
            int coarse = Math.min(room, degree * near.fractionBits() + COARSE_TOP_BITS);
            if (coarse - degree * near.fractionBits() < LEAST_TOP_BITS) {
                continue;
            }
            answer(degree, coarse, tolerance, rest).ifPresent(answers::add);
            if (room > coarse) {
                // Long pieces have small leading coefficients, which want more fraction bits.
                answer(degree, room, tolerance, rest).ifPresent(answers::add);
            }
        }
        return answers;
    }

    private Optional<Answer> answer(int degree, int scale, double tolerance, Interval rest) {
        int[] bits = new int[degree + 1];
        Arrays.setAll(bits, k -> scale - k * near.fractionBits());
        double slack = curve.kink() ? KINK_SLACK : SLACK * Math.min(1, Math.scalb(1.0, domain.magnitudeExponent()));
        double low = Math.max(domain.low(), tail(curve.leftLimit(), -1, tolerance));
        double high = Math.min(domain.high(), tail(curve.rightLimit(), 1, tolerance));
        var parts = new ArrayList<PiecewisePolynomial>();
        boolean split = !curve.smooth() && domain.low() < 0 && domain.high() > 0;
        var joints = new ArrayList<Double>();
        if (domain.low() < low) {
            parts.add(constant(curve.leftLimit(), slack));
            joints.add(low);
        }
        if (split) {
            if (!fit(parts, new PiecewiseFit.Target(curve.left(), Math.min(low, -0x1p-4), 0, tolerance, slack), bits)) {
                return Optional.empty();
            }
            joints.add(0.0);
        }
        double start = split ? 0 : low;
        if (high > start) {
            var function = start >= 0 && !curve.smooth() ? curve.right() : curve.left();
            if (!fit(parts, new PiecewiseFit.Target(function, start, high, tolerance, slack), bits)) {
                return Optional.empty();
            }
        }
        if (domain.high() > high) {
            if (high > start) {
                joints.add(high);
            }
            parts.add(constant(curve.rightLimit(), slack));
        }
        if (parts.isEmpty()) {
            // A domain of one number, as of an input of nothing but zeros.
            parts.add(constant(OptionalDouble.of(curve.left().applyAsDouble(low)), slack));
        }
        PiecewisePolynomial joined = join(parts, joints, slack);
        return joined.pieces().size() > MAX_PIECES ? Optional.empty()
                : Optional.of(new Answer(joined, degree, scale, rest, split ? joined.thresholds().indexOf(0.0) : -1));
    }

    private static boolean fit(List<PiecewisePolynomial> parts, PiecewiseFit.Target target, int[] bits) {
        Optional<PiecewisePolynomial> fit = PiecewiseFit.fit(target, bits, MAX_PIECES);
        fit.ifPresent(parts::add);
        return fit.isPresent();
    }

    private static PiecewisePolynomial constant(OptionalDouble limit, double slack) {
        return new PiecewisePolynomial(List.of(), List.of(Polynomial.constant(limit.orElseThrow())), slack, 0);
    }

    private static PiecewisePolynomial join(List<PiecewisePolynomial> parts, List<Double> joints, double slack) {
        var thresholds = new ArrayList<Double>();
        var pieces = new ArrayList<Polynomial>();
        double error = 0;
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0) {
                thresholds.add(joints.get(i - 1));
            }
            thresholds.addAll(parts.get(i).thresholds());
            pieces.addAll(parts.get(i).pieces());
            error = Math.max(error, parts.get(i).error());
        }
        return new PiecewisePolynomial(thresholds, pieces, slack, error);
    }

    /** Where the rest may be taken for its limit: from here on it differs by less than half of what is allowed. */
    private double tail(OptionalDouble limit, int side, double tolerance) {
        if (limit.isEmpty()) {
            return side * Double.MAX_VALUE;
        }
        double step = 0x1p-6;
        double reach = SLOW_TAIL;
        while (reach > FURTHEST_TAIL && isNear(side * reach / 2, limit, tolerance)) {
            reach /= 2;
        }
        if (reach > FURTHEST_TAIL) {
            return side * reach;
        }
        while (reach > 0 && isNear(side * reach, limit, tolerance)) {
            reach -= step;
        }
        return side * (reach <= 0 ? 0 : reach + step);
    }

    private boolean isNear(double x, OptionalDouble limit, double tolerance) {
        return Math.abs(curve.rest(x) - limit.getAsDouble()) <= tolerance / 2;
    }

    /** Bounds by samples: the ends, and close together wherever a function may not have levelled off yet. */
    private static Interval bounds(Interval domain, DoubleUnaryOperator function) {
        double atLow = function.applyAsDouble(domain.low());
        double atHigh = function.applyAsDouble(domain.high());
        double low = Math.min(atLow, atHigh);
        double high = Math.max(atLow, atHigh);
        Interval inner = Interval.symmetric(FURTHEST_TAIL).intersect(domain);
        for (int i = 0; i <= SAMPLES; i++) {
            double value = function.applyAsDouble(inner.low() + (inner.high() - inner.low()) * i / SAMPLES);
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        double between = (high - low) * 0x1p-10;
        return new Interval(low - between, high + between);
    }

    // ---- reckoning

    private Draft polynomial(Answer answer, List<Draft> bits) {
        List<Polynomial> pieces = answer.fit().pieces();
        int degree = answer.degree();
        int t = near.fractionBits();
        double[][] values = new double[degree + 2][pieces.size()];
        int[] scales = new int[degree + 2];
        double half = reach(answer.fit());
        for (int i = 0; i < pieces.size(); i++) {
            values[0][i] = pieces.get(i).centre();
            for (int k = 0; k <= degree; k++) {
                values[k + 1][i] = pieces.get(i).coefficient(k);
            }
        }
        scales[0] = t;
        for (int k = 0; k <= degree; k++) {
            scales[k + 1] = answer.scale() - k * t;
        }
        List<Draft> columns = columns(bits, values, scales);
        // On constant pieces the local coordinate may be anything and its powers wrap, harmlessly: their coefficients are zero in the ring.
        Draft local = builder.within(builder.subtract(near, columns.getFirst()), Interval.symmetric(half));
        Draft c0 = columns.get(1);
        Draft c1 = columns.get(2);
        Interval wide = answer.rest();
        Draft sum = switch (degree) {
            case 1 -> builder.sumOfProducts(List.of(c1, local), centred(wide));
            case 2 -> {
                Draft inner = times(columns.get(3), local);
                yield builder.sumOfProducts(List.of(plus(inner, c1), local), centred(wide));
            }
            default -> {
                Draft square = builder.sumOfProducts(List.of(local, local), new Interval(0, half * half));
                Draft inner = times(columns.get(4), local);
                yield builder.sumOfProducts(List.of(c1, local, square, plus(inner, columns.get(3))), centred(wide));
            }
        };
        Draft total = builder.addWide(sum, c0, wide);
        return builder.rescale(total, Math.min(total.fractionBits(), builder.scales().working(wide)));
    }

    /** A piece less its constant term is bounded by the spread of the rest. */
    private static Interval centred(Interval rest) {
        return Interval.symmetric(rest.magnitude());
    }

    private Draft times(Draft coefficient, Draft local) {
        return builder.sumOfProducts(List.of(coefficient, local), coefficient.range().times(local.range()));
    }

    private Draft plus(Draft a, Draft b) {
        return builder.addWide(a, b, a.range().plus(b.range()));
    }

    private List<Draft> columns(List<Draft> bits, double[][] values, int[] scales) {
        var ranges = new ArrayList<Interval>();
        var literals = new ArrayList<Draft>();
        for (int c = 0; c < values.length; c++) {
            ranges.add(new Interval(Arrays.stream(values[c]).min().orElse(0), Arrays.stream(values[c]).max().orElse(0)));
            if (bits.isEmpty()) {
                literals.add(builder.sources().literal(Shape.SCALAR, values[c][0], scales[c]));
            }
        }
        return bits.isEmpty() ? literals : builder.bits().stepFunctions(bits, values, scales, ranges);
    }

    /** The greatest distance from a centre within a piece that is not constant. */
    private double reach(PiecewisePolynomial fit) {
        double reach = fit.slack();
        for (int i = 0; i < fit.pieces().size(); i++) {
            Polynomial piece = fit.pieces().get(i);
            if (piece.degree() > 0) {
                double left = i == 0 ? domain.low() : fit.thresholds().get(i - 1);
                double right = i == fit.thresholds().size() ? domain.high() : fit.thresholds().get(i);
                reach = Math.max(reach, Math.max(piece.centre() - left, right - piece.centre()) + fit.slack());
            }
        }
        return reach;
    }

    // ---- cost

    /** Time that messages take, roughly: combination, products and truncation; the comparison is alike but for its thresholds. */
    private double seconds(Answer answer) {
        int thresholds = answer.fit().thresholds().size();
        int bytes = Math.min(8, (answer.scale() + Math.getExponent(answer.rest().magnitude()) + 10) / 8);
        double helper = thresholds * (bytes + 2.0) + answer.degree() * bytes + bytes;
        double worker = thresholds * 1.5 + (thresholds > 0 ? (answer.degree() + 2) * bytes : 0) + answer.degree() * bytes;
        return builder.options().network().seconds(answer.degree() == 1 ? 1 : 2,
                x.size() * (helper + 2 * worker) / builder.options().protocol().parties());
    }
}
