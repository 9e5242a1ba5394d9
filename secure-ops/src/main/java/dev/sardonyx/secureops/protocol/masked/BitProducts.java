package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.protocol.StepContext;

/** Products with bits: bit · number without a conversion of the bit, and bit · bit. */
final class BitProducts {
    private BitProducts() {
    }

    /**
     * With s = μ ⊕ β and x = m + λ, {@code s·x = μ·x + (1 - 2μ)·(β·m + β·λ)}: the helper, who knows β and λ, shares β and β·λ as
     * numbers.
     */
    static long[][] selectHelper(StepContext context, long[][] bits, long[][] x, int width) {
        int size = x[0].length;
        var beta = new long[size];
        var product = new long[size];
        for (int word = 0; word < bits[0].length; word++) {
            long mask = bits[0][word] ^ bits[1][word];
            int end = Math.min(size, 64 * word + 64);
            for (int i = 64 * word; i < end; i++) {
                long bit = mask >>> i & 1;
                beta[i] = bit;
                product[i] = x[0][i] + x[1][i] & -bit;
            }
        }
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
        for (int word = 0; word < opened.length; word++) {
            long mu = opened[word];
            int end = Math.min(size, 64 * word + 64);
            for (int i = 64 * word; i < end; i++) {
                long set = -(mu >>> i & 1);
                long ofMask = beta[i] * masked[i] + product[i];
                // (v ^ set) - set is −v where the bit is set.
                product[i] = ((masked[i] & countMasked) + xHalf[i] & set) + ((ofMask ^ set) - set) - half[i];
            }
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
        Wire.openPlanes(context, product);
        return Roles.worker(role, product, half);
    }
}
