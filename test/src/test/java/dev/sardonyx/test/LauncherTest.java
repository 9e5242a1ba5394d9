package dev.sardonyx.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as users start it: whole processes, their exit codes and their streams. */
class LauncherTest {
    private static final Path ROOT = Path.of(System.getProperty("sardonyx.root", "..")).toAbsolutePath().normalize();
    private static final long MINUTES = 3;

    @TempDir
    Path folder;

    private record Ended(int status, String out, String err) {
    }

    @BeforeEach
    void needTheBuiltCommand() {
        Path jar = ROOT.resolve("cli/target/sardonyx.jar");
        assumeTrue(Files.exists(jar), () -> "missing: " + jar + ", which 'mvn verify' makes before this test");
    }

    @Test
    void theMainJobPrintsPredictionsBesideOnnxRuntimes() throws Exception {
        Ended ended = start(Map.of(), "run", "models/lenet/lenet.onnx", "--input", "models/lenet/samples.npz");
        assertEquals(0, ended.status, ended.err);
        assertTrue(ended.out.contains("same class as ONNX Runtime on 20 of 20"), ended.out);
        assertTrue(ended.out.contains("secure 7 ✓"), ended.out);
        assertEquals("", ended.err);
    }

    @Test
    void jsonIsAllThatStdoutHolds() throws Exception {
        Ended ended = start(Map.of(), "run", "models/logistic/logistic.onnx", "--json");
        assertEquals(0, ended.status, ended.err);
        assertTrue(ended.out.startsWith("{") && ended.out.stripTrailing().endsWith("}"), ended.out);
        for (String key : List.of("protocol", "parties", "planHash", "outputs", "reference", "seconds", "bytesPerParty", "rounds")) {
            assertTrue(ended.out.contains("\n  \"" + key + "\": "), () -> key + " in " + ended.out);
        }
        assertEquals("", ended.err);
    }

    @Test
    void exitCodesTellWhatHappened() throws Exception {
        assertEquals(1, start(Map.of(), "run", "models/mlp/mlp.onnx", "--tolerance", "1e-9,0").status);
        Ended missing = start(Map.of(), "run", "absent.onnx");
        assertEquals(2, missing.status);
        assertEquals(1, missing.err.lines().count(), missing.err);
        assertEquals("", missing.out);
        Ended usage = start(Map.of(), "run", "models/mlp/mlp.onnx", "--network", "fast");
        assertEquals(2, usage.status);
        assertTrue(usage.err.contains("network 'fast'; expected none, lan, wan"), usage.err);
    }

    @Test
    void aCommandWithoutArgumentsShowsWhatThereIs() throws Exception {
        Ended ended = start(Map.of());
        assertEquals(2, ended.status);
        for (String command : List.of("run", "inspect", "compare", "verify", "bench")) {
            assertTrue(ended.err.contains("\n  " + command + " "), ended.err);
        }
    }

    @Test
    void theStartUpCacheLiesInADirectoryOfTheUsersOwnAndIsUsedOnlyThere() throws Exception {
        Path caches = folder.resolve("cache");
        Map<String, String> environment = Map.of("XDG_CACHE_HOME", caches.toString(), "SARDONYX_NO_CACHE", "");
        assertEquals(0, start(environment, "--version").status);
        Path own = caches.resolve("sardonyx");
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own)));
        List<Path> files = files(own);
        assertEquals(1, files.size(), files::toString);
        assertTrue(files.getFirst().toString().endsWith(".aot"), files::toString);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(files.getFirst())));

        Files.write(files.getFirst(), new byte[]{1, 2, 3});
        Ended damaged = start(environment, "--version");
        assertEquals(0, damaged.status, damaged.err);
        assertTrue(damaged.out.startsWith("sardonyx "), damaged.out);

        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path linked = Files.createDirectory(folder.resolve("linked"));
        Files.createSymbolicLink(linked.resolve("sardonyx"), elsewhere);
        assertEquals(0, start(Map.of("XDG_CACHE_HOME", linked.toString(), "SARDONYX_NO_CACHE", ""), "--version").status);
        assertEquals(List.of(), files(elsewhere));
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        Path tools = Files.createDirectory(folder.resolve("bin"));
        for (String tool : List.of("sh", "dirname", "readlink", "grep", "sed", "cut", "find", "head")) {
            Path found = Stream.of("/usr/bin", "/bin").map(Path::of).map(bin -> bin.resolve(tool)).filter(Files::exists).findFirst().orElseThrow();
            Path wrapper = Files.writeString(tools.resolve(tool), "#!/bin/sh\nexec " + found + " \"$@\"\n");
            Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwx------"));
        }
        Path copy = Files.createDirectory(folder.resolve("copy"));
        String script = Files.readString(ROOT.resolve("sardonyx")).replaceAll("/usr/lib/jvm/\\*|/opt/jdk\\*|/opt/java/\\*|/Library/[^\\s;]+|/usr/libexec/java_home", "/nonexistent");
        Path launcher = Files.writeString(copy.resolve("sardonyx"), script);
        var builder = new ProcessBuilder("/bin/sh", launcher.toString(), "--version");
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", tools.toString(), "HOME", folder.toString()));
        Ended ended = await(builder);
        assertEquals(2, ended.status, ended.err);
        assertTrue(ended.err.startsWith("sardonyx: no JDK 25 found"), ended.err);
        assertEquals(1, ended.err.lines().count(), ended.err);
    }

    @Test
    void aBadOptionForJavaIsNotSwallowed() throws Exception {
        Ended ended = start(Map.of("SARDONYX_JAVA_OPTIONS", "-XX:NoSuchOption=1"), "--version");
        assertFalse(ended.status == 0);
        assertTrue((ended.out + ended.err).contains("NoSuchOption"), ended.out + ended.err);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private Ended start(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("sardonyx").toString()));
        command.addAll(Arrays.asList(arguments));
        var builder = new ProcessBuilder(command).directory(ROOT.toFile());
        builder.environment().put("SARDONYX_NO_BUILD", "1");
        builder.environment().put("SARDONYX_NO_CACHE", "1");
        builder.environment().putAll(environment);
        return await(builder);
    }

    private Ended await(ProcessBuilder builder) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("the command did not end within " + MINUTES + " minutes; stderr: " + Files.readString(err));
        }
        return new Ended(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
