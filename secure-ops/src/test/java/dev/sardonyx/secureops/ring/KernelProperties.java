package dev.sardonyx.secureops.ring;

import dev.sardonyx.graph.Window;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.LongBinaryOperator;

/**
 * What every implementation of {@link RingKernels} must do, each property a method from a seed. Free of JUnit, so that a test may
 * load it apart, once for each vector width.
 */
public final class KernelProperties {
    private static final int[] LENGTHS = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 64, 65, 257};
    private static final BigInteger RING = BigInteger.ONE.shiftLeft(64);

    private final RingKernels kernels;
    private final Draw draw;

    private KernelProperties(RingKernels kernels, long seed) {
        this.kernels = kernels;
        this.draw = new Draw(seed);
    }

    /** Runs the property of that name on the kernels that this class loader's process properties choose. */
    public static void check(String expectedKernels, String property, long seed) {
        var self = new KernelProperties(RingKernels.best(), seed);
        equal("kernels in use", expectedKernels, self.kernels.name());
        switch (property) {
            case "elementWise" -> self.elementWise();
            case "ranges" -> self.ranges();
            case "gemm" -> self.gemm();
            case "gemmAgreesWithBigInteger" -> self.gemmAgreesWithBigInteger();
            case "conv" -> self.conv();
            case "bits" -> self.bits();
            case "refusals" -> self.refusals();
            default -> throw new IllegalArgumentException(property);
        }
    }

    public static List<String> properties() {
        return List.of("elementWise", "ranges", "gemm", "gemmAgreesWithBigInteger", "conv", "bits", "refusals");
    }

    @FunctionalInterface
    private interface Binary {
        void apply(long[] a, long[] b, long[] out);
    }

    private void elementWise() {
        for (int n : LENGTHS) {
            binary("add", n, kernels::add, (x, y) -> x + y);
            binary("sub", n, kernels::sub, (x, y) -> x - y);
            binary("mul", n, kernels::mul, (x, y) -> x * y);
            binary("xor", n, kernels::xor, (x, y) -> x ^ y);
            binary("and", n, kernels::and, (x, y) -> x & y);
            accumulating("mulAdd", n, kernels::mulAdd, (x, y) -> x * y, Long::sum);
            accumulating("andXor", n, kernels::andXor, (x, y) -> x & y, (x, y) -> x ^ y);
            long constant = draw.word();
            int bits = draw.between(0, 63);
            binary("negate", n, (a, b, out) -> kernels.negate(a, out), (x, y) -> -x);
            binary("not", n, (a, b, out) -> kernels.not(a, out), (x, y) -> ~x);
            binary("scale", n, (a, b, out) -> kernels.scale(a, constant, out), (x, y) -> x * constant);
            binary("addConstant", n, (a, b, out) -> kernels.addConstant(a, constant, out), (x, y) -> x + constant);
            binary("andConstant", n, (a, b, out) -> kernels.andConstant(a, constant, out), (x, y) -> x & constant);
            binary("xorConstant", n, (a, b, out) -> kernels.xorConstant(a, constant, out), (x, y) -> x ^ constant);
            binary("shiftLeft", n, (a, b, out) -> kernels.shiftLeft(a, bits, out), (x, y) -> x << bits);
            binary("shiftRightLogical", n, (a, b, out) -> kernels.shiftRightLogical(a, bits, out), (x, y) -> x >>> bits);
            binary("shiftRightArithmetic", n, (a, b, out) -> kernels.shiftRightArithmetic(a, bits, out), (x, y) -> x >> bits);
            accumulating("scaleAdd", n, (a, b, acc) -> kernels.scaleAdd(a, constant, acc), (x, y) -> x * constant, Long::sum);
        }
    }

    private void binary(String name, int n, Binary operation, LongBinaryOperator oracle) {
        long[] a = draw.words(n);
        long[] b = draw.words(n);
        long[] expected = new long[n];
        Arrays.setAll(expected, i -> oracle.applyAsLong(a[i], b[i]));
        long[] out = draw.words(n);
        operation.apply(a.clone(), b.clone(), out);
        equal(name + " of " + n, expected, out);
        long[] first = a.clone();
        operation.apply(first, b, first);
        equal(name + " of " + n + " in place", expected, first);
    }

    private void accumulating(String name, int n, Binary operation, LongBinaryOperator product, LongBinaryOperator sum) {
        long[] a = draw.words(n);
        long[] b = draw.words(n);
        long[] acc = draw.words(n);
        long[] expected = new long[n];
        Arrays.setAll(expected, i -> sum.applyAsLong(acc[i], product.applyAsLong(a[i], b[i])));
        operation.apply(a, b, acc);
        equal(name + " of " + n, expected, acc);
    }

    @FunctionalInterface
    private interface Ranged {
        void apply(long[] a, int aAt, long[] b, int bAt, long[] out, int outAt, int length);
    }

    private void ranges() {
        for (int n : LENGTHS) {
            ranged("add", n, kernels::add, (x, y, old) -> x + y);
            ranged("sub", n, kernels::sub, (x, y, old) -> x - y);
            ranged("mul", n, kernels::mul, (x, y, old) -> x * y);
            ranged("mulAdd", n, kernels::mulAdd, (x, y, old) -> old + x * y);
            ranged("xor", n, kernels::xor, (x, y, old) -> x ^ y);
            ranged("and", n, kernels::and, (x, y, old) -> x & y);
            ranged("andXor", n, (a, aAt, b, bAt, out, outAt, length) -> kernels.andXor(a, aAt, b, bAt, out, outAt, out, outAt, length),
                    (x, y, old) -> old ^ x & y);
            long[] third = draw.words(n + 2);
            ranged("andXor of three", n,
                    (a, aAt, b, bAt, out, outAt, length) -> kernels.andXor(a, aAt, b, bAt, third, 1, out, outAt, length), third);
            spreadBits(n);
        }
    }

    @FunctionalInterface
    private interface Ternary {
        long apply(long x, long y, long old);
    }

    private void ranged(String name, int n, Ranged operation, Ternary oracle) {
        int aAt = draw.between(0, 5);
        int bAt = draw.between(0, 5);
        int outAt = draw.between(0, 5);
        long[] a = draw.words(aAt + n + 3);
        long[] b = draw.words(bAt + n + 2);
        long[] out = draw.words(outAt + n + 4);
        long[] expected = out.clone();
        for (int i = 0; i < n; i++) {
            expected[outAt + i] = oracle.apply(a[aAt + i], b[bAt + i], out[outAt + i]);
        }
        operation.apply(a, aAt, b, bAt, out, outAt, n);
        equal(name + " of a range of " + n, expected, out);
        long[] before = out.clone();
        throwsOf(IndexOutOfBoundsException.class, () -> operation.apply(a, aAt, b, bAt, out, outAt, n + 3));
        equal(name + " of a bad range changes nothing", before, out);
    }

    private void ranged(String name, int n, Ranged operation, long[] third) {
        long[] a = draw.words(n + 4);
        long[] b = draw.words(n);
        long[] out = draw.words(n + 3);
        long[] expected = out.clone();
        for (int i = 0; i < n; i++) {
            expected[2 + i] = a[4 + i] & b[i] ^ third[1 + i];
        }
        operation.apply(a, 4, b, 0, out, 2, n);
        equal(name + " of a range of " + n, expected, out);
    }

    private void spreadBits(int n) {
        long[] bits = draw.words((n + 63) / 64);
        long[] expected = new long[n];
        Arrays.setAll(expected, i -> (bits[i / 64] >>> i % 64 & 1) == 1 ? -1 : 0);
        long[] masks = draw.words(n);
        kernels.spreadBits(bits, masks);
        equal("masks from " + n + " bits", expected, masks);
        throwsOf(IllegalArgumentException.class, () -> kernels.spreadBits(bits, new long[n + 64]));
    }

    private void gemm() {
        for (int m : new int[] {0, 1, 2, 3, 5, 8, 9, 17}) {
            for (int k : new int[] {0, 1, 2, 33, 300, 521}) {
                for (int n : new int[] {0, 1, 7, 8, 16, 33}) {
                    gemm(m, k, n);
                }
            }
        }
        gemm(150, 600, 20);
        gemm(70, 1100, 5);
    }

    private void gemm(int m, int k, int n) {
        long[] a = draw.words(m * k);
        long[] b = draw.words(k * n);
        long[] old = draw.words(m * n);
        long[] product = new long[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int p = 0; p < k; p++) {
                    product[i * n + j] += a[i * k + p] * b[p * n + j];
                }
            }
        }
        long[] sum = new long[m * n];
        Arrays.setAll(sum, i -> old[i] + product[i]);
        String size = m + "×" + k + "×" + n;
        PackedMatrix packed = kernels.pack(b, k, n);
        long[] transposed = new long[k * n];
        for (int p = 0; p < k; p++) {
            for (int j = 0; j < n; j++) {
                transposed[j * k + p] = b[p * n + j];
            }
        }
        PackedMatrix fromTransposed = kernels.packTransposed(transposed, k, n);
        equal("unpacked again " + size, b, kernels.unpack(packed));
        equal("unpacked again from a transposed operand " + size, b, kernels.unpack(fromTransposed));
        long[] c = old.clone();
        kernels.gemm(a, m, k, packed, c, n, false);
        equal("gemm " + size, product, c);
        c = old.clone();
        kernels.gemm(a, m, k, fromTransposed, c, n, true);
        equal("gemm " + size + " of a transposed operand, accumulating", sum, c);
        c = old.clone();
        kernels.gemm(a, b, c, m, k, n, true);
        equal("gemm " + size + " unpacked, accumulating", sum, c);
        kernels.gemm(a, b, c, m, k, n, false);
        equal("gemm " + size + " unpacked", product, c);
        c = old.clone();
        int cut = draw.between(0, m);
        kernels.gemmRows(a, cut, m, packed, c, false);
        equal("gemm rows from " + cut + " of " + size, Arrays.copyOf(old, cut * n), Arrays.copyOf(c, cut * n));
        kernels.gemmRows(a, 0, cut, packed, c, false);
        equal("gemm in two parts " + size, product, c);
    }

    private void gemmAgreesWithBigInteger() {
        int m = 4;
        int k = 19;
        int n = 18;
        long[] a = draw.words(m * k);
        long[] b = draw.words(k * n);
        Arrays.fill(a, 0, k, -1);
        Arrays.fill(a, k, 2 * k, Long.MIN_VALUE);
        long[] c = new long[m * n];
        kernels.gemm(a, m, k, kernels.pack(b, k, n), c, n, false);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                BigInteger sum = BigInteger.ZERO;
                for (int p = 0; p < k; p++) {
                    sum = sum.add(BigInteger.valueOf(a[i * k + p]).multiply(BigInteger.valueOf(b[p * n + j])));
                }
                equal("element " + i + "," + j, sum.mod(RING), BigInteger.valueOf(c[i * n + j]).mod(RING));
            }
        }
    }

    private void conv() {
        for (int trial = 0; trial < 150; trial++) {
            conv(randomShape());
        }
        conv(ConvShape.square(3, new int[] {1, 20}, 28, new int[] {5, 1, 0}));
        conv(ConvShape.square(2, new int[] {20, 50}, 12, new int[] {5, 1, 0}));
        conv(ConvShape.square(1, new int[] {64, 10}, 9, new int[] {3, 2, 1}));
        conv(ConvShape.square(70, new int[] {130, 9}, 2, new int[] {2, 1, 0}));
        // Padded planes too large to hold those of all images, or of all channels, at once.
        conv(ConvShape.square(3, new int[] {30, 3}, 200, new int[] {3, 40, 1}));
        conv(ConvShape.square(1, new int[] {30, 2}, 200, new int[] {3, 40, 1}));
        conv(ConvShape.square(0, new int[] {2, 4}, 3, new int[] {1, 1, 0}));
    }

    private ConvShape randomShape() {
        int rank = draw.between(1, 3);
        int groups = draw.oneOf(1, 1, 2, 3);
        var extents = new ArrayList<Integer>();
        var parts = new ArrayList<List<Integer>>();
        for (int part = 0; part < 5; part++) {
            parts.add(new ArrayList<>());
        }
        for (int axis = 0; axis < rank; axis++) {
            int kernel = draw.between(1, 4);
            int dilation = draw.between(1, 3);
            int before = draw.between(0, 3);
            int after = draw.between(0, 2);
            int reach = dilation * (kernel - 1) + 1;
            extents.add(Math.max(1, reach - before - after) + draw.between(0, rank == 1 ? 40 : 8));
            List<Integer> values = List.of(kernel, draw.between(1, 3), dilation, before, after);
            for (int part = 0; part < 5; part++) {
                parts.get(part).add(values.get(part));
            }
        }
        var window = new Window(parts.get(0), parts.get(1), parts.get(2), parts.get(3), parts.get(4));
        int inPerGroup = draw.between(1, 5);
        int outPerGroup = draw.between(1, 11);
        return new ConvShape(draw.between(1, 4), groups * inPerGroup, extents, groups * outPerGroup, window, groups);
    }

    private void conv(ConvShape shape) {
        long[] x = draw.words(shape.inputLength());
        long[] w = draw.words(shape.filterLength());
        long[] old = draw.words(shape.outputLength());
        long[] expected = NaiveConvolution.of(x, w, shape);
        PackedFilter filter = kernels.packFilter(w, shape);
        equal("unpacked again " + shape, w, kernels.unpackFilter(filter, shape));
        long[] out = old.clone();
        kernels.conv(x, filter, shape, out, false);
        equal(shape.toString(), expected, out);
        out = old.clone();
        kernels.conv(x, filter, shape, out, true);
        long[] sum = new long[old.length];
        Arrays.setAll(sum, i -> old[i] + expected[i]);
        equal("accumulating " + shape, sum, out);
    }

    private void bits() {
        long[] block = draw.words(64);
        long[] transposed = block.clone();
        kernels.transpose64(transposed);
        for (int i = 0; i < 64; i++) {
            for (int j = 0; j < 64; j++) {
                equal("bit " + i + " of word " + j, block[i] >>> j & 1, transposed[j] >>> i & 1);
            }
        }
        for (int n : new int[] {0, 1, 63, 64, 65, 200}) {
            for (int bits = 0; bits <= 64; bits++) {
                planes(n, draw.between(0, 64 - bits), bits);
            }
        }
    }

    private void planes(int n, int lowBit, int bits) {
        long[] values = draw.words(n);
        long[][] planes = kernels.toBitPlanes(values, lowBit, bits);
        String what = bits + " bits from " + lowBit + " of " + n + " values";
        equal("planes for " + what, bits, planes.length);
        for (int p = 0; p < bits; p++) {
            long[] expected = new long[(n + 63) / 64];
            for (int i = 0; i < n; i++) {
                expected[i / 64] |= (values[i] >>> lowBit + p & 1) << i % 64;
            }
            equal("plane " + p + " for " + what, expected, planes[p]);
        }
        long mask = bits == 0 ? 0 : -1L >>> 64 - bits << lowBit;
        long[] masked = new long[n];
        Arrays.setAll(masked, i -> values[i] & mask);
        equal("values from planes, " + what, masked, kernels.fromBitPlanes(planes, lowBit, n));
    }

    private void refusals() {
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        long[] three = new long[3];
        long[] four = new long[4];
        throwsOf(refused, () -> kernels.add(three, four, four));
        throwsOf(refused, () -> kernels.add(four, three, four));
        throwsOf(refused, () -> kernels.negate(three, four));
        throwsOf(refused, () -> kernels.shiftLeft(four, 64, four));
        throwsOf(refused, () -> kernels.pack(three, 2, 2));
        throwsOf(refused, () -> kernels.gemm(four, 2, 2, kernels.pack(four, 2, 2), three, 2, false));
        throwsOf(refused, () -> kernels.gemm(four, 2, 2, kernels.pack(four, 4, 1), four, 2, false));
        throwsOf(IndexOutOfBoundsException.class, () -> kernels.gemmRows(four, 0, 3, kernels.pack(four, 2, 2), four, false));
        var foreign = new PackedMatrix("other", 2, 2, four);
        throwsOf(refused, () -> kernels.gemm(four, 2, 2, foreign, four, 2, false));
        var shape = ConvShape.square(1, new int[] {1, 4}, 2, new int[] {1, 1, 0});
        var other = ConvShape.square(1, new int[] {1, 1}, 2, new int[] {2, 1, 0});
        PackedFilter filter = kernels.packFilter(four, shape);
        throwsOf(refused, () -> kernels.conv(four, filter, other, new long[1], false));
        throwsOf(refused, () -> kernels.conv(three, filter, shape, new long[16], false));
        throwsOf(refused, () -> kernels.transpose64(four));
        throwsOf(refused, () -> kernels.toBitPlanes(four, 60, 5));
        throwsOf(refused, () -> kernels.fromBitPlanes(new long[2][1], 63, 4));
        throwsOf(refused, () -> new ConvShape(1, 3, List.of(4), 4,
                new Window(List.of(1), List.of(1), List.of(1), List.of(0), List.of(0)), 2));
        throwsOf(refused, () -> ConvShape.square(1, new int[] {1, 1}, 2, new int[] {3, 1, 0}));
        throwsOf(refused, () -> new ConvShape(1 << 20, 1 << 10, Collections.nCopies(2, 64), 1,
                new Window(List.of(1, 1), List.of(1, 1), List.of(1, 1), List.of(0, 0), List.of(0, 0)), 1));
    }

    private static void throwsOf(Class<? extends RuntimeException> expected, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            equal("kind of refusal", expected, e.getClass());
            return;
        }
        throw new AssertionError("nothing refused; expected " + expected.getSimpleName());
    }

    private static void equal(String what, long[] expected, long[] found) {
        int at = Arrays.mismatch(expected, found);
        if (at >= 0) {
            throw new AssertionError(what + ": " + found.length + " elements, first difference at " + at + "; expected "
                    + expected.length + " elements");
        }
    }

    private static void equal(String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new AssertionError(what + ": " + found + "; expected " + expected);
        }
    }
}
