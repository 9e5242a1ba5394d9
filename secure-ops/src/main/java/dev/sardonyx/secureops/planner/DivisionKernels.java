package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Quotients and remainders that are exact: a quotient by the reciprocal is refined until it is at most two off, and the remainder tells
 * by how much. Dividing by zero has no meaning; the result is bounded.
 */
final class DivisionKernels {
    /** What a quotient by a reciprocal may be off, relative. */
    private static final double ERROR = 0x1p-13;
    private static final int INVERSE_BITS = 30;

    /**
     * A divisor or dividend by its size and its sign.
     *
     * @param size its magnitude
     * @param positive bits that are set where it is not negative; none if it never is
     * @param sign its sign in the open, 1 or -1; none if it is secret or never negative
     * @param open bits in the open that are set where it is negative; none likewise
     */
    private record Signed(Draft size, @Nullable Draft positive, @Nullable Draft sign, @Nullable Draft open) {
    }

    /** Whole quotient and remainder of magnitudes. */
    private record Parts(Draft quotient, Draft remainder) {
    }

    private final PlanBuilder builder;
    private final Signed dividend;
    private final Signed divisor;
    private final Draft inverse;

    private DivisionKernels(Kernel.Request request) {
        this.builder = request.builder();
        this.dividend = signed(request.number(0));
        boolean whole = !request.outputs().getFirst().type().isFloating();
        boolean open = request.input(1) instanceof Term.Fixed fixed && (!fixed.constant().isSecret() || builder.options().publicWeights());
        if (open && request.input(1) instanceof Term.Fixed fixed) {
            Sources sources = builder.sources();
            Tensor tensor = fixed.constant().tensor();
            Tensor inverses = inverse(builder, fixed);
            int scale = whole ? 0 : dividend.size().fractionBits();
            double[] sizes = map(tensor, Math::abs);
            this.divisor = new Signed(sources.literal(tensor.shape(), sizes, scale), null,
                    sources.literal(tensor.shape(), map(tensor, v -> v < 0 ? -1 : 1), 0),
                    sources.literalBits(tensor.shape(), map(tensor, v -> v < 0 ? 1 : 0)));
            this.inverse = sources.literal(tensor.shape(), map(inverses, Math::abs), INVERSE_BITS);
        } else {
            Signed secret = signed(request.number(1));
            double least = Math.max(secret.size().range().low(), Math.scalb(1.0, -secret.size().fractionBits()));
            Interval range = new Interval(least, Math.max(least, secret.size().range().high()));
            this.divisor = secret;
            this.inverse = RootKernels.reciprocal(builder, whole ? builder.within(secret.size(), range) : secret.size());
        }
    }

    /** The inverse of a constant that the planner may look at. */
    static Tensor inverse(PlanBuilder builder, Term.Fixed fixed) {
        Tensor tensor = fixed.constant().tensor();
        double[] values = map(tensor, v -> 1 / v);
        for (double value : values) {
            if (Double.isInfinite(value)) {
                throw builder.unsupported("divides by the constant 0");
            }
        }
        return Tensor.ofDoubles(ElementType.FLOAT64, tensor.shape(), values);
    }

    private static double[] map(Tensor tensor, DoubleUnaryOperator function) {
        double[] values = new double[tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = function.applyAsDouble(tensor.getDouble(i));
        }
        return values;
    }

    /** Quotient of whole numbers, towards zero. */
    static Draft quotient(Kernel.Request request) {
        var division = new DivisionKernels(request);
        Draft quotient = division.parts().quotient();
        return division.turned(division.turned(quotient, division.dividend), division.divisor);
    }

    /** Remainder; its sign is the divisor's or the dividend's. */
    static Draft remainder(Kernel.Request request, boolean signOfDivisor) {
        var division = new DivisionKernels(request);
        Draft remainder = division.parts().remainder();
        return signOfDivisor ? division.floored(remainder) : division.turned(remainder, division.dividend);
    }

    private Signed signed(Draft x) {
        if (x.range().isNonNegative()) {
            return new Signed(x, null, null, null);
        }
        Draft positive = builder.bits().atLeast(x, 0, 0);
        return new Signed(Signs.magnitude(builder, positive, x), positive, null, null);
    }

