package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.protocol.Bilinear;
import dev.sardonyx.secureops.ring.ConvShape;
import dev.sardonyx.secureops.ring.PackedFilter;
import dev.sardonyx.secureops.ring.PackedMatrix;
import dev.sardonyx.secureops.ring.RingKernels;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The bilinear maps of the plan's products over the ring kernels. */
sealed interface Form extends Bilinear {
    /** Names the layout of a prepared right operand: operands prepared in layouts of equal names may serve for each other. */
    String layout();

    private static IllegalStateException foreign(Form form, Bilinear.Prepared right) {
        return new IllegalStateException(form.layout() + " got an operand prepared as " + right.getClass().getSimpleName());
    }

    private static void requireOutput(Bilinear form, long[] out) {
        if (out.length != form.outputSize()) {
            throw new IllegalArgumentException("product has room for " + out.length + " elements; expected " + form.outputSize());
        }
    }

    /** Element-wise with broadcasting. */
    final class ElementWise implements Form {
        private record Plain(long[] values) implements Prepared {
            @Override
            public long[] restored() {
                return values.clone();
            }
        }

        private final Broadcast broadcast;

        ElementWise(Shape left, Shape right) {
            this.broadcast = new Broadcast(left, right);
        }

        @Override
        public String layout() {
            return "plain";
        }

        @Override
        public int outputSize() {
            return broadcast.output().size();
        }

        @Override
        public Prepared prepare(long[] right) {
            return new Plain(right);
        }

        @Override
        public void apply(long[] left, Prepared right, long[] out, boolean accumulate) {
            requireOutput(this, out);
            if (!(right instanceof Plain plain)) {
                throw foreign(this, right);
            }
            var operation = accumulate ? Broadcast.Operation.MULTIPLY_ADD : Broadcast.Operation.MULTIPLY;
            broadcast.apply(operation, left, plain.values(), out);
        }
    }

    /** [batch…, m, k] times [batch…, k, n]; a right operand without batch axes makes one product of all rows of the left. */
    final class MatMul implements Form {
        private record Matrices(PackedMatrix[] packed) implements Prepared {
            @Override
            public long[] restored() {
                if (packed.length == 1) {
                    return KERNELS.unpack(packed[0]);
                }
                int size = packed[0].k() * packed[0].n();
                long[] all = new long[packed.length * size];
                for (int i = 0; i < packed.length; i++) {
                    System.arraycopy(KERNELS.unpack(packed[i]), 0, all, i * size, size);
                }
                return all;
            }
        }

        private static final RingKernels KERNELS = RingKernels.best();

        private final int m;
        private final int k;
        private final int n;
        private final int rightCount;
        private final int[] leftOf;
        private final int[] rightOf;

        MatMul(Shape left, Shape right) {
            Shape leftBatch = new Shape(left.dims().subList(0, left.rank() - 2));
            Shape rightBatch = new Shape(right.dims().subList(0, right.rank() - 2));
            this.k = left.dim(-1);
            this.n = right.dim(-1);
            this.rightCount = rightBatch.size();
            if (rightCount == 1) {
                this.m = leftBatch.size() * left.dim(-2);
                this.leftOf = new int[] {0};
                this.rightOf = new int[] {0};
            } else {
                this.m = left.dim(-2);
                Shape batch = Shape.broadcast(leftBatch, rightBatch);
                this.leftOf = sources(leftBatch, batch);
                this.rightOf = sources(rightBatch, batch);
            }
        }

        /** For each matrix of the result the operand's matrix that it comes from. */
        private static int[] sources(Shape operand, Shape batch) {
            long[] numbers = IntStream.range(0, operand.size()).asLongStream().toArray();
            long[] spread = Rearrangement.broadcast(operand, batch).numbers(List.of(numbers));
            return Arrays.stream(spread).mapToInt(Math::toIntExact).toArray();
        }

        @Override
        public String layout() {
            return rightCount + " matrices " + k + "×" + n;
        }

        @Override
        public int outputSize() {
            return leftOf.length * m * n;
        }

        @Override
        public Prepared prepare(long[] right) {
            var packed = new PackedMatrix[rightCount];
            for (int i = 0; i < rightCount; i++) {
                packed[i] = KERNELS.pack(part(right, i, k * n, rightCount), k, n);
            }
            return new Matrices(packed);
        }

        private static long[] part(long[] all, int index, int length, int count) {
            return count == 1 ? all : Arrays.copyOfRange(all, index * length, (index + 1) * length);
        }

        @Override
        public void apply(long[] left, Prepared right, long[] out, boolean accumulate) {
            requireOutput(this, out);
            if (!(right instanceof Matrices(var packed))) {
                throw foreign(this, right);
            }
            if (leftOf.length == 1) {
                KERNELS.gemm(left, m, k, packed[0], out, n, accumulate);
                return;
            }
            long[] product = new long[m * n];
            for (int i = 0; i < leftOf.length; i++) {
                long[] rows = Arrays.copyOfRange(left, leftOf[i] * m * k, (leftOf[i] + 1) * m * k);
                KERNELS.gemm(rows, m, k, packed[rightOf[i]], product, n, false);
                if (accumulate) {
                    KERNELS.add(out, i * m * n, product, 0, out, i * m * n, m * n);
                } else {
                    System.arraycopy(product, 0, out, i * m * n, m * n);
                }
            }
        }
    }

    /** x [N, C, spatial…] with w [M, C/groups, kernel…]. */
    final class Convolution implements Form {
        private record Filter(PackedFilter packed, ConvShape shape) implements Prepared {
            @Override
            public long[] restored() {
                return KERNELS.unpackFilter(packed, shape);
            }
        }

        private static final RingKernels KERNELS = RingKernels.best();

        private final ConvShape shape;

        Convolution(Instruction.Convolve convolve, Shape x, Shape w) {
            this.shape = new ConvShape(x.dim(0), x.dim(1), x.dims().subList(2, x.rank()), w.dim(0), convolve.window(), convolve.groups());
        }

        @Override
        public String layout() {
            return "filter of " + shape.outChannels() + " channels in " + shape.groups() + " groups, kernel " + shape.window().kernel();
        }

        @Override
        public int outputSize() {
            return shape.outputLength();
        }

        @Override
        public Prepared prepare(long[] right) {
            return new Filter(KERNELS.packFilter(right, shape), shape);
        }

        @Override
        public void apply(long[] left, Prepared right, long[] out, boolean accumulate) {
            requireOutput(this, out);
            if (!(right instanceof Filter(var packed, var _))) {
                throw foreign(this, right);
            }
            KERNELS.conv(left, packed, shape, out, accumulate);
        }
    }
}
