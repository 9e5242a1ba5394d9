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

    /** A tensor of any floating type; FLOAT32 values are rounded to float. */
    public static Tensor ofDoubles(ElementType type, Shape shape, double... values) {
        if (!type.isFloating()) {
            throw new IllegalArgumentException("doubles do not make a tensor of " + type);
        }
        if (type != ElementType.FLOAT32) {
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
            case long[] longs -> longs[index];
            default -> throw new IllegalStateException(toString());
        };
    }

    /** Element {@code index} (row-major) as a long; fractions are cut off. */
    public long getLong(int index) {
        return data instanceof long[] longs ? longs[index] : (long) getDouble(index);
    }

    /** A fresh copy of all elements as doubles. */
    public double[] toDoubles() {
        double[] values = new double[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = getDouble(i);
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

    /** The same elements under another shape of the same size; shares the array. */
    public Tensor reshaped(Shape other) {
        return new Tensor(type, other, data, size());
    }

    /** The same numbers under another element type, converted as ONNX's Cast does for values in range. */
    public Tensor as(ElementType other) {
        if (other == type) {
            return this;
        }
        if (other.isFloating()) {
            return ofDoubles(other, shape, toDoubles());
        }
        if (other != ElementType.BOOL) {
            return ofLongs(other, shape, toLongs());
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
