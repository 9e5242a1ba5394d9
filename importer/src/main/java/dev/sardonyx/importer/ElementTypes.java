package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import java.util.Optional;

/** ONNX's numbers of element types. */
final class ElementTypes {
    private ElementTypes() {
    }

    /** The element type of an ONNX data type number, if tensors of it can be held; 4-bit integers are held in 8 bits. */
    static Optional<ElementType> of(int number) {
        DataType type = DataType.forNumber(number);
        if (type == null) {
            return Optional.empty();
        }
        return switch (type) {
            case FLOAT -> Optional.of(ElementType.FLOAT32);
            case DOUBLE -> Optional.of(ElementType.FLOAT64);
            case FLOAT16 -> Optional.of(ElementType.FLOAT16);
            case BFLOAT16 -> Optional.of(ElementType.BFLOAT16);
            case UINT8, UINT4, UINT2 -> Optional.of(ElementType.UINT8);
            case INT8, INT4, INT2 -> Optional.of(ElementType.INT8);
            case UINT16 -> Optional.of(ElementType.UINT16);
            case INT16 -> Optional.of(ElementType.INT16);
            case UINT32 -> Optional.of(ElementType.UINT32);
            case INT32 -> Optional.of(ElementType.INT32);
            case UINT64 -> Optional.of(ElementType.UINT64);
            case INT64 -> Optional.of(ElementType.INT64);
            case BOOL -> Optional.of(ElementType.BOOL);
            case STRING -> Optional.of(ElementType.STRING);
            case UNDEFINED, COMPLEX64, COMPLEX128, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT4E2M1, FLOAT8E8M0 ->
                Optional.empty();
        };
    }

    /** The name of an ONNX data type number. */
    static String name(int number) {
        DataType type = DataType.forNumber(number);
        return type == null ? "number " + number : type.name();
    }

    /** Bits of an integer type of fewer than 8, which is held in 8; 0 for every other type. */
    static int narrowBits(int number) {
        DataType type = DataType.forNumber(number);
        return type == DataType.INT4 || type == DataType.UINT4 || type == DataType.INT2 || type == DataType.UINT2 ? rawBits(number) : 0;
    }

    /** Bits that an element takes in raw data; 0 for types without a fixed size. */
    static int rawBits(int number) {
        DataType type = DataType.forNumber(number);
        return type == null ? 0 : switch (type) {
            case UINT2, INT2 -> 2;
            case UINT4, INT4, FLOAT4E2M1 -> 4;
            case UINT8, INT8, BOOL, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 -> 8;
            case UINT16, INT16, FLOAT16, BFLOAT16 -> 16;
            case FLOAT, INT32, UINT32 -> 32;
            case DOUBLE, INT64, UINT64, COMPLEX64 -> 64;
            case COMPLEX128 -> 128;
            case UNDEFINED, STRING -> 0;
        };
    }
}
