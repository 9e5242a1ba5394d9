package dev.sardonyx.secureops.ring;

/**
 * The innermost part of every product: a tile of a few rows by two vectors of columns, held in registers while the inner dimension
 * is walked. Operands come as panels: the left one as [depth][rows][words], the right one as [depth][columns].
 */
sealed interface TileKernel permits NativeTiles, SplitTiles {

    /** Rows of the largest tile. */
    int maxRows();

    /** Columns of every tile: two vectors. */
    default int columns() {
        return 2 * Lanes.COUNT;
    }

    /** Words that a left element takes in a panel. */
    int leftWords();

    /** The longest inner dimension walked at once, so that a panel of the right operand stays in the first-level cache. */
    int maxDepth();

    /** The height of the tile that holds {@code rows} rows, 1 ≤ rows ≤ {@link #maxRows()}: a power of two. */
    default int tileRows(int rows) {
        return rows == 1 ? 1 : Integer.highestOneBit(rows - 1) << 1;
    }

    /** Writes element {@code value} of the left operand into its panel, at a multiple of {@link #leftWords()}. */
    void putLeft(long[] panel, int at, long value);

    /** The element that {@link #putLeft} wrote there. */
    long getLeft(long[] panel, int at);

    /**
     * out[outAt + i·outStride + j] = Σ_p left[p][i] · right[p][j] for all rows i of the tile and all its columns j.
     *
     * @param rows the tile's height, a result of {@link #tileRows}
     */
    void multiply(int rows, int depth, long[] left, int leftAt, long[] right, int rightAt, long[] out, int outAt, int outStride);
}
