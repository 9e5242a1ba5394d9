package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Window;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue.Kind;
import dev.sardonyx.secureops.plan.Visibility;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Emits arithmetic on numbers, keeping count of scales and ranges. What else a plan is made of stands beside it: {@link Sources},
 * {@link Moves} and {@link Bits}. Kernels are written against these; a value that could leave the ring is refused, so that no kernel has
 * to look after that.
 *
 * <p>Numbers come out of products with the operands' scales added up ("wide"). They stay so through linear steps until {@link #narrow}
 * brings them back to the working scale of their range.
 */
final class PlanBuilder {
    /** A public factor keeps at least this many significant bits. */
    private static final int SIGNIFICANT_FACTOR_BITS = 16;
    /** A public factor of a fine value has so many, if there is room. */
    private static final int FINE_FACTOR_BITS = 28;

    private final PlanOptions options;
    private final Scales scales;
    private final StepLog log;
    private final Rescaling rescaling;
    private final Sources sources;
    private final Moves moves;
    private final Bits bits;
    /** By the id of a maximum, the ids of what it is a maximum of. */
    private final Map<Integer, Integer> maxima = new HashMap<>();

    PlanBuilder(PlanOptions options) {
        this.options = options;
        this.scales = new Scales(options);
        this.log = new StepLog(options.enabled(PlanPass.SHARED_STEPS));
        this.rescaling = new Rescaling(options, scales, log);
        this.sources = new Sources(options, scales, log);
        this.moves = new Moves(scales, log, rescaling);
        this.bits = new Bits(options, log, moves);
    }

    PlanOptions options() {
        return options;
    }

    Scales scales() {
        return scales;
    }

    StepLog log() {
        return log;
    }

    Rescaling rescaling() {
        return rescaling;
    }

    Sources sources() {
        return sources;
    }

    Moves moves() {
        return moves;
    }

    Bits bits() {
        return bits;
    }

    /** Steps emitted from here on belong to this ONNX node. */
    void at(String node, String op, String kernel) {
        log.at(node, op, kernel);
    }

    PlanException unsupported(String reason) {
        return log.unsupported(reason);
    }

    PlanException outOfRange(String reason) {
        return log.outOfRange(reason);
    }

    // ---- scales

    /** The same value at another scale: shifted up, or truncated down. */
    Draft rescale(Draft a, int fractionBits) {
        return rescaling.rescale(a, fractionBits);
    }

    /** The value at the working scale of its range, if it is finer than that; integers stay as they are. */
    Draft narrow(Draft a) {
        return rescaling.narrow(a);
    }

    // ---- linear steps

    /** a + b at the finer of their scales. */
    Draft add(Draft a, Draft b) {
        int scale = rescaling.commonScale(a, b, a.range().plus(b.range()));
        Draft left = rescale(a, scale);
        Draft right = rescale(b, scale);
        return log.number(new Instruction.Add(), List.of(left, right), Shape.broadcast(a.shape(), b.shape()), scale,
                left.range().plus(right.range()));
    }

    /** a − b at the finer of their scales. */
    Draft subtract(Draft a, Draft b) {
        int scale = rescaling.commonScale(a, b, a.range().minus(b.range()));
        Draft left = rescale(a, scale);
        Draft right = rescale(b, scale);
        return log.number(new Instruction.Subtract(), List.of(left, right), Shape.broadcast(a.shape(), b.shape()), scale,
                left.range().minus(right.range()));
    }

    /**
     * a − b of one scale and shape where that is known to lie in a range. Both may be too large for any difference of such numbers to
     * fit: then the ring wraps, and wraps back.
     */
    Draft rest(Draft a, Draft b, Interval range) {
        if (a.fractionBits() != b.fractionBits()) {
            throw new IllegalArgumentException("scales " + a.fractionBits() + " and " + b.fractionBits() + "; expected one");
        }
        return log.number(new Instruction.Subtract(), List.of(a, b), a.shape(), a.fractionBits(), range);
    }

