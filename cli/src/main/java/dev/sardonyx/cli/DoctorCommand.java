package dev.sardonyx.cli;

import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.cli.service.Doctor;
import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.ReferenceException;
import dev.sardonyx.secureops.ring.RingKernels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sardonyx doctor}: whether this machine is fit, and what to do where it is not. */
@Command(name = "doctor", mixinStandardHelpOptions = true, sortOptions = false, abbreviateSynopsis = true,
        description = "Checks this machine: Java, vector kernels, memory, ONNX Runtime, and a first run of all parties; with --to, a cluster from here.",
        footer = {"", "JSON keys: checks [{name, seat, status, action}]. Exit status 1 if this machine needs attention, 4 if a party does."})
final class DoctorCommand implements Callable<Integer> {
    private static final String HERE = "this machine";
    /** What stands before a finding of another seat, which the status column says. */
    private static final Pattern FINDING = Pattern.compile("^(ok|warning|failed): ");
    private static final int JAVA = 25;
    private static final long LEAST_HEAP = 1L << 30;

    private final Terminal terminal;

    @Option(names = "--to", paramLabel = "CLUSTER", description = "The cluster's file for owners.")
    @Nullable
    Path cluster;

    @Option(names = "--as", paramLabel = "NAME", defaultValue = ClusterArguments.DATA_OWNER, description = "Which of the file's identities to use. Default: ${DEFAULT-VALUE}.")
    String identity = ClusterArguments.DATA_OWNER;

    @Mixin
    OutputArguments output = new OutputArguments();

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /**
     * One thing looked at.
     *
     * @param seat where
     * @param found what it is
     * @param action what to do about it; empty if all is well
     */
    private record Check(String name, String seat, String found, Optional<String> action) {
        Check(String name, String found, Optional<String> action) {
            this(name, HERE, found, action);
        }

        String status() {
            return action.isEmpty() ? "ok" : "attention";
        }
    }

    @Override
    public Integer call() {
        List<Check> checks = new ArrayList<>(List.of(java(), kernels(), memory(), cores(), onnxRuntime(), parties()));
        List<Check> elsewhere = cluster == null ? List.of() : cluster(cluster);
        checks.addAll(elsewhere);
        if (output.json) {
            terminal.out().print(json(checks));
        } else {
            var table = new Table("seat", "check", "status", "found");
            checks.forEach(check -> table.row(check.seat(), check.name(), check.status(), check.found()));
            table.lines().forEach(terminal.out()::println);
            checks.forEach(check -> check.action().ifPresent(action -> terminal.out().println((check.seat().equals(HERE) ? "" : check.seat() + ", ") + check.name() + ": " + action)));
        }
        if (elsewhere.stream().anyMatch(check -> check.action().isPresent())) {
            return ExitCode.PARTY_FAILED.status();
        }
        return (checks.stream().allMatch(check -> check.action().isEmpty()) ? ExitCode.OK : ExitCode.OUTSIDE_TOLERANCE).status();
    }

    private List<Check> cluster(Path file) {
        try (RemoteCluster remote = RemoteCluster.connect(file, identity, true)) {
            return Doctor.examine(remote).stream().map(check -> new Check(check.name(), check.seat(), FINDING.matcher(check.status()).replaceFirst(""),
                    check.action().isEmpty() ? Optional.empty() : Optional.of(check.action()))).toList();
        }
    }

    private static Check java() {
        boolean right = Runtime.version().feature() == JAVA;
        return new Check("java", Machine.java(), right ? Optional.empty() : Optional.of("start it with a JDK " + JAVA + "; the launcher ./sardonyx finds one"));
    }

    private static Check kernels() {
        String found = RingKernels.explanation();
        return new Check("vector kernels", found, RingKernels.best().lanes() > 1 ? Optional.empty()
                : Optional.of("products take several times longer without vectors: " + found));
    }

    private static Check memory() {
        long heap = Runtime.getRuntime().maxMemory();
        return new Check("memory", Text.bytes(heap) + " heap", heap >= LEAST_HEAP ? Optional.empty()
                : Optional.of("give Java more: SARDONYX_JAVA_OPTIONS=-Xmx2g"));
    }

    private static Check cores() {
        return new Check("processor", Machine.processor() + ", " + Text.plural(Runtime.getRuntime().availableProcessors(), "core"), Optional.empty());
    }

    private static Check onnxRuntime() {
        try (var reference = OnnxRuntimeReference.open(PrimitiveModel.of(Primitive.RELU, Optional.of("1"), OptionalInt.empty()).bytes(), 1)) {
            return new Check("ONNX Runtime", "runs, " + Text.plural(reference.outputs().size(), "output") + " of a model of one operator", Optional.empty());
        } catch (ReferenceException | LinkageError e) {
            return new Check("ONNX Runtime", "does not run", Optional.of("answers cannot be checked on this system: " + e.getMessage()));
        }
    }

    private static Check parties() {
        List<String> started = new ArrayList<>();
        for (String label : Protocol.secureLabels()) {
            try (var sardonyx = Sardonyx.embedded(Protocol.named(label).orElseThrow())) {
                started.add(sardonyx.protocol().label() + " (" + Text.parties(sardonyx.protocol().implementation().parties()) + ")");
            }
        }
        return new Check("parties", "agree on keys: " + String.join(", ", started), Optional.empty());
    }

    private static String json(List<Check> checks) {
        var json = new Json();
        json.object(() -> json.name("checks").array(() -> checks.forEach(check -> json.object(() -> {
            json.name("name").value(check.name());
            json.name("seat").value(check.seat());
            json.name("status").value(check.status());
            json.name("found").value(check.found());
            json.name("action");
            if (check.action().isPresent()) {
                json.value(check.action().get());
            } else {
                json.nothing();
            }
        }))));
        return json.toString();
    }
}
