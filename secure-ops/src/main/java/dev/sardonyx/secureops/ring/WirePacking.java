package dev.sardonyx.secureops.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Ring elements as they travel: the low 1 to 8 bytes of each, little endian, without gaps. Reading gives back the value modulo
 * 2^(8·bytesPerElement). Nothing here keeps a reference to an array after it returns.
 */
public final class WirePacking {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private WirePacking() {}

    /** The bytes that {@code count} elements take. */
    public static int packedLength(int count, int bytesPerElement) {
        requireWidth(bytesPerElement);
        return Math.multiplyExact(count, bytesPerElement);
    }

    /** All values, packed into a new array. */
    public static byte[] packBytes(long[] values, int bytesPerElement) {
        byte[] out = new byte[packedLength(values.length, bytesPerElement)];
        packBytes(values, 0, values.length, bytesPerElement, out, 0);
        return out;
    }

    /** Values {@code from} to {@code from + count - 1}, packed into {@code out} from {@code outAt} on. */
    public static void packBytes(long[] values, int from, int count, int bytesPerElement, byte[] out, int outAt) {
        int length = packedLength(count, bytesPerElement);
        Objects.checkFromIndexSize(from, count, values.length);
        Objects.checkFromIndexSize(outAt, length, out.length);
        if (bytesPerElement == 8) {
            ByteBuffer.wrap(out, outAt, length).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values, from, count);
            return;
        }
        // Each write covers eight bytes and the next one overwrites the bytes too many; near the end of the range there is no
        // next one, and what lies behind the range is not ours.
        int wide = Math.max(0, Math.min(count, (length - 8) / bytesPerElement + 1));
        if (length < 8) {
            wide = 0;
        }
        for (int i = 0; i < wide; i++) {
            LONG.set(out, outAt + i * bytesPerElement, values[from + i]);
        }
        for (int i = wide; i < count; i++) {
            long value = values[from + i];
            for (int b = 0; b < bytesPerElement; b++) {
                out[outAt + i * bytesPerElement + b] = (byte) (value >>> 8 * b);
            }
        }
    }

    /** The first {@code count} elements of {@code in}, not sign-extended. */
    public static long[] unpackBytes(byte[] in, int count, int bytesPerElement) {
        long[] values = new long[count];
        unpackBytes(in, 0, bytesPerElement, values, 0, count);
        return values;
    }

    /** {@code count} elements of {@code in} from byte {@code inAt} on, written to {@code out} from {@code outAt} on. */
    public static void unpackBytes(byte[] in, int inAt, int bytesPerElement, long[] out, int outAt, int count) {
        int length = packedLength(count, bytesPerElement);
        Objects.checkFromIndexSize(inAt, length, in.length);
        Objects.checkFromIndexSize(outAt, count, out.length);
        if (bytesPerElement == 8) {
            ByteBuffer.wrap(in, inAt, length).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(out, outAt, count);
            return;
        }
        int wide = wideReads(in.length - inAt, count, bytesPerElement);
        long mask = -1L >>> 64 - 8 * bytesPerElement;
        for (int i = 0; i < wide; i++) {
            out[outAt + i] = (long) LONG.get(in, inAt + i * bytesPerElement) & mask;
        }
        for (int i = wide; i < count; i++) {
            out[outAt + i] = narrowRead(in, inAt + i * bytesPerElement, bytesPerElement);
        }
    }

    /** acc += the elements packed in {@code in}, as many as {@code acc} has. */
    public static void unpackAdd(byte[] in, int bytesPerElement, long[] acc) {
        unpackAdd(in, 0, bytesPerElement, acc, 0, acc.length);
    }

    /** acc[accAt + i] += element i of {@code in} counted from byte {@code inAt}. */
    public static void unpackAdd(byte[] in, int inAt, int bytesPerElement, long[] acc, int accAt, int count) {
        int length = packedLength(count, bytesPerElement);
        Objects.checkFromIndexSize(inAt, length, in.length);
        Objects.checkFromIndexSize(accAt, count, acc.length);
        int wide = wideReads(in.length - inAt, count, bytesPerElement);
        long mask = -1L >>> 64 - 8 * bytesPerElement;
        for (int i = 0; i < wide; i++) {
            acc[accAt + i] += (long) LONG.get(in, inAt + i * bytesPerElement) & mask;
        }
        for (int i = wide; i < count; i++) {
            acc[accAt + i] += narrowRead(in, inAt + i * bytesPerElement, bytesPerElement);
        }
    }

    /** acc = acc xor the elements packed in {@code in}, as many as {@code acc} has. */
    public static void unpackXor(byte[] in, int bytesPerElement, long[] acc) {
        unpackXor(in, 0, bytesPerElement, acc, 0, acc.length);
    }

    /** acc[accAt + i] ^= element i of {@code in} counted from byte {@code inAt}. */
    public static void unpackXor(byte[] in, int inAt, int bytesPerElement, long[] acc, int accAt, int count) {
        int length = packedLength(count, bytesPerElement);
        Objects.checkFromIndexSize(inAt, length, in.length);
        Objects.checkFromIndexSize(accAt, count, acc.length);
        int wide = wideReads(in.length - inAt, count, bytesPerElement);
        long mask = -1L >>> 64 - 8 * bytesPerElement;
        for (int i = 0; i < wide; i++) {
            acc[accAt + i] ^= (long) LONG.get(in, inAt + i * bytesPerElement) & mask;
        }
        for (int i = wide; i < count; i++) {
            acc[accAt + i] ^= narrowRead(in, inAt + i * bytesPerElement, bytesPerElement);
        }
    }

    /** How many elements can be read by eight bytes at once without leaving {@code available} bytes. */
    private static int wideReads(int available, int count, int bytesPerElement) {
        return available < 8 ? 0 : Math.min(count, (available - 8) / bytesPerElement + 1);
    }

    private static long narrowRead(byte[] in, int at, int bytesPerElement) {
        long value = 0;
        for (int b = 0; b < bytesPerElement; b++) {
            value |= (in[at + b] & 0xFFL) << 8 * b;
        }
        return value;
    }

    private static void requireWidth(int bytesPerElement) {
        if (bytesPerElement < 1 || bytesPerElement > 8) {
            throw new IllegalArgumentException(bytesPerElement + " bytes an element; allowed: 1 to 8");
        }
    }
}
