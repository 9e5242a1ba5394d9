package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The elements of one tensor, filled from little-endian raw chunks or one by one, then made into a {@link Tensor}. They are held in
 * their own width (those of less than a byte in one), so that a model takes no more memory than its file.
 */
final class Numbers {
    private final DataType wire;
    private final ElementType type;
    private final int count;
    private final Object elements;
    private int filled;

    /** Room for {@code count} elements of an ONNX data type that {@link ElementTypes#of} maps and that is no string. */
    Numbers(DataType wire, ElementType type, int count) {
        this.wire = wire;
        this.type = type;
        this.count = count;
        this.elements = switch (type) {
            case FLOAT32 -> new float[count];
            case FLOAT64 -> new double[count];
            case INT8, UINT8, BOOL -> new byte[count];
            case INT16, UINT16, FLOAT16, BFLOAT16 -> new short[count];
            case INT32, UINT32 -> new int[count];
            case INT64, UINT64 -> new long[count];
            case STRING -> throw new IllegalArgumentException("no numbers of " + type);
        };
    }

    int filled() {
        return filled;
    }

    /** Appends all elements in a chunk that holds whole elements (for types under a byte: whole bytes). */
    void raw(byte[] chunk, int length) {
        if (ElementTypes.rawBits(wire.getNumber()) < 8) {
            for (int i = 0; i < length; i++) {
                unpack(chunk[i]);
            }
            return;
        }
        int elementsIn = (int) (length * 8L / ElementTypes.rawBits(wire.getNumber()));
        ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, length).order(ByteOrder.LITTLE_ENDIAN);
        switch (elements) {
            case float[] floats -> bytes.asFloatBuffer().get(floats, filled, elementsIn);
            case double[] doubles -> bytes.asDoubleBuffer().get(doubles, filled, elementsIn);
            case short[] shorts -> bytes.asShortBuffer().get(shorts, filled, elementsIn);
            case int[] ints -> bytes.asIntBuffer().get(ints, filled, elementsIn);
            case long[] longs -> bytes.asLongBuffer().get(longs, filled, elementsIn);
            case byte[] octets -> {
                bytes.get(octets, filled, elementsIn);
                for (int i = filled; type == ElementType.BOOL && i < filled + elementsIn; i++) {
                    octets[i] = (byte) (octets[i] == 0 ? 0 : 1);
                }
            }
            default -> throw new IllegalStateException(toString());
        }
        filled += elementsIn;
    }

    /** Elements of less than a byte lie lowest bits first; the last byte may hold fewer. */
    private void unpack(int bits) {
        int width = ElementTypes.rawBits(wire.getNumber());
        boolean signed = wire == DataType.INT4 || wire == DataType.INT2;
        for (int shift = 0; shift < 8 && filled < count; shift += width) {
            int left = bits << 32 - width - shift;
            bits(signed ? left >> 32 - width : left >>> 32 - width);
        }
    }

    /** Appends an element that was stored in {@code int32_data}, {@code int64_data} or {@code uint64_data}. */
    void integer(long value) {
        switch (wire) {
            case BOOL -> bits(value == 0 ? 0 : 1);
            case UINT4, INT4, UINT2, INT2 -> unpack((int) value);
            case FLOAT16, BFLOAT16, UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64, UINT64 -> bits(value);
            case FLOAT, DOUBLE, STRING, UNDEFINED, COMPLEX64, COMPLEX128, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ,
                    FLOAT4E2M1, FLOAT8E8M0 -> throw new IllegalStateException("no integer form for " + wire);
        }
    }

    /** Appends an element that was stored in {@code float_data} or {@code double_data}. */
    void real(double value) {
        switch (elements) {
            case float[] floats -> floats[filled++] = (float) value;
            case double[] doubles -> doubles[filled++] = value;
            default -> throw new IllegalStateException("no real form for " + wire);
        }
    }

    boolean full() {
        return filled == count;
    }

    /** The tensor; it takes over the elements. */
    Tensor tensor(Shape shape) {
        return switch (elements) {
            case float[] floats -> Tensor.ofFloats(shape, floats);
            case double[] doubles -> Tensor.ofDoubles(type, shape, doubles);
            case byte[] bytes -> Tensor.ofBytes(type, shape, bytes);
            case short[] shorts -> Tensor.ofShorts(type, shape, shorts);
            case int[] ints -> Tensor.ofInts(type, shape, ints);
            case long[] longs -> Tensor.ofLongs(type, shape, longs);
            default -> throw new IllegalStateException(toString());
        };
    }

    /** Appends the bit pattern of an element: as many of the lowest bits as its type has. */
    private void bits(long value) {
        switch (elements) {
            case byte[] bytes -> bytes[filled++] = (byte) value;
            case short[] shorts -> shorts[filled++] = (short) value;
            case int[] ints -> ints[filled++] = (int) value;
            case long[] longs -> longs[filled++] = value;
            default -> throw new IllegalStateException(toString());
        }
    }

    @Override
    public String toString() {
        return type + " " + Arrays.asList(filled, count);
    }
}
