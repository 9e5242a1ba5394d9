package dev.sardonyx.secureops.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WirePackingTest {
    private static final int[] COUNTS = {0, 1, 2, 3, 7, 8, 9, 100};

    static Stream<Integer> widths() {
        return IntStream.rangeClosed(1, 8).boxed();
    }

    /** The element's bytes, by big-integer arithmetic. */
    private static byte[] oracle(long[] values, int bytes) {
        byte[] out = new byte[values.length * bytes];
        for (int i = 0; i < values.length; i++) {
            BigInteger value = BigInteger.valueOf(values[i]);
            for (int b = 0; b < bytes; b++) {
                out[i * bytes + b] = value.shiftRight(8 * b).byteValue();
            }
        }
        return out;
    }

    private static long mask(int bytes) {
        return -1L >>> 64 - 8 * bytes;
    }

    @ParameterizedTest
    @MethodSource("widths")
    void elementsTravelAsTheirLowBytes(int bytes) {
        var draw = new Draw(17 + bytes);
        for (int count : COUNTS) {
            long[] values = draw.words(count);
            byte[] packed = WirePacking.packBytes(values, bytes);
            assertArrayEquals(oracle(values, bytes), packed);
            long[] expected = Arrays.stream(values).map(value -> value & mask(bytes)).toArray();
            assertArrayEquals(expected, WirePacking.unpackBytes(packed, count, bytes));
        }
    }

    @ParameterizedTest
    @MethodSource("widths")
    void rangesLeaveTheirSurroundingsAlone(int bytes) {
        var draw = new Draw(29 + bytes);
        for (int count : COUNTS) {
            for (int behind : new int[] {0, 1, 7, 20}) {
                long[] values = draw.words(count + 5);
                byte[] out = draw.bytes(3 + count * bytes + behind);
                byte[] expected = out.clone();
                byte[] packed = oracle(Arrays.copyOfRange(values, 2, 2 + count), bytes);
                System.arraycopy(packed, 0, expected, 3, packed.length);
                WirePacking.packBytes(values, 2, count, bytes, out, 3);
                assertArrayEquals(expected, out);

                long[] target = draw.words(count + 6);
                long[] filled = target.clone();
                long[] summed = target.clone();
                long[] xored = target.clone();
                for (int i = 0; i < count; i++) {
                    filled[4 + i] = values[2 + i] & mask(bytes);
                    summed[4 + i] += values[2 + i] & mask(bytes);
                    xored[4 + i] ^= values[2 + i] & mask(bytes);
                }
                long[] found = target.clone();
                WirePacking.unpackBytes(out, 3, bytes, found, 4, count);
                assertArrayEquals(filled, found);
                found = target.clone();
                WirePacking.unpackAdd(out, 3, bytes, found, 4, count);
                assertArrayEquals(summed, found);
                found = target.clone();
                WirePacking.unpackXor(out, 3, bytes, found, 4, count);
                assertArrayEquals(xored, found);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("widths")
    void shortInputsAreRefusedBeforeAnythingChanges(int bytes) {
        byte[] in = new byte[3 * bytes - 1];
        Arrays.fill(in, (byte) 1);
        long[] acc = {5, 6, 7};
        assertThrows(IndexOutOfBoundsException.class, () -> WirePacking.unpackAdd(in, bytes, acc));
        assertThrows(IndexOutOfBoundsException.class, () -> WirePacking.unpackXor(in, bytes, acc));
        assertThrows(IndexOutOfBoundsException.class, () -> WirePacking.unpackBytes(in, 0, bytes, acc, 0, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> WirePacking.unpackBytes(in, 3, bytes));
        assertThrows(IndexOutOfBoundsException.class, () -> WirePacking.packBytes(acc, 0, 3, bytes, in, 0));
        assertArrayEquals(new long[] {5, 6, 7}, acc);
        assertEquals(3 * bytes - 1, IntStream.range(0, in.length).filter(i -> in[i] == 1).count());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, -1})
    void widthsOutsideOneToEightAreRefused(int bytes) {
        assertThrows(IllegalArgumentException.class, () -> WirePacking.packedLength(1, bytes));
        assertThrows(IllegalArgumentException.class, () -> WirePacking.packBytes(new long[1], bytes));
        assertThrows(IllegalArgumentException.class, () -> WirePacking.unpackBytes(new byte[9], 1, bytes));
    }
}
