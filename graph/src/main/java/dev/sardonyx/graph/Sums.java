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
        /** Columns, inner rows and outer rows at a time: the rows at hand fill a part of a second-level cache, the sums are in the first. */
        private static final int WIDTH = 256;
        private static final int DEPTH = 128;
        private static final int HEIGHT = 4;

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
            int width = Math.min(WIDTH, b.extent());
            double[][] rows = new double[Math.min(DEPTH, inner)][width];
            double[][] totals = new double[HEIGHT][width];
            for (int column = 0; column < b.extent(); column += width) {
                int count = Math.min(width, b.extent() - column);
                for (int first = 0; first < inner; first += DEPTH) {
                    int depth = Math.min(DEPTH, inner - first);
                    for (int k = 0; k < depth; k++) {
                        System.arraycopy(right, b.offset() + (first + k) * b.stride() + column, rows[k], 0, count);
                    }
                    for (int row = 0; row < a.extent(); row += HEIGHT) {
                        int height = Math.min(HEIGHT, a.extent() - row);
                        int from = a.offset() + row * a.stride() + first;
                        int to = c.offset() + row * c.stride() + column;
                        move(sums, to, c.stride(), totals, height, count, false);
                        if (height == HEIGHT) {
                            addFourRows(from, a.stride(), rows, depth, totals, count);
                        } else {
                            for (int i = 0; i < height; i++) {
                                addRow(from + i * a.stride(), rows, depth, 0, totals[i], count);
                            }
                        }
                        move(sums, to, c.stride(), totals, height, count, true);
                    }
                }
            }
        }

        private static void move(double[] sums, int at, int stride, double[][] totals, int height, int count, boolean back) {
            for (int i = 0; i < height; i++) {
                if (back) {
                    System.arraycopy(totals[i], 0, sums, at + i * stride, count);
                } else {
                    System.arraycopy(sums, at + i * stride, totals[i], 0, count);
                }
            }
        }

        private void addFourRows(int from, int stride, double[][] rows, int depth, double[][] totals, int count) {
            double[] t0 = totals[0];
            double[] t1 = totals[1];
            double[] t2 = totals[2];
            double[] t3 = totals[3];
            int k = 0;
            for (; k + 3 < depth; k += 4) {
                double[] r0 = rows[k];
                double[] r1 = rows[k + 1];
                double[] r2 = rows[k + 2];
                double[] r3 = rows[k + 3];
                addFour(from + k, r0, r1, r2, r3, t0, count);
                addFour(from + k + stride, r0, r1, r2, r3, t1, count);
                addFour(from + k + 2 * stride, r0, r1, r2, r3, t2, count);
                addFour(from + k + 3 * stride, r0, r1, r2, r3, t3, count);
            }
            for (int i = 0; i < HEIGHT; i++) {
                addRow(from + i * stride, rows, depth, k, totals[i], count);
            }
        }

        private void addRow(int from, double[][] rows, int depth, int start, double[] total, int count) {
            int k = start;
            for (; k + 3 < depth; k += 4) {
                addFour(from + k, rows[k], rows[k + 1], rows[k + 2], rows[k + 3], total, count);
            }
            for (; k < depth; k++) {
                double factor = left[from + k];
                double[] row = rows[k];
                for (int j = 0; j < count; j++) {
                    total[j] += factor * row[j];
                }
            }
        }

        /** Four products for each load and store of a sum. Arrays are walked from their first element: else C2 must fear that they overlap. */
        private void addFour(int from, double[] r0, double[] r1, double[] r2, double[] r3, double[] total, int count) {
            double f0 = left[from];
            double f1 = left[from + 1];
            double f2 = left[from + 2];
            double f3 = left[from + 3];
            for (int j = 0; j < count; j++) {
                total[j] += f0 * r0[j] + f1 * r1[j] + (f2 * r2[j] + f3 * r3[j]);
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
