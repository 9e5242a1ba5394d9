package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.StepContext;

/**
 * The division of a number by a power of two, within one unit in the last place and without any event of large error.
 *
 * <p>For |x| &lt; 2^(w−2) let {@code c = m + 2^(w-2)} and {@code r = -(a+b)}, both modulo 2^w, so that {@code x + 2^(w-2) = c - r}
 * lies in [0, 2^(w−1)). As integers, c − r falls short of it by 2^w exactly where c &lt; r, and because the value is below 2^(w−1),
 * this is where r's top bit is 1 and c's is 0. So {@code (c >> f) - (r >> f) + 2^(w-f)·r_top·(1 - c_top) - 2^(w-2-f)} is
 * ⌊x / 2^f⌋ or one more: one more where the low f bits of c are below those of {@code x + 2^(w-2)}. The overflow's correction from
 * the two top bits follows Dalskov, Escudero, Keller (PoPETs 2020); c is known to both workers and r to the helper, so that here
 * the bit product is linear in a bit that the helper shares.
 *
 * @param bits f: the divisor is 2^f
 * @param from w: the operand is shared modulo 2^w
 * @param to w′: the result is shared modulo 2^w′
 */
record Truncation(int bits, int from, int to) {
    enum Form {
        /** f &gt; w − 2: every |x| &lt; 2^(w−2) is less than one unit, and 0 is within one unit. */
        ZERO,
        /** Nothing is divided and the ring does not grow: the share is a share modulo 2^w′ as it stands. */
        REINTERPRET,
        /** w′ ≤ w − f: the overflow's term vanishes modulo 2^w′, and the workers need no message. */
        LOCAL,
        /** The overflow's term is added; one round. */
        CORRECTED
    }

    Truncation {
        if (bits < 0 || bits >= Long.SIZE) {
            throw new IllegalArgumentException("truncation by " + bits + " bits; expected 0 to 63");
        }
    }

    static Truncation of(int bits, PlanValue input, PlanValue output) {
        return new Truncation(bits, input.width(), output.width());
    }

    Form form() {
        if (bits == 0 && to <= from) {
            return Form.REINTERPRET;
        }
        if (bits > from - 2) {
            return Form.ZERO;
        }
        return to <= from - bits ? Form.LOCAL : Form.CORRECTED;
    }

    /** v = w′ − (w − f): the bits of the result's ring that the overflow reaches. */
    int overflowBits() {
        return to - (from - bits);
    }

    long[][] helper(StepContext context, long[][] x) {
        return switch (form()) {
            case REINTERPRET -> x;
            case ZERO -> new long[2][x[0].length];
            case LOCAL -> helperLocal(context, x);
            case CORRECTED -> helperCorrected(context, x);
        };
    }

    long[][] worker(StepContext context, long[][] x) {
        return switch (form()) {
            case REINTERPRET -> x;
            case ZERO -> new long[2][x[0].length];
            case LOCAL -> workerLocal(context, x);
            case CORRECTED -> workerCorrected(context, x);
        };
    }

    /** The new mask is {@code -(r >> f)}: its left half is drawn, its right half sent. */
    private long[][] helperLocal(StepContext context, long[][] x) {
        int size = x[0].length;
        long[] newMask = new long[size];
        long mask = Wire.mask(from);
        for (int i = 0; i < size; i++) {
            newMask[i] = -((-(x[0][i] + x[1][i]) & mask) >>> bits);
        }
        var shares = new HelperShares(context, Wire.bytes(size, to));
        long[] left = shares.numbers(newMask, to);
        shares.send();
        return Roles.helper(left, newMask);
    }

    private long[][] workerLocal(StepContext context, long[][] x) {
        long[] shifted = shifted(Roles.masked(context.role(), x));
        long[] half = new WorkerShares(context, Wire.bytes(shifted.length, to)).numbers(shifted.length, to);
        return Roles.worker(context.role(), shifted, half);
    }

    /** {@code (c >> f) - 2^(w-2-f)}, which both workers know. */
    private long[] shifted(long[] masked) {
        long offset = 1L << from - 2;
        long offsetAfter = offset >>> bits;
        long mask = Wire.mask(from);
        var shifted = new long[masked.length];
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] = ((masked[i] + offset & mask) >>> bits) - offsetAfter;
        }
        return shifted;
    }

    private long[][] helperCorrected(StepContext context, long[][] x) {
        int size = x[0].length;
        long mask = Wire.mask(from);
        var shifted = new long[size];
        var top = new long[size];
        for (int i = 0; i < size; i++) {
            long r = -(x[0][i] + x[1][i]) & mask;
            shifted[i] = r >>> bits;
            top[i] = r >>> from - 1;
        }
        var shares = new HelperShares(context, correctedLength(size));
        shares.numbers(shifted, to);
        shares.numbers(top, overflowBits());
        shares.send();
        return Roles.helper(context.common(Roles.LEFT, size, to), context.common(Roles.RIGHT, size, to));
    }

    private long[][] workerCorrected(StepContext context, long[][] x) {
        int role = context.role();
        long[] masked = Roles.masked(role, x);
        int size = masked.length;
        long[] sum = role == Roles.LEFT ? shifted(masked) : new long[size];
        var shares = new WorkerShares(context, correctedLength(size));
        long[] shiftedMask = shares.numbers(size, to);
        long[] topMask = shares.numbers(size, overflowBits());
        long[] half = context.common(Roles.HELPER, size, to);
        long offset = 1L << from - 2;
        int top = from - 1;
        int overflow = from - bits;
        for (int i = 0; i < size; i++) {
            // All ones where c's top bit is 0.
            long belowHalf = (masked[i] + offset >>> top & 1) - 1;
            sum[i] += ((topMask[i] & belowHalf) << overflow) - shiftedMask[i] - half[i];
        }
        Wire.openSums(context, to, sum);
        return Roles.worker(role, sum, half);
    }

    private int correctedLength(int size) {
        return Math.addExact(Wire.bytes(size, to), Wire.bytes(size, overflowBits()));
    }
}
