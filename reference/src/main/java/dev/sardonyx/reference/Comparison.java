package dev.sardonyx.reference;

import dev.sardonyx.graph.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * How far one or more tensors are from their references. Equal infinities and two NaNs differ by 0; one of them beside another number
 * by infinity.
 *
 * @param elements how many numbers were compared
 * @param maxAbsError the greatest difference
 * @param sumAbsError the sum of all differences
 * @param outside how many numbers were outside the tolerance
 * @param mismatch what kept the tensors from being compared at all (names, shapes, types), if something did
 */
public record Comparison(long elements, double maxAbsError, double sumAbsError, long outside, Optional<String> mismatch) {
    /** Of nothing yet. */
    public static final Comparison NONE = new Comparison(0, 0, 0, 0, Optional.empty());

    /** Compares one tensor. */
    public static Comparison of(String name, Tensor expected, Tensor actual, Tolerance tolerance) {
        if (!expected.shape().equals(actual.shape())) {
            return mismatch("output '" + name + "' has shape " + actual.shape() + "; expected " + expected.shape());
        }
        if (expected.type().isFloating() != actual.type().isFloating()) {
            return mismatch("output '" + name + "' is of " + actual.type() + "; expected " + expected.type());
        }
        double max = 0;
        double sum = 0;
        long outside = 0;
        boolean exact = !expected.type().isFloating();
        for (int i = 0; i < expected.size(); i++) {
            double wanted = expected.getDouble(i);
            double got = actual.getDouble(i);
            boolean same = exact ? expected.getLong(i) == actual.getLong(i) : wanted == got || Double.isNaN(wanted) && Double.isNaN(got);
            if (!same) {
                double error = Double.isFinite(wanted) && Double.isFinite(got) ? Math.abs(got - wanted) : Double.POSITIVE_INFINITY;
                max = Math.max(max, error);
                sum += error;
                outside += !exact && tolerance.holds(wanted, got) ? 0 : 1;
            }
        }
        return new Comparison(expected.size(), max, sum, outside, Optional.empty());
    }

    /** Compares tensors by name; each expected one must be there. */
    public static Comparison of(Map<String, Tensor> expected, Map<String, Tensor> actual, Tolerance tolerance) {
        Comparison all = NONE;
        for (var entry : expected.entrySet()) {
            Tensor got = actual.get(entry.getKey());
            all = all.plus(got == null ? mismatch("output '" + entry.getKey() + "' is missing") : of(entry.getKey(), entry.getValue(), got, tolerance));
        }
        return all;
    }

    /** Both together. */
    public Comparison plus(Comparison other) {
        return new Comparison(elements + other.elements, Math.max(maxAbsError, other.maxAbsError), sumAbsError + other.sumAbsError,
                outside + other.outside, mismatch.or(other::mismatch));
    }

    public double meanAbsError() {
        return elements == 0 ? 0 : sumAbsError / elements;
    }

    public boolean within() {
        return outside == 0 && mismatch.isEmpty();
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(elements);
        out.writeDouble(maxAbsError);
        out.writeDouble(sumAbsError);
        out.writeLong(outside);
        out.writeUTF(mismatch.orElse(""));
    }

    static Comparison read(DataInput in) throws IOException {
        long elements = in.readLong();
        double max = in.readDouble();
        double sum = in.readDouble();
        long outside = in.readLong();
        return new Comparison(elements, max, sum, outside, Optional.of(in.readUTF()).filter(what -> !what.isEmpty()));
    }

    private static Comparison mismatch(String what) {
        return new Comparison(0, 0, 0, 0, Optional.of(what));
    }
}
