package dev.sardonyx.reference.files;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.ModelInput.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Samples of an input that are pictures, laid out as the input's declared shape asks for. */
final class PictureSource implements SampleSource {
    private static final int BRIGHTEST = 255;

    /** Where each picture's pixels go. */
    private enum Place {
        /** [N, C, H, W]. */
        CHANNELS_FIRST,
        /** [N, H, W, C]. */
        CHANNELS_LAST,
        /** [N, H, W], gray. */
        GRAY,
        /** [N, features]: pictures row by row. */
        FLAT
    }

    /** Channels and place that an input wants. */
    private record Form(Place place, int channels) {
    }

    private final ModelInput input;
    private final Pictures pictures;
    private final Form form;
    private final double[][] affine;
    private final boolean flatChannelsFirst;

    private PictureSource(ModelInput input, Pictures pictures, Form form, Pixels pixels) {
        this.input = input;
        this.pictures = pictures;
        this.form = form;
        this.affine = pixels.affine(form.channels(), input.type().isFloating() ? 1.0 / BRIGHTEST : 1);
        this.flatChannelsFirst = pixels.layout().orElse(Pixels.Layout.NCHW) == Pixels.Layout.NCHW;
    }

    /** Makes pictures of a number of channels: 1 or 3. */
    interface ByChannels {
        Pictures of(int channels);
    }

    /**
     * @param source gives gray or coloured pictures, whichever the input wants
     * @throws InputException if the pictures do not fit the input's shape
     */
    static PictureSource of(ModelInput input, ByChannels source, Pixels pixels) {
        Pictures gray = source.of(1);
        Form form = form(input, gray, pixels.layout()).orElseThrow(() -> new InputException(InputException.Kind.SHAPE,
                gray.source(0) + ": pictures of " + gray.height() + "×" + gray.width() + " pixels (height×width) for input '" + input.name()
                        + "'; expected " + input.shapeText()));
        if (input.type() == ElementType.BOOL || input.type() == ElementType.STRING) {
            throw new InputException(InputException.Kind.TYPE, gray.source(0) + ": pictures for input '" + input.name() + "' of " + input.type()
                    + "; expected an input of numbers");
        }
        return new PictureSource(input, form.channels() == 1 ? gray : source.of(3), form, pixels);
    }

    @Override
    public int count() {
        return pictures.count();
    }

    @Override
    public Range range() {
        Range range = null;
        for (double[] channel : affine) {
            double dark = channel[1];
            double bright = BRIGHTEST * channel[0] + channel[1];
            var own = new Range(Math.min(dark, bright), Math.max(dark, bright));
            range = range == null ? own : range.or(own);
        }
        return range == null ? new Range(0, 0) : range;
    }

    @Override
    public Tensor rows(int from, int to) {
        int height = pictures.height();
        int width = pictures.width();
        int channels = form.channels();
        int size = height * width * channels;
        double[] values = new double[Math.multiplyExact(to - from, size)];
        boolean first = form.place() == Place.CHANNELS_FIRST || form.place() == Place.FLAT && flatChannelsFirst;
        for (int sample = from; sample < to; sample++) {
            int[] pixels = pictures.pixels(sample);
            int base = (sample - from) * size;
            for (int i = 0; i < pixels.length; i++) {
                int channel = i % channels;
                int place = first ? channel * height * width + i / channels : i;
                values[base + place] = pixels[i] * affine[channel][0] + affine[channel][1];
            }
        }
        Shape shape = switch (form.place()) {
            case CHANNELS_FIRST -> Shape.of(to - from, channels, height, width);
            case CHANNELS_LAST -> Shape.of(to - from, height, width, channels);
            case GRAY -> Shape.of(to - from, height, width);
            case FLAT -> Shape.of(to - from, size);
        };
        return Tensor.ofDoubles(ElementType.FLOAT64, shape, values).as(input.type());
    }

    private static Optional<Form> form(ModelInput input, Pictures pictures, Optional<Pixels.Layout> wanted) {
        List<Dimension> dims = input.dims();
        if (!input.ranked() || dims.isEmpty() || !takesMany(dims.getFirst())) {
            return Optional.empty();
        }
        int height = pictures.height();
        int width = pictures.width();
        List<Form> fitting = new ArrayList<>();
        for (int channels : new int[]{1, 3}) {
            if (matches(dims, channels, height, width)) {
                fitting.add(new Form(Place.CHANNELS_FIRST, channels));
            }
            if (matches(dims, height, width, channels)) {
                fitting.add(new Form(Place.CHANNELS_LAST, channels));
            }
            if (matches(dims, height * width * channels)) {
                fitting.add(new Form(Place.FLAT, channels));
            }
        }
        if (matches(dims, height, width)) {
            fitting.add(new Form(Place.GRAY, 1));
        }
        Place place = wanted.map(layout -> layout == Pixels.Layout.NCHW ? Place.CHANNELS_FIRST : Place.CHANNELS_LAST).orElse(Place.CHANNELS_FIRST);
        return fitting.stream().filter(form -> form.place() == place).findFirst().or(() -> fitting.stream().findFirst());
    }

    private static boolean matches(List<Dimension> dims, int... extents) {
        if (dims.size() != extents.length + 1) {
            return false;
        }
        for (int axis = 0; axis < extents.length; axis++) {
            if (dims.get(axis + 1) instanceof Dimension.Known known && known.extent() != extents[axis]) {
                return false;
            }
        }
        return true;
    }

    private static boolean takesMany(Dimension dimension) {
        return !(dimension instanceof Dimension.Known known) || known.extent() == 1;
    }
}
