package dev.sardonyx.graph;

/**
 * Sums of products of two row-major arrays, in doubles for floating types and in longs (wrapping) for integers, so that products of
 * matrices and convolutions are written once for both. Not a copy: the operands' arrays are read where they lie.
 */
abstract sealed class Sums {

    /** Sums for operands of one type, into {@code size} zeros. */
    static Sums of(Tensor left, Tensor right, int size) {
        return left.type().isFloating() ? new OfDoubles(left.doubles(), right.doubles(), new double[size])
                : new OfLongs(left.longs(), right.longs(), new long[size]);
    }

    /** These sums with other right-hand elements: {@code size} places to be filled by {@link #gather}. */
    abstract Sums gathering(int size);

    /** Copies right-hand elements into {@code target}: place {@code at + i} gets element {@code base + table[from + i]}, or zero. */
    abstract void gather(Sums target, int at, int base, int[] table, int from, int count);

    /** Adds the product of an m×k and a k×n block to an m×n block of the sums. */
    abstract void multiply(Block left, Block right, Block sums, int inner);

    abstract Tensor toTensor(ElementType type, Shape shape);

    /**
     * Rows of an array.
     *
     * @param offset the first row's first element
     * @param stride distance between the rows' first elements
     * @param extent the number of rows of a left-hand block; the number of columns of a right-hand one and of the sums
     */
    record Block(int offset, int stride, int extent) {
    }

    private static final class OfDoubles extends Sums {
        private final double[] left;
        private final double[] right;
        private final double[] sums;

        OfDoubles(double[] left, double[] right, double[] sums) {
            this.left = left;
            this.right = right;
            this.sums = sums;
        }

        @Override
        Sums gathering(int size) {
            return new OfDoubles(left, new double[size], sums);
        }

        @Override
        void gather(Sums target, int at, int base, int[] table, int from, int count) {
            double[] places = ((OfDoubles) target).right;
            for (int i = 0; i < count; i++) {
                int index = table[from + i];
                places[at + i] = index < 0 ? 0 : right[base + index];
            }
        }

        @Override
        void multiply(Block a, Block b, Block c, int inner) {
            int n = b.extent();
            for (int row = 0; row < a.extent(); row++) {
                int to = c.offset() + row * c.stride();
                int from = a.offset() + row * a.stride();
                int k = 0;
                // Four rows at a time: each sum is loaded and stored once for four products.
                for (; k + 3 < inner; k += 4) {
                    addFour(from + k, b.offset() + k * b.stride(), b.stride(), to, n);
                }
                for (; k < inner; k++) {
                    double factor = left[from + k];
                    int other = b.offset() + k * b.stride();
                    for (int j = 0; j < n; j++) {
                        sums[to + j] += factor * right[other + j];
                    }
                }
            }
        }

        private void addFour(int from, int other, int stride, int to, int n) {
            double f0 = left[from];
            double f1 = left[from + 1];
            double f2 = left[from + 2];
            double f3 = left[from + 3];
            int other1 = other + stride;
            int other2 = other1 + stride;
            int other3 = other2 + stride;
            for (int j = 0; j < n; j++) {
                sums[to + j] += f0 * right[other + j] + f1 * right[other1 + j] + (f2 * right[other2 + j] + f3 * right[other3 + j]);
            }
        }

        @Override
        Tensor toTensor(ElementType type, Shape shape) {
            return Tensor.ofDoubles(type, shape, sums);
        }
    }

    private static final class OfLongs extends Sums {
        private final long[] left;
        private final long[] right;
        private final long[] sums;

        OfLongs(long[] left, long[] right, long[] sums) {
            this.left = left;
            this.right = right;
            this.sums = sums;
        }

        @Override
        Sums gathering(int size) {
            return new OfLongs(left, new long[size], sums);
        }

        @Override
        void gather(Sums target, int at, int base, int[] table, int from, int count) {
            long[] places = ((OfLongs) target).right;
            for (int i = 0; i < count; i++) {
                int index = table[from + i];
                places[at + i] = index < 0 ? 0 : right[base + index];
            }
        }

        @Override
        void multiply(Block a, Block b, Block c, int inner) {
            for (int row = 0; row < a.extent(); row++) {
                int to = c.offset() + row * c.stride();
                for (int k = 0; k < inner; k++) {
                    long factor = left[a.offset() + row * a.stride() + k];
                    int other = b.offset() + k * b.stride();
                    for (int j = 0; j < b.extent(); j++) {
                        sums[to + j] += factor * right[other + j];
                    }
                }
            }
        }

        @Override
        Tensor toTensor(ElementType type, Shape shape) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] = type.wrap(sums[i]);
            }
            return Tensor.ofLongs(type, shape, sums);
        }
    }
}
