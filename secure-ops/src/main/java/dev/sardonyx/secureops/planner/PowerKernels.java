package dev.sardonyx.secureops.planner;

/** Powers with public and with secret exponents. */
final class PowerKernels {
    private static final int MAX_EXPONENT = 64;
    /** Powers below this count as zero. */
    private static final double VANISHING = 0x1p-18;

    /** Inverse powers of what may be zero are followed up to 2^20. */
    private static final double HIGHEST_INVERSE = 20 * Math.log(2);

    private PowerKernels() {
    }

    /** x to a public exponent: whole powers by products, the rest of the exponent by octaves. */
    static Draft power(PlanBuilder builder, Draft x, double exponent) {
        if (Math.abs(exponent) > MAX_EXPONENT) {
            throw builder.outOfRange("a power of " + exponent + "; expected at most " + MAX_EXPONENT);
        }
        int whole = (int) exponent;
        double rest = exponent - whole;
        if (whole == 0) {
            return rest == 0 ? integer(builder, x, 0) : RootKernels.power(builder, x, rest);
        }
        Draft base = whole > 0 ? x : RootKernels.reciprocal(builder, x);
        Draft power = integer(builder, base, Math.abs(whole));
        return rest == 0 ? power : builder.product(power, RootKernels.power(builder, x, rest));
    }

    /** x to a whole exponent by repeated squaring. */
    private static Draft integer(PlanBuilder builder, Draft x, int exponent) {
        if (exponent == 0) {
            return builder.sources().literal(x.shape(), 1, x.fractionBits());
        }
        if (exponent == 1) {
            return x;
        }
        Draft half = integer(builder, x, exponent / 2);
        Draft square = builder.product(half, half);
        return exponent % 2 == 0 ? square : builder.product(square, x);
    }

    /**
     * x^y = exp(y·log |x|) for secret y, negated where x is negative and y odd. A negative x with an exponent that is not whole has no
     * real power; its result is bounded.
     */
    static Draft power(PlanBuilder builder, Draft x, Draft y) {
        boolean signed = x.range().low() < 0;
        Draft size = x;
        Draft negative = null;
        if (signed) {
            Draft positive = builder.bits().atLeast(x, 0, 0);
            negative = builder.bits().not(positive);
            size = Signs.magnitude(builder, positive, x);
        }
        Draft log = RootKernels.fineLog(builder, size);
        Draft narrow = builder.rescale(log, Math.min(log.fractionBits(), PublicPolynomial.COORDINATE_BITS));
        Draft value = exp(builder, clamp(builder, builder.product(narrow, y), x, y));
        if (negative == null) {
            return value;
        }
        // y − 2·floor(y/2) is 1 for odd exponents.
        Draft whole = IntegerKernels.round(builder, y);
        Draft even = IntegerKernels.floor(builder, builder.scaleBy(whole, 0.5));
        Draft odd = builder.subtract(whole, builder.rescale(builder.scaleBy(even, 2), 0));
        odd = builder.within(builder.rescale(odd, 0), Interval.UNIT);
        Draft turned = builder.bits().and(negative, builder.bits().atLeast(odd, 1, 0));
        return Signs.turned(builder, builder.bits().not(turned), value);
    }

    /**
     * The exponent's range is that of a product; its corners take the least base to the least exponent, which lead beyond the ring if
     * the base may be nearly zero and the exponent negative.
     */
    private static Draft clamp(PlanBuilder builder, Draft exponent, Draft x, Draft y) {
        double top = Math.max(Math.log(Math.max(1, x.range().magnitude())) * Math.max(0, y.range().high()), 0);
        boolean inverse = y.range().low() < 0 && x.range().low() <= 0;
        double high = inverse ? Math.max(top, HIGHEST_INVERSE) : exponent.range().high();
        return exponent.range().high() <= high ? exponent
                : ElementwiseKernels.clip(builder, builder.narrow(exponent), exponent.range().low() - 1, high);
    }

    private static Draft exp(PlanBuilder builder, Draft x) {
        return ExponentialKernels.exp(builder, x, VANISHING, ExponentialKernels.Precision.FINE);
    }
}
