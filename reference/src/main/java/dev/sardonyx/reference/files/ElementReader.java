package dev.sardonyx.reference.files;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads the elements of one tensor from a stream. Memory grows with the bytes that really come, not with the count that a header
 * claims.
 */
final class ElementReader {
    private static final int CHUNK_ELEMENTS = 1 << 13;

    private final String source;
    private final ElementType type;
    private final ByteOrder order;
    private final int bytesPerElement;

    /**
     * @param source what error messages call the stream
     * @param bytesPerElement width of an element in the stream; follows from the type but for booleans, which take one byte
     */
    ElementReader(String source, ElementType type, int bytesPerElement, ByteOrder order) {
        this.source = source;
        this.type = type;
        this.order = order;
        this.bytesPerElement = bytesPerElement;
    }

    /** The next {@code shape.size()} elements, row-major. */
    Tensor read(InputStream in, Shape shape) throws IOException {
        int count = shape.size();
        var elements = new Elements(Math.min(count, CHUNK_ELEMENTS));
        byte[] chunk = new byte[Math.min(count, CHUNK_ELEMENTS) * bytesPerElement];
        for (int done = 0; done < count;) {
            int elementsNow = Math.min(count - done, CHUNK_ELEMENTS);
            int wanted = elementsNow * bytesPerElement;
            int got = in.readNBytes(chunk, 0, wanted);
            if (got < wanted) {
                throw new InputException(InputException.Kind.TRUNCATED, source + ": ends after " + (done + got / bytesPerElement) + " of "
                        + count + " elements of " + type + shape);
            }
            elements.append(ByteBuffer.wrap(chunk, 0, wanted).order(order), elementsNow, count);
            done += elementsNow;
        }
        return elements.tensor(shape);
    }

    private final class Elements {
        private double[] doubles = {};
        private float[] floats = {};
        private long[] longs = {};
        private int filled;

        Elements(int capacity) {
            grow(capacity);
        }

        private void grow(int capacity) {
            if (type == ElementType.FLOAT32) {
                floats = Arrays.copyOf(floats, capacity);
            } else if (type.isFloating()) {
                doubles = Arrays.copyOf(doubles, capacity);
            } else {
                longs = Arrays.copyOf(longs, capacity);
            }
        }

        private int capacity() {
            return floats.length + doubles.length + longs.length;
        }

        void append(ByteBuffer bytes, int count, int total) {
            if (filled + count > capacity()) {
                grow((int) Math.min(total, Math.max(filled + (long) count, 2L * capacity())));
            }
            for (int i = 0; i < count; i++, filled++) {
                switch (type) {
                    case FLOAT32 -> floats[filled] = bytes.getFloat();
                    case FLOAT64 -> doubles[filled] = bytes.getDouble();
                    case FLOAT16 -> doubles[filled] = Float.float16ToFloat(bytes.getShort());
                    case BFLOAT16 -> doubles[filled] = Float.intBitsToFloat(bytes.getShort() << 16);
                    case INT8 -> longs[filled] = bytes.get();
                    case UINT8 -> longs[filled] = bytes.get() & 0xFF;
                    case INT16 -> longs[filled] = bytes.getShort();
                    case UINT16 -> longs[filled] = bytes.getShort() & 0xFFFF;
                    case INT32 -> longs[filled] = bytes.getInt();
                    case UINT32 -> longs[filled] = bytes.getInt() & 0xFFFF_FFFFL;
                    case INT64, UINT64 -> longs[filled] = bytes.getLong();
                    case BOOL -> longs[filled] = bytes.get() == 0 ? 0 : 1;
                    case STRING -> throw new IllegalStateException("strings have no fixed width");
                }
            }
        }

        Tensor tensor(Shape shape) {
            if (type == ElementType.FLOAT32) {
                return Tensor.ofFloats(shape, floats);
            }
            return type.isFloating() ? Tensor.ofDoubles(type, shape, doubles) : Tensor.ofLongs(type, shape, longs);
        }
    }
}
