package dev.sardonyx.importer;

import dev.sardonyx.graph.ValueId;
import java.util.List;

/** What a name of the model stands for while its graph is translated. */
sealed interface Held {
    record Ready(ValueId id) implements Held {
    }

    /** A sequence of tensors, known element by element at import. */
    record Sequence(List<ValueId> elements) implements Held {
        public Sequence {
            elements = List.copyOf(elements);
        }
    }

    /** An optional input that is not given. */
    record Absent() implements Held {
    }

    /** The output of an unsupported node: what reads it is neither translated nor reported again. */
    record Poisoned() implements Held {
    }
}
