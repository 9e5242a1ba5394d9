package dev.sardonyx.cli;

import dev.sardonyx.Protocol;
import dev.sardonyx.secureops.execute.RunResult;
import dev.sardonyx.secureops.ring.RingKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** What {@code bench} shows of a measurement. */
final class BenchReport {
    private final String name;
    private final Protocol protocol;
    private final String network;
    private final int batch;
    private final long seed;
    private final Measurement measured;
    private final RunResult last;

    BenchReport(String name, Protocol protocol, String network, int batch, long seed, Measurement measured) {
        this.name = name;
        this.protocol = protocol;
        this.network = network;
        this.batch = batch;
        this.seed = seed;
        this.measured = measured;
        this.last = measured.last();
    }

    private long[] bytes() {
        return last.parties().stream().mapToLong(RunResult.PartyCost::bytes).toArray();
    }

    private long[] preprocessingBytes() {
        return last.parties().stream().mapToLong(RunResult.PartyCost::preprocessingBytes).toArray();
    }

    String json() {
        var json = new Json();
        json.object(() -> {
            json.name("model").value(name);
            json.name("protocol").value(protocol.label());
            json.name("batch").value(batch);
            json.name("secondsMedian").value(Measurement.median(measured.seconds()));
            json.name("secondsMin").value(Arrays.stream(measured.seconds()).min());
            json.name("secondsMax").value(Arrays.stream(measured.seconds()).max());
            json.name("seconds").numbers(measured.seconds());
            json.name("bytesPerParty").numbers(bytes());
            json.name("totalBytes").value(last.totalBytes());
            json.name("rounds").value(last.rounds());
            json.name("preprocessing").object(() -> {
                json.name("bytesPerParty").numbers(preprocessingBytes());
                json.name("totalBytes").value(Arrays.stream(preprocessingBytes()).sum());
                json.name("rounds").value(last.preprocessingRounds());
            });
            json.name("input").object(() -> {
                json.name("bytes").value(last.inputBytes());
                json.name("rounds").value(1);
            });
            json.name("reveal").object(() -> {
                json.name("bytes").value(last.revealBytes());
                json.name("rounds").value(1);
            });
            json.name("peakMemoryBytes").value(Machine.peakMemoryBytes());
            json.name("peakLiveBytes").value(last.parties().stream().mapToLong(RunResult.PartyCost::peakLiveBytes).max().orElse(0));
            json.name("allocatedBytes").value(measured.allocatedBytes());
            json.name("kernel").value(RingKernels.explanation());
            json.name("lanes").value(measured.compiled().plans().lanes().size());
            json.name("network").value(network);
            json.name("planHash").value(measured.compiled().planHash());
            json.name("reference").object(() -> {
                json.name("maxAbsError").value(measured.comparison().mismatch().isPresent() ? OptionalDouble.empty()
                        : OptionalDouble.of(measured.comparison().maxAbsError()));
                json.name("argmaxAgrees");
                if (measured.sameClass().isPresent()) {
                    json.value(measured.sameClass().get());
                } else {
                    json.nothing();
                }
                json.name("withinTolerance").value(measured.within());
            });
            json.name("plaintextSecondsMedian").value(Measurement.median(measured.plaintextSeconds()));
            json.name("inputSeed").value(Long.toString(seed));
            json.name("environment").object(() -> {
                json.name("processor").value(Machine.processor());
                json.name("cores").value(Runtime.getRuntime().availableProcessors());
                json.name("system").value(Machine.system());
                json.name("java").value(Machine.java());
                json.name("heapBytes").value(Runtime.getRuntime().maxMemory());
            });
        });
        return json.toString();
    }

    List<String> lines() {
        double median = Measurement.median(measured.seconds());
        double plain = Measurement.median(measured.plaintextSeconds());
        List<String> lines = new ArrayList<>();
        lines.add(name + (batch > 1 ? " · batch " + batch : "") + " · " + protocol.label() + " · " + Text.plural(measured.seconds().length, "run") + " on random inputs (seed " + seed + ")");
        lines.add("");
        lines.add("time     median " + Text.seconds(median) + ", min " + Text.seconds(Arrays.stream(measured.seconds()).min().orElse(0)) + ", max "
                + Text.seconds(Arrays.stream(measured.seconds()).max().orElse(0)) + (batch > 1 ? ", " + Text.seconds(median / batch) + " a sample" : ""));
        lines.add("sent     " + String.join(" + ", Arrays.stream(bytes()).mapToObj(Text::bytes).toList()) + " by party, of that "
                + Text.bytes(Arrays.stream(preprocessingBytes()).sum()) + " ahead of the input · " + Text.plural(last.rounds(), "round"));
        lines.add("apart    inputs " + Text.bytes(last.inputBytes()) + ", reveal " + Text.bytes(last.revealBytes()));
        lines.add("memory   " + Text.bytes(Machine.peakMemoryBytes()) + " peak of the process, " + Text.bytes(measured.allocatedBytes()) + " allocated by a run");
        lines.add("plain    ONNX Runtime " + Text.seconds(plain) + ", " + Text.score(median / plain) + " times faster");
        lines.add("machine  " + Machine.processor() + ", " + Text.plural(Runtime.getRuntime().availableProcessors(), "core") + " · kernels " + RingKernels.explanation() + " · "
                + Text.plural(measured.compiled().plans().lanes().size(), "lane") + " · network " + network);
        lines.add("");
        lines.add((measured.within() ? "✓ " : "✗ outside the tolerance: ") + measured.comparison().mismatch().orElse("max |error| " + Text.error(measured.comparison().maxAbsError())
                + " against ONNX Runtime"));
        return lines;
    }
}
