package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Model;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.cli.service.LocalCluster;
import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.cli.service.RemoteModel;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.reference.files.Range;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.transport.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sardonyx bench}: seconds, bytes and rounds of a model or of one operator. */
@Command(name = "bench", mixinStandardHelpOptions = true, sortOptions = false, abbreviateSynopsis = true, description = "Measures a model, or one operator, on fresh random inputs; every answer is checked against ONNX Runtime.",
        footer = {"", "Seconds include preprocessing; sharing of weights and inputs and the final reveal",
                "are counted apart. Bytes are those a party sends.",
                "JSON keys: batch, secondsMedian, secondsMin, secondsMax, bytesPerParty,",
                "totalBytes, rounds, preprocessing, input, reveal, peakMemoryBytes,",
                "allocatedBytes, kernel, lanes, network, reference, plaintextSecondsMedian,",
                "environment."})
final class BenchCommand implements Callable<Integer> {
    private static final Duration START = Duration.ofMinutes(2);

    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "MODEL.onnx", description = "The trained model.")
    @Nullable
    Path model;

    @Option(names = "--primitive", paramLabel = "NAME", description = "One operator instead of a model: ${COMPLETION-CANDIDATES}.")
    @Nullable
    Primitive primitive;

    @Option(names = "--shape", paramLabel = "S", description = "Extents with x between: MxKxN for matmul, ROWSxCOLUMNS for softmax.")
    @Nullable
    String shape;

    @Option(names = "--bits", paramLabel = "W", description = "Width that the operator's values are planned at, 8 to 64. Default: what its range needs.")
    @Nullable
    Integer bits;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "1", description = "Rows of a call. Default: ${DEFAULT-VALUE}.")
    int batch = 1;

    @Option(names = "--repeat", paramLabel = "N", defaultValue = "7", description = "Measured runs. Default: ${DEFAULT-VALUE}.")
    int repeat = 7;

    @Option(names = "--warmup", paramLabel = "N", description = "Runs before them that are not measured. Default: at least 2, for 4 seconds; with --transport tls until they get no faster, a minute or so.")
    @Nullable
    Integer warmup;

    @Option(names = {"-i", "--input"}, arity = "1..*", paramLabel = "FILE", description = "Samples that give shapes and ranges. Default: samples.npz beside the model.")
    List<String> inputs = new ArrayList<>();

    @Option(names = "--insecure-trust-inputs", description = "With --transport tls: do not clamp inputs in shares to their range, as parties' services do.")
    boolean insecureTrustInputs;

    @Option(names = "--transport", paramLabel = "memory|tls", defaultValue = "memory", description = "All parties in this process, or a process each and TLS on the loopback interface. Default: ${DEFAULT-VALUE}.")
    String transport = "memory";

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the random inputs. Default: a new one, which is printed.")
    @Nullable
    Long seed;

    @Option(names = "--tolerance", paramLabel = "ABS,REL", converter = ToleranceConverter.class, description = "How far answers may be from ONNX Runtime's. Default: 1e-3,1e-3.")
    Tolerance tolerance = Tolerance.DEFAULT;

    @Mixin
    PlanArguments plan = new PlanArguments();

    @Mixin
    PixelArguments pixels = new PixelArguments();

    @Mixin
    OutputArguments output = new OutputArguments();

    BenchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if ((model == null) == (primitive == null)) {
            throw plan.usage("expected either MODEL.onnx or --primitive NAME");
        }
        if (batch < 1 || repeat < 1 || warmup != null && warmup < 0) {
            throw plan.usage("--batch and --repeat: expected at least 1; --warmup: at least 0");
        }
        Protocol protocol = plan.protocol();
        Subject subject = subject();
        PlanOptions options = plan.options(protocol, subject.shapes().ranges());
        if (subject.fractionBits().isPresent() && plan.fractionBits == null) {
            options = options.withFractionBits(subject.fractionBits().getAsInt());
        }
        if (!transport.equals("memory")) {
            return overTls(subject, protocol, options);
        }
        long inputSeed = seed == null ? new java.security.SecureRandom().nextLong() : seed;
        try (OnnxRuntimeReference onnxRuntime = subject.onnxRuntime();
                var sardonyx = Sardonyx.embedded(protocol, plan.links(), plan.seed());
                var progress = Progress.of("bench", repeat, terminal, output.showsProgress(terminal))) {
            var loaded = sardonyx.load(subject.model(), subject.name(), options);
            plan.calibration(subject.model(), pixels.pixels()).ifPresent(loaded::calibrate);
            var drawing = new RandomInputs(subject.shapes(), options.inputRanges(), inputSeed);
            var settings = new Measurement.Settings(warmup(Warmup.Rule.USUAL), repeat, tolerance, options.reveal());
            var measured = Measurement.of(loaded::run, onnxRuntime, drawing, settings, progress);
            progress.close();
            var report = new BenchReport(subject.name(), protocol, plan.networkName(), batch, inputSeed, measured);
            if (output.json) {
                terminal.out().print(report.json());
            } else {
                report.lines().forEach(terminal.out()::println);
            }
            return (measured.within() ? ExitCode.OK : ExitCode.OUTSIDE_TOLERANCE).status();
        }
    }

    /** As the rest, by a connected client of three processes on this machine; seconds are the client's, allocations too. */
    private int overTls(Subject subject, Protocol protocol, PlanOptions options) {
        if (!transport.equals("tls") || plan.network != null || plan.insecureSeed != null || plan.insecurePlaintext) {
            throw plan.usage("--transport " + transport + ": expected memory or tls; tls goes without --network and --insecure options");
        }
        long inputSeed = seed == null ? new java.security.SecureRandom().nextLong() : seed;
        Compiled.Samples samples = plan.calibrationSamples(subject.model(), pixels.pixels());
        Compiled compiled = Compiled.of(subject.name(), subject.model(), new Compiled.Inputs(subject.shapes().shapes(), subject.shapes().publicInputs(), samples),
                options.withClampedInputs(!insecureTrustInputs));
        try (OnnxRuntimeReference onnxRuntime = subject.onnxRuntime();
                LocalCluster cluster = LocalCluster.start(protocol, List.of());
                RemoteCluster modelOwner = cluster.connect(ClusterArguments.MODEL_OWNER);
                RemoteCluster dataOwner = cluster.connect(ClusterArguments.DATA_OWNER);
                var progress = Progress.of("bench", repeat, terminal, output.showsProgress(terminal))) {
            cluster.awaitReady(modelOwner, Deadline.in(START));
            modelOwner.deploy(subject.name(), compiled, List.of());
            RemoteModel model = dataOwner.model(subject.name());
            var drawing = new RandomInputs(subject.shapes(), options.inputRanges(), inputSeed);
            var measured = Measurement.of(input -> new Model.Answer(model.run(secret(subject, input)).result(), compiled), onnxRuntime, drawing,
                    new Measurement.Settings(warmup(Warmup.Rule.STEADY), repeat, tolerance, options.reveal()), progress);
            progress.close();
            var report = new BenchReport(subject.name(), protocol, "loopback TLS, a process for each party", batch, inputSeed, measured);
            if (output.json) {
                terminal.out().print(report.json());
            } else {
                report.lines().forEach(terminal.out()::println);
            }
            return (measured.within() ? ExitCode.OK : ExitCode.OUTSIDE_TOLERANCE).status();
        }
    }

    private Warmup warmup(Warmup.Rule usual) {
        return new Warmup(warmup == null ? usual : Warmup.Rule.of(warmup));
    }

    private static Map<String, Tensor> secret(Subject subject, Map<String, Tensor> inputs) {
        Map<String, Tensor> secret = new LinkedHashMap<>(inputs);
        secret.keySet().removeAll(subject.model().publicInputs());
        return secret;
    }

    /** What is measured. */
    private record Subject(String name, OnnxModel model, ModelShapes shapes, OptionalInt fractionBits, Optional<Path> path, byte[] bytes) {
        private static final int THREADS = 2;

        OnnxRuntimeReference onnxRuntime() {
            return path.isPresent() ? OnnxRuntimeReference.open(path.get(), THREADS) : OnnxRuntimeReference.open(bytes, THREADS);
        }
    }

    private Subject subject() {
        if (model != null) {
            OnnxModel onnx = OnnxModel.read(model);
            if (shape != null || bits != null) {
                throw plan.usage("--shape and --bits go with --primitive");
            }
            return new Subject(Sardonyx.nameOf(model), onnx, ModelShapes.of(onnx, model, inputs, pixels.pixels(), batch), OptionalInt.empty(), Optional.of(model),
                    new byte[0]);
        }
        Primitive chosen = java.util.Objects.requireNonNull(primitive);
        if (batch != 1 || !inputs.isEmpty()) {
            throw plan.usage("--batch and --input go with a model; --primitive takes --shape");
        }
        PrimitiveModel made;
        try {
            made = PrimitiveModel.of(chosen, Optional.ofNullable(shape), bits == null ? OptionalInt.empty() : OptionalInt.of(bits));
        } catch (IllegalArgumentException e) {
            throw plan.usage(String.valueOf(e.getMessage()));
        }
        OnnxModel onnx = OnnxModel.read(made.bytes(), Path.of("."));
        Map<String, Range> ranges = new HashMap<>(made.ranges());
        return new Subject(chosen.toString(), onnx, new ModelShapes(made.shapes(), made.types(), Map.of(), ranges, List.of()), made.fractionBits(), Optional.empty(),
                made.bytes());
    }
}
