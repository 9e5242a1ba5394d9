package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Model;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.reference.AccuracyTally;
import dev.sardonyx.reference.OnnxProbe;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.ReferenceException;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.reference.report.HtmlReport;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.transport.LinkProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
        footer = {"", "JSON keys: samples, referenceAccuracy, fixedPointAccuracy, secureAccuracy,", "agreement, maxAbsError, meanAbsError, statedError, rangeViolations, nodes,", "diagnosis."})
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

    @Option(names = "--html", paramLabel = "FILE", description = "Writes a report with plots: one page that needs nothing beside it.")
    @Nullable
    Path html;

    @Option(names = "--resume", paramLabel = "FILE", description = "Keeps what is done in this file after each call, and goes on from it if it is there.")
    @Nullable
    Path resume;

    @Option(names = "--insecure-reveal-intermediates", description = "Reveals the values inside a secure run on the first samples, to see what the protocol adds at each node.")
    boolean revealIntermediates;

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
        try (var onnxRuntime = OnnxRuntimeReference.open(opened.path(), THREADS);
                var secure = Sardonyx.embedded(protocol, plan.links(), plan.seed());
                var plain = Sardonyx.embedded(Protocol.INSECURE_PLAINTEXT, LinkProfile.NONE, OptionalLong.empty());
                var progress = Progress.of("compare", samples, terminal, output.showsProgress(terminal))) {
            Model onShares = loaded(secure, opened, options);
            Model inTheClear = loaded(plain, opened, plan.options(Protocol.INSECURE_PLAINTEXT, opened.ranges()));
            DataSet.Batch first = opened.data().batch(0, call);
            Compiled compiled = onShares.compile(first.inputs());
            PlanAccuracy accuracy = compiled.accuracyOn(first.inputs());
            CompareProgress done = started(opened, compiled, first);
            progress.step(Math.min(samples, done.done()));
            var watch = new RangeWatch();
            for (int from = done.done(); from < samples; from += call) {
                DataSet.Batch part = opened.data().batch(from, Math.min(samples, from + call));
                watch.see(onShares.compile(part.inputs()), part.inputs());
                Model.Answer answer = watch.explaining(terminal, () -> onShares.run(part.inputs()));
                Map<String, Tensor> reference = Revealed.of(onnxRuntime.run(part.inputs()), options.reveal());
                var runs = new AccuracyTally.Runs(reference, inTheClear.predict(part.inputs()), answer.outputs());
                done.spent().add(answer.result());
                done.tally().add(from, part.size(), part.labels(), runs);
                done.outputs().add(from, part.size(), part.labels(), runs);
                done.advance(from + part.size());
                if (resume != null) {
                    done.save(resume);
                }
                progress.step(part.size());
            }
            Diagnosis diagnosis = diagnosis(opened, secure, plain, done.tally().within());
            progress.close();
            if (html != null) {
                var subject = new ComparePage.Subject(opened, options.protocol(), new ComparePage.Planned(compiled, accuracy), diagnosis, revealIntermediates);
                write(html, HtmlReport.of(ComparePage.of(subject, done, settings())));
            }
            var report = new CompareReport(new CompareReport.Subject(opened, protocol, tolerance, accuracy), done, diagnosis, watch);
            report.warnings().forEach(warning -> terminal.remark("warning: " + warning));
            if (output.json) {
                terminal.out().print(report.json());
            } else {
                report.lines().forEach(terminal.out()::println);
                if (html != null) {
                    terminal.out().println("report: " + html);
                }
            }
            return (done.tally().within() ? ExitCode.OK : ExitCode.OUTSIDE_TOLERANCE).status();
        }
    }

    private Model loaded(Sardonyx cluster, Opened opened, PlanOptions options) {
        Model loaded = cluster.load(opened.model(), opened.name(), options);
        plan.calibration(opened.model(), pixels.pixels()).ifPresent(loaded::calibrate);
        return loaded;
    }

    private CompareProgress started(Opened opened, Compiled compiled, DataSet.Batch first) {
        if (resume == null) {
            return CompareProgress.start("", tolerance);
        }
        return CompareProgress.resume(resume, CompareProgress.identity(opened.path(), compiled, first.inputs(), tolerance), tolerance);
    }

    /** Looks into the model on its first samples; one that keeps its weights in files beside it cannot be taken apart. */
    private Diagnosis diagnosis(Opened opened, Sardonyx secure, Sardonyx plain, boolean within) {
        Map<String, Tensor> inputs = opened.data().batch(0, Math.min(opened.data().samples(), Math.min(opened.data().largestBatch(), DivergenceSearch.MOST_SAMPLES)))
                .inputs();
        Model observed = loaded(plain, opened, DivergenceSearch.observable(plan.options(Protocol.INSECURE_PLAINTEXT, opened.ranges())));
        try {
            Compiled compiled = observed.compile(inputs);
            Map<ValueId, Tensor> fixed = DivergenceSearch.reveal(compiled, plain, inputs);
            try (OnnxProbe probe = OnnxProbe.open(opened.path(), DivergenceSearch.watchable(compiled, fixed), THREADS)) {
                var search = new DivergenceSearch(compiled, probe, tolerance);
                List<NodeDivergence> nodes = search.nodes(inputs, fixed);
                if (revealIntermediates) {
                    Compiled shared = loaded(secure, opened, DivergenceSearch.observable(plan.options(plan.protocol(), opened.ranges()))).compile(inputs);
                    nodes = search.withProtocol(nodes, fixed, DivergenceSearch.reveal(shared, secure, inputs));
                }
                return Diagnosis.of(nodes, within);
            }
        } catch (ReferenceException e) {
            terminal.err().println("nodes are not compared: " + e.getMessage());
            return Diagnosis.UNKNOWN;
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("Network", plan.networkName());
        settings.put("Tolerance", tolerance.toString());
        settings.put("Written", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        return settings;
    }

    private static void write(Path file, String page) {
        try {
            Files.writeString(file, page);
        } catch (IOException e) {
            throw new InputException(InputException.Kind.UNREADABLE, "--html " + file + ": cannot be written: " + e.getMessage());
        }
    }
}
