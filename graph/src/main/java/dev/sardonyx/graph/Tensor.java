package dev.sardonyx.graph;

import java.util.Arrays;

/**
 * A plaintext tensor, row-major. Numbers are held as {@code float[]} (FLOAT32), {@code double[]} (the other floating types) or
 * {@code long[]} (integers; booleans as 0 and 1; UINT64 as its bit pattern), or narrow, as bit patterns in {@code byte[]},
 * {@code short[]} or {@code int[]} of the type's own width: so are weights that a file brings. The tensor owns its array: whoever
 * passes one in gives it up, whoever reads one out does not write to it.
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

    /** A tensor of INT8, UINT8 or BOOL (0 and 1), held in a byte an element. */
    public static Tensor ofBytes(ElementType type, Shape shape, byte... bits) {
        return narrow(type, shape, bits, bits.length);
    }

    /** A tensor of INT16, UINT16, FLOAT16 or BFLOAT16 from its bit patterns, held in two bytes an element. */
    public static Tensor ofShorts(ElementType type, Shape shape, short... bits) {
        return narrow(type, shape, bits, bits.length);
    }

    /** A tensor of INT32 or UINT32 from its bit patterns, held in four bytes an element. */
    public static Tensor ofInts(ElementType type, Shape shape, int... bits) {
        return narrow(type, shape, bits, bits.length);
    }

    private static Tensor narrow(ElementType type, Shape shape, Object bits, int length) {
        boolean fits = switch (type) {
            case INT8, UINT8, BOOL -> bits instanceof byte[];
            case INT16, UINT16, FLOAT16, BFLOAT16 -> bits instanceof short[];
            case INT32, UINT32 -> bits instanceof int[];
            case FLOAT32, FLOAT64, INT64, UINT64, STRING -> false;
        };
        if (!fits) {
            throw new IllegalArgumentException(bits.getClass().getSimpleName() + " does not hold elements of " + type);
        }
        return new Tensor(type, shape, bits, length);
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
            case byte[] bytes -> whole(bytes[index]);
            case short[] shorts -> type.isFloating() ? half(shorts[index]) : whole(shorts[index]);
            case int[] ints -> whole(ints[index]);
            default -> throw new IllegalStateException(toString());
        };
    }

    /** The number behind the bit pattern of an integer of at most 32 bits, which may have been extended by its sign. */
    private long whole(int bits) {
        return type.wrap(bits);
    }

    /** The number behind the bit pattern of a floating type of 16 bits. */
    private float half(short bits) {
        return type == ElementType.FLOAT16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
    }

    private static double unsigned(long bits) {
        // The bit lost by halving is kept in the lowest place, so that rounding to double is still to nearest.
        return (bits >>> 1 | bits & 1) * 2.0;
    }

    /** Element {@code index} (row-major) as a long; fractions are cut off. */
    public long getLong(int index) {
        // Integers of at most 32 bits, which may be held otherwise, are exact in a double.
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
            default -> Double.compare(getDouble(a) + 0.0, getDouble(b) + 0.0);
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
            default -> fits(fill) ? pickNarrow(picked, indices, fill) : widened().pick(picked, indices, fill);
        };
    }

    private Tensor pickNarrow(Shape picked, int[] indices, double fill) {
        return switch (data) {
            case byte[] bytes -> {
                byte[] values = new byte[indices.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = indices[i] < 0 ? (byte) (long) fill : bytes[indices[i]];
                }
                yield new Tensor(type, picked, values, values.length);
            }
            case short[] shorts -> {
                short filling = switch (type) {
                    case FLOAT16 -> Float.floatToFloat16((float) fill);
                    case BFLOAT16 -> (short) (Float.floatToRawIntBits((float) type.round(fill)) >>> 16);
                    default -> (short) (long) fill;
                };
                short[] values = new short[indices.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = indices[i] < 0 ? filling : shorts[indices[i]];
                }
                yield new Tensor(type, picked, values, values.length);
            }
            case int[] ints -> {
                int[] values = new int[indices.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = indices[i] < 0 ? (int) (long) fill : ints[indices[i]];
                }
                yield new Tensor(type, picked, values, values.length);
            }
            default -> throw new IllegalStateException(toString());
        };
    }

    /** Whether a number (its fraction cut off for integers) lies in the type; the padding of a maximum of integers does not. */
    private boolean fits(double number) {
        return type.isFloating() || type.wrap((long) number) == (long) number;
    }

    /** Whether elements are held in the type's own width where wider arrays hold it as well. */
    boolean isNarrow() {
        return data instanceof byte[] || data instanceof short[] || data instanceof int[];
    }

    /** The same numbers in the widest form. */
    private Tensor widened() {
        return type.isFloating() ? new Tensor(type, shape, toDoubles(), size()) : new Tensor(type, shape, toLongs(), size());
    }

    /**
     * Copies {@code count} elements into a tensor of the same type that its maker has not handed out yet, and that is not narrow
     * unless this one is.
     */
    void copyTo(Tensor target, int from, int to, int count) {
        if (data.getClass() == target.data.getClass()) {
            System.arraycopy(data, from, target.data, to, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            switch (target.data) {
                case double[] doubles -> doubles[to + i] = getDouble(from + i);
                case long[] longs -> longs[to + i] = getLong(from + i);
                default -> throw new IllegalArgumentException(this + " does not go into " + target);
            }
        }
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
        if (other == ElementType.FLOAT32) {
            return ofFloats(shape, toFloats());
        }
        if (other.isFloating()) {
            return ofDoubles(other, shape, toDoubles());
        }
        // Narrow at once: casts of quantised weights are folded, and there may be hundreds of millions of them.
        return switch (other) {
            case BOOL -> {
                byte[] bits = new byte[size()];
                for (int i = 0; i < bits.length; i++) {
                    bits[i] = (byte) (getDouble(i) != 0 ? 1 : 0);
                }
                yield ofBytes(other, shape, bits);
            }
            case INT8, UINT8 -> {
                byte[] bits = new byte[size()];
                for (int i = 0; i < bits.length; i++) {
                    bits[i] = (byte) getLong(i);
                }
                yield ofBytes(other, shape, bits);
            }
            case INT16, UINT16 -> {
                short[] bits = new short[size()];
                for (int i = 0; i < bits.length; i++) {
                    bits[i] = (short) getLong(i);
                }
                yield ofShorts(other, shape, bits);
            }
            case INT32, UINT32 -> {
                int[] bits = new int[size()];
                for (int i = 0; i < bits.length; i++) {
                    bits[i] = (int) getLong(i);
                }
                yield ofInts(other, shape, bits);
            }
            case INT64, UINT64 -> ofLongs(other, shape, toLongs());
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, STRING -> throw new IllegalArgumentException("no cast of " + this + " to " + other);
        };
    }

    /** True if type, shape and every element (NaN equal to NaN) agree, in whatever width they are held. */
    public boolean sameAs(Tensor other) {
        if (type != other.type || !shape.equals(other.shape)) {
            return false;
        }
        if (data instanceof float[] floats && other.data instanceof float[] others) {
            return Arrays.equals(floats, others);
        }
        if (data instanceof double[] doubles && other.data instanceof double[] others) {
            return Arrays.equals(doubles, others);
        }
        if (data instanceof long[] longs && other.data instanceof long[] others) {
            return Arrays.equals(longs, others);
        }
        // Only one of 32 bits or fewer can be held in two ways.
        for (int i = 0; i < size(); i++) {
            if (Double.compare(getDouble(i), other.getDouble(i)) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return type + shape.toString();
    }
}
