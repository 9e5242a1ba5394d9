package dev.sardonyx.secureops.ring;

import java.util.Objects;

/**
 * Element-wise loops. Each is in the form that C2 vectorises by itself (counted, unit stride, one store), which reaches the memory
 * bandwidth of the machines we measured. That fails only where ranges begin at different offsets; {@link VectorRows} is for those.
 * Ranges are checked before the loop, so that a bad range changes nothing.
 */
final class ElementWise {
    private ElementWise() {}

    static int sameLength(long[] a, long[] b, long[] out) {
        sameLength(b, out);
        return sameLength(a, out);
    }

    static int sameLength(long[] a, long[] out) {
        if (a.length != out.length) {
            throw new IllegalArgumentException("operand has " + a.length + " elements; expected " + out.length + " as the result has");
        }
        return out.length;
    }

    static int shiftDistance(int bits) {
        if (bits < 0 || bits > 63) {
            throw new IllegalArgumentException("shift by " + bits + " bits; allowed: 0 to 63");
        }
        return bits;
    }

    private static void checkRanges(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        Objects.checkFromIndexSize(aAt, length, a.length);
        Objects.checkFromIndexSize(bAt, length, b.length);
        Objects.checkFromIndexSize(outAt, length, out.length);
    }

    static void add(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        for (int i = 0; i < length; i++) {
            out[outAt + i] = a[aAt + i] + b[bAt + i];
        }
    }

    static void sub(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        for (int i = 0; i < length; i++) {
            out[outAt + i] = a[aAt + i] - b[bAt + i];
        }
    }

    static void mul(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        for (int i = 0; i < length; i++) {
            out[outAt + i] = a[aAt + i] * b[bAt + i];
        }
    }

    static void mulAdd(long[] a, int aAt, long[] b, int bAt, long[] acc, int accAt, int length) {
        checkRanges(a, aAt, b, bAt, acc, accAt, length);
        for (int i = 0; i < length; i++) {
            acc[accAt + i] += a[aAt + i] * b[bAt + i];
        }
    }

    static void xor(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        for (int i = 0; i < length; i++) {
            out[outAt + i] = a[aAt + i] ^ b[bAt + i];
        }
    }

    static void and(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length) {
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        for (int i = 0; i < length; i++) {
            out[outAt + i] = a[aAt + i] & b[bAt + i];
        }
    }

    static void andXor(long[] a, long[] b, long[] acc, int length) {
        for (int i = 0; i < length; i++) {
            acc[i] ^= a[i] & b[i];
        }
    }

    static void andXor(long[] a, int aAt, long[] b, int bAt, long[] c, int cAt, long[] out, int outAt, int length) {
        Objects.checkFromIndexSize(cAt, length, c.length);
        checkRanges(a, aAt, b, bAt, out, outAt, length);
        for (int i = 0; i < length; i++) {
            out[outAt + i] = a[aAt + i] & b[bAt + i] ^ c[cAt + i];
        }
    }

    static void spreadBits(long[] bits, long[] masks) {
        requireWords(bits, masks);
        for (int i = 0; i < masks.length; i++) {
            masks[i] = -(bits[i >> 6] >>> i & 1);
        }
    }

    /** Requires one word for each 64 masks, begun ones included. */
    static void requireWords(long[] bits, long[] masks) {
        if (bits.length != (masks.length + 63) / 64) {
            throw new IllegalArgumentException(
                    bits.length + " words of bits for " + masks.length + " masks; expected " + (masks.length + 63) / 64);
        }
    }

    static void negate(long[] a, long[] out, int length) {
        for (int i = 0; i < length; i++) {
            out[i] = -a[i];
        }
    }

    static void scale(long[] a, long constant, long[] out, int length) {
        for (int i = 0; i < length; i++) {
            out[i] = a[i] * constant;
        }
    }

    static void scaleAdd(long[] a, long constant, long[] acc, int length) {
        for (int i = 0; i < length; i++) {
            acc[i] += a[i] * constant;
        }
    }

    static void addConstant(long[] a, long constant, long[] out, int length) {
        for (int i = 0; i < length; i++) {
            out[i] = a[i] + constant;
        }
    }

    static void andConstant(long[] a, long mask, long[] out, int length) {
        for (int i = 0; i < length; i++) {
            out[i] = a[i] & mask;
        }
    }

    static void xorConstant(long[] a, long mask, long[] out, int length) {
        for (int i = 0; i < length; i++) {
            out[i] = a[i] ^ mask;
        }
    }

    static void shiftLeft(long[] a, int bits, long[] out, int length) {
        for (int i = 0; i < length; i++) {
            out[i] = a[i] << bits;
        }
    }

    static void shiftRightLogical(long[] a, int bits, long[] out, int length) {
        for (int i = 0; i < length; i++) {
            out[i] = a[i] >>> bits;
        }
    }

    static void shiftRightArithmetic(long[] a, int bits, long[] out, int length) {
        for (int i = 0; i < length; i++) {
            out[i] = a[i] >> bits;
        }
    }
}
