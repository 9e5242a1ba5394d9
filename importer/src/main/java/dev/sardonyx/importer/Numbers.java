package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The elements of one tensor, filled from little-endian raw chunks or one by one, then made into a {@link Tensor}. */
final class Numbers {
    private static final float[] NO_FLOATS = {};
    private static final double[] NO_DOUBLES = {};
    private static final long[] NO_LONGS = {};

    private final DataType wire;
    private final ElementType type;
    private final int count;
    private float[] floats = NO_FLOATS;
    private double[] doubles = NO_DOUBLES;
    private long[] longs = NO_LONGS;
    private int filled;

    /** Room for {@code count} elements of an ONNX data type that {@link ElementTypes#of} maps and that is no string. */
    Numbers(DataType wire, ElementType type, int count) {
        this.wire = wire;
        this.type = type;
        this.count = count;
        if (type == ElementType.FLOAT32) {
            floats = new float[count];
        } else if (type.isFloating()) {
            doubles = new double[count];
        } else {
            longs = new long[count];
        }
    }

    int filled() {
        return filled;
    }

    /** Appends all elements in a chunk that holds whole elements (for types under a byte: whole bytes). */
    void raw(byte[] chunk, int length) {
        ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, length).order(ByteOrder.LITTLE_ENDIAN);
        if (wire == DataType.FLOAT) {
            bytes.asFloatBuffer().get(floats, filled, length / 4);
            filled += length / 4;
            return;
        }
        while (bytes.hasRemaining()) {
            switch (wire) {
                case DOUBLE -> add(bytes.getDouble());
                case FLOAT16 -> add(Float.float16ToFloat(bytes.getShort()));
                case BFLOAT16 -> add(Float.intBitsToFloat(bytes.getShort() << 16));
                case UINT8 -> add(bytes.get() & 0xFFL);
                case BOOL -> add(bytes.get() == 0 ? 0L : 1L);
                case INT8 -> add((long) bytes.get());
                case UINT16 -> add(bytes.getShort() & 0xFFFFL);
                case INT16 -> add((long) bytes.getShort());
                case UINT32 -> add(bytes.getInt() & 0xFFFF_FFFFL);
                case INT32 -> add((long) bytes.getInt());
                case INT64, UINT64 -> add(bytes.getLong());
                case UINT4, INT4, UINT2, INT2 -> unpack(bytes.get());
                case FLOAT, STRING, UNDEFINED, COMPLEX64, COMPLEX128, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT4E2M1,
                        FLOAT8E8M0 -> throw new IllegalStateException("no raw form for " + wire);
            }
        }
    }

    /** Elements of less than a byte lie lowest bits first; the last byte may hold fewer. */
    private void unpack(int bits) {
        int width = ElementTypes.rawBits(wire.getNumber());
        boolean signed = wire == DataType.INT4 || wire == DataType.INT2;
        for (int shift = 0; shift < 8 && filled < count; shift += width) {
            int left = bits << 32 - width - shift;
            add((long) (signed ? left >> 32 - width : left >>> 32 - width));
        }
    }

    /** Appends an element that was stored in {@code int32_data}, {@code int64_data} or {@code uint64_data}. */
    void integer(long value) {
        switch (wire) {
            case FLOAT16 -> add(Float.float16ToFloat((short) value));
            case BFLOAT16 -> add(Float.intBitsToFloat((int) value << 16));
            case BOOL -> add(value == 0 ? 0L : 1L);
            case UINT4, INT4, UINT2, INT2 -> unpack((int) value);
            case UINT8 -> add(value & 0xFF);
            case UINT16 -> add(value & 0xFFFF);
            case UINT32 -> add(value & 0xFFFF_FFFFL);
            case INT8 -> add((long) (byte) value);
            case INT16 -> add((long) (short) value);
            case INT32 -> add((long) (int) value);
            case INT64, UINT64 -> add(value);
            case FLOAT, DOUBLE, STRING, UNDEFINED, COMPLEX64, COMPLEX128, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ,
                    FLOAT4E2M1, FLOAT8E8M0 -> throw new IllegalStateException("no integer form for " + wire);
        }
    }

    /** Appends an element that was stored in {@code float_data} or {@code double_data}. */
    void real(double value) {
        add(value);
    }

    boolean full() {
        return filled == count;
    }

    Tensor tensor(Shape shape) {
        if (type == ElementType.FLOAT32) {
            return Tensor.ofFloats(shape, floats);
        }
        return type.isFloating() ? Tensor.ofDoubles(type, shape, doubles) : Tensor.ofLongs(type, shape, longs);
    }

    private void add(double value) {
        if (type == ElementType.FLOAT32) {
            floats[filled++] = (float) value;
        } else {
            doubles[filled++] = value;
        }
    }

    private void add(long value) {
        longs[filled++] = value;
    }

    @Override
    public String toString() {
        return type + " " + Arrays.asList(filled, count);
    }
}