    private Draft turned(Draft value, Signed by) {
        if (by.sign() != null) {
            return builder.multiplyWide(value, by.sign());
        }
        return by.positive() == null ? value : Signs.turned(builder, by.positive(), value);
    }

    private Parts parts() {
        Draft x = dividend.size();
        Draft y = divisor.size();
        double most = x.range().high() * inverse.range().high();
        // Off by one by rounding, by the reciprocal's error, and by its last unit times the dividend.
        double off = 1 + most * ERROR + x.range().high() * Math.scalb(1.0, -inverse.fractionBits());
        Draft quotient = whole(x, new Interval(-2, most + off + 2));
        Draft rest = rest(quotient, off);
        while (off > 1.75) {
            double next = 1.25 + off * ERROR + off * y.range().high() * Math.scalb(1.0, -inverse.fractionBits());
            if (next >= off) {
                throw builder.outOfRange("an exact quotient of numbers up to " + x.range().outward().high() + " by numbers up to "
                        + y.range().outward().high() + " needs more bits than the ring has");
            }
            Draft more = whole(rest, Interval.symmetric(off + 2));
            quotient = builder.within(builder.add(quotient, more), new Interval(-2, most + 4));
            off = next;
            rest = rest(quotient, off);
        }
        // The true quotient is the estimate less 2, plus one for each of −y, 0 and y that the remainder reaches.
        Draft above = builder.subtract(rest, y);
        Draft below = builder.add(rest, y);
        Draft reached = builder.add(builder.add(bit(below), bit(rest)), bit(above));
        Draft correction = builder.within(builder.addConstant(reached, -2), new Interval(-2, 1));
        Draft exact = builder.within(builder.add(quotient, correction), new Interval(0, Math.floor(most + 1)));
        Draft remainder = builder.subtract(rest, builder.multiplyWide(correction, y));
        return new Parts(exact, builder.within(remainder, new Interval(0, Math.min(x.range().high(), y.range().high()))));
    }

    private Draft bit(Draft value) {
        return builder.bits().toNumber(builder.bits().atLeast(value, 0, 0));
    }

    /** The whole part, or one more, of a numerator times the inverse. */
    private Draft whole(Draft numerator, Interval range) {
        Rescaling.Factors factors = builder.rescaling().fit(numerator, inverse, range);
        Draft wide = builder.sumOfProducts(List.of(factors.left(), factors.right()), range);
        return builder.rescale(wide, 0);
    }

    /** dividend − quotient·divisor, at most {@code off} divisors. */
    private Draft rest(Draft quotient, double off) {
        Draft rest = builder.subtract(dividend.size(), builder.multiplyWide(quotient, divisor.size()));
        return builder.within(rest, Interval.symmetric((off + 1) * divisor.size().range().high()));
    }

    /** The remainder with the sign of the divisor: where the signs differ, the divisor's size less the remainder. */
    private Draft floored(Draft remainder) {
        if (dividend.positive() == null && divisor.positive() == null && divisor.sign() == null) {
            return remainder;
        }
        Draft unit = builder.bits().atLeast(remainder, Math.scalb(1.0, -remainder.fractionBits()), 0);
        Draft differ = differ();
        Draft size = divisor.size();
        Draft complement = builder.subtract(size, builder.scaleBy(remainder, 2));
        Draft change = builder.bits().select(builder.bits().and(unit, differ), complement);
        Draft floored = builder.within(builder.add(remainder, change), new Interval(0, size.range().high()));
        return turned(floored, divisor);
    }

    /** Bits that are set where dividend and divisor have different signs. */
    private Draft differ() {
        Bits bits = builder.bits();
        Draft negative = dividend.positive() == null ? null : bits.not(dividend.positive());
        if (divisor.positive() != null) {
            Draft other = bits.not(divisor.positive());
            return negative == null ? other : bits.xor(negative, other);
        }
        if (divisor.open() == null) {
            return Objects.requireNonNull(negative);
        }
        return negative == null ? divisor.open() : bits.xor(negative, divisor.open());
    }
}