    /** a + b of one scale, in a range that the caller can prove. */
    Draft addWide(Draft a, Draft b, Interval range) {
        if (a.fractionBits() != b.fractionBits()) {
            throw new IllegalArgumentException("a sum of scales " + a.fractionBits() + " and " + b.fractionBits());
        }
        return log.number(new Instruction.Add(), List.of(a, b), Shape.broadcast(a.shape(), b.shape()), a.fractionBits(), range);
    }

    Draft negate(Draft a) {
        return log.number(new Instruction.Negate(), List.of(a), a.shape(), a.fractionBits(), a.range().negated());
    }

    Draft addConstant(Draft a, double value) {
        return value == 0 ? a : add(a, sources.literal(Shape.SCALAR, value, a.fractionBits()));
    }

    /** value − a. */
    Draft subtractFrom(double value, Draft a) {
        return subtract(sources.literal(Shape.SCALAR, value, a.fractionBits()), a);
    }

    /** a · factor for a public factor: powers of two cost nothing, others make the result wide. */
    Draft scaleBy(Draft a, double factor) {
        if (factor == 0) {
            return sources.literal(a.shape(), 0, a.fractionBits());
        }
        if (factor == 1) {
            return a;
        }
        if (factor == -1) {
            return negate(a);
        }
        int exponent = Math.getExponent(factor);
        if (Math.scalb(1.0, exponent) == Math.abs(factor)) {
            Draft scaled = rescaling.reinterpret(a, a.fractionBits() - exponent, a.range().times(Math.abs(factor)));
            return factor < 0 ? negate(scaled) : scaled;
        }
        boolean integer = factor == Math.rint(factor) && Math.abs(factor) < 0x1p31;
        Interval range = a.range().times(factor);
        if (integer) {
            return multiply(rescaling.withRoom(a, range), sources.literal(Shape.SCALAR, factor, 0));
        }
        if (rescaling.isFine(a) && options.fractionBits().isEmpty()) {
            return multiplyFine(a, factor, range);
        }
        // A wide value takes the factor before its truncation if the ring holds both; else it is truncated first.
        boolean fits = scales.partnerScale(Interval.point(factor), a, range) + exponent >= SIGNIFICANT_FACTOR_BITS;
        Draft operand = fits ? a : narrow(a);
        return multiply(operand, sources.literal(Shape.SCALAR, factor, scales.partnerScale(Interval.point(factor), operand, range)));
    }

    /**
     * A fine value times a public factor: the factor of a mean that is to be subtracted must be as exact as what it is subtracted from,
     * however far that is below the mean.
     */
    private Draft multiplyFine(Draft a, double factor, Interval range) {
        int room = scales.finest(range);
        int wanted = room - FINE_FACTOR_BITS + Math.getExponent(factor);
        int kept = Math.min(a.fractionBits(), Math.max(scales.fine(a.range()) + 2, wanted));
        int scale = Math.clamp(room - kept, 0, FINE_FACTOR_BITS - Math.getExponent(factor));
        return multiply(rescale(a, kept), sources.literal(Shape.SCALAR, factor, scale));
    }

    Draft sum(Draft a, List<Integer> axes) {
        Shape shape = a.shape();
        int count = 1;
        for (int axis : axes) {
            count *= shape.dim(axis);
            shape = shape.with(axis, 1);
        }
        Interval range = a.range().times(count);
        Draft terms = rescaling.withRoom(a, range);
        Draft sum = log.number(new Instruction.Sum(axes), List.of(terms), shape, terms.fractionBits(), range);
        if (rescaling.isFine(a)) {
            rescaling.keepFine(sum);
        }
        return sum;
    }

    Draft sumWindow(Draft a, Window window, Shape shape) {
        int taps = window.kernel().stream().reduce(1, Math::multiplyExact);
        Interval range = new Interval(Math.min(0, taps * a.range().low()), Math.max(0, taps * a.range().high()));
        Draft terms = rescaling.withRoom(a, range);
        return log.number(new Instruction.SumWindow(window), List.of(terms), shape, terms.fractionBits(), range);
    }

