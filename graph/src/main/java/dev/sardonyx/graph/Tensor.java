package dev.sardonyx.graph;

import java.util.Arrays;

/**
 * A plaintext tensor, row-major. Numbers are held as {@code float[]} (FLOAT32), {@code double[]} (the other floating types) or
 * {@code long[]} (integers; booleans as 0 and 1; UINT64 as its bit pattern). The tensor owns its array: whoever passes one in
 * gives it up, whoever reads one out does not write to it.
 *
 * <p>{@link #toString} shows type and shape only, so that a weight or an input never slips into a log.
 */
public final class Tensor {
    private final ElementType type;
    private final Shape shape;
    private final Object data;

    private Tensor(ElementType type, Shape shape, Object data, int length) {
        if (length != shape.size()) {
            throw new IllegalArgumentException(type + " tensor " + shape + " wants " + shape.size() + " elements, got " + length);
        }
        this.type = type;
        this.shape = shape;
        this.data = data;
    }

    public static Tensor ofFloats(Shape shape, float... values) {
        return new Tensor(ElementType.FLOAT32, shape, values, values.length);
    }

    /** A tensor of any floating type; each value is rounded to that type. */
    public static Tensor ofDoubles(ElementType type, Shape shape, double... values) {
        if (!type.isFloating()) {
            throw new IllegalArgumentException("doubles do not make a tensor of " + type);
        }
        if (type != ElementType.FLOAT32) {
            if (type != ElementType.FLOAT64) {
                Arrays.setAll(values, i -> type.round(values[i]));
            }
            return new Tensor(type, shape, values, values.length);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return ofFloats(shape, floats);
    }

    /** A tensor of an integer or boolean type. */
    public static Tensor ofLongs(ElementType type, Shape shape, long... values) {
        if (!type.isInteger() && type != ElementType.BOOL) {
            throw new IllegalArgumentException("longs do not make a tensor of " + type);
        }
        return new Tensor(type, shape, values, values.length);
    }

    public static Tensor scalar(float value) {
        return ofFloats(Shape.SCALAR, value);
    }

    public static Tensor vector(long... values) {
        return ofLongs(ElementType.INT64, Shape.of(values.length), values);
    }

    public ElementType type() {
        return type;
    }

    public Shape shape() {
        return shape;
    }

    public int size() {
        return shape.size();
    }

    /** Element {@code index} (row-major) as a double; integers beyond 2^53 are rounded. */
    public double getDouble(int index) {
        return switch (data) {
            case float[] floats -> floats[index];
            case double[] doubles -> doubles[index];
            case long[] longs -> longs[index] < 0 && type == ElementType.UINT64 ? unsigned(longs[index]) : longs[index];
            default -> throw new IllegalStateException(toString());
        };
    }

    private static double unsigned(long bits) {
        // The bit lost by halving is kept in the lowest place, so that rounding to double is still to nearest.
        return (bits >>> 1 | bits & 1) * 2.0;
    }

    /** Element {@code index} (row-major) as a long; fractions are cut off. */
    public long getLong(int index) {
        return data instanceof long[] longs ? longs[index] : (long) getDouble(index);
    }

    /** A fresh copy of all elements as doubles. */
    public double[] toDoubles() {
        double[] values = new double[size()];
        if (data instanceof float[] floats) {
            for (int i = 0; i < values.length; i++) {
                values[i] = floats[i];
            }
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = getDouble(i);
            }
        }
        return values;
    }

    /** A fresh copy of all elements as longs. */
    public long[] toLongs() {
        if (data instanceof long[] longs) {
            return longs.clone();
        }
        long[] values = new long[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = getLong(i);
        }
        return values;
    }

    /** A fresh copy of all elements as floats. */
    public float[] toFloats() {
        if (data instanceof float[] floats) {
            return floats.clone();
        }
        float[] values = new float[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) getDouble(i);
        }
        return values;
    }

    /** The elements as doubles, for reading only: the tensor's own array where it holds doubles. */
    double[] doubles() {
        return data instanceof double[] doubles ? doubles : toDoubles();
    }

    /** The elements as longs, for reading only: the tensor's own array where it holds longs. */
    long[] longs() {
        return data instanceof long[] longs ? longs : toLongs();
    }

    /** Compares two elements by the type's order; NaN is the greatest, and zero equals minus zero. */
    int compare(int a, int b) {
        return switch (data) {
            case float[] floats -> Float.compare(floats[a] + 0f, floats[b] + 0f);
            case double[] doubles -> Double.compare(doubles[a] + 0.0, doubles[b] + 0.0);
            case long[] longs -> type == ElementType.UINT64 ? Long.compareUnsigned(longs[a], longs[b]) : Long.compare(longs[a], longs[b]);
            default -> throw new IllegalStateException(toString());
        };
    }

    /** The elements at {@code indices} under {@code picked}, and {@code fill} where an index is negative. */
    Tensor pick(Shape picked, int[] indices, double fill) {
        return switch (data) {
            case float[] floats -> {
                float[] values = new float[indices.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = indices[i] < 0 ? (float) fill : floats[indices[i]];
                }
                yield new Tensor(type, picked, values, values.length);
            }
            case double[] doubles -> {
                double[] values = new double[indices.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = indices[i] < 0 ? type.round(fill) : doubles[indices[i]];
                }
                yield new Tensor(type, picked, values, values.length);
            }
            case long[] longs -> {
                long[] values = new long[indices.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = indices[i] < 0 ? (long) fill : longs[indices[i]];
                }
                yield new Tensor(type, picked, values, values.length);
            }
            default -> throw new IllegalStateException(toString());
        };
    }

    /** Copies {@code count} elements into a tensor of the same type that its maker has not handed out yet. */
    void copyTo(Tensor target, int from, int to, int count) {
        System.arraycopy(data, from, target.data, to, count);
    }

    /** The same elements under another shape of the same size; shares the array. */
    public Tensor reshaped(Shape other) {
        return new Tensor(type, other, data, size());
    }

    /**
     * The same numbers under another element type, converted as ONNX's Cast does: fractions are cut off, integers out of range wrap,
     * non-zero is true.
     */
    public Tensor as(ElementType other) {
        if (other == type) {
            return this;
        }
        if (other.isFloating()) {
            return ofDoubles(other, shape, toDoubles());
        }
        if (other != ElementType.BOOL) {
            long[] longs = toLongs();
            Arrays.setAll(longs, i -> other.wrap(longs[i]));
            return ofLongs(other, shape, longs);
        }
        long[] bits = new long[size()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = getDouble(i) != 0 ? 1 : 0;
        }
        return ofLongs(ElementType.BOOL, shape, bits);
    }

    /** True if type, shape and every element (NaN equal to NaN) agree. */
    public boolean sameAs(Tensor other) {
        return type == other.type && shape.equals(other.shape) && switch (data) {
            case float[] floats -> Arrays.equals(floats, (float[]) other.data);
            case double[] doubles -> Arrays.equals(doubles, (double[]) other.data);
            case long[] longs -> Arrays.equals(longs, (long[]) other.data);
            default -> false;
        };
    }

    @Override
    public String toString() {
        return type + shape.toString();
    }
}
