package dev.sardonyx.test.faults;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Commands as processes of their own, with a home, a directory for temporary files and a working directory that can be looked through afterwards. */
final class Machine implements AutoCloseable {
    private static final long MINUTES = 4;

    private final Path root;
    private final List<Process> running = new ArrayList<>();
    private int commands;
    private String last = "";

    Machine(Path root) throws IOException {
        this.root = root;
        for (String name : List.of("home", "tmp", "work", "said")) {
            Files.createDirectories(root.resolve(name));
        }
    }

    /** A command that ended. */
    record Ended(int status, String out, String err) {
    }

    /** Everything that any process could write to. */
    Path root() {
        return root;
    }

    /** Starts a command; what it says lies in {@code said/}. */
    Process start(String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    /** As {@link #start(String...)} by another command, which is given this one. */
    Process start(List<String> by, String... arguments) throws IOException {
        String name = "%02d-%s".formatted(++commands, arguments[0]);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command = new ArrayList<>(by);
        command.addAll(List.of(java, "-Xmx256m", "-XX:+UseParallelGC", "-XX:TieredStopAtLevel=1", "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-Duser.home=" + root.resolve("home"), "-Djava.io.tmpdir=" + root.resolve("tmp"), "dev.sardonyx.cli.Main"));
        command.addAll(Arrays.asList(arguments));
        var builder = new ProcessBuilder(command).directory(root.resolve("work").toFile()).redirectOutput(root.resolve("said").resolve(name + ".out").toFile())
                .redirectError(root.resolve("said").resolve(name + ".err").toFile());
        builder.environment().put("CLASSPATH", classPath());
        builder.environment().put("HOME", root.resolve("home").toString());
        // Stack traces must not tell more than messages do.
        builder.environment().put("SARDONYX_TRACE", "1");
        Process process = builder.start();
        last = name;
        running.add(process);
        return process;
    }

    /** Runs a command to its end. */
    Ended run(String... arguments) throws IOException, InterruptedException {
        return run(List.of(), arguments);
    }

    /** As {@link #run(String...)} by another command, which is given this one. */
    Ended run(List<String> by, String... arguments) throws IOException, InterruptedException {
        Process process = start(by, arguments);
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(List.of(arguments) + " did not end within " + MINUTES + " minutes");
        }
        String name = "%02d-%s".formatted(commands, arguments[0]);
        return new Ended(process.exitValue(), Files.readString(root.resolve("said").resolve(name + ".out")), Files.readString(root.resolve("said").resolve(name + ".err"),
                StandardCharsets.UTF_8));
    }

    private static String classPath() {
        return String.join(File.pathSeparator, Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).map(entry -> Path.of(entry).toAbsolutePath()
                .toString()).toList());
    }

    /** What the command that was started last has said of its doings so far. */
    String saidLast() throws IOException {
        return Files.readString(root.resolve("said").resolve(last + ".err"), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws InterruptedException {
        running.forEach(Process::destroyForcibly);
        for (Process process : running) {
            process.waitFor();
        }
    }
}
