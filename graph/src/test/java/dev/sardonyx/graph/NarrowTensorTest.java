package dev.sardonyx.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors held in their type's own width do what those held in 64 bits do; every bit pattern of up to 16 bits is tried. */
class NarrowTensorTest {
    private static final int COUNT = 1 << 16;

    /** A narrow tensor and the same numbers held wide, from the definition of each type. */
    private record Twins(Tensor narrow, Tensor wide) {
        static Twins of(ElementType type) {
            Shape shape = Shape.of(COUNT);
            int[] spread = IntStream.range(0, COUNT).map(i -> i * 0x9E3779B1).toArray();
            short[] shorts = new short[COUNT];
            byte[] bytes = new byte[COUNT];
            for (int i = 0; i < COUNT; i++) {
                shorts[i] = (short) i;
                bytes[i] = (byte) i;
            }
            return switch (type) {
                case INT8 -> new Twins(Tensor.ofBytes(type, shape, bytes), longs(type, i -> bytes[i]));
                case UINT8 -> new Twins(Tensor.ofBytes(type, shape, bytes), longs(type, i -> Byte.toUnsignedLong(bytes[i])));
                case BOOL -> {
                    for (int i = 0; i < COUNT; i++) {
                        bytes[i] &= 1;
                    }
                    yield new Twins(Tensor.ofBytes(type, shape, bytes), longs(type, i -> bytes[i]));
                }
                case INT16 -> new Twins(Tensor.ofShorts(type, shape, shorts), longs(type, i -> shorts[i]));
                case UINT16 -> new Twins(Tensor.ofShorts(type, shape, shorts), longs(type, i -> Short.toUnsignedLong(shorts[i])));
                case INT32 -> new Twins(Tensor.ofInts(type, shape, spread), longs(type, i -> spread[i]));
                case UINT32 -> new Twins(Tensor.ofInts(type, shape, spread), longs(type, i -> Integer.toUnsignedLong(spread[i])));
                case FLOAT16 -> new Twins(Tensor.ofShorts(type, shape, shorts), Tensor.ofDoubles(type, shape,
                        IntStream.range(0, COUNT).mapToDouble(i -> Float.float16ToFloat(shorts[i])).toArray()));
                case BFLOAT16 -> new Twins(Tensor.ofShorts(type, shape, shorts), Tensor.ofDoubles(type, shape,
                        IntStream.range(0, COUNT).mapToDouble(i -> Float.intBitsToFloat(shorts[i] << 16)).toArray()));
                case FLOAT32, FLOAT64, INT64, UINT64, STRING -> throw new IllegalArgumentException(type + " has no narrow form");
            };
        }

        private static Tensor longs(ElementType type, IntToLongFunction element) {
            return Tensor.ofLongs(type, Shape.of(COUNT), IntStream.range(0, COUNT).mapToLong(element).toArray());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"INT8", "UINT8", "BOOL", "INT16", "UINT16", "INT32", "UINT32", "FLOAT16", "BFLOAT16"})
    void readsAsTheWideOne(ElementType type) {
        Twins twins = Twins.of(type);
        assertTrue(twins.narrow().isNarrow());
        assertArrayEquals(twins.wide().toDoubles(), twins.narrow().toDoubles());
        assertArrayEquals(twins.wide().toLongs(), twins.narrow().toLongs());
        assertArrayEquals(twins.wide().toFloats(), twins.narrow().toFloats());
        for (int i = 1; i < COUNT; i++) {
            assertEquals(twins.wide().getLong(i), twins.narrow().getLong(i));
            assertEquals(Integer.signum(twins.wide().compare(i - 1, i)), Integer.signum(twins.narrow().compare(i - 1, i)));
        }
        for (ElementType other : List.of(ElementType.FLOAT32, ElementType.FLOAT64, ElementType.FLOAT16, ElementType.INT8, ElementType.INT16, ElementType.UINT32,
                ElementType.INT64, ElementType.BOOL)) {
            assertTrue(twins.wide().as(other).sameAs(twins.narrow().as(other)), () -> type + " as " + other);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"INT8", "UINT8", "BOOL", "INT16", "UINT16", "INT32", "UINT32", "FLOAT16", "BFLOAT16"})
    void isTheSameTensorInEitherWidth(ElementType type) {
        Twins twins = Twins.of(type);
        assertTrue(twins.narrow().sameAs(twins.wide()));
        assertTrue(twins.wide().sameAs(twins.narrow()));
        assertTrue(twins.narrow().sameAs(Twins.of(type).narrow()));
        int[] rotated = IntStream.range(0, COUNT).map(i -> (i + 1) % COUNT).toArray();
        assertFalse(twins.narrow().sameAs(twins.wide().pick(Shape.of(COUNT), rotated, 0)));
        assertFalse(twins.narrow().sameAs(twins.narrow().reshaped(Shape.of(1, COUNT))));
    }

    @ParameterizedTest
    @EnumSource(names = {"INT8", "UINT8", "BOOL", "INT16", "UINT16", "INT32", "UINT32", "FLOAT16", "BFLOAT16"})
    void movesAsTheWideOne(ElementType type) {
        Twins twins = Twins.of(type);
        int[] places = IntStream.range(0, COUNT).map(i -> i % 3 == 0 ? -1 : COUNT - 1 - i).toArray();
        // A maximum pads with less than any integer of its type.
        for (double fill : new double[] { 0, 1, -1, 1000.5, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY }) {
            assertTrue(twins.wide().pick(Shape.of(COUNT), places, fill).sameAs(twins.narrow().pick(Shape.of(COUNT), places, fill)),
                    () -> type + " filled with " + fill);
        }
        Tensor joined = Movement.concat(0, List.of(twins.wide(), twins.wide()));
        assertTrue(joined.sameAs(Movement.concat(0, List.of(twins.narrow(), twins.narrow()))));
        assertTrue(joined.sameAs(Movement.concat(0, List.of(twins.narrow(), twins.wide()))));
        assertTrue(joined.sameAs(Movement.concat(0, List.of(twins.wide(), twins.narrow()))));
    }

    @Test
    void anArrayOfAnotherWidthIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Tensor.ofBytes(ElementType.INT16, Shape.of(1), (byte) 1));
        assertThrows(IllegalArgumentException.class, () -> Tensor.ofShorts(ElementType.FLOAT32, Shape.of(1), (short) 1));
        assertThrows(IllegalArgumentException.class, () -> Tensor.ofInts(ElementType.INT64, Shape.of(1), 1));
        assertThrows(IllegalArgumentException.class, () -> Tensor.ofBytes(ElementType.INT8, Shape.of(2), (byte) 1));
        assertEquals("INT8[3]", Tensor.ofBytes(ElementType.INT8, Shape.of(3), Arrays.copyOf(new byte[] { 7 }, 3)).toString());
    }
}
