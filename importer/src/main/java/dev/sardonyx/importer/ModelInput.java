package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An input that callers of a model give.
 *
 * @param name its name
 * @param type its element type
 * @param dims its declared extents, outermost first
 * @param ranked false if the model declares no shape at all; {@code dims} is then empty and any shape may be given
 */
public record ModelInput(String name, ElementType type, List<Dimension> dims, boolean ranked) {
    public ModelInput {
        dims = List.copyOf(dims);
    }

    /** A declared extent. */
    public sealed interface Dimension {
        /** A fixed extent. */
        record Known(int extent) implements Dimension {
            @Override
            public String toString() {
                return Integer.toString(extent);
            }
        }

        /** An extent that callers choose; equal names mean equal extents. */
        record Symbolic(String name) implements Dimension {
            @Override
            public String toString() {
                return name;
            }
        }

        /** An extent that callers choose freely. */
        record Unknown() implements Dimension {
            @Override
            public String toString() {
                return "?";
            }
        }
    }

    /** The declared shape in one word, such as {@code [batch×3×32×32]}. */
    public String shapeText() {
        return ranked ? dims.stream().map(Object::toString).collect(Collectors.joining("×", "[", "]")) : "[any shape]";
    }
}
