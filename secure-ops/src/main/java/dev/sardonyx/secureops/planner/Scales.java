package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Tensor;

/**
 * Chooses fraction bits. A value bounded by 2^r works at {@value #WORKING_BITS} fraction bits, finer if it is small (so that small
 * values keep as many significant bits as large ones), coarser only if the ring would not hold its products.
 */
final class Scales {
    /** Fraction bits of values up to 1; an error of one unit is 1.5e-5. */
    static final int WORKING_BITS = 16;
    /** Further bits for the constant factors of products, whose rounding errors add up over a row. */
    static final int CONSTANT_EXTRA_BITS = 2;
    /** Significant bits that a working value may have, so that a product by a constant still fits. */
    static final int WORKING_MAGNITUDE_BITS = 42;
    private static final int RESOLUTION_BITS = 13;
    private static final int FINEST_BITS = 30;
    /** Bits between the range of a value that is to be normalised and its last one: 12 for the spread's window, 16 below that. */
    private static final int FINE_BITS = 28;
    /** Significant bits of the least value of a delicate input. */
    private static final int DELICATE_BITS = 18;
    private static final int DELICATE_MAGNITUDE_BITS = 52;
    /** What masks become. */
    private static final double LARGEST_CONSTANT = 0x1p24;
    private static final double LEAST_MASK = -0x1p29;
    private static final double NEVER = 0x1p100;

    private final PlanOptions options;

    Scales(PlanOptions options) {
        this.options = options;
    }

    /** The working scale of a value with this range. */
    int working(Interval range) {
        if (options.fractionBits().isPresent()) {
            return options.fractionBits().getAsInt();
        }
        int exponent = range.magnitudeExponent();
        // A value that keeps its distance from zero is a divisor, a variance, a power: its error counts relative to the least of it.
        double least = range.low() > 0 ? range.low() : range.high() < 0 ? -range.high() : range.magnitude();
        int bits = Math.min(FINEST_BITS, WORKING_BITS + Math.max(0, -Interval.point(least).magnitudeExponent()));
        return Math.max(0, Math.min(bits, WORKING_MAGNITUDE_BITS - exponent));
    }

    /** The working scale of a value whose spread may be far below its range. */
    int fine(Interval range) {
        return options.fractionBits().isPresent() ? working(range) : Math.max(working(range), FINE_BITS - range.magnitudeExponent());
    }

    /** The scale of an input whose errors an operator magnifies: encoding it finely costs nothing but width. */
    int delicate(Interval range) {
        if (options.fractionBits().isPresent()) {
            return options.fractionBits().getAsInt();
        }
        int wanted = range.low() > 0 ? DELICATE_BITS - Math.getExponent(range.low()) : FINEST_BITS;
        return Math.max(working(range), Math.min(wanted, DELICATE_MAGNITUDE_BITS - range.magnitudeExponent()));
    }

    /** The scale of what is to be rounded to a whole number later. */
    int beforeRounding(Interval range) {
        if (options.fractionBits().isPresent()) {
            return options.fractionBits().getAsInt();
        }
        return Math.max(0, Math.min(FINEST_BITS, WORKING_MAGNITUDE_BITS - range.magnitudeExponent()));
    }

    /** The finest scale at which a value with this range fits into the ring. */
    int finest(Interval range) {
        return StepLog.MAX_MAGNITUDE_BITS - 2 - Math.max(0, range.magnitudeExponent());
    }

    /** How near a comparison may judge wrongly: well below what the working scale's rounding adds up to over a layer. */
    double resolution(Interval range) {
        int bits = options.fractionBits().isPresent() ? options.fractionBits().getAsInt() : RESOLUTION_BITS;
        return Math.scalb(1.0, Math.min(0, range.magnitudeExponent()) - bits);
    }

    /** The scale of a constant factor for a partner: as fine as wanted, as coarse as the product's range demands. */
    int partnerScale(Interval constant, Draft partner, Interval product) {
        return Math.max(0, Math.min(wanted(constant), finest(product) - partner.fractionBits()));
    }

    /** The scale of a constant factor where the ring has room. */
    int wanted(Interval constant) {
        return options.fractionBits().isPresent() ? options.fractionBits().getAsInt()
                : Math.min(FINEST_BITS, WORKING_BITS + CONSTANT_EXTRA_BITS + Math.max(0, -constant.magnitudeExponent()));
    }

    /** Bounds of a constant: its own, or the declared ones where the planner may not look at secret numbers. */
    Interval constantRange(Term.Fixed fixed) {
        return mayLookAt(fixed) ? range(fixed.constant().tensor()) : declared().each();
    }

    /** Bounds of Σ w·x over a row of a constant that the planner may not look at. */
    Interval declaredProduct(Interval x, int depth) {
        return declared().product(x, depth);
    }

    private PlanOptions.WeightBounds declared() {
        return options.trust().weights().orElseThrow(() -> new IllegalStateException("bounds of weights are declared before a graph is planned"));
    }

    /** Whether the planner may look at this constant's numbers. */
    boolean mayLookAt(Term.Fixed fixed) {
        return !fixed.constant().isSecret() || options.publicWeights() || options.ranges() == PlanOptions.RangeSource.PRIVATE_DERIVED;
    }

    /** The exact bounds of a tensor. */
    static Interval range(Tensor tensor) {
        if (tensor.size() == 0) {
            return Interval.point(0);
        }
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < tensor.size(); i++) {
            low = Math.min(low, tensor.getDouble(i));
            high = Math.max(high, tensor.getDouble(i));
        }
        return new Interval(low, high);
    }

    /**
     * Constants that no model learns are masks: -inf, -3.4e38, -1e9 and the infinities' like stand for "never" and become as great as
     * serves. Large numbers else are what they are; a positive one is a factor (what a division by 1e-9 became) far more often than a
     * mask.
     */
    static double clampMask(double value) {
        return value <= LEAST_MASK || Math.abs(value) >= NEVER ? Math.copySign(LARGEST_CONSTANT, value) : value;
    }
}
