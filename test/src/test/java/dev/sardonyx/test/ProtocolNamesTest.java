package dev.sardonyx.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.Protocols;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Protocols are chosen by configuration: what is not a protocol's own does not know it by name. */
class ProtocolNamesTest {
    private static final Path ROOT = Path.of(System.getProperty("sardonyx.root", ".."));
    /** The bound of a protocol's package, in lines that are neither empty nor comments. */
    private static final int MOST_LINES = 1500;

    /** All Java sources of the product, without tests. */
    private static List<Path> sources() {
        try (Stream<Path> modules = Files.list(ROOT)) {
            List<Path> roots = modules.map(module -> module.resolve("src/main/java")).filter(Files::isDirectory).sorted().toList();
            assertTrue(roots.size() >= 6, () -> "modules: " + roots);
            return roots.stream().flatMap(ProtocolNamesTest::walk).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> walk(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aDealersProtocolIsNamedInItsPackageAndInTheTableAlone() {
        List<Path> sources = sources();
        List<Protocol> dealt = Protocols.all().stream().filter(protocol -> protocol.dealer().isPresent()).toList();
        assertFalse(dealt.isEmpty());
        for (Protocol protocol : dealt) {
            String name = protocol.name().toLowerCase(Locale.ROOT);
            List<Path> knowing = sources.stream().filter(file -> text(file).toLowerCase(Locale.ROOT).contains(name)).toList();
            assertTrue(knowing.stream().anyMatch(file -> file.endsWith("Protocols.java")), "the table names " + name);
            List<Path> outside = knowing.stream().filter(file -> !file.endsWith("secureops/protocol/Protocols.java")
                    && !file.getParent().endsWith(Path.of("secureops", "protocol", name))).toList();
            assertEquals(List.of(), outside, "files that know " + name);
        }
    }

    @Test
    void aProtocolsPackageIsSmall() {
        for (Protocol protocol : Protocols.all()) {
            List<Path> own = sources().stream().filter(file -> file.getParent().endsWith(Path.of("secureops", "protocol", protocol.name()))).toList();
            assertFalse(own.isEmpty(), () -> "sources of " + protocol.name());
            long lines = own.stream().flatMap(file -> text(file).lines()).map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("/*") && !line.startsWith("*") && !line.startsWith("//")).count();
            assertTrue(lines < MOST_LINES, () -> protocol.name() + " takes " + lines + " lines; allowed are " + MOST_LINES);
        }
    }
}
