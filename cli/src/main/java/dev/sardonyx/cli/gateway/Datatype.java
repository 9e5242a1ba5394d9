package dev.sardonyx.cli.gateway;

import dev.sardonyx.cli.json.JsonLine;
import dev.sardonyx.cli.json.JsonReader;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** The protocol's tensor data types, but for BYTES: texts are no inputs of private models. Binary data is little-endian, a boolean a byte. */
public enum Datatype {
    BOOL(ElementType.BOOL, 1), UINT8(ElementType.UINT8, 1), UINT16(ElementType.UINT16, 2), UINT32(ElementType.UINT32, 4), UINT64(ElementType.UINT64, 8),
    INT8(ElementType.INT8, 1), INT16(ElementType.INT16, 2), INT32(ElementType.INT32, 4), INT64(ElementType.INT64, 8), FP16(ElementType.FLOAT16, 2),
    BF16(ElementType.BFLOAT16, 2), FP32(ElementType.FLOAT32, 4), FP64(ElementType.FLOAT64, 8);

    private final ElementType element;
    private final int bytes;

    Datatype(ElementType element, int bytes) {
        this.element = element;
        this.bytes = bytes;
    }

    static Optional<Datatype> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }

    /** @throws IllegalArgumentException for texts */
    static Datatype of(ElementType element) {
        return Arrays.stream(values()).filter(type -> type.element == element).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("tensors of " + element + " have no data type here"));
    }

    /** Bytes of an element in binary form. */
    int bytes() {
        return bytes;
    }

    boolean isFloating() {
        return element.isFloating();
    }

    // ---- binary

    /** The tensor of little-endian bytes, as many as it has elements. */
    Tensor decode(Shape shape, byte[] data, int from) {
        ByteBuffer in = ByteBuffer.wrap(data, from, shape.size() * bytes).slice().order(ByteOrder.LITTLE_ENDIAN);
        if (isFloating()) {
            double[] values = new double[shape.size()];
            Arrays.setAll(values, i -> switch (element) {
                case FLOAT16 -> Float.float16ToFloat(in.getShort(2 * i));
                case BFLOAT16 -> Float.intBitsToFloat(in.getShort(2 * i) << 16);
                case FLOAT32 -> in.getFloat(4 * i);
                default -> in.getDouble(8 * i);
            });
            return Tensor.ofDoubles(element, shape, values);
        }
        long[] values = new long[shape.size()];
        Arrays.setAll(values, i -> element.wrap(switch (bytes) {
            case 1 -> in.get(i);
            case 2 -> in.getShort(2 * i);
            case 4 -> in.getInt(4 * i);
            default -> in.getLong(8 * i);
        }));
        return Tensor.ofLongs(element, shape, values);
    }

    /** A tensor of this type as little-endian bytes. */
    static byte[] encode(Tensor tensor) {
        Datatype type = of(tensor.type());
        ByteBuffer out = ByteBuffer.allocate(tensor.size() * type.bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < tensor.size(); i++) {
            switch (type) {
                case FP16 -> out.putShort(Float.floatToFloat16((float) tensor.getDouble(i)));
                case BF16 -> out.putShort((short) (Float.floatToRawIntBits((float) tensor.getDouble(i)) >>> 16));
                case FP32 -> out.putFloat((float) tensor.getDouble(i));
                case FP64 -> out.putDouble(tensor.getDouble(i));
                case BOOL, UINT8, INT8 -> out.put((byte) tensor.getLong(i));
                case UINT16, INT16 -> out.putShort((short) tensor.getLong(i));
                case UINT32, INT32 -> out.putInt((int) tensor.getLong(i));
                case UINT64, INT64 -> out.putLong(tensor.getLong(i));
            }
        }
        return out.array();
    }

    // ---- JSON

    /**
     * The tensor of a JSON array, flat or nested as the shape says, in row-major order.
     *
     * @throws dev.sardonyx.cli.json.JsonException where the array is none of these or an element is not of this type
     * @throws GatewayException where there are more or fewer elements than the shape says, or one is out of the type's range
     */
    Tensor read(Shape shape, JsonReader json, String what) {
        return new JsonTensor(this, shape, what).read(json);
    }

    /** Whether a whole number fits. */
    boolean holds(long value) {
        return element.wrap(value) == value;
    }

    ElementType element() {
        return element;
    }

    /** Writes a tensor's elements as a flat array. */
    static void write(Tensor tensor, JsonLine json) {
        json.array(() -> {
            for (int i = 0; i < tensor.size(); i++) {
                switch (tensor.type()) {
                    case FLOAT64 -> json.value(tensor.getDouble(i));
                    case FLOAT32, FLOAT16, BFLOAT16 -> json.value((float) tensor.getDouble(i));
                    case BOOL -> json.value(tensor.getLong(i) != 0);
                    case UINT64 -> json.unsigned(tensor.getLong(i));
                    case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, STRING -> json.value(tensor.getLong(i));
                }
            }
        });
    }
}
