package dev.sardonyx.cli;

import dev.sardonyx.reference.files.Pixels;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How numbers in files become a model's numbers. */
final class PixelArguments {
    @Option(names = "--scale", paramLabel = "X", converter = Factor.class, description = "Factor for the numbers in files, such as 1/255 or 1. Default: the model's metadata; for pixels else 1/255.")
    @Nullable
    Double scale;

    @Option(names = "--mean", paramLabel = "X[,…]", converter = Factors.class, description = "Subtracted after scaling, one for all channels or one for each.")
    @Nullable
    List<Double> mean;

    @Option(names = "--std", paramLabel = "X[,…]", converter = Factors.class, description = "Divided by after that, likewise.")
    @Nullable
    List<Double> std;

    @Option(names = "--layout", paramLabel = "NCHW|NHWC", description = "Order of a picture's axes where the model's input leaves it open.")
    Pixels.@Nullable Layout layout;

    Pixels pixels() {
        return new Pixels(Optional.ofNullable(scale), Optional.ofNullable(mean), Optional.ofNullable(std), Optional.ofNullable(layout));
    }

    /** A number or quotient. */
    static final class Factor implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            return converted(() -> {
                double factor = Pixels.number(text);
                new Pixels(Optional.of(factor), Optional.empty(), Optional.empty(), Optional.empty());
                return factor;
            });
        }
    }

    /** Numbers with commas between. */
    static final class Factors implements ITypeConverter<List<Double>> {
        @Override
        public List<Double> convert(String text) {
            return converted(() -> Pixels.numbers(text));
        }
    }

    private static <T> T converted(java.util.function.Supplier<T> conversion) {
        try {
            return conversion.get();
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
