package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue.Kind;
import dev.sardonyx.secureops.plan.RingData;
import dev.sardonyx.secureops.plan.Visibility;
import dev.sardonyx.secureops.planner.StepLog.DraftStep;
import dev.sardonyx.secureops.planner.StepLog.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Emits the steps of a plan, keeping count of scales and ranges. Kernels are written against this class: it refuses whatever could
 * leave the ring, so that no kernel has to.
 *
 * <p>Numbers come out of products with the operands' scales added up ("wide"). They stay so through linear steps until {@link #narrow}
 * brings them back to the working scale of their range; each value is truncated at most once to a given scale.
 */
final class PlanBuilder {
    /** A public factor keeps at least this many significant bits. */
    private static final int SIGNIFICANT_FACTOR_BITS = 16;
    /** A public factor of a fine value has so many, if there is room. */
    private static final int FINE_FACTOR_BITS = 28;

    private record ScaleKey(int draft, int fractionBits) {
    }

    private record ConstantKey(ValueId id, int fractionBits, Kind kind) {
    }

    private final PlanOptions options;
    private final Scales scales;
    private final CarryChooser carries;
    private final StepLog log;
    private final Map<ScaleKey, Draft> rescaled = new HashMap<>();
    private final Map<ConstantKey, Draft> constants = new HashMap<>();
    /** By the id of a maximum, the ids of what it is a maximum of. */
    private final Map<Integer, Integer> maxima = new HashMap<>();
    private final Set<Integer> fine = new HashSet<>();
    private final Set<Integer> whole = new HashSet<>();

    PlanBuilder(PlanOptions options) {
        this.options = options;
        this.scales = new Scales(options);
        this.carries = new CarryChooser(options);
        this.log = new StepLog(options.enabled(PlanPass.SHARED_STEPS));
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

    // ---- sources

    Draft input(String name, Shape shape, Kind kind, int fractionBits, Interval range) {
        return log.number(new Instruction.Input(name), List.of(), kind, Visibility.DATA_OWNER, shape, fractionBits, range);
    }

    /** A constant of the graph at a scale; bits for booleans. */
    Draft constant(Term.Fixed fixed, int fractionBits) {
        boolean secret = fixed.constant().isSecret() && !options.publicWeights();
        Kind kind = fixed.type() == dev.sardonyx.graph.ElementType.BOOL ? Kind.BITS : Kind.NUMBER;
        int scale = kind == Kind.BITS ? 0 : fractionBits;
        return constants.computeIfAbsent(new ConstantKey(fixed.id(), scale, kind), key -> {
            Interval range = kind == Kind.BITS ? Interval.UNIT : scales.constantRange(fixed);
            Instruction instruction = secret
                    ? new Instruction.Weight(fixed.id())
                    : new Instruction.Literal(encode(fixed.constant().tensor(), scale));
            return log.number(instruction, List.of(), kind, secret ? Visibility.MODEL_OWNER : Visibility.PUBLIC, fixed.shape(), scale, range);
        });
    }

    /** A public tensor of one repeated value. */
    Draft literal(Shape shape, double value, int fractionBits) {
        long raw = Math.round(Math.scalb(value, fractionBits));
        return log.number(new Instruction.Literal(RingData.of(raw)), List.of(), Kind.NUMBER, Visibility.PUBLIC, shape, fractionBits,
                Interval.point(value));
    }

    /** A public tensor. */
    Draft literal(Shape shape, double[] values, int fractionBits) {
        long[] raw = new long[values.length];
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < raw.length; i++) {
            raw[i] = Math.round(Math.scalb(values[i], fractionBits));
            low = Math.min(low, values[i]);
            high = Math.max(high, values[i]);
        }
        Interval range = raw.length == 0 ? Interval.point(0) : new Interval(low, high);
        return log.number(new Instruction.Literal(RingData.of(raw)), List.of(), Kind.NUMBER, Visibility.PUBLIC, shape, fractionBits, range);
    }

