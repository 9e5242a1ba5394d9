package dev.sardonyx.cli;

import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.secureops.execute.RunException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The plan as a file that a person reads and signs. Plans are made anew each time, always alike; the file says which one may run. */
final class PlanFile {
    private PlanFile() {
    }

    static void write(Path file, String plan) {
        try {
            Files.writeString(file, plan, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InputException(InputException.Kind.UNREADABLE, file + ": cannot be written (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Refuses a plan that is not the one in the file.
     *
     * @throws RunException naming the first line that differs
     */
    static void requireSame(Path file, String plan) {
        List<String> signed;
        try {
            signed = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InputException(InputException.Kind.UNREADABLE, file + ": cannot be read as a plan", e);
        }
        List<String> made = plan.lines().toList();
        for (int line = 0; line < Math.max(signed.size(), made.size()); line++) {
            String there = line < signed.size() ? signed.get(line) : "(end)";
            String here = line < made.size() ? made.get(line) : "(end)";
            if (!there.equals(here)) {
                throw new RunException(RunException.Kind.PLAN_MISMATCH, file + ", line " + (line + 1) + " is '" + there
                        + "', but these options, this model and these inputs make '" + here + "'");
            }
        }
    }
}
