package dev.sardonyx.secureops.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every property of {@link KernelProperties} on every kernel. The vector width is a constant of a class, so each width gets a class
 * loader of its own. A width that this machine lacks runs too, emulated by the JDK.
 */
class RingKernelsTest {
    private static final long SEED = 20_260_601;

    @TestFactory
    Stream<DynamicTest> everyPropertyHoldsOnEveryKernel() {
        return Stream.of("scalar", "vector128", "vector256", "vector512").flatMap(kernels -> {
            Method check = checkIn(loaderFor());
            return KernelProperties.properties().stream()
                    .map(property -> DynamicTest.dynamicTest(kernels + ": " + property + " (seed " + SEED + ")",
                            () -> invokeWith(kernels, check, kernels, property, SEED)));
        });
    }

    @Test
    void anUnknownRequestNamesWhatIsAllowed() throws IOException {
        try (URLClassLoader loader = loaderFor()) {
            Method check = checkIn(loader);
            Throwable error = assertThrows(Throwable.class, () -> invokeWith("gpu", check, "gpu", "bits", SEED));
            while (error.getCause() != null) {
                error = error.getCause();
            }
            assertEquals("-Dsardonyx.kernels=gpu; allowed: scalar, vector, vector128, vector256, vector512", error.getMessage());
        }
    }

    @Test
    void theChoiceIsExplainedInOneLine() {
        String line = RingKernels.explanation();
        assertTrue(line.startsWith(RingKernels.best().name()), line);
        assertEquals(List.of(line), line.lines().toList());
    }

    @Test
    void withoutItsModuleThePlainLoopsServeAndTheMissingFlagIsNamed() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(java.toString(), "-cp", System.getProperty("java.class.path"), Explain.class.getName())
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals("scalar, 1 lane (module jdk.incubator.vector is absent: start Java with --add-modules jdk.incubator.vector)",
                output.strip());
    }

    /** Run in a process of its own, without the vector module. */
    static final class Explain {
        public static void main(String[] arguments) {
            KernelProperties.check("scalar", "gemmAgreesWithBigInteger", SEED);
            System.out.println(RingKernels.explanation());
        }
    }

    private static URLClassLoader loaderFor() {
        URL[] path = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map(RingKernelsTest::url)
                .toArray(URL[]::new);
        return new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (IOException e) {
            throw new IllegalStateException(entry, e);
        }
    }

    private static Method checkIn(ClassLoader loader) {
        try {
            return Class.forName(KernelProperties.class.getName(), false, loader)
                    .getMethod("check", String.class, String.class, long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void invokeWith(String request, Method check, Object... arguments) throws Throwable {
        String before = System.getProperty(KernelChoice.PROPERTY);
        System.setProperty(KernelChoice.PROPERTY, request);
        try {
            check.invoke(null, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        } finally {
            if (before == null) {
                System.clearProperty(KernelChoice.PROPERTY);
            } else {
                System.setProperty(KernelChoice.PROPERTY, before);
            }
        }
    }
}
