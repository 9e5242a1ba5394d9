package dev.sardonyx.cli;

import dev.sardonyx.reference.files.Pixels;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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
    Channels mean;

    @Option(names = "--std", paramLabel = "X[,…]", converter = Divisors.class, description = "Divided by after that, likewise.")
    @Nullable
    Channels std;

    @Option(names = "--layout", paramLabel = "NCHW|NHWC", description = "Order of a picture's axes where the model's input leaves it open.")
    Pixels.@Nullable Layout layout;

    Pixels pixels() {
        return new Pixels(Optional.ofNullable(scale), Optional.ofNullable(mean).map(Channels::numbers), Optional.ofNullable(std).map(Channels::numbers),
                Optional.ofNullable(layout));
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

    /** Numbers for all channels or for each; a type of its own, because an option of type list would be read item by item. */
    record Channels(List<Double> numbers) {
    }

    /** Numbers with commas between. */
    static final class Factors implements ITypeConverter<Channels> {
        @Override
        public Channels convert(String text) {
            return converted(() -> new Channels(Pixels.numbers(text)));
        }
    }

    /** Numbers that others are divided by. */
    static final class Divisors implements ITypeConverter<Channels> {
        @Override
        public Channels convert(String text) {
            return converted(() -> {
                List<Double> numbers = Pixels.numbers(text);
                new Pixels(Optional.empty(), Optional.empty(), Optional.of(numbers), Optional.empty());
                return new Channels(numbers);
            });
        }
    }

    private static <T> T converted(Supplier<T> conversion) {
        try {
            return conversion.get();
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
