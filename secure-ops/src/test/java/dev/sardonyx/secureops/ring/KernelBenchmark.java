package dev.sardonyx.secureops.ring;

import dev.sardonyx.graph.Window;
import dev.sardonyx.secureops.random.Keystream;
import dev.sardonyx.secureops.random.StreamId;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Speeds of the kernels and of the keystream: one line a case, best and median of the repetitions of a case. Not part of the test
 * suite; run it from the root with
 *
 * <pre>
 * mvn -q -pl secure-ops -am test-compile
 * java --add-modules jdk.incubator.vector -cp secure-ops/target/classes:secure-ops/target/test-classes:graph/target/classes \
 *     dev.sardonyx.secureops.ring.KernelBenchmark [name…]
 * </pre>
 *
 * with {@code -Dsardonyx.kernels=scalar} for the plain loops and {@code -XX:UseAVX=2} for a machine without AVX-512. Arguments choose
 * the cases whose names begin with one of them.
 */
final class KernelBenchmark {
    private static final int REPETITIONS = 15;
    private static final double SLICE_SECONDS = 0.1;

    private final RingKernels kernels = RingKernels.best();
    private final Draw draw = new Draw(1);
    private final List<String> chosen;
    private final PrintStream out;

    private KernelBenchmark(List<String> chosen, PrintStream out) {
        this.chosen = chosen;
        this.out = out;
    }

    public static void main(String[] arguments) {
        new KernelBenchmark(List.of(arguments), System.out).run();
    }

    private void run() {
        out.println("kernels: " + RingKernels.explanation() + "; Java " + Runtime.version());
        if (kernels.lanes() > 1) {
            var bound = new MultiplierBound();
            rate("multiplier bound", "GMAC/s", MultiplierBound.products(), bound::run);
        }
        gemm(512, 512, 512);
        gemm(1, 800, 500);
        gemm(4, 800, 500);
        gemm(128, 800, 500);
        gemm(128, 784, 128);
        gemm(128, 500, 10);
        gemmUnpacked(128, 784, 128);
        for (int batch : new int[] {1, 43}) {
            conv("LeNet conv1 batch " + batch, ConvShape.square(batch, new int[] {1, 20}, 28, new int[] {5, 1, 0}));
            conv("LeNet conv2 batch " + batch, ConvShape.square(batch, new int[] {20, 50}, 12, new int[] {5, 1, 0}));
        }
        conv("ResNet 7x7 s2", ConvShape.square(1, new int[] {3, 64}, 224, new int[] {7, 2, 3}));
        conv("ResNet 3x3 56", ConvShape.square(1, new int[] {64, 64}, 56, new int[] {3, 1, 1}));
        conv("ResNet 1x1 56", ConvShape.square(1, new int[] {64, 256}, 56, new int[] {1, 1, 0}));
        conv("ResNet 3x3 s2 28", ConvShape.square(1, new int[] {128, 128}, 56, new int[] {3, 2, 1}));
        conv("ResNet 3x3 14", ConvShape.square(1, new int[] {256, 256}, 14, new int[] {3, 1, 1}));
        conv("ResNet 1x1 7", ConvShape.square(1, new int[] {2048, 512}, 7, new int[] {1, 1, 0}));
        List<Integer> three = Collections.nCopies(2, 3);
        List<Integer> one = Collections.nCopies(2, 1);
        conv("depthwise 3x3 112", new ConvShape(1, 64, List.of(112, 112), 64, new Window(three, one, one, one, one), 64));
        bits();
        elementWise();
        wire();
        keystream();
    }

    private void gemm(int m, int k, int n) {
        long[] a = draw.words(m * k);
        long[] c = new long[m * n];
        PackedMatrix b = kernels.pack(draw.words(k * n), k, n);
        rate("gemm " + m + "×" + k + "×" + n, "GMAC/s", (double) m * k * n, () -> kernels.gemm(a, m, k, b, c, n, false));
    }

    private void gemmUnpacked(int m, int k, int n) {
        long[] a = draw.words(m * k);
        long[] c = new long[m * n];
        long[] b = draw.words(k * n);
        rate("gemm unpacked " + m + "×" + k + "×" + n, "GMAC/s", (double) m * k * n, () -> kernels.gemm(a, b, c, m, k, n, false));
    }

    private void conv(String name, ConvShape shape) {
        long[] x = draw.words(shape.inputLength());
        long[] result = new long[shape.outputLength()];
        PackedFilter w = kernels.packFilter(draw.words(shape.filterLength()), shape);
        rate("conv " + name, "GMAC/s", (double) shape.outputLength() * shape.tapsPerOutput(),
                () -> kernels.conv(x, w, shape, result, false));
    }