    Draft cumulativeSum(Draft a, Instruction.CumulativeSum sum) {
        int count = Math.max(1, a.shape().dim(sum.axis()));
        Interval range = new Interval(Math.min(0, count * a.range().low()), Math.max(0, count * a.range().high()));
        Draft terms = rescaling.withRoom(a, range);
        return log.number(sum, List.of(terms), a.shape(), terms.fractionBits(), range);
    }

    // ---- products

    /** a · b, element-wise with broadcasting, the factors brought to scales that fit. */
    Draft product(Draft a, Draft b) {
        return product(a, b, a.id() == b.id() ? a.range().squared() : a.range().times(b.range()));
    }

    /** As {@link #product(Draft, Draft)}, with a range that the caller can prove of the exact product; rounding the factors may add to it. */
    Draft product(Draft a, Draft b, Interval range) {
        Rescaling.Factors factors = rescaling.fit(a, b, range);
        Draft left = factors.left();
        Draft right = factors.right();
        double rounding = roundingOf(a, left) * b.range().magnitude() + roundingOf(b, right) * a.range().magnitude();
        return settle(sumOfProducts(List.of(left, right), rounding == 0 ? range : range.widened(rounding)));
    }

    private static double roundingOf(Draft before, Draft after) {
        return before.id() == after.id() ? 0 : Math.scalb(1.0, -after.fractionBits());
    }

    /** a · b for what is rounded to a whole number later: both factors as fine as the ring allows, bounded by {@code range}. */
    Draft fineProduct(Draft a, Draft b, Interval range) {
        Rescaling.Factors factors = rescaling.fitFine(a, b, range);
        Draft wide = sumOfProducts(List.of(factors.left(), factors.right()), range);
        return rescale(wide, Math.min(wide.fractionBits(), scales.beforeRounding(range)));
    }

    Draft multiply(Draft a, Draft b) {
        return settle(multiplyWide(a, b));
    }

    /** a · b as it comes out of the product, whatever the passes. */
    Draft multiplyWide(Draft a, Draft b) {
        return sumOfProducts(List.of(a, b), a.id() == b.id() ? a.range().squared() : a.range().times(b.range()));
    }

    /** Σ a_i·b_i of factors a_1, b_1, a_2, b_2, … whose products have one scale; truncated once. */
    Draft sumOfProducts(List<Draft> factors, Interval range) {
        Shape shape = Shape.SCALAR;
        int scale = factors.get(0).fractionBits() + factors.get(1).fractionBits();
        Visibility visibility = Visibility.PUBLIC;
        for (int i = 0; i < factors.size(); i += 2) {
            Draft a = factors.get(i);
            Draft b = factors.get(i + 1);
            if (a.fractionBits() + b.fractionBits() != scale) {
                throw new IllegalArgumentException("products of different scales in one sum");
            }
            shape = Shape.broadcast(shape, Shape.broadcast(a.shape(), b.shape()));
            visibility = visibility.join(a.visibility()).join(b.visibility());
        }
        return log.number(new Instruction.Multiply(), factors, Kind.NUMBER, visibility, shape, scale, range);
    }

    Draft matmul(Draft a, Draft b, Shape shape, Interval range) {
        return settle(log.number(new Instruction.MatMul(), List.of(a, b), shape, a.fractionBits() + b.fractionBits(), range));
    }

    Draft convolve(Draft x, Draft w, Instruction.Convolve convolve, Shape shape, Interval range) {
        return settle(log.number(convolve, List.of(x, w), shape, x.fractionBits() + w.fractionBits(), range));
    }

    /** Right after a product when truncations are not to be sunk. */
    private Draft settle(Draft product) {
        return options.enabled(PlanPass.TRUNCATION_SINKING) ? product : narrow(product);
    }

    // ---- ranges

    /** The same value with a tighter range that the caller can prove. */
    Draft within(Draft a, Interval range) {
        return log.within(a, range);
    }

    /** Remembers that no element of a value exceeds the maximum that broadcasts over it. */
    void noteMaximum(Draft maximum, Draft of) {
        maxima.put(maximum.id(), of.id());
    }

    /** Whether a value is known to exceed no element of {@code of}'s row. */
    boolean isMaximum(Draft maximum, Draft of) {
        return maxima.getOrDefault(maximum.id(), -1) == of.id();
    }
}
