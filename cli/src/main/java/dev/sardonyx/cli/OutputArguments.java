package dev.sardonyx.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command reports. */
final class OutputArguments {
    @Option(names = "--json", description = "One JSON document on stdout, everything else on stderr.")
    boolean json;

    @Option(names = "--progress", negatable = true, description = "A progress bar on stderr. Default: on a terminal only.")
    @Nullable
    Boolean progress;

    boolean showsProgress(Terminal terminal) {
        return progress == null ? terminal.errIsTerminal() : progress;
    }
}
