package dev.sardonyx.secureops.ring;

import java.util.Arrays;
import jdk.incubator.vector.LongVector;

/**
 * Matrix products in cache blocks around a {@link TileKernel} (the scheme of Goto and van de Geijn, "Anatomy of high-performance
 * matrix multiplication", ACM TOMS 2008). The right operand lies in panels [depth block][column panel][depth][columns], the last
 * panel padded with zeros; a block of the left operand is packed while it is used.
 */
final class VectorGemm {
    /** Words of a packed block of the left operand: a quarter megabyte, half of the smallest second-level cache we aim at. */
    private static final int LEFT_BLOCK_WORDS = 1 << 15;

    private final TileKernel tiles;

    VectorGemm(TileKernel tiles) {
        this.tiles = tiles;
    }

    /** The depth of the blocks that an inner dimension is cut into, as even as possible. */
    static int blockDepth(int k, int maxDepth) {
        int blocks = Math.max(1, (k + maxDepth - 1) / maxDepth);
        return Math.max(1, (k + blocks - 1) / blocks);
    }

    int panels(int n) {
        return (n + tiles.columns() - 1) / tiles.columns();
    }

    /** The words that the panels of a k×n right operand take. */
    int packedWords(int k, int n) {
        return Math.toIntExact((long) k * panels(n) * tiles.columns());
    }

    /** Packs b with element (p, j) at p·rowStride + j·columnStride. */
    void packRight(long[] b, int rowStride, int columnStride, int k, int n, long[] packed) {
        int columns = tiles.columns();
        int depth = blockDepth(k, tiles.maxDepth());
        int at = 0;
        for (int p0 = 0; p0 < k; p0 += depth) {
            int p1 = Math.min(k, p0 + depth);
            for (int j0 = 0; j0 < n; j0 += columns) {
                int present = Math.min(columns, n - j0);
                for (int p = p0; p < p1; p++) {
                    int from = p * rowStride + j0 * columnStride;
                    if (columnStride == 1) {
                        System.arraycopy(b, from, packed, at, present);
                    } else {
                        for (int j = 0; j < present; j++) {
                            packed[at + j] = b[from + j * columnStride];
                        }
                    }
                    for (int j = present; j < columns; j++) {
                        packed[at + j] = 0;
                    }
                    at += columns;
                }
            }
        }
    }

    /** The row-major k×n matrix that {@link #packRight} packed. */
    long[] unpackRight(long[] packed, int k, int n) {
        int columns = tiles.columns();
        int depth = blockDepth(k, tiles.maxDepth());
        long[] b = new long[k * n];
        int at = 0;
        for (int p0 = 0; p0 < k; p0 += depth) {
            int p1 = Math.min(k, p0 + depth);
            for (int j0 = 0; j0 < n; j0 += columns) {
                for (int p = p0; p < p1; p++, at += columns) {
                    System.arraycopy(packed, at, b, p * n + j0, Math.min(columns, n - j0));
                }
            }
        }
        return b;
    }

    /** Rows {@code from} to {@code to} of c = a · b, or c += a · b. */
    void multiply(long[] a, int from, int to, long[] packed, long[] c, int k, int n, boolean accumulate) {
        if (k == 0) {
            if (!accumulate) {
                Arrays.fill(c, from * n, to * n, 0);
            }
            return;
        }
        int depth = blockDepth(k, tiles.maxDepth());
        int rows = Math.max(tiles.maxRows(), LEFT_BLOCK_WORDS / (depth * tiles.leftWords()) / tiles.maxRows() * tiles.maxRows());
        Scratch scratch = Scratch.ofThread();
        long[] left = scratch.left(Math.min(rows, to - from + tiles.maxRows()) * depth * tiles.leftWords());
        for (int p0 = 0; p0 < k; p0 += depth) {
            int block = Math.min(depth, k - p0);
            boolean add = accumulate || p0 > 0;
            for (int i0 = from; i0 < to; i0 += rows) {
                int i1 = Math.min(to, i0 + rows);
                packLeft(a, i0, i1, k, p0, block, left);
                multiplyBlock(left, i0, i1, block, packed, p0 * panels(n) * tiles.columns(), new Target(c, n, add), scratch);
            }
        }
    }

