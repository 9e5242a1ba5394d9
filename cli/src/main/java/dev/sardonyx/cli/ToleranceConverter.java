package dev.sardonyx.cli;

import dev.sardonyx.reference.Tolerance;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code ABS,REL}. */
final class ToleranceConverter implements ITypeConverter<Tolerance> {
    @Override
    public Tolerance convert(String text) {
        try {
            return Tolerance.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