    private void bits() {
        long[] block = draw.words(64);
        nanos("transpose64", "ns/word", 64, () -> kernels.transpose64(block));
        long[] values = draw.words(1 << 16);
        for (int bits : new int[] {8, 24, 32, 64}) {
            nanos("toBitPlanes " + bits, "ns/value", values.length, () -> kernels.toBitPlanes(values, 64 - bits, bits));
            long[][] planes = kernels.toBitPlanes(values, 64 - bits, bits);
            nanos("fromBitPlanes " + bits, "ns/value", values.length, () -> kernels.fromBitPlanes(planes, 0, values.length));
        }
    }

    private void elementWise() {
        for (int n : new int[] {1 << 12, 1 << 20}) {
            long[] a = draw.words(n);
            long[] b = draw.words(n);
            long[] c = new long[n];
            String size = " " + n;
            rate("element add" + size, "GB/s read and written", 24.0 * n, () -> kernels.add(a, b, c));
            rate("element mul" + size, "GB/s read and written", 24.0 * n, () -> kernels.mul(a, b, c));
            rate("element mulAdd" + size, "GB/s read and written", 32.0 * n, () -> kernels.mulAdd(a, b, c));
            rate("element xor" + size, "GB/s read and written", 24.0 * n, () -> kernels.xor(a, b, c));
            rate("element shiftRightArithmetic" + size, "GB/s read and written", 16.0 * n,
                    () -> kernels.shiftRightArithmetic(a, 13, c));
        }
    }

    private void wire() {
        long[] values = draw.words(1 << 16);
        for (int bytes : new int[] {1, 3, 4, 5, 7, 8}) {
            byte[] packed = WirePacking.packBytes(values, bytes);
            nanos("wire pack " + bytes, "ns/value", values.length, () -> WirePacking.packBytes(values, 0, values.length, bytes, packed, 0));
            nanos("wire unpack " + bytes, "ns/value", values.length, () -> WirePacking.unpackBytes(packed, 0, bytes, values, 0, values.length));
            nanos("wire unpackAdd " + bytes, "ns/value", values.length, () -> WirePacking.unpackAdd(packed, bytes, values));
        }
    }

    private void keystream() {
        var stream = new Keystream(draw.bytes(Keystream.KEY_BYTES));
        for (int n : new int[] {1, 8, 64, 512, 1 << 13, 1 << 20}) {
            long[] words = new long[n];
            nanos("keystream call of " + n + " words", "ns/call", 1, () -> stream.fill(new StreamId(1, 2, 3, 4), words));
        }
        long[] words = new long[1 << 20];
        for (int width : new int[] {1, 8, 20, 24, 40, 63, 64}) {
            nanos("keystream width " + width, "ns/value", words.length, () -> stream.fill(new StreamId(1, 2, 3, 4), words, width));
        }
        rate("keystream bulk", "GB/s", 8.0 * words.length, () -> stream.fill(new StreamId(1, 2, 3, 4), words));
    }

    /** Giga-units a second. */
    private void rate(String name, String unit, double work, Runnable action) {
        if (isChosen(name)) {
            double[] seconds = seconds(action);
            report(name, work / seconds[0] / 1e9, work / seconds[REPETITIONS / 2] / 1e9, unit);
        }
    }

    private void nanos(String name, String unit, double work, Runnable action) {
        if (isChosen(name)) {
            double[] seconds = seconds(action);
            report(name, seconds[0] * 1e9 / work, seconds[REPETITIONS / 2] * 1e9 / work, unit);
        }
    }

    private boolean isChosen(String name) {
        return chosen.isEmpty() || chosen.stream().anyMatch(name::startsWith);
    }

    private void report(String name, double best, double median, String unit) {
        out.println(String.format(Locale.ROOT, "%-40s best %9.3f  median %9.3f %s", name, best, median, unit));
    }

    /**
     * Processor seconds of one action, sorted over the repetitions; the first second warms up. Processor time rather than the
     * clock's, so that figures from a machine with other work remain comparable.
     */
    private static double[] seconds(Runnable action) {
        long calls = 0;
        long start = now();
        while (now() - start < 1_000_000_000L) {
            action.run();
            calls++;
        }
        long slice = Math.max(1, (long) (calls * SLICE_SECONDS));
        double[] seconds = new double[REPETITIONS];
        for (int r = 0; r < REPETITIONS; r++) {
            start = now();
            for (long i = 0; i < slice; i++) {
                action.run();
            }
            seconds[r] = (now() - start) / 1e9 / slice;
        }
        Arrays.sort(seconds);
        return seconds;
    }

    private static long now() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
