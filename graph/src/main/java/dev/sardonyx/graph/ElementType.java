package dev.sardonyx.graph;

/** The element type of a tensor, with ONNX's meaning. */
public enum ElementType {
    FLOAT32, FLOAT64, FLOAT16, BFLOAT16, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, STRING;

    /** True for the types that carry a fraction. */
    public boolean isFloating() {
        return switch (this) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> true;
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, STRING -> false;
        };
    }

    /** True for signed and unsigned integers, not for booleans. */
    public boolean isInteger() {
        return switch (this) {
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> true;
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, BOOL, STRING -> false;
        };
    }

    /** The least value the type can hold; 0 for booleans, -infinity for floating types. */
    public double minimum() {
        return switch (this) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> Double.NEGATIVE_INFINITY;
            case INT8 -> Byte.MIN_VALUE;
            case INT16 -> Short.MIN_VALUE;
            case INT32 -> Integer.MIN_VALUE;
            case INT64 -> Long.MIN_VALUE;
            case UINT8, UINT16, UINT32, UINT64, BOOL, STRING -> 0;
        };
    }

    /** The greatest value the type can hold; 1 for booleans, infinity for floating types. */
    public double maximum() {
        return switch (this) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> Double.POSITIVE_INFINITY;
            case INT8 -> Byte.MAX_VALUE;
            case INT16 -> Short.MAX_VALUE;
            case INT32 -> Integer.MAX_VALUE;
            case INT64 -> Long.MAX_VALUE;
            case UINT8 -> 255;
            case UINT16 -> 65_535;
            case UINT32 -> 4_294_967_295.0;
            case UINT64 -> 0x1p64;
            case BOOL -> 1;
            case STRING -> 0;
        };
    }

    /**
     * The value of a floating type nearest to {@code value} (16-bit types by way of FLOAT32); halves go to the even neighbour, too
     * large values to infinity.
     */
    public double round(double value) {
        return switch (this) {
            case FLOAT64 -> value;
            case FLOAT32 -> (float) value;
            case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) value));
            case BFLOAT16 -> {
                int bits = Float.floatToRawIntBits((float) value);
                int rounded = bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000;
                yield Double.isNaN(value) ? Double.NaN : Float.intBitsToFloat(rounded);
            }
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, BOOL, STRING ->
                throw new IllegalArgumentException(this + " is not a floating type");
        };
    }

    /** {@code value} modulo 2^bits, in the range of an integer type (UINT64 as its bit pattern); for BOOL, whether it is not zero. */
    public long wrap(long value) {
        return switch (this) {
            case INT8 -> (byte) value;
            case INT16 -> (short) value;
            case INT32 -> (int) value;
            case INT64, UINT64 -> value;
            case UINT8 -> value & 0xFF;
            case UINT16 -> value & 0xFFFF;
            case UINT32 -> value & 0xFFFF_FFFFL;
            case BOOL -> value != 0 ? 1 : 0;
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, STRING -> throw new IllegalArgumentException(this + " is not an integer type");
        };
    }
}
