package dev.sardonyx.cli;

import org.jspecify.annotations.Nullable;

/** How many samples of those there are. */
final class Samples {
    private Samples() {
    }

    static int limited(int there, @Nullable Integer limit, PlanArguments arguments) {
        if (limit != null && limit < 1) {
            throw arguments.usage("--limit " + limit + ": expected at least 1");
        }
        return limit == null ? there : Math.min(there, limit);
    }
}
