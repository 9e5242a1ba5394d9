package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.secureops.ring.RingKernels;

/** Products with bits: bit · number without a conversion of the bit, and bit · bit. */
final class BitProducts {
    private BitProducts() {
    }

    /**
     * With s = μ ⊕ β and x = m + λ, {@code s·x = μ·x + (1 - 2μ)·(β·m + β·λ)}: the helper, who knows β and λ, shares β and β·λ as
     * numbers.
     */
    static long[][] selectHelper(StepContext context, long[][] bits, long[][] x, int width) {
        var kernels = RingKernels.best();
        int size = x[0].length;
        var beta = new long[size];
        var product = new long[size];
        var mask = new long[bits[0].length];
        kernels.xor(bits[0], bits[1], mask);
        kernels.spreadBits(mask, beta);
        kernels.add(x[0], x[1], product);
        kernels.and(product, beta, product);
        kernels.negate(beta, beta);
        var shares = new HelperShares(context, Wire.bytes(Math.multiplyExact(2, size), width));
        shares.numbers(beta, width);
        shares.numbers(product, width);
        shares.send();
        return Roles.helper(context.common(Roles.LEFT, size, width), context.common(Roles.RIGHT, size, width));
    }

    static long[][] selectWorker(StepContext context, long[][] bits, long[][] x, int width) {
        int role = context.role();
        long[] opened = Roles.masked(role, bits);
        long[] masked = Roles.masked(role, x);
        long[] xHalf = Roles.half(role, x);
        int size = masked.length;
        long countMasked = role == Roles.LEFT ? -1 : 0;
        var shares = new WorkerShares(context, Wire.bytes(Math.multiplyExact(2, size), width));
        long[] beta = shares.numbers(size, width);
        long[] product = shares.numbers(size, width);
        long[] half = context.common(Roles.HELPER, size, width);
        var set = new long[size];
        RingKernels.best().spreadBits(opened, set);
        for (int i = 0; i < size; i++) {
            long ofMask = beta[i] * masked[i] + product[i];
            // (v ^ set) - set is −v where the bit is set.
            product[i] = ((masked[i] & countMasked) + xHalf[i] & set[i]) + ((ofMask ^ set[i]) - set[i]) - half[i];
        }
        Wire.openSums(context, width, product);
        return Roles.worker(role, product, half);
    }

    /** The product of the two masks is shared; the rest is linear in the halves. */
    static long[][] andHelper(StepContext context, long[][] x, long[][] y) {
        var product = new long[x[0].length];
        for (int i = 0; i < product.length; i++) {
            product[i] = (x[0][i] ^ x[1][i]) & (y[0][i] ^ y[1][i]);
        }
        var shares = new HelperShares(context, Wire.bytes(product.length, Long.SIZE));
        shares.planes(product);
        shares.send();
        return Roles.helper(context.commonWords(Roles.LEFT, product.length), context.commonWords(Roles.RIGHT, product.length));
    }

    static long[][] andWorker(StepContext context, long[][] x, long[][] y) {
        int role = context.role();
        long[] xMasked = Roles.masked(role, x);
        long[] yMasked = Roles.masked(role, y);
        long[] xHalf = Roles.half(role, x);
        long[] yHalf = Roles.half(role, y);
        long countMasked = role == Roles.LEFT ? -1 : 0;
        long[] product = new WorkerShares(context, Wire.bytes(xMasked.length, Long.SIZE)).planes(xMasked.length);
        long[] half = context.commonWords(Roles.HELPER, xMasked.length);
        for (int i = 0; i < product.length; i++) {
            product[i] ^= xMasked[i] & (yMasked[i] & countMasked ^ yHalf[i]) ^ yMasked[i] & xHalf[i] ^ half[i];
        }
        Wire.openLastPlanes(context, product, () -> { });
        return Roles.worker(role, product, half);
    }
}
