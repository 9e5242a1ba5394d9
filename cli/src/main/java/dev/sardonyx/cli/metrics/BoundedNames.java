package dev.sardonyx.cli.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Values of one label, of which there are so many and no more: what comes later counts as {@value #OTHER}. */
final class BoundedNames {
    static final String OTHER = "other";
    private static final int MOST = 100;

    private final Set<String> names = ConcurrentHashMap.newKeySet();

    String of(String name) {
        if (names.contains(name)) {
            return name;
        }
        synchronized (names) {
            return names.size() < MOST && names.add(name) ? name : OTHER;
        }
    }
}