    /** A public tensor of bits, given as 0 and 1. */
    Draft literalBits(Shape shape, double[] bits) {
        long[] raw = Arrays.stream(bits).mapToLong(bit -> (long) bit).toArray();
        return log.number(new Instruction.Literal(RingData.of(raw)), List.of(), Kind.BITS, Visibility.PUBLIC, shape, 0, Interval.UNIT);
    }

    private static RingData encode(Tensor tensor, int fractionBits) {
        long[] raw = new long[tensor.size()];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = tensor.type().isFloating() ? Math.round(Math.scalb(tensor.getDouble(i), fractionBits))
                    : tensor.getLong(i) << fractionBits;
        }
        return RingData.of(raw);
    }

    // ---- linear steps

    /** a + b at the finer of their scales. */
    Draft add(Draft a, Draft b) {
        int scale = commonScale(a, b, a.range().plus(b.range()));
        Draft left = rescale(a, scale);
        Draft right = rescale(b, scale);
        return log.number(new Instruction.Add(), List.of(left, right), Shape.broadcast(a.shape(), b.shape()), scale,
                left.range().plus(right.range()));
    }

    /** a − b at the finer of their scales. */
    Draft subtract(Draft a, Draft b) {
        int scale = commonScale(a, b, a.range().minus(b.range()));
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

    Draft negate(Draft a) {
        return log.number(new Instruction.Negate(), List.of(a), a.shape(), a.fractionBits(), a.range().negated());
    }

    Draft addConstant(Draft a, double value) {
        return value == 0 ? a : add(a, literal(Shape.SCALAR, value, a.fractionBits()));
    }

    /** value − a. */
    Draft subtractFrom(double value, Draft a) {
        return subtract(literal(Shape.SCALAR, value, a.fractionBits()), a);
    }

    /** a · factor for a public factor: powers of two cost nothing, others make the result wide. */
    Draft scaleBy(Draft a, double factor) {
        if (factor == 0) {
            return literal(a.shape(), 0, a.fractionBits());
        }
        if (factor == 1) {
            return a;
        }
        if (factor == -1) {
            return negate(a);
        }
        int exponent = Math.getExponent(factor);
        if (Math.scalb(1.0, exponent) == Math.abs(factor)) {
            Draft scaled = reinterpret(a, a.fractionBits() - exponent, a.range().times(Math.abs(factor)));
            return factor < 0 ? negate(scaled) : scaled;
        }
        boolean integer = factor == Math.rint(factor) && Math.abs(factor) < 0x1p31;
        Interval range = a.range().times(factor);
        if (integer) {
            return multiply(withRoom(a, range), literal(Shape.SCALAR, factor, 0));
        }
        if (fine.contains(a.id()) && options.fractionBits().isEmpty()) {
            return multiplyFine(a, factor, range);
        }
        int scale = scales.partnerScale(Interval.point(factor), a, range);
        // A wide value takes the factor before its truncation if the ring holds both; else it is truncated first.
        boolean fits = scale + Math.getExponent(factor) >= SIGNIFICANT_FACTOR_BITS;
        return fits ? multiply(a, literal(Shape.SCALAR, factor, scale)) : multiplyNarrow(a, factor, range);
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
        return multiply(rescale(a, kept), literal(Shape.SCALAR, factor, scale));
    }

    private Draft multiplyNarrow(Draft a, double factor, Interval range) {
        Draft narrow = narrow(a);
        return multiply(narrow, literal(Shape.SCALAR, factor, scales.partnerScale(Interval.point(factor), narrow, range)));
    }

    /**
     * The same raw numbers read at another scale: a product or quotient by a power of two. A scale below zero, which raw numbers
     * cannot have, is reached by a shift.
     */
    private Draft reinterpret(Draft a, int fractionBits, Interval range) {
        if (fractionBits >= 0) {
            // A move that moves nothing: the step is what carries the new scale.
            return log.number(new Instruction.Move(new Op.Reshape(a.shape())), List.of(a), a.kind(), a.visibility(), a.shape(), fractionBits,
                    range);
        }
        return log.number(new Instruction.ShiftLeft(-fractionBits), List.of(a), a.shape(), 0, range);
    }

    Draft sum(Draft a, List<Integer> axes) {
        Shape shape = a.shape();
        int count = 1;
        for (int axis : axes) {
            count *= shape.dim(axis);
            shape = shape.with(axis, 1);
        }
        Interval range = a.range().times(count);
        Draft terms = withRoom(a, range);
        Draft sum = log.number(new Instruction.Sum(axes), List.of(terms), shape, terms.fractionBits(), range);
        if (fine.contains(a.id())) {
            fine.add(sum.id());
        }
        return sum;
    }

    Draft sumWindow(Draft a, Window window, Shape shape) {
        int taps = window.kernel().stream().reduce(1, Math::multiplyExact);
        Interval range = new Interval(Math.min(0, taps * a.range().low()), Math.max(0, taps * a.range().high()));
        Draft terms = withRoom(a, range);
        return log.number(new Instruction.SumWindow(window), List.of(terms), shape, terms.fractionBits(), range);
    }

    Draft cumulativeSum(Draft a, Instruction.CumulativeSum sum) {
        int count = Math.max(1, a.shape().dim(sum.axis()));
        Interval range = new Interval(Math.min(0, count * a.range().low()), Math.max(0, count * a.range().high()));
        Draft terms = withRoom(a, range);
        return log.number(sum, List.of(terms), a.shape(), terms.fractionBits(), range);
    }

    /** A movement of one value; padding adds zero to its range. */
    Draft move(Op.Movement movement, Shape shape, Draft a) {
        if (movement instanceof Op.Reshape && shape.equals(a.shape())) {
            return a;
        }
        boolean pads = movement instanceof Op.Pad || movement instanceof Op.Pick;
        Interval range = pads ? a.range().union(Interval.point(0)) : a.range();
        return log.number(new Instruction.Move(movement), List.of(a), a.kind(), a.visibility(), shape, a.fractionBits(), range);
    }

    Draft reshape(Draft a, Shape shape) {
        return move(new Op.Reshape(shape), shape, a);
    }

    Draft expand(Draft a, Shape shape) {
        return a.shape().equals(shape) ? a : move(new Op.Expand(shape), shape, a);
    }

    /** Elements {@code start, start + step, …} ({@code size} of them) along an axis. */
    Draft slice(Draft a, int axis, int start, int step, int size) {
        if (start == 0 && step == 1 && size == a.shape().dim(axis)) {
            return a;
        }
        var starts = new ArrayList<>(Collections.nCopies(a.shape().rank(), 0));
        var strides = new ArrayList<>(Collections.nCopies(a.shape().rank(), 1));
        var sizes = new ArrayList<>(a.shape().dims());
        starts.set(axis, start);
        strides.set(axis, step);
        sizes.set(axis, size);
        return move(new Op.Slice(starts, strides, sizes), a.shape().with(axis, size), a);
    }

    /** Several values of one kind joined along an axis, at the finest of their scales. */
    Draft concat(List<Draft> parts, int axis) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        Draft first = parts.getFirst();
        int extent = parts.stream().mapToInt(part -> part.shape().dim(axis)).sum();
        Visibility visibility = StepLog.joined(parts);
        if (first.isBits()) {
            return log.number(new Instruction.Move(new Op.Concat(axis)), parts, Kind.BITS, visibility, first.shape().with(axis, extent), 0,
                    Interval.UNIT);
        }
        Interval range = parts.stream().map(Draft::range).reduce(first.range(), Interval::union);
        int finest = parts.stream().mapToInt(Draft::fractionBits).max().orElse(0);
        int scale = Math.min(finest, scales.finest(range));
        List<Draft> aligned = parts.stream().map(part -> rescale(part, scale)).toList();
        return log.number(new Instruction.Move(new Op.Concat(axis)), aligned, Kind.NUMBER, visibility, first.shape().with(axis, extent), scale,
                range);
    }

    // ---- scales

    /** The value at a scale coarse enough for a result with this range to fit. */
    private Draft withRoom(Draft a, Interval result) {
        int finest = scales.finest(result);
        return a.fractionBits() > finest && finest >= 0 ? rescale(a, finest) : a;
    }

    private int commonScale(Draft a, Draft b, Interval result) {
        int finer = Math.max(a.fractionBits(), b.fractionBits());
        return Math.min(finer, scales.finest(result));
    }

    /** The same value at another scale: shifted up, or truncated down. */
    Draft rescale(Draft a, int fractionBits) {
        if (a.fractionBits() == fractionBits) {
            return a;
        }
        return rescaled.computeIfAbsent(new ScaleKey(a.id(), fractionBits), key -> fractionBits > a.fractionBits()
                ? log.number(new Instruction.ShiftLeft(fractionBits - a.fractionBits()), List.of(a), a.shape(), fractionBits, a.range())
                : log.number(new Instruction.Truncate(a.fractionBits() - fractionBits), List.of(a), a.shape(), fractionBits,
                        a.range().widened(a.isPublic() ? 0 : Math.scalb(1.0, -fractionBits))));
    }

    /** The value at the working scale of its range, if it is finer than that; integers stay as they are. */
    Draft narrow(Draft a) {
        if (a.isBits()) {
            return a;
        }
        boolean isFine = fine.contains(a.id());
        int working = isFine ? scales.fine(a.range()) : scales.working(a.range());
        Draft narrow = a.fractionBits() > working ? rescale(a, working) : a;
        if (isFine) {
            fine.add(narrow.id());
        }
        return narrow;
    }

    /**
     * As {@link #narrow}, for a factor of {@code partner}. A whole number is exact and magnifies the factor's rounding by all that it is:
     * what scales the sums of an integer product may be far below one, with all its digits beyond the working scale.
     */
    private Draft narrowBeside(Draft a, Draft partner) {
        int magnified = partner.range().magnitudeExponent();
        int working = scales.working(a.range());
        if (a.isBits() || partner.isBits() || partner.fractionBits() != 0 || magnified <= 0 || a.fractionBits() <= working || fine.contains(a.id())
                || options.fractionBits().isPresent()) {
            return narrow(a);
        }
        return rescale(a, Math.min(a.fractionBits(), working + magnified));
    }

    /** Has {@link #narrow} keep more bits of a value than of others. */
    void keepFine(Draft a) {
        if (!a.isBits()) {
            fine.add(a.id());
        }
    }

    /** Right after a product when truncations are not to be sunk. */
    private Draft settle(Draft product) {
        return options.enabled(PlanPass.TRUNCATION_SINKING) ? product : narrow(product);
    }

    // ---- products

    /** Two factors coarse enough for their product, bounded by {@code range}, to fit into the ring. */
    Factors fit(Draft a, Draft b, Interval range) {
        Draft left = narrowBeside(a, b);
        Draft right = a.id() == b.id() ? left : narrowBeside(b, a);
        int room = scales.finest(range);
        int excess = left.fractionBits() + right.fractionBits() - room;
        if (excess > 0) {
            int fromLeft = Math.clamp((excess + left.fractionBits() - right.fractionBits() + 1) / 2, 0, excess);
            int leftBits = Math.max(0, left.fractionBits() - fromLeft);
            int rightBits = Math.max(0, right.fractionBits() - (excess - fromLeft));
            left = rescale(left, leftBits);
            right = rescale(right, rightBits);
        }
        return new Factors(left, right);
    }

    /** The operands of a product. */
    record Factors(Draft left, Draft right) {
    }

    /** a · b, element-wise with broadcasting, the factors brought to scales that fit. */
    Draft product(Draft a, Draft b) {
        return product(a, b, a.id() == b.id() ? a.range().squared() : a.range().times(b.range()));
    }

    /** As {@link #product(Draft, Draft)}, with a range that the caller can prove of the exact product; rounding the factors may add to it. */
    Draft product(Draft a, Draft b, Interval range) {
        Factors factors = fit(a, b, range);
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
        int room = scales.finest(range);
        if (room < 0) {
            throw outOfRange("a product in ±2^" + range.magnitudeExponent() + " needs more bits than the ring has");
        }
        int excess = Math.max(0, a.fractionBits() + b.fractionBits() - room);
        // The factor with more significant bits gives up more.
        int fromLeft = Math.clamp((excess + a.magnitudeBits() - b.magnitudeBits()) / 2, Math.max(0, excess - b.fractionBits()),
                Math.min(excess, a.fractionBits()));
        Draft wide = sumOfProducts(List.of(rescale(a, a.fractionBits() - fromLeft), rescale(b, b.fractionBits() - (excess - fromLeft))), range);
        return rescale(wide, Math.min(wide.fractionBits(), scales.beforeRounding(range)));
    }

    /** The value as fine as a product of this range with a constant allows, the constant having the bits that it wants. */
    Draft withRoomFor(Interval constant, Draft a, Interval product) {
        int most = Math.max(scales.working(a.range()), scales.finest(product) - scales.wanted(constant));
        return a.fractionBits() > most ? rescale(a, most) : a;
    }

    Draft multiply(Draft a, Draft b) {
        Interval range = a.id() == b.id() ? a.range().squared() : a.range().times(b.range());
        return settle(sumOfProducts(List.of(a, b), range));
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

    // ---- comparisons and bits

    /** Bits x ≥ threshold, each threshold in real units, ascending; judged exactly if {@code resolution} is 0. */
    List<Draft> atLeast(Draft x, List<Double> thresholds, double resolution) {
        if (x.isPublic()) {
            throw unsupported("compares numbers that depend on no secret, such as an input times zero; expected the model to hold them as constants");
        }
        List<Long> raw = thresholds.stream().map(t -> (long) Math.ceil(Math.scalb(t, x.fractionBits()))).toList();
        boolean dropped = resolution > 0 && options.enabled(PlanPass.COMPARISON_LOW_BITS);
        ComparisonBits bits = ComparisonBits.of(x, thresholds, dropped ? resolution : 0);
        log.require(bits.magnitude() + 1, "comparing");
        int width = options.enabled(PlanPass.COMPARISON_WIDTH) ? bits.magnitude() + 1 - bits.low() : 64 - bits.low();
        CarryTree carry = carries.choose(width, thresholds.size(), x);
        var compare = new Instruction.Compare(raw, bits.low(), carry);
        return log.emit(compare, List.of(x), Collections.nCopies(raw.size(), new Signature(Kind.BITS, x.visibility(), x.shape(), 0,
                Interval.UNIT)));
    }

    /**
     * Bits x ≥ threshold, each threshold in raw units, of a number that may be any element of the ring in which it is held when the plan
     * runs: every bit of it is looked at, however wide that ring turns out to be.
     *
     * @param room bits that the ring has beyond those of x's range and sign, at least
     */
    List<Draft> atLeastWhole(Draft x, List<Long> thresholds, int room) {
        int width = Math.min(Long.SIZE, x.magnitudeBits() + 1 + room);
        whole.add(x.id());
        var compare = new Instruction.Compare(thresholds, 0, carries.choose(width, thresholds.size(), x));
        return log.emit(compare, List.of(x), Collections.nCopies(thresholds.size(), new Signature(Kind.BITS, x.visibility(), x.shape(), 0, Interval.UNIT)));
    }

    /** The step, which has inputs, looking at every bit of a ring of that width where it compares a number that may be any element of it. */
    DraftStep wholeWidth(DraftStep step, int width) {
        Draft first = step.inputs().getFirst();
        if (!whole.contains(first.id()) || !(step.instruction() instanceof Instruction.Compare(var thresholds, int low, var _))) {
            return step;
        }
        return new DraftStep(step.node(), step.kernel(), new Instruction.Compare(thresholds, low, carries.choose(width, thresholds.size(), first)),
                step.inputs(), step.outputs());
    }

    /** Bits x ≥ threshold for a threshold in real units. */
    Draft atLeast(Draft x, double threshold, double resolution) {
        return atLeast(x, List.of(threshold), resolution).getFirst();
    }

    /** The value where the bit is set, else zero; both broadcast. */
    Draft select(Draft bits, Draft x) {
        Shape shape = Shape.broadcast(bits.shape(), x.shape());
        return log.number(new Instruction.Select(), List.of(expand(bits, shape), expand(x, shape)), Kind.NUMBER,
                bits.visibility().join(x.visibility()), shape, x.fractionBits(), x.range().union(Interval.point(0)));
    }

    /** whenTrue where the bit is set, else whenFalse. */
    Draft choose(Draft bits, Draft whenTrue, Draft whenFalse) {
        Draft difference = subtract(whenTrue, whenFalse);
        Draft chosen = add(rescale(whenFalse, difference.fractionBits()), select(bits, difference));
        return within(chosen, whenTrue.range().union(whenFalse.range()));
    }

    /** Bits as numbers 0 and 1 at scale 0. */
    Draft toNumber(Draft bits) {
        return combine(List.of(bits), new double[] {0}, new double[][] {{1}}, new int[] {0}, List.of(Interval.UNIT)).getFirst();
    }

    /**
     * Public combinations of bits of one shape: output c is {@code base[c] + Σ_t coefficients[c][t]·bit_t}, at scale
     * {@code scales[c]}, known to lie in {@code ranges[c]}.
     */
    List<Draft> combine(List<Draft> bits, double[] base, double[][] coefficients, int[] scales, List<Interval> ranges) {
        return emitEach(Combination.linear(base, coefficients, scales), bits, scales, ranges);
    }

    /**
     * Public functions of a secret that are constant between thresholds: {@code values[c][i]} is output c where i of the bits
     * x ≥ threshold are set. Equal values are equal in the ring, so what is zero beyond a threshold is zero to the last bit.
     */
    List<Draft> stepFunctions(List<Draft> atLeast, double[][] values, int[] scales, List<Interval> ranges) {
        return emitEach(Combination.stepFunctions(values, scales), atLeast, scales, ranges);
    }

    private List<Draft> emitEach(Instruction.Combine combine, List<Draft> bits, int[] scales, List<Interval> ranges) {
        var outputs = new ArrayList<Signature>();
        for (int c = 0; c < scales.length; c++) {
            outputs.add(new Signature(Kind.NUMBER, StepLog.joined(bits), bits.getFirst().shape(), scales[c], ranges.get(c)));
        }
        return log.emit(combine, bits, outputs);
    }

    /** a · b as it comes out of the product, whatever the passes. */
    Draft multiplyWide(Draft a, Draft b) {
        return sumOfProducts(List.of(a, b), a.id() == b.id() ? a.range().squared() : a.range().times(b.range()));
    }

    /** a + b of one scale, in a range that the caller can prove. */
    Draft addWide(Draft a, Draft b, Interval range) {
        if (a.fractionBits() != b.fractionBits()) {
            throw new IllegalArgumentException("a sum of scales " + a.fractionBits() + " and " + b.fractionBits());
        }
        return log.number(new Instruction.Add(), List.of(a, b), Shape.broadcast(a.shape(), b.shape()), a.fractionBits(), range);
    }

    Draft and(Draft a, Draft b) {
        Shape shape = Shape.broadcast(a.shape(), b.shape());
        return log.bits(new Instruction.And(), List.of(expand(a, shape), expand(b, shape)), shape);
    }

    Draft xor(Draft a, Draft b) {
        Shape shape = Shape.broadcast(a.shape(), b.shape());
        return log.bits(new Instruction.Xor(), List.of(expand(a, shape), expand(b, shape)), shape);
    }

    Draft not(Draft a) {
        return log.bits(new Instruction.Not(), List.of(a), a.shape());
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
