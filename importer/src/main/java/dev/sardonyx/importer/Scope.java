package dev.sardonyx.importer;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The names visible at one place of a model: a body sees its own and those of the graphs around it. */
final class Scope {
    private final @Nullable Scope outer;
    private final Map<String, Held> names = new HashMap<>();

    Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    Optional<Held> find(String name) {
        Held held = names.get(name);
        if (held != null) {
            return Optional.of(held);
        }
        return outer == null ? Optional.empty() : outer.find(name);
    }

    void put(String name, Held held) {
        names.put(name, held);
    }
}
