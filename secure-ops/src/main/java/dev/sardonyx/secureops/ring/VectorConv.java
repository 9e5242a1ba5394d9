package dev.sardonyx.secureops.ring;

import jdk.incubator.vector.LongVector;

/**
 * Convolution as an implicit matrix product: the filter is the left operand (a row an output channel), the elements that the taps
 * meet are the right one (a column an output position of a group of images). Its panels are gathered for a block of columns and
 * taps at a time, so memory does not grow with the image; results go straight to their place in [batch, channels, spatial…].
 */
final class VectorConv {
    /** Words of gathered panels held at once: a quarter megabyte, half of the smallest second-level cache we aim at. */
    private static final int PANEL_WORDS = 1 << 15;
    /** Words of padded image held at once, unless a single channel needs more. */
    static final int MAX_PADDED_WORDS = 1 << 20;
    /** Below this many output channels a group is computed tap by tap, without gathering: each gathered element would be used
     * too seldom. */
    private static final int FEWEST_ROWS = 3;

    private final TileKernel tiles;
    private final VectorGemm gemm;
    private final String layout;

    VectorConv(TileKernel tiles, VectorGemm gemm, String layout) {
        this.tiles = tiles;
        this.gemm = gemm;
        this.layout = layout;
    }

    private static boolean direct(ConvShape shape) {
        return shape.outChannels() / shape.groups() < FEWEST_ROWS;
    }

    /** Taps walked at once: whole channels where they fit. */
    private int blockDepth(ConvShape shape) {
        int taps = shape.tapsPerOutput();
        int window = taps / (shape.inChannels() / shape.groups());
        int depth = VectorGemm.blockDepth(taps, tiles.maxDepth());
        return window > tiles.maxDepth() ? depth : Math.min(taps, (depth + window - 1) / window * window);
    }

    /** Filter panels: [group][tap block][row tile][taps][rows][words]. */
    PackedFilter pack(long[] w, ConvShape shape) {
        if (direct(shape)) {
            return new PackedFilter(layout, shape, w.clone());
        }
        int taps = shape.tapsPerOutput();
        int rows = shape.outChannels() / shape.groups();
        int depth = blockDepth(shape);
        long[] packed = new long[Math.toIntExact((long) shape.groups() * taps * tileRowsOf(rows) * tiles.leftWords())];
        int at = 0;
        for (int group = 0; group < shape.groups(); group++) {
            for (int p0 = 0; p0 < taps; p0 += depth) {
                int block = Math.min(depth, taps - p0);
                for (int i = 0; i < rows; i += tiles.maxRows()) {
                    int height = Math.min(tiles.maxRows(), rows - i);
                    gemm.packTile(w, (group * rows + i) * taps + p0, taps, 1, height, block, packed, at);
                    at += tiles.tileRows(height) * block * tiles.leftWords();
                }
            }
        }
        return new PackedFilter(layout, shape, packed);
    }

    /** The filter that {@link #pack} packed. */
    long[] unpack(long[] packed, ConvShape shape) {
        if (direct(shape)) {
            return packed.clone();
        }
        int taps = shape.tapsPerOutput();
        int rows = shape.outChannels() / shape.groups();
        int depth = blockDepth(shape);
        long[] w = new long[shape.filterLength()];
        int at = 0;
        for (int group = 0; group < shape.groups(); group++) {
            for (int p0 = 0; p0 < taps; p0 += depth) {
                int block = Math.min(depth, taps - p0);
                for (int i = 0; i < rows; i += tiles.maxRows()) {
                    int height = Math.min(tiles.maxRows(), rows - i);
                    gemm.unpackTile(packed, at, height, block, w, (group * rows + i) * taps + p0, taps);
                    at += tiles.tileRows(height) * block * tiles.leftWords();
                }
            }
        }
        return w;
    }

    /** Rows of a group with the padding of its last tile. */
    private int tileRowsOf(int rows) {
        int rest = rows % tiles.maxRows();
        return rows - rest + (rest == 0 ? 0 : tiles.tileRows(rest));
    }

    void convolve(long[] x, PackedFilter filter, ConvShape shape, long[] out, boolean accumulate) {
        long[] w = filter.data(layout, shape);
        if (direct(shape)) {
            new DirectConv(shape).convolve(x, w, out, accumulate);
        } else if (shape.batch() > 0) {
            new Run(new ConvGeometry(shape), x, w, out, accumulate).all();
        }
    }