    /** c = a · b, or c += a · b, for a b that is read in place: a row of b at a time. */
    void multiplyUnpacked(long[] a, int m, long[] b, long[] c, int k, int n, boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(c, 0, m * n, 0);
        }
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                VectorRows.addScaled(b, p * n, a[i * k + p], c, i * n, n);
            }
        }
    }

    /** Where results go: an array of rows of {@code columns} columns, overwritten or added to. */
    private record Target(long[] c, int columns, boolean add) {}

    private void multiplyBlock(long[] left, int i0, int i1, int depth, long[] packed, int packedAt, Target target, Scratch scratch) {
        int columns = tiles.columns();
        for (int j0 = 0, panelAt = packedAt; j0 < target.columns; j0 += columns, panelAt += depth * columns) {
            int width = Math.min(columns, target.columns - j0);
            for (int i = i0, leftAt = 0; i < i1; i += tiles.maxRows(), leftAt += tiles.maxRows() * depth * tiles.leftWords()) {
                int height = Math.min(tiles.maxRows(), i1 - i);
                int tileRows = tiles.tileRows(height);
                int at = i * target.columns + j0;
                if (!target.add && width == columns && height == tileRows) {
                    tiles.multiply(tileRows, depth, left, leftAt, packed, panelAt, target.c, at, target.columns);
                } else {
                    long[] tile = scratch.tile();
                    tiles.multiply(tileRows, depth, left, leftAt, packed, panelAt, tile, 0, columns);
                    merge(tile, columns, height, width, target.c, at, target.columns, target.add);
                }
            }
        }
    }

    /** Packs rows i0 to i1 and columns p0 to p0 + depth of a; rows missing in the last tile are zero. */
    private void packLeft(long[] a, int i0, int i1, int k, int p0, int depth, long[] left) {
        int at = 0;
        for (int i = i0; i < i1; i += tiles.maxRows()) {
            int height = Math.min(tiles.maxRows(), i1 - i);
            packTile(a, i * k + p0, k, 1, height, depth, left, at);
            at += tiles.maxRows() * depth * tiles.leftWords();
        }
    }

    /** One tile's worth of a left operand whose element (i, p) lies at {@code from + i·rowStride + p·columnStride}. */
    void packTile(long[] a, int from, int rowStride, int columnStride, int height, int depth, long[] left, int leftAt) {
        int tileRows = tiles.tileRows(height);
        int words = tiles.leftWords();
        for (int i = 0; i < tileRows; i++) {
            int at = leftAt + i * words;
            if (i < height) {
                int source = from + i * rowStride;
                for (int p = 0; p < depth; p++) {
                    tiles.putLeft(left, at + p * tileRows * words, a[source + p * columnStride]);
                }
            } else {
                for (int p = 0; p < depth; p++) {
                    tiles.putLeft(left, at + p * tileRows * words, 0);
                }
            }
        }
    }

    /** The inverse of {@link #packTile} for a row-major matrix with {@code rowStride} elements a row. */
    void unpackTile(long[] left, int leftAt, int height, int depth, long[] a, int to, int rowStride) {
        int step = tiles.tileRows(height) * tiles.leftWords();
        for (int i = 0; i < height; i++) {
            for (int p = 0; p < depth; p++) {
                a[to + i * rowStride + p] = tiles.getLeft(left, leftAt + p * step + i * tiles.leftWords());
            }
        }
    }

    /** Moves a tile of {@code height} × {@code width} of its {@code columns} to its place, or adds it there. */
    static void merge(long[] tile, int columns, int height, int width, long[] out, int outAt, int outStride, boolean add) {
        for (int i = 0; i < height; i++) {
            int from = i * columns;
            int to = outAt + i * outStride;
            int vectors = width / Lanes.COUNT * Lanes.COUNT;
            if (add) {
                for (int j = 0; j < vectors; j += Lanes.COUNT) {
                    LongVector part = LongVector.fromArray(Lanes.LONGS, tile, from + j);
                    part.add(LongVector.fromArray(Lanes.LONGS, out, to + j)).intoArray(out, to + j);
                }
            } else {
                for (int j = 0; j < vectors; j += Lanes.COUNT) {
                    LongVector.fromArray(Lanes.LONGS, tile, from + j).intoArray(out, to + j);
                }
            }
            for (int j = vectors; j < width; j++) {
                out[to + j] = add ? out[to + j] + tile[from + j] : tile[from + j];
            }
        }
    }
}
