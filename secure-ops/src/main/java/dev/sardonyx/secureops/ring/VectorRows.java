package dev.sardonyx.secureops.ring;

import java.util.Objects;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Operations on ranges of arrays. C2 vectorises a plain loop only where all arrays are indexed alike: with different offsets it
 * cannot exclude that one array is written where the other is about to be read. Each operation here is a vector body and a scalar
 * tail; ranges are checked before, so that a bad range changes nothing. Source and target ranges of one array must coincide or not
 * overlap.
 */
final class VectorRows {
    /** 63 less the lane's number: the shift that brings the lane's bit to the top. */
    private static final long[] DISTANCES = distances();

    private VectorRows() {}

    private static long[] distances() {
        long[] distances = new long[Lanes.COUNT];
        for (int lane = 0; lane < distances.length; lane++) {
            distances[lane] = 63 - lane;
        }
        return distances;
    }

    private static int vectorPart(int length) {
        return length / Lanes.COUNT * Lanes.COUNT;
    }

    private static LongVector load(long[] array, int at) {
        return LongVector.fromArray(Lanes.LONGS, array, at);
    }

    private static void checkRanges(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        Objects.checkFromIndexSize(aAt, length, a.length);
        Objects.checkFromIndexSize(bAt, length, b.length);
        Objects.checkFromIndexSize(outAt, length, out.length);
    }

    /** acc[accAt + i] += factor · row[rowAt + i]. */
    static void addScaled(long[] row, int rowAt, long factor, long[] acc, int accAt, int length) {
        Objects.checkFromIndexSize(rowAt, length, row.length);
        Objects.checkFromIndexSize(accAt, length, acc.length);
        int body = vectorPart(length);
        LongVector scale = LongVector.broadcast(Lanes.LONGS, factor);
        for (int i = 0; i < body; i += Lanes.COUNT) {
            load(acc, accAt + i).add(scale.mul(load(row, rowAt + i))).intoArray(acc, accAt + i);
        }
        for (int i = body; i < length; i++) {
            acc[accAt + i] += factor * row[rowAt + i];
        }
    }

    static void mulAdd(long[] a, int aAt, long[] b, int bAt, long[] acc, int accAt, int length) {
        checkRanges(a, aAt, b, bAt, acc, accAt, length);
        int body = vectorPart(length);
        for (int i = 0; i < body; i += Lanes.COUNT) {
            load(acc, accAt + i).add(load(a, aAt + i).mul(load(b, bAt + i))).intoArray(acc, accAt + i);
        }
        for (int i = body; i < length; i++) {
            acc[accAt + i] += a[aAt + i] * b[bAt + i];
        }
    }

    static void add(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        int body = vectorPart(length);
        for (int i = 0; i < body; i += Lanes.COUNT) {
            LongVector y = load(b, bAt + i);
            load(a, aAt + i).add(y).intoArray(out, outAt + i);
        }
        for (int i = body; i < length; i++) {
            out[outAt + i] = a[aAt + i] + b[bAt + i];
        }
    }

    static void sub(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        int body = vectorPart(length);
        for (int i = 0; i < body; i += Lanes.COUNT) {
            LongVector y = load(b, bAt + i);
            load(a, aAt + i).sub(y).intoArray(out, outAt + i);
        }
        for (int i = body; i < length; i++) {
            out[outAt + i] = a[aAt + i] - b[bAt + i];
        }
    }

    static void mul(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        int body = vectorPart(length);
        for (int i = 0; i < body; i += Lanes.COUNT) {
            LongVector y = load(b, bAt + i);
            load(a, aAt + i).mul(y).intoArray(out, outAt + i);
        }
        for (int i = body; i < length; i++) {
            out[outAt + i] = a[aAt + i] * b[bAt + i];
        }
    }

    static void xor(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        int body = vectorPart(length);
        for (int i = 0; i < body; i += Lanes.COUNT) {
            LongVector y = load(b, bAt + i);
            load(a, aAt + i).lanewise(VectorOperators.XOR, y).intoArray(out, outAt + i);
        }
        for (int i = body; i < length; i++) {
            out[outAt + i] = a[aAt + i] ^ b[bAt + i];
        }
    }

    static void and(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        int body = vectorPart(length);
        for (int i = 0; i < body; i += Lanes.COUNT) {
            LongVector y = load(b, bAt + i);
            load(a, aAt + i).and(y).intoArray(out, outAt + i);
        }
        for (int i = body; i < length; i++) {
            out[outAt + i] = a[aAt + i] & b[bAt + i];
        }
    }

    /** out = (a and b) xor c. */
    static void andXor(long[] a, int aAt, long[] b, int bAt, long[] c, int cAt, long[] out, int outAt, int length) {
        Objects.checkFromIndexSize(cAt, length, c.length);
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        int body = vectorPart(length);
        for (int i = 0; i < body; i += Lanes.COUNT) {
            LongVector product = load(a, aAt + i).and(load(b, bAt + i));
            product.lanewise(VectorOperators.XOR, load(c, cAt + i)).intoArray(out, outAt + i);
        }
        for (int i = body; i < length; i++) {
            out[outAt + i] = a[aAt + i] & b[bAt + i] ^ c[cAt + i];
        }
    }

    /** masks[i] = -1 where bit i mod 64 of bits[i / 64] is set, else 0: each lane shifts its bit to the top and copies it down. */
    static void spreadBits(long[] bits, long[] masks) {
        ElementWise.requireWords(bits, masks);
        LongVector toTop = LongVector.fromArray(Lanes.LONGS, DISTANCES, 0);
        int whole = masks.length / 64;
        for (int word = 0; word < whole; word++) {
            for (int i = 0; i < 64; i += Lanes.COUNT) {
                LongVector bit = LongVector.broadcast(Lanes.LONGS, bits[word] >>> i).lanewise(VectorOperators.LSHL, toTop);
                bit.lanewise(VectorOperators.LSHR, 63).neg().intoArray(masks, 64 * word + i);
            }
        }
        for (int i = 64 * whole; i < masks.length; i++) {
            masks[i] = -(bits[i >> 6] >>> i & 1);
        }
    }
}