    /** One call. */
    private final class Run {
        /** Runs so short that elements are better copied one by one. */
        private static final int TOO_MANY = -1;

        private final ConvGeometry geometry;
        private final ConvShape shape;
        private final long[] x;
        private final long[] w;
        private final long[] out;
        private final boolean accumulate;
        private final Scratch scratch = Scratch.ofThread();
        private final int columns = tiles.columns();
        private final int channels;
        private final int rows;
        private final int taps;
        private final int depth;
        private final int blockColumns;
        /** For each column of the block at hand, padding columns included: where its window and its result begin. */
        private final int[] sources;
        private final int[] targets;
        /** For the panel at hand: where, counted from its first column, runs of columns end whose sources are neighbours. */
        private final int[] ends;
        /** For each tap of the block at hand: its distance from the window's first element. */
        private final int[] offsets;

        Run(ConvGeometry geometry, long[] x, long[] w, long[] out, boolean accumulate) {
            this.geometry = geometry;
            this.shape = geometry.shape;
            this.x = x;
            this.w = w;
            this.out = out;
            this.accumulate = accumulate;
            channels = shape.inChannels() / shape.groups();
            rows = shape.outChannels() / shape.groups();
            taps = shape.tapsPerOutput();
            depth = blockDepth(shape);
            blockColumns = Math.max(columns, PANEL_WORDS / depth / columns * columns);
            sources = new int[blockColumns];
            targets = new int[blockColumns];
            offsets = new int[depth];
            ends = new int[columns];
        }

        void all() {
            int together = Math.clamp(blockColumns / geometry.outPlane, 1, shape.batch());
            for (int group = 0; group < shape.groups(); group++) {
                for (int image = 0; image < shape.batch(); image += together) {
                    images(group, image, Math.min(together, shape.batch() - image));
                }
            }
        }

        private void images(int group, int image, int count) {
            int filterAt = group * taps * tileRowsOf(rows) * tiles.leftWords();
            for (int p0 = 0; p0 < taps; p0 += depth) {
                int block = Math.min(depth, taps - p0);
                int firstChannel = p0 / geometry.window;
                int endChannel = (p0 + block - 1) / geometry.window + 1;
                if (!geometry.padded) {
                    int groupAt = (image * shape.inChannels() + group * channels + firstChannel) * geometry.plane;
                    var source = new Source(x, groupAt, shape.inChannels() * geometry.plane, firstChannel);
                    tapBlock(source, image, count, group, p0, block, filterAt + p0 * tileRowsOf(rows) * tiles.leftWords());
                } else {
                    paddedTapBlock(image, count, group, p0, block, firstChannel, endChannel, filterAt);
                }
            }
        }

        private void paddedTapBlock(int image, int count, int group, int p0, int block, int firstChannel, int endChannel,
                int filterAt) {
            int held = (endChannel - firstChannel) * geometry.plane;
            int imagesAtOnce = Math.clamp(MAX_PADDED_WORDS / held, 1, count);
            for (int i = 0; i < count; i += imagesAtOnce) {
                int now = Math.min(imagesAtOnce, count - i);
                long[] padded = scratch.padded(now * held + Lanes.COUNT);
                for (int j = 0; j < now; j++) {
                    int imageAt = ((image + i + j) * shape.inChannels() + group * channels) * shape.inPlane();
                    geometry.pad(x, imageAt, firstChannel, endChannel, padded, j * held);
                }
                var source = new Source(padded, 0, held, firstChannel);
                tapBlock(source, image + i, now, group, p0, block, filterAt + p0 * tileRowsOf(rows) * tiles.leftWords());
            }
        }

        /** Where the images of a tap block lie: the first one's first channel, and the distance from image to image. */
        private record Source(long[] words, int at, int imageStride, int firstChannel) {}

        private void tapBlock(Source source, int image, int count, int group, int p0, int block, int filterAt) {
            for (int p = 0; p < block; p++) {
                offsets[p] = geometry.tapOffset(p0 + p, source.firstChannel);
            }
            int all = count * geometry.outPlane;
            for (int c0 = 0; c0 < all; c0 += blockColumns) {
                int present = Math.min(blockColumns, all - c0);
                for (int c = 0; c < present; c++) {
                    int of = (c0 + c) / geometry.outPlane;
                    int position = (c0 + c) % geometry.outPlane;
                    sources[c] = source.at + of * source.imageStride + geometry.position(position);
                    targets[c] = ((image + of) * shape.outChannels() + group * rows) * geometry.outPlane + position;
                }
                long[] panels = gather(source.words, present, block);
                multiply(panels, present, block, filterAt, accumulate || p0 > 0);
            }
        }

