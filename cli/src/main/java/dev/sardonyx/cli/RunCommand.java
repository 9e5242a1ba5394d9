package dev.sardonyx.cli;

import dev.sardonyx.Model;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.plan.PlanText;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sardonyx run}: a private prediction with all parties in this process, beside ONNX Runtime's. */
@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false, abbreviateSynopsis = true, description = "Predicts on secret shares, all parties in this process, and shows the answer beside ONNX Runtime's.",
        footer = {"", "Inputs: .npz with the model's input names (and 'labels'), .npy, .pb, .png,",
                ".jpg, .csv, IDX, a folder of pictures by class, or NAME=FILE for a model of",
                "several inputs.",
                "JSON keys: protocol, parties, planHash, outputs, reference, statedError,",
                "rangeViolations, seconds, bytesPerParty, rounds."})
final class RunCommand implements Callable<Integer> {
    private static final int LARGEST_CALL = 128;
    private static final int THREADS = 2;

    private final Terminal terminal;

    @Parameters(paramLabel = "MODEL.onnx", description = "The trained model.")
    @Nullable
    Path model;

    @Option(names = {"-i", "--input"}, arity = "1..*", paramLabel = "FILE", description = "The secret inputs. Default: samples.npz beside the model.")
    List<String> inputs = new ArrayList<>();

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N samples.")
    @Nullable
    Integer limit;

    @Option(names = "--tolerance", paramLabel = "ABS,REL", converter = ToleranceConverter.class, description = "How far answers may be from ONNX Runtime's. Default: 1e-3,1e-3.")
    Tolerance tolerance = Tolerance.DEFAULT;

    @Option(names = "--plan", paramLabel = "FILE", description = "Run only if the plan is this one, as 'inspect --plan' wrote it.")
    @Nullable
    Path planFile;

    @Mixin
    PlanArguments plan = new PlanArguments();

    @Mixin
    PixelArguments pixels = new PixelArguments();

    @Mixin
    OutputArguments output = new OutputArguments();

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Protocol protocol = plan.protocol();
        Opened opened = Opened.of(Objects.requireNonNull(model), inputs, pixels.pixels());
        PlanOptions options = plan.options(protocol, opened.ranges());
        int samples = Samples.limited(opened.data().samples(), limit, plan);
        try (var onnxRuntime = OnnxRuntimeReference.open(opened.path(), THREADS);
                var sardonyx = Sardonyx.embedded(protocol, plan.links(), plan.seed());
                var progress = Progress.of("run", samples, terminal, output.showsProgress(terminal) && samples > LARGEST_CALL)) {
            Model loaded = sardonyx.load(opened.model(), opened.name(), options);
            plan.calibration(opened.model(), pixels.pixels()).ifPresent(loaded::calibrate);
            int call = Math.min(Math.min(opened.data().largestBatch(), LARGEST_CALL), samples);
            Optional.ofNullable(planFile).ifPresent(file -> PlanFile.requireSame(file, PlanText.of(loaded.compile(opened.data().batch(0, call).inputs()).plan())));
            var watch = new RangeWatch();
            SampleRun run = watch.explaining(terminal, () -> SampleRun.of(loaded, onnxRuntime, opened.data(), new SampleRun.Calls(samples, call, progress), watch));
            progress.close();
            var report = new RunReport(opened, protocol, options, tolerance, run);
            report.warnings().forEach(warning -> terminal.remark("warning: " + warning));
            if (output.json) {
                terminal.out().print(report.json());
            } else {
                report.lines(terminal.columns()).forEach(terminal.out()::println);
            }
            return (report.within() ? ExitCode.OK : ExitCode.OUTSIDE_TOLERANCE).status();
        }
    }
}
