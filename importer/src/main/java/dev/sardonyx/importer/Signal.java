package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Windows and Fourier transforms: products with public matrices of cosines and sines. */
final class Signal {
    static final List<Operator> TABLE = List.of(
            window("HannWindow", phase -> 0.5 - 0.5 * Math.cos(phase)),
            window("HammingWindow", phase -> 25.0 / 46 - 21.0 / 46 * Math.cos(phase)),
            window("BlackmanWindow", phase -> 0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase)),
            core("DFT").versions(17, 20).publicInputs(1, 2).gives(Signal::dft),
            core("STFT").versions(17).publicInputs(1, 3).gives(Signal::stft));

    private Signal() {
    }

    private static Operator window(String type, DoubleUnaryOperator form) {
        return core(type).versions(17).publicInputs(0).gives(node -> {
            int size = node.openInt(0);
            int period = node.flag("periodic", true) ? size : size - 1;
            double[] values = IntStream.range(0, size).mapToDouble(i -> form.applyAsDouble(2 * Math.PI * i / Math.max(1, period))).toArray();
            return node.ops().constant(node.elementType("output_datatype").orElse(ElementType.FLOAT32), Shape.of(size), values);
        });
    }

    /** Along one axis of x, whose last axis holds real numbers (extent 1) or real and imaginary parts (2). */
    private static ValueId dft(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int rank = ops.rank(x);
        int given = node.opset() >= 20 ? node.has(2) ? node.openInt(2) : -2 : node.integer("axis", 1);
        int axis = node.axis(given, rank);
        boolean inverse = node.flag("inverse", false);
        boolean oneSided = node.flag("onesided", false);
        int extent = ops.dim(x, axis);
        if (inverse && oneSided) {
            return realInverse(node, x, axis, node.has(1) ? node.openInt(1) : 2 * (extent - 1));
        }
        int length = node.has(1) ? node.openInt(1) : extent;
        ValueId sized = ops.pickAlong(x, axis, IntStream.range(0, length).map(i -> i < extent ? i : -1).toArray());
        // The transformed axis goes last but one, just before the parts.
        ValueId aligned = ops.moveAxis(sized, axis, rank - 2);
        return ops.moveAxis(transform(node, aligned, length, oneSided ? length / 2 + 1 : length, inverse), rank - 2, axis);
    }

    /** Real numbers from the first half of their spectrum: what is missing are the conjugates of what is there. */
    private static ValueId realInverse(NodeContext node, ValueId x, int axis, int length) {
        GraphOps ops = node.ops();
        int last = ops.rank(x) - 1;
        if (ops.dim(x, last) != 2 || length < 1) {
            throw node.invalid("a one-sided inverse of " + ops.shape(x) + " and length " + length + "; expected complex numbers and a length of 1 or more");
        }
        int bins = length / 2 + 1;
        int extent = ops.dim(x, axis);
        double[] cosines = new double[bins * length];
        double[] sines = new double[bins * length];
        for (int k = 0; k < bins; k++) {
            double weight = (k == 0 || 2 * k == length ? 1.0 : 2.0) / length;
            for (int i = 0; i < length; i++) {
                double angle = 2 * Math.PI * ((long) i * k % length) / length;
                cosines[k * length + i] = weight * Math.cos(angle);
                sines[k * length + i] = weight * Math.sin(angle);
            }
        }
        ElementType type = ops.type(x);
        ValueId aligned = ops.moveAxis(ops.pickAlong(x, axis, IntStream.range(0, bins).map(k -> k < extent ? k : -1).toArray()), axis, last - 1);
        ValueId real = ops.add(new Op.MatMul(), row(ops, aligned, last, 0), ops.constant(type, Shape.of(bins, length), cosines));
        ValueId imaginary = ops.add(new Op.MatMul(), row(ops, aligned, last, 1), ops.constant(type, Shape.of(bins, length), sines));
        return ops.moveAxis(ops.moveAxis(ops.sub(real, imaginary), last - 1, last), last - 1, axis);
    }

    /** Of [..., n, parts] to [..., bins, 2]. */
    private static ValueId transform(NodeContext node, ValueId x, int n, int bins, boolean inverse) {
        GraphOps ops = node.ops();
        int last = ops.rank(x) - 1;
        ElementType type = ops.type(x);
        double[] cosines = new double[n * bins];
        double[] sines = new double[n * bins];
        double scale = inverse ? 1.0 / n : 1;
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < bins; k++) {
                // Reduced first, so that long transforms lose no accuracy in the angle.
                double angle = 2 * Math.PI * ((long) i * k % n) / n;
                cosines[i * bins + k] = scale * Math.cos(angle);
                sines[i * bins + k] = scale * (inverse ? Math.sin(angle) : -Math.sin(angle));
            }
        }
        ValueId c = ops.constant(type, Shape.of(n, bins), cosines);
        ValueId s = ops.constant(type, Shape.of(n, bins), sines);
        ValueId real = row(ops, x, last, 0);
        ValueId re = ops.add(new Op.MatMul(), real, c);
        ValueId im = ops.add(new Op.MatMul(), real, s);
        if (ops.dim(x, last) == 2) {
            ValueId imaginary = row(ops, x, last, 1);
            re = ops.sub(re, ops.add(new Op.MatMul(), imaginary, s));
            im = ops.add(im, ops.add(new Op.MatMul(), imaginary, c));
        }
        return ops.moveAxis(ops.concat(last - 1, re, im), last - 1, last);
    }

    /** One part as a row [..., 1, n]. */
    private static ValueId row(GraphOps ops, ValueId x, int last, int part) {
        return ops.moveAxis(ops.slice(x, last, part, 1), last, last - 1);
    }

    private static ValueId stft(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = ops.rank(node.input(0)) == 2 ? ops.unsqueeze(node.input(0), 2) : node.input(0);
        int step = node.openInt(1);
        int length = node.has(3) ? node.openInt(3) : node.has(2) ? node.shape(2).dim(0) : 0;
        int signal = ops.dim(x, 1);
        if (step < 1 || length < 1 || length > signal) {
            throw node.invalid("frame_step=" + step + " and frame_length=" + length + " for a signal of " + signal
                    + "; expected a step of 1 or more and frames that fit");
        }
        int frames = (signal - length) / step + 1;
        int[] places = IntStream.range(0, frames * length).map(i -> i / length * step + i % length).toArray();
        ValueId framed = ops.reshape(ops.pickAlong(x, 1, places), ops.dim(x, 0), frames, length, ops.dim(x, 2));
        ValueId weighted = node.has(2) ? ops.mul(framed, ops.reshape(node.input(2), length, 1)) : framed;
        return transform(node, weighted, length, node.flag("onesided", true) ? length / 2 + 1 : length, false);
    }
}
