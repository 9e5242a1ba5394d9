package dev.sardonyx.secureops.execute;

import java.util.Arrays;

/**
 * A copy of a box of elements from one strided array to another: element (i_1, …, i_r) of the box is read at
 * {@code from.offset + Σ i_k·from.strides[k]} and written likewise. Transposition, slicing, broadcasting, padding and joining are all
 * of this form. Neighbouring axes that are walked alike on both sides are merged first, so that inner runs are long.
 */
final class StridedCopy {
    /** Extents of the blocks in which two axes with swapped strides are walked: 32×32 words of each side fit the first cache. */
    private static final int TILE = 32;
    private static final int SHORT_RUN = 8;

    /** Where one side of the copy lies. */
    record Side(int offset, int[] strides) {
    }

    private final int[] extents;
    private final Side from;
    private final Side to;
    private final boolean empty;

    StridedCopy(int[] extents, Side from, Side to) {
        int kept = 0;
        int[] sizes = new int[extents.length];
        int[] in = new int[extents.length];
        int[] out = new int[extents.length];
        boolean none = false;
        for (int axis = 0; axis < extents.length; axis++) {
            int extent = extents[axis];
            none |= extent == 0;
            if (extent == 1) {
                continue;
            }
            boolean merges = kept > 0 && in[kept - 1] == from.strides[axis] * extent && out[kept - 1] == to.strides[axis] * extent;
            if (merges) {
                kept--;
                sizes[kept] *= extent;
            } else {
                sizes[kept] = extent;
            }
            in[kept] = from.strides[axis];
            out[kept] = to.strides[axis];
            kept++;
        }
        this.extents = Arrays.copyOf(sizes, kept);
        this.from = new Side(from.offset, Arrays.copyOf(in, kept));
        this.to = new Side(to.offset, Arrays.copyOf(out, kept));
        this.empty = none;
    }

    /** Copies numbers. */
    void numbers(long[] source, long[] target) {
        if (empty) {
            return;
        }
        int rank = extents.length;
        if (rank == 0) {
            target[to.offset] = source[from.offset];
            return;
        }
        int swapped = swappedAxis();
        if (swapped >= 0) {
            tiled(source, target, swapped);
            return;
        }
        int length = extents[rank - 1];
        int inStep = from.strides[rank - 1];
        int outStep = to.strides[rank - 1];
        walk(rank - 1, -1, (inAt, outAt) -> run(source, inAt, inStep, target, outAt, outStep, length));
    }

    /** Copies packed bits into a target whose bits are zero. */
    void bits(long[] source, long[] target) {
        if (empty) {
            return;
        }
        int rank = extents.length;
        int length = rank == 0 ? 1 : extents[rank - 1];
        int inStep = rank == 0 ? 1 : from.strides[rank - 1];
        int outStep = rank == 0 ? 1 : to.strides[rank - 1];
        walk(Math.max(0, rank - 1), -1, (inAt, outAt) -> runOfBits(source, inAt, inStep, target, outAt, outStep, length));
    }

    private static void run(long[] source, int inAt, int inStep, long[] target, int outAt, int outStep, int length) {
        if (inStep == 1 && outStep == 1 && length > SHORT_RUN) {
            System.arraycopy(source, inAt, target, outAt, length);
        } else if (inStep == 0 && outStep == 1) {
            Arrays.fill(target, outAt, outAt + length, source[inAt]);
        } else {
            for (int i = 0; i < length; i++) {
                target[outAt + i * outStep] = source[inAt + i * inStep];
            }
        }
    }

    private static void runOfBits(long[] source, int inAt, int inStep, long[] target, int outAt, int outStep, int length) {
        if (inStep == 1 && outStep == 1) {
            PackedBits.copy(source, inAt, target, outAt, length);
        } else if (inStep == 0 && outStep == 1) {
            // The same work for either value of the bit: it may be half of a secret.
            long value = source[inAt >>> 6] >>> inAt & 1;
            fillBits(target, outAt, length, -value);
        } else {
            for (int i = 0; i < length; i++) {
                int read = inAt + i * inStep;
                int written = outAt + i * outStep;
                target[written >>> 6] |= (source[read >>> 6] >>> read & 1) << written;
            }
        }
    }

    private static void fillBits(long[] target, int outAt, int length, long pattern) {
        int done = 0;
        while (done < length) {
            int at = outAt + done;
            int count = Math.min(length - done, 64 - (at & 63));
            target[at >>> 6] |= (pattern & -1L >>> 64 - count) << at;
            done += count;
        }
    }

    /** The axis that is contiguous on the reading side where the last axis is contiguous on the writing side only; else -1. */
    private int swappedAxis() {
        int last = extents.length - 1;
        if (to.strides[last] != 1 || from.strides[last] == 1 || from.strides[last] == 0) {
            return -1;
        }
        for (int axis = last - 1; axis >= 0; axis--) {
            if (from.strides[axis] == 1) {
                return axis;
            }
        }
        return -1;
    }

    private void tiled(long[] source, long[] target, int swapped) {
        int last = extents.length - 1;
        int columns = extents[last];
        int rows = extents[swapped];
        int columnStep = from.strides[last];
        int rowStep = to.strides[swapped];
        walk(last, swapped, (inAt, outAt) -> {
            for (int row = 0; row < rows; row += TILE) {
                int rowEnd = Math.min(rows, row + TILE);
                for (int column = 0; column < columns; column += TILE) {
                    int columnEnd = Math.min(columns, column + TILE);
                    for (int i = row; i < rowEnd; i++) {
                        int written = outAt + i * rowStep;
                        int read = inAt + i;
                        for (int j = column; j < columnEnd; j++) {
                            target[written + j] = source[read + j * columnStep];
                        }
                    }
                }
            }
        });
    }

    @FunctionalInterface
    private interface Block {
        void at(int inAt, int outAt);
    }

    /** Visits every index of the axes before {@code inner}, except axis {@code skipped}, which the block walks itself. */
    private void walk(int inner, int skipped, Block block) {
        int[] index = new int[inner];
        int inAt = from.offset;
        int outAt = to.offset;
        while (true) {
            block.at(inAt, outAt);
            int axis = inner - 1;
            while (axis >= 0) {
                if (axis != skipped) {
                    inAt += from.strides[axis];
                    outAt += to.strides[axis];
                    if (++index[axis] < extents[axis]) {
                        break;
                    }
                    inAt -= index[axis] * from.strides[axis];
                    outAt -= index[axis] * to.strides[axis];
                    index[axis] = 0;
                }
                axis--;
            }
            if (axis < 0) {
                return;
            }
        }
    }
}
