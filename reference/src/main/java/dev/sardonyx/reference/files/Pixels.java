package dev.sardonyx.reference.files;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How pixels of 0 to 255 become a model's numbers: {@code (pixel · scale − mean) / std}, the last two for each channel or one for
 * all. Empty entries say nothing.
 *
 * @param scale factor before mean and std
 * @param mean per channel, in the order of the model's channels
 * @param std per channel, none of them 0
 * @param layout order of axes where the model's input leaves it open
 */
public record Pixels(Optional<Double> scale, Optional<List<Double>> mean, Optional<List<Double>> std, Optional<Layout> layout) {
    /** Where a model files its wishes in {@code metadata_props}: this and {@code scale}, {@code mean}, {@code std} or {@code layout}. */
    public static final String METADATA_PREFIX = "sardonyx.input.";

    public static final Pixels UNSAID = new Pixels(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Order of the axes of a batch of pictures. */
    public enum Layout {
        NCHW, NHWC
    }

    public Pixels {
        mean = mean.map(List::copyOf);
        std = std.map(List::copyOf);
        if (scale.isPresent() && !(Math.abs(scale.get()) > 0 && Math.abs(scale.get()) < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("scale " + scale.get() + "; expected a finite number that is not 0");
        }
        if (std.isPresent() && std.get().contains(0.0)) {
            throw new IllegalArgumentException("std " + std.get() + "; expected no zero");
        }
    }

    /**
     * What a model's {@code metadata_props} say.
     *
     * @throws InputException if one of them cannot be read
     */
    public static Pixels ofMetadata(Map<String, String> metadata) {
        try {
            return new Pixels(value(metadata, "scale").map(Pixels::number), value(metadata, "mean").map(Pixels::numbers),
                    value(metadata, "std").map(Pixels::numbers), value(metadata, "layout").map(Pixels::layout));
        } catch (IllegalArgumentException e) {
            throw new InputException(InputException.Kind.MALFORMED, "the model's metadata_props (" + METADATA_PREFIX + "…): " + e.getMessage(), e);
        }
    }

    /** These wishes, and the others' where these say nothing. */
    public Pixels or(Pixels others) {
        return new Pixels(scale.or(others::scale), mean.or(others::mean), std.or(others::std), layout.or(others::layout));
    }

    /** True if numbers stay as they are. */
    boolean isIdentity() {
        return scale.isEmpty() && mean.isEmpty() && std.isEmpty();
    }

    /** The factor and summand of each channel: {@code value · factor + summand}; an unsaid scale is {@code byDefault}. */
    double[][] affine(int channels, double byDefault) {
        double[][] affine = new double[channels][2];
        for (int channel = 0; channel < channels; channel++) {
            double divisor = perChannel(std, "std", channel, channels, 1);
            affine[channel][0] = scale.orElse(byDefault) / divisor;
            affine[channel][1] = 0.0 - perChannel(mean, "mean", channel, channels, 0) / divisor;
        }
        return affine;
    }

    /** A number, or a quotient of two such as {@code 1/255}. */
    public static double number(String text) {
        try {
            String[] parts = text.strip().split("/", -1);
            if (parts.length <= 2) {
                double value = Double.parseDouble(parts[0]) / (parts.length == 2 ? Double.parseDouble(parts[1]) : 1);
                if (Double.isFinite(value)) {
                    return value;
                }
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "'; expected a number or a quotient such as 1/255", e);
        }
        throw new IllegalArgumentException("'" + text + "'; expected a number or a quotient such as 1/255");
    }

    /** Numbers with commas between them. */
    public static List<Double> numbers(String text) {
        return Arrays.stream(text.split(",", -1)).map(Pixels::number).toList();
    }

    private static Layout layout(String text) {
        return switch (text.strip().toUpperCase(Locale.ROOT)) {
            case "NCHW" -> Layout.NCHW;
            case "NHWC" -> Layout.NHWC;
            default -> throw new IllegalArgumentException("layout '" + text + "'; expected NCHW or NHWC");
        };
    }

    private static Optional<String> value(Map<String, String> metadata, String key) {
        return Optional.ofNullable(metadata.get(METADATA_PREFIX + key));
    }

    private static double perChannel(Optional<List<Double>> values, String what, int channel, int channels, double byDefault) {
        if (values.isEmpty()) {
            return byDefault;
        }
        List<Double> given = values.get();
        if (given.size() != 1 && given.size() != channels) {
            throw new InputException(InputException.Kind.SHAPE, what + " has " + given.size() + " numbers; expected 1 or " + channels + ", one a channel");
        }
        return given.get(given.size() == 1 ? 0 : channel);
    }
}
