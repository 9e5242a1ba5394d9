package dev.sardonyx.secureops.protocol;

/** Bilinear maps in their plainest form. */
final class Forms {
    private record Plain(long[] values) implements Bilinear.Prepared {
        @Override
        public long[] restored() {
            return values.clone();
        }
    }

    private Forms() {
    }

    private static long[] plain(Bilinear.Prepared right) {
        if (right instanceof Plain(long[] values)) {
            return values;
        }
        throw new IllegalArgumentException("not prepared by these forms");
    }

    /** Products of elements. */
    static Bilinear elements(int size) {
        return new Bilinear() {
            @Override
            public int outputSize() {
                return size;
            }

            @Override
            public Prepared prepare(long[] right) {
                return new Plain(right.clone());
            }

            @Override
            public void apply(long[] left, Prepared right, long[] out, boolean accumulate) {
                long[] factors = plain(right);
                for (int i = 0; i < size; i++) {
                    out[i] = (accumulate ? out[i] : 0) + left[i] * factors[i];
                }
            }
        };
    }

    /** The product of an m×k and a k×n matrix. */
    static Bilinear matrices(int m, int k, int n) {
        return new Bilinear() {
            @Override
            public int outputSize() {
                return m * n;
            }

            @Override
            public Prepared prepare(long[] right) {
                return new Plain(right.clone());
            }

            @Override
            public void apply(long[] left, Prepared right, long[] out, boolean accumulate) {
                long[] matrix = plain(right);
                for (int row = 0; row < m; row++) {
                    for (int column = 0; column < n; column++) {
                        long sum = accumulate ? out[row * n + column] : 0;
                        for (int i = 0; i < k; i++) {
                            sum += left[row * k + i] * matrix[i * n + column];
                        }
                        out[row * n + column] = sum;
                    }
                }
            }
        };
    }
}
