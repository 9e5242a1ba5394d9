package dev.sardonyx.reference.files;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * PNG and JPEG pictures by {@code javax.imageio}. Transparency is ignored; colours become gray by Rec. 601 luma where a gray picture
 * is wanted. Samples of 16 bits are cut to 8.
 */
final class ImageFile {
    private static final long MOST_PIXELS = 64L << 20;

    private ImageFile() {
    }

    /** A decoded picture. */
    record Decoded(int width, int height, boolean gray, int[] rgb) {
    }

    /** Extents of a picture, without decoding it. */
    record Size(int width, int height) {
    }

    static Size size(Path file) {
        return withReader(file, reader -> new Size(reader.getWidth(0), reader.getHeight(0)));
    }

    static Decoded read(Path file) {
        return withReader(file, reader -> {
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > MOST_PIXELS) {
                throw new InputException(InputException.Kind.UNSUPPORTED, Paths.nameOf(file) + ": " + pixels + " pixels; expected at most " + MOST_PIXELS);
            }
            return decoded(reader.read(0));
        });
    }

    private static Decoded decoded(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int bands = image.getRaster().getNumBands();
        // BufferedImage.getRGB takes gray samples for linear light and brightens them; a model wants the stored numbers.
        boolean gray = bands <= 2 && !(image.getColorModel() instanceof IndexColorModel);
        if (!gray) {
            int[] rgb = image.getRGB(0, 0, width, height, null, 0, width);
            return new Decoded(width, height, false, rgb);
        }
        int bits = image.getColorModel().getComponentSize(0);
        int[] samples = image.getRaster().getSamples(0, 0, width, height, 0, (int[]) null);
        for (int i = 0; i < samples.length; i++) {
            int value = bits > 8 ? samples[i] >>> bits - 8 : samples[i] * 255 / ((1 << bits) - 1);
            samples[i] = value << 16 | value << 8 | value;
        }
        return new Decoded(width, height, true, samples);
    }

    /** Files of one size as pictures, decoded when asked for. */
    static Pictures pictures(List<Path> files, int channels) {
        Size first = size(files.getFirst());
        return new Lazy(List.copyOf(files), first.width(), first.height(), channels);
    }

    private record Lazy(List<Path> files, int width, int height, int channels) implements Pictures {
        @Override
        public int count() {
            return files.size();
        }

        @Override
        public int[] pixels(int index) {
            Decoded picture = read(files.get(index));
            if (picture.width() != width || picture.height() != height) {
                throw new InputException(InputException.Kind.SHAPE, source(index) + ": " + picture.width() + "×" + picture.height()
                        + " pixels (width×height); expected " + width + "×" + height);
            }
            int[] pixels = new int[width * height * channels];
            for (int i = 0; i < picture.rgb().length; i++) {
                int red = picture.rgb()[i] >> 16 & 0xFF;
                int green = picture.rgb()[i] >> 8 & 0xFF;
                int blue = picture.rgb()[i] & 0xFF;
                if (channels == 3) {
                    pixels[3 * i] = red;
                    pixels[3 * i + 1] = green;
                    pixels[3 * i + 2] = blue;
                } else {
                    pixels[i] = picture.gray() ? red : (299 * red + 587 * green + 114 * blue + 500) / 1000;
                }
            }
            return pixels;
        }

        @Override
        public String source(int index) {
            return Paths.nameOf(files.get(index));
        }
    }

    private interface Use<T> {
        T of(ImageReader reader) throws IOException;
    }

    private static <T> T withReader(Path file, Use<T> use) {
        Paths.requireReadable(file);
        ImageIO.setUseCache(false);
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new InputException(InputException.Kind.MALFORMED, Paths.nameOf(file) + ": no picture that can be read; expected PNG or JPEG");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                return use.of(reader);
            } finally {
                reader.dispose();
            }
        } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new InputException(InputException.Kind.MALFORMED, Paths.nameOf(file) + ": a damaged or unsupported picture (" + e.getMessage() + ")", e);
        }
    }
}
