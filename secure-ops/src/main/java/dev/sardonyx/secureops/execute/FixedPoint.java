package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;

/** Between tensors of real numbers and raw ring integers: raw = round(real · 2^fractionBits), ties to even. */
final class FixedPoint {
    private FixedPoint() {
    }

    /**
     * An input's numbers, raw, or its booleans, packed.
     *
     * @throws RunException BAD_INPUT for NaN and infinity, OUT_OF_RANGE outside the range that the plan declares; names the element,
     *         not its value
     */
    static long[] encodeInput(Plan.InputSpec spec, PlanValue value, Tensor tensor) {
        if (value.kind() == PlanValue.Kind.BITS && tensor.type() == ElementType.BOOL) {
            return encodeBits(tensor);
        }
        String what = "input '" + spec.name() + "'";
        for (int i = 0; i < tensor.size(); i++) {
            double real = tensor.getDouble(i);
            if (!Double.isFinite(real)) {
                throw new RunException(RunException.Kind.BAD_INPUT,
                        what + ", element " + i + ", is " + (Double.isNaN(real) ? "NaN" : "infinite") + "; expected finite numbers");
            }
            if (real < spec.low() || real > spec.high()) {
                throw new RunException(RunException.Kind.OUT_OF_RANGE,
                        what + ", element " + i + ", lies outside the declared range [" + spec.low() + ", " + spec.high() + "]");
            }
        }
        return value.kind() == PlanValue.Kind.BITS ? encodeBits(tensor) : encode(what, value, tensor);
    }

    /**
     * Raw numbers of a finite tensor.
     *
     * @throws RunException BAD_INPUT for NaN and infinity, OUT_OF_RANGE if a number needs more bits than the plan gives it
     */
    static long[] encode(String what, PlanValue value, Tensor tensor) {
        return encode(what, value, tensor, 0, tensor.size());
    }

    /** As {@link #encode(String, PlanValue, Tensor)}, so many elements from one on. */
    static long[] encode(String what, PlanValue value, Tensor tensor, int from, int count) {
        double scale = Math.scalb(1.0, value.fractionBits());
        boolean exact = !tensor.type().isFloating() && value.fractionBits() == 0;
        long[] raw = new long[count];
        for (int i = 0; i < count; i++) {
            double real = tensor.getDouble(from + i);
            if (!Double.isFinite(real)) {
                throw new RunException(RunException.Kind.BAD_INPUT, what + ", element " + (from + i) + ", is not finite");
            }
            raw[i] = exact ? tensor.getLong(from + i) : (long) Math.rint(real * scale);
            if (!exact && Math.abs(real * scale) >= 0x1p62 || !fits(raw[i], value)) {
                throw new RunException(RunException.Kind.OUT_OF_RANGE, what + ", element " + (from + i) + ", needs more than the "
                        + value.magnitudeBits() + " bits that the plan gives it at scale 2^" + value.fractionBits());
            }
        }
        return raw;
    }

    /** A magnitude of exactly 2^bits is let pass: ranges are closed, and the planner keeps a bit for the sign. */
    private static boolean fits(long raw, PlanValue value) {
        return value.magnitudeBits() >= 63 || Math.abs(raw) <= 1L << value.magnitudeBits();
    }

    /** A boolean tensor, packed. */
    static long[] encodeBits(Tensor tensor) {
        return encodeBits(tensor, 0, tensor.size());
    }

    /** So many elements of a boolean tensor from one on, packed. */
    static long[] encodeBits(Tensor tensor, int from, int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = tensor.getDouble(from + i) != 0 ? 1 : 0;
        }
        return PackedBits.pack(values);
    }

    /** Raw numbers as a tensor of the output's type; integers from a scaled number are rounded to the nearest. */
    static Tensor decode(long[] raw, PlanValue value, ElementType type) {
        return decode(raw, value, type, value.shape());
    }

    static Tensor decode(long[] raw, PlanValue value, ElementType type, Shape shape) {
        double unit = Math.scalb(1.0, -value.fractionBits());
        if (type.isFloating()) {
            double[] reals = new double[raw.length];
            for (int i = 0; i < raw.length; i++) {
                reals[i] = raw[i] * unit;
            }
            return Tensor.ofDoubles(type, shape, reals);
        }
        long[] integers = new long[raw.length];
        for (int i = 0; i < raw.length; i++) {
            long integer = value.fractionBits() == 0 ? raw[i] : (long) Math.rint(raw[i] * unit);
            integers[i] = type != ElementType.BOOL ? integer : integer != 0 ? 1 : 0;
        }
        return Tensor.ofLongs(type, shape, integers);
    }

    /** Packed booleans as a tensor of the output's type, 0 and 1. */
    static Tensor decodeBits(long[] words, ElementType type, Shape shape) {
        long[] bits = PackedBits.unpack(words, shape.size());
        return type.isFloating() ? Tensor.ofLongs(ElementType.BOOL, shape, bits).as(type) : Tensor.ofLongs(type, shape, bits);
    }
}
