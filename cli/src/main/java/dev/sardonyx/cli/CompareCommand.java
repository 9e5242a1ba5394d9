package dev.sardonyx.cli;

import dev.sardonyx.Model;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.AccuracyTally;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputFiles;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.transport.LinkProfile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sardonyx compare}: float, fixed point and secure side by side over a data set. */
@Command(name = "compare", mixinStandardHelpOptions = true, sortOptions = false, abbreviateSynopsis = true,
        description = "Runs a data set through ONNX Runtime, the plan in plaintext fixed point and the plan on shares, side by side.",
        footer = {"", "JSON keys: samples, referenceAccuracy, fixedPointAccuracy, secureAccuracy,", "agreement, maxAbsError, meanAbsError, nodes."})
final class CompareCommand implements Callable<Integer> {
    private static final int USUAL_BATCH = 128;
    private static final int THREADS = 2;

    private final Terminal terminal;

    @Parameters(paramLabel = "MODEL.onnx", description = "The trained model.")
    @Nullable
    Path model;

    @Option(names = {"-d", "--data"}, arity = "1..*", paramLabel = "FILE|DIR", description = "IDX, .npz, .csv, or a folder of pictures by class. Default: samples.npz beside the model.")
    List<String> data = new ArrayList<>();

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N samples.")
    @Nullable
    Integer limit;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "128", description = "Samples in one call. Default: ${DEFAULT-VALUE}.")
    int batch = USUAL_BATCH;

    @Option(names = "--tolerance", paramLabel = "ABS,REL", converter = ToleranceConverter.class, description = "How far answers may be from ONNX Runtime's. Default: 1e-3,1e-3.")
    Tolerance tolerance = Tolerance.DEFAULT;

    @Mixin
    PlanArguments plan = new PlanArguments();

    @Mixin
    PixelArguments pixels = new PixelArguments();

    @Mixin
    OutputArguments output = new OutputArguments();

    CompareCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (batch < 1) {
            throw plan.usage("--batch " + batch + ": expected at least 1");
        }
        Protocol protocol = plan.protocol();
        Opened opened = Opened.of(Objects.requireNonNull(model), data, pixels.pixels());
        PlanOptions options = plan.options(protocol, opened.ranges());
        int samples = Samples.limited(opened.data().samples(), limit, plan);
        int call = Math.min(Math.min(opened.data().largestBatch(), batch), samples);
        var tally = new AccuracyTally(tolerance);
        var spent = new Spent();
        OptionalLong seed = plan.insecureSeed == null ? OptionalLong.empty() : OptionalLong.of(plan.insecureSeed);
        try (var onnxRuntime = OnnxRuntimeReference.open(opened.path(), THREADS);
                var secure = Sardonyx.embedded(protocol, plan.links(), seed);
                var plain = Sardonyx.embedded(Protocol.INSECURE_PLAINTEXT, LinkProfile.NONE, OptionalLong.empty());
                var progress = Progress.of("compare", samples, terminal, output.showsProgress(terminal))) {
            Model onShares = secure.load(opened.model(), opened.name(), options);
            Model inTheClear = plain.load(opened.model(), opened.name(), plan.options(Protocol.INSECURE_PLAINTEXT, opened.ranges()));
            plan.calibration().ifPresent(file -> {
                DataSet calibration = InputFiles.open(opened.model().inputs(), opened.model().metadata(), List.of(file.toString()), pixels.pixels());
                onShares.calibrate(calibration);
                inTheClear.calibrate(calibration);
            });
            for (int from = 0; from < samples; from += call) {
                DataSet.Batch part = opened.data().batch(from, Math.min(samples, from + call));
                Model.Answer answer = onShares.run(part.inputs());
                spent.add(answer.result());
                Map<String, Tensor> reference = Revealed.of(onnxRuntime.run(part.inputs()), options.reveal());
                tally.add(from, part.size(), part.labels(), new AccuracyTally.Runs(reference, inTheClear.predict(part.inputs()), answer.outputs()));
                progress.step(part.size());
            }
            DataSet.Batch first = opened.data().batch(0, Math.min(call, DivergenceSearch.MOST_SAMPLES));
            Model observed = plain.load(opened.model(), opened.name(), DivergenceSearch.observable(plan.options(Protocol.INSECURE_PLAINTEXT, opened.ranges())));
            List<NodeDivergence> nodes = DivergenceSearch.of(observed.compile(first.inputs()), opened.path(), first.inputs(), plain, tolerance);
            var report = new CompareReport(opened, protocol, tolerance, tally, spent, Diagnosis.of(nodes, tally.within()));
            if (output.json) {
                terminal.out().print(report.json());
            } else {
                report.lines().forEach(terminal.out()::println);
            }
        }
        return (tally.within() ? ExitCode.OK : ExitCode.OUTSIDE_TOLERANCE).status();
    }
}
