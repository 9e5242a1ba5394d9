package dev.sardonyx.cli;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Small gray pictures drawn with block characters: a character is two points wide and two high, a point one column and two rows. */
final class DigitPicture {
    private static final int LEAST_SIDE = 8;
    private static final int MOST_SIDE = 64;
    /** By bits: upper left 1, upper right 2, lower left 4, lower right 8. */
    private static final String QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█";

    private DigitPicture() {
    }

    /** Height and width of the gray picture that each sample of an input is, if it is one. */
    static Optional<int[]> extents(Shape batch) {
        int[] dims = batch.toArray();
        int[] picture = switch (dims.length) {
            case 4 -> dims[1] == 1 ? new int[]{dims[2], dims[3]} : dims[3] == 1 ? new int[]{dims[1], dims[2]} : new int[]{0, 0};
            case 3 -> new int[]{dims[1], dims[2]};
            // A square of numbers that is no multiple of 28 could be anything; MNIST's own is what flat pictures mostly are.
            case 2 -> dims[1] == 784 ? new int[]{28, 28} : new int[]{0, 0};
            default -> new int[]{0, 0};
        };
        boolean drawable = picture[0] >= LEAST_SIDE && picture[0] <= MOST_SIDE && picture[1] >= LEAST_SIDE && picture[1] <= MOST_SIDE;
        return drawable ? Optional.of(picture) : Optional.empty();
    }

    /** The picture of one sample, line by line. */
    static List<String> lines(Tensor batch, int sample, int height, int width) {
        int base = sample * height * width;
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < height * width; i++) {
            low = Math.min(low, batch.getDouble(base + i));
            high = Math.max(high, batch.getDouble(base + i));
        }
        double threshold = low + (high - low) * 0.4;
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < height; row += 4) {
            var line = new StringBuilder();
            for (int column = 0; column < width; column += 2) {
                int bits = 0;
                for (int quadrant = 0; quadrant < 4; quadrant++) {
                    int y = row + (quadrant >> 1) * 2;
                    int x = column + (quadrant & 1);
                    bits |= point(batch, base, new int[]{y, x}, new int[]{height, width}) > threshold ? 1 << quadrant : 0;
                }
                line.append(QUADRANTS.charAt(bits));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    /** The mean of the two pixels that a point covers. */
    private static double point(Tensor batch, int base, int[] at, int[] extents) {
        if (at[0] >= extents[0] || at[1] >= extents[1]) {
            return Double.NEGATIVE_INFINITY;
        }
        double upper = batch.getDouble(base + at[0] * extents[1] + at[1]);
        double lower = at[0] + 1 < extents[0] ? batch.getDouble(base + (at[0] + 1) * extents[1] + at[1]) : upper;
        return (upper + lower) / 2;
    }
}
