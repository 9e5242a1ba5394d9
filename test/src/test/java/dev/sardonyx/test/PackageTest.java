package dev.sardonyx.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package that {@code cli/package.sh} makes, on a machine that has no Java: nothing on its path but a shell and what its launcher uses. */
class PackageTest {
    private static final Path ROOT = Path.of(System.getProperty("sardonyx.root", "..")).toAbsolutePath().normalize();
    private static final long MINUTES = 3;

    @TempDir
    Path folder;

    private Path image = ROOT;

    private record Ended(int status, String out, String err) {
    }

    @BeforeEach
    void needThePackage() throws IOException {
        Path made = ROOT.resolve("cli/target/package");
        Optional<Path> found = Optional.empty();
        if (Files.isDirectory(made)) {
            try (Stream<Path> images = Files.list(made)) {
                found = images.filter(path -> Files.isExecutable(path.resolve("bin/sardonyx"))).findFirst();
            }
        }
        assumeTrue(found.isPresent(), () -> "missing: an image in " + made + ", which cli/package.sh makes");
        image = found.orElseThrow();
    }

    private Ended start(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : List.of("dirname", "readlink")) {
            Path found = Stream.of("/usr/bin", "/bin").map(bin -> Path.of(bin, tool)).filter(Files::exists).findFirst().orElseThrow();
            Path wrapper = Files.writeString(tools.resolve(tool), "#!/bin/sh\nexec " + found + " \"$@\"\n");
            Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwx------"));
        }
        List<String> command = new ArrayList<>(List.of("/bin/sh", image.resolve("bin/sardonyx").toString()));
        command.addAll(Arrays.asList(arguments));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        var builder = new ProcessBuilder(command).directory(ROOT.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("the command did not end within " + MINUTES + " minutes; stderr: " + Files.readString(err));
        }
        return new Ended(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void theMainJobIsDoneWithoutAnyJavaOnTheMachine() throws IOException, InterruptedException {
        Ended ended = start(Map.of(), "run", "models/lenet/lenet.onnx", "--input", "models/lenet/samples.npz");
        assertEquals(0, ended.status, ended.err);
        assertTrue(ended.out.contains("same class as ONNX Runtime on 20 of 20"), ended.out);
        assertEquals("", ended.err);
    }

    @Test
    void aClusterIsMadeAndThisMachinePassesTheDoctor() throws IOException, InterruptedException {
        Ended made = start(Map.of(), "cluster", "init", folder.resolve("demo").toString());
        assertEquals(0, made.status, made.err);
        Ended doctor = start(Map.of("SARDONYX_JAVA_OPTIONS", "-Xms64m"), "doctor");
        assertEquals(0, doctor.status, doctor.out + doctor.err);
        assertEquals("", doctor.err);
    }

    @Test
    void aBadOptionForJavaIsNotSwallowed() throws IOException, InterruptedException {
        Ended ended = start(Map.of("SARDONYX_JAVA_OPTIONS", "-XX:NoSuchOption=1"), "--version");
        assertEquals(2, ended.status);
        assertTrue(ended.err.contains("NoSuchOption"), ended.err);
    }
}