        /** Panels [panel][tap][columns] of the elements met; columns past {@code present} hold anything. */
        private long[] gather(long[] words, int present, int block) {
            int panelCount = (present + columns - 1) / columns;
            long[] panels = scratch.right(panelCount * block * columns + Lanes.COUNT);
            for (int panel = 0, at = 0; panel < panelCount; panel++, at += block * columns) {
                int first = panel * columns;
                int width = Math.min(columns, present - first);
                int runs = runs(first, width);
                for (int p = 0; p < block; p++) {
                    if (runs == TOO_MANY) {
                        copySingly(words, offsets[p], first, width, panels, at + p * columns);
                    } else {
                        copyRuns(words, offsets[p], first, runs, panels, at + p * columns);
                    }
                }
            }
            return panels;
        }

        /** How many runs of columns have neighbours as sources, or {@link #TOO_MANY}; {@link #ends} then tells where they end. */
        private int runs(int first, int width) {
            // Sources only grow, so this one comparison tells of all.
            if (sources[first + width - 1] == sources[first] + width - 1) {
                ends[0] = width;
                return 1;
            }
            int count = 0;
            for (int c = 1; c < width; c++) {
                if (sources[first + c] != sources[first + c - 1] + 1) {
                    ends[count++] = c;
                }
            }
            ends[count++] = width;
            return 2 * count > width && width > 2 ? TOO_MANY : count;
        }

        private void copySingly(long[] words, int offset, int first, int width, long[] panels, int at) {
            for (int c = 0; c < width; c++) {
                panels[at + c] = words[sources[first + c] + offset];
            }
        }

        /** Copies whole vectors; what a vector writes too much the next run or the next tap overwrites. */
        private void copyRuns(long[] words, int offset, int first, int runs, long[] panels, int at) {
            int from = 0;
            for (int run = 0; run < runs; run++) {
                int end = ends[run];
                int source = sources[first + from] + offset;
                int c = from;
                for (; c < end && source + (c - from) <= words.length - Lanes.COUNT; c += Lanes.COUNT) {
                    LongVector.fromArray(Lanes.LONGS, words, source + (c - from)).intoArray(panels, at + c);
                }
                for (; c < end; c++) {
                    panels[at + c] = words[source + (c - from)];
                }
                from = end;
            }
        }

        private void multiply(long[] panels, int present, int block, int filterAt, boolean add) {
            for (int i = 0, leftAt = filterAt; i < rows; i += tiles.maxRows()) {
                int height = Math.min(tiles.maxRows(), rows - i);
                int tileRows = tiles.tileRows(height);
                for (int c = 0; c < present; c += columns) {
                    int width = Math.min(columns, present - c);
                    int to = targets[c] + i * geometry.outPlane;
                    boolean together = targets[c + width - 1] == targets[c] + width - 1;
                    if (together && !add && width == columns && height == tileRows) {
                        tiles.multiply(tileRows, block, w, leftAt, panels, c * block, out, to, geometry.outPlane);
                        continue;
                    }
                    long[] tile = scratch.tile();
                    tiles.multiply(tileRows, block, w, leftAt, panels, c * block, tile, 0, columns);
                    if (together) {
                        VectorGemm.merge(tile, columns, height, width, out, to, geometry.outPlane, add);
                    } else {
                        mergeApart(tile, height, c, width, i * geometry.outPlane, add);
                    }
                }
                leftAt += tileRows * block * tiles.leftWords();
            }
        }

        /** Places a tile whose columns belong to more than one image. */
        private void mergeApart(long[] tile, int height, int first, int width, int rowAt, boolean add) {
            for (int i = 0; i < height; i++) {
                for (int c = 0; c < width; c++) {
                    int to = targets[first + c] + rowAt + i * geometry.outPlane;
                    long value = tile[i * columns + c];
                    out[to] = add ? out[to] + value : value;
                }
            }
        }
    }
}
