package dev.sardonyx.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/**
 * Java greets every start with an incubator module by a warning on stderr that no option silences. The launcher therefore starts it
 * with stderr led away and the real one kept as another descriptor, whose number it gives; this puts it back.
 */
final class StandardError {
    private static final String PROPERTY = "sardonyx.stderr.descriptor";
    private static final int STDERR = 2;

    private StandardError() {
    }

    @SuppressWarnings("restricted")
    static void restore() {
        Integer kept = Integer.getInteger(PROPERTY);
        if (kept == null) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        var dup2 = linker.downcallHandle(linker.defaultLookup().find("dup2").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int result = (int) dup2.invokeExact((int) kept, STDERR);
            if (result != STDERR) {
                throw new IllegalStateException("stderr cannot be put back");
            }
        } catch (Throwable e) {
            throw new IllegalStateException("stderr cannot be put back", e);
        }
    }
}
