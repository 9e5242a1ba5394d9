package dev.sardonyx.cli;

import dev.sardonyx.cli.events.PlainText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where results and remarks go. Java cannot tell whether stderr is a terminal; the launcher can and says so in system properties.
 *
 * @param out the result
 * @param err progress and trouble
 * @param outIsTerminal whether a person reads the result as it comes
 * @param errIsTerminal whether a person reads the remarks as they come
 * @param columns width of the terminal
 */
record Terminal(PrintStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal, int columns) {
    private static final int USUAL_COLUMNS = 80;
    private static final int LEAST_COLUMNS = 40;
    private static final int MOST_COLUMNS = 160;

    /** This process's own streams, in UTF-8. */
    static Terminal ofProcess() {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int columns = Integer.getInteger("sardonyx.columns", USUAL_COLUMNS);
        return new Terminal(out, err, Boolean.getBoolean("sardonyx.stdout.terminal"), Boolean.getBoolean("sardonyx.stderr.terminal"),
                Math.clamp(columns <= 0 ? USUAL_COLUMNS : columns, LEAST_COLUMNS, MOST_COLUMNS));
    }

    /** Streams of which neither is a terminal. */
    static Terminal of(PrintStream out, PrintStream err) {
        return new Terminal(out, err, false, false, USUAL_COLUMNS);
    }

    /** A remark of one line that is no result; names in it may come from a party or a model's file. */
    void remark(String line) {
        err.println(PlainText.of(line));
    }
}
