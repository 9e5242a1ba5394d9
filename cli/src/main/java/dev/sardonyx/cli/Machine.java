package dev.sardonyx.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What a benchmark ran on. */
final class Machine {
    private Machine() {
    }

    /** The most memory this process has had: resident where the system tells (Linux), else the Java heap's peak. */
    static long peakMemoryBytes() {
        return statusBytes().orElseGet(() -> ManagementFactory.getMemoryPoolMXBeans().stream().map(MemoryPoolMXBean::getPeakUsage)
                .filter(java.util.Objects::nonNull).mapToLong(MemoryUsage::getUsed).sum());
    }

    private static Optional<Long> statusBytes() {
        return find(Path.of("/proc/self/status"), "VmHWM:").map(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024);
    }

    static String processor() {
        return find(Path.of("/proc/cpuinfo"), "model name").map(text -> text.replaceFirst("^\\s*:\\s*", "").strip()).orElse(System.getProperty("os.arch"));
    }

    static String java() {
        return System.getProperty("java.vm.vendor") + " " + Runtime.version();
    }

    static String system() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch");
    }

    private static Optional<String> find(Path file, String start) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(start)).findFirst().map(line -> line.substring(start.length()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
