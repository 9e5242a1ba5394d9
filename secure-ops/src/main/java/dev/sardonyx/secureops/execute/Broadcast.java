package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.ring.RingKernels;
import java.util.Arrays;

/**
 * Element-wise ring operations on two tensors that broadcast to one shape. Axes that both operands walk alike are merged, so that the
 * inner loop runs over whole tensors, rows or channels.
 */
final class Broadcast {
    /** What is done with each pair of elements. */
    enum Operation {
        ADD, SUBTRACT, MULTIPLY, /** out += a · b. */ MULTIPLY_ADD
    }

    private static final RingKernels KERNELS = RingKernels.best();

    private final Shape output;
    private final int[] extents;
    private final int[] leftStrides;
    private final int[] rightStrides;

    Broadcast(Shape left, Shape right) {
        this.output = Shape.broadcast(left, right);
        int rank = output.rank();
        int[] a = strides(left, rank);
        int[] b = strides(right, rank);
        int[] sizes = new int[rank];
        int kept = 0;
        for (int axis = 0; axis < rank; axis++) {
            int extent = output.dim(axis);
            if (extent == 1) {
                continue;
            }
            if (kept > 0 && a[kept - 1] == a[axis] * extent && b[kept - 1] == b[axis] * extent) {
                kept--;
                sizes[kept] *= extent;
            } else {
                sizes[kept] = extent;
            }
            a[kept] = a[axis];
            b[kept] = b[axis];
            kept++;
        }
        this.extents = Arrays.copyOf(sizes, kept);
        this.leftStrides = Arrays.copyOf(a, kept);
        this.rightStrides = Arrays.copyOf(b, kept);
    }

    private static int[] strides(Shape shape, int rank) {
        int[] own = shape.strides();
        int[] strides = new int[rank];
        int missing = rank - shape.rank();
        for (int axis = missing; axis < rank; axis++) {
            strides[axis] = shape.dim(axis - missing) == 1 ? 0 : own[axis - missing];
        }
        return strides;
    }

    Shape output() {
        return output;
    }

    /** A new array of the operation's results. */
    long[] apply(Operation operation, long[] left, long[] right) {
        long[] out = new long[output.size()];
        apply(operation, left, right, out);
        return out;
    }

    /** Writes (or adds, for {@link Operation#MULTIPLY_ADD}) the results to {@code out}. */
    void apply(Operation operation, long[] left, long[] right, long[] out) {
        if (out.length == 0) {
            return;
        }
        int inner = extents.length - 1;
        if (inner < 0) {
            run(operation, new Run(left, 0, 1), new Run(right, 0, 1), out, 0, 1);
            return;
        }
        int length = extents[inner];
        int[] index = new int[inner];
        int leftAt = 0;
        int rightAt = 0;
        for (int outAt = 0; outAt < out.length; outAt += length) {
            run(operation, new Run(left, leftAt, leftStrides[inner]), new Run(right, rightAt, rightStrides[inner]), out, outAt, length);
            for (int axis = inner - 1; axis >= 0; axis--) {
                leftAt += leftStrides[axis];
                rightAt += rightStrides[axis];
                if (++index[axis] < extents[axis]) {
                    break;
                }
                leftAt -= index[axis] * leftStrides[axis];
                rightAt -= index[axis] * rightStrides[axis];
                index[axis] = 0;
            }
        }
    }

    /** Elements of one operand from {@code at} on, {@code step} (0 or 1) apart. */
    private record Run(long[] values, int at, int step) {
        long only() {
            return values[at];
        }
    }

    private static void run(Operation operation, Run a, Run b, long[] out, int outAt, int length) {
        if (a.step == 1 && b.step == 1) {
            switch (operation) {
                case ADD -> KERNELS.add(a.values, a.at, b.values, b.at, out, outAt, length);
                case SUBTRACT -> KERNELS.sub(a.values, a.at, b.values, b.at, out, outAt, length);
                case MULTIPLY -> KERNELS.mul(a.values, a.at, b.values, b.at, out, outAt, length);
                case MULTIPLY_ADD -> KERNELS.mulAdd(a.values, a.at, b.values, b.at, out, outAt, length);
            }
        } else if (a.step == 1) {
            switch (operation) {
                case ADD -> plus(a, b.only(), out, outAt, length);
                case SUBTRACT -> plus(a, -b.only(), out, outAt, length);
                case MULTIPLY -> times(a, b.only(), out, outAt, length);
                case MULTIPLY_ADD -> plusTimes(a, b.only(), out, outAt, length);
            }
        } else if (b.step == 1) {
            switch (operation) {
                case ADD -> plus(b, a.only(), out, outAt, length);
                case SUBTRACT -> minus(a.only(), b, out, outAt, length);
                case MULTIPLY -> times(b, a.only(), out, outAt, length);
                case MULTIPLY_ADD -> plusTimes(b, a.only(), out, outAt, length);
            }
        } else {
            throw new IllegalStateException("an axis that neither operand has");
        }
    }

    private static void plus(Run a, long constant, long[] out, int outAt, int length) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = a.values[a.at + i] + constant;
        }
    }

    private static void minus(long constant, Run b, long[] out, int outAt, int length) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = constant - b.values[b.at + i];
        }
    }

    private static void times(Run a, long constant, long[] out, int outAt, int length) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = a.values[a.at + i] * constant;
        }
    }

    private static void plusTimes(Run a, long constant, long[] out, int outAt, int length) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] += a.values[a.at + i] * constant;
        }
    }
}
