package dev.sardonyx.reference.report;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Optional;
import javax.imageio.ImageIO;

/** A model's input as a picture, where it looks like one. */
public final class SamplePicture {
    private static final int LEAST_SIDE = 8;
    private static final int MOST_SIDE = 512;

    private SamplePicture() {
    }

    /** Extents of a picture inside a tensor, and the distances between its pixels, rows and channels. */
    private record Layout(int height, int width, int channels, int rowStride, int pixelStride, int channelStride) {
        boolean drawable() {
            return height >= LEAST_SIDE && width >= LEAST_SIDE && height <= MOST_SIDE && width <= MOST_SIDE;
        }
    }

    /**
     * The first sample of a tensor as PNG in base64, its least number black and its greatest white.
     *
     * @param input [N, 1 or 3, H, W], [N, H, W, 1 or 3], [N, H, W], or [N, side·side] for MNIST's side
     */
    public static Optional<String> png(Tensor input) {
        return layout(input.shape()).filter(Layout::drawable).map(layout -> encoded(input, layout));
    }

    private static Optional<Layout> layout(Shape shape) {
        int[] dims = shape.toArray();
        return switch (dims.length) {
            case 4 -> dims[1] == 1 || dims[1] == 3 ? Optional.of(new Layout(dims[2], dims[3], dims[1], dims[3], 1, dims[2] * dims[3]))
                    : dims[3] == 1 || dims[3] == 3 ? Optional.of(new Layout(dims[1], dims[2], dims[3], dims[2] * dims[3], dims[3], 1)) : Optional.empty();
            case 3 -> Optional.of(new Layout(dims[1], dims[2], 1, dims[2], 1, 0));
            case 2 -> dims[1] == 784 ? Optional.of(new Layout(28, 28, 1, 28, 1, 0)) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static String encoded(Tensor input, Layout layout) {
        int size = layout.height() * layout.width() * layout.channels();
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            low = Math.min(low, input.getDouble(i));
            high = Math.max(high, input.getDouble(i));
        }
        double span = high > low ? high - low : 1;
        var image = new BufferedImage(layout.width(), layout.height(), layout.channels() == 3 ? BufferedImage.TYPE_INT_RGB : BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < layout.height(); y++) {
            for (int x = 0; x < layout.width(); x++) {
                for (int channel = 0; channel < layout.channels(); channel++) {
                    double value = input.getDouble(y * layout.rowStride() + x * layout.pixelStride() + channel * layout.channelStride());
                    image.getRaster().setSample(x, y, channel, (int) Math.round(255 * (value - low) / span));
                }
            }
        }
        var bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("a picture cannot be written to memory", e);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
