package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.importer.ImportException;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.files.Numpy;
import dev.sardonyx.secureops.plan.PlanText;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import dev.sardonyx.secureops.planner.PlanException;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sardonyx inspect}: what will run, what it costs, who learns what; nothing is run. */
@Command(name = "inspect", mixinStandardHelpOptions = true, sortOptions = false, abbreviateSynopsis = true, description = "Shows what would run, what it costs and who learns what. Nothing runs.",
        footer = {"", "JSON keys: nodes, total, learns, ranges, passes, unsupported, planHash."})
final class InspectCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "MODEL.onnx", description = "The trained model.")
    @Nullable
    Path model;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "1", description = "Rows of a call. Default: ${DEFAULT-VALUE}.")
    int batch = 1;

    @Option(names = {"-i", "--input"}, arity = "1..*", paramLabel = "FILE", description = "Samples that give shapes and ranges. Default: samples.npz beside the model.")
    List<String> inputs = new ArrayList<>();

    @Option(names = "--passes", description = "What each optimisation saves on this model.")
    boolean passes;

    @Option(names = "--weights", paramLabel = "OUT.npz", description = "Write the learned tensors by name.")
    @Nullable
    Path weights;

    @Option(names = "--plan", paramLabel = "FILE", description = "Write the plan, for a person to read and 'run --plan' to insist on.")
    @Nullable
    Path planFile;

    @Mixin
    PlanArguments plan = new PlanArguments();

    @Mixin
    PixelArguments pixels = new PixelArguments();

    @Mixin
    OutputArguments output = new OutputArguments();

    InspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Path path = Objects.requireNonNull(model);
        if (batch < 1) {
            throw plan.usage("--batch " + batch + ": expected at least 1");
        }
        Protocol protocol = plan.protocol();
        OnnxModel onnx = OnnxModel.read(path);
        if (weights != null) {
            Numpy.writeAll(weights, onnx.weights());
            terminal.remark("wrote " + Text.plural(onnx.weights().size(), "tensor") + " to " + weights);
        }
        String name = Sardonyx.nameOf(path);
        try {
            ModelShapes shapes = ModelShapes.of(onnx, path, inputs, pixels.pixels(), batch);
            PlanOptions options = plan.options(protocol, shapes.ranges());
            var wanted = new Compiled.Inputs(shapes.shapes(), shapes.publicInputs(), plan.calibrationSamples(onnx, pixels.pixels()));
            Compiled compiled = Compiled.of(name, onnx, wanted, options);
            PlanAccuracy accuracy = ModelShapes.accuracy(onnx, path, inputs, pixels.pixels(), compiled);
            accuracy.warnings().forEach(warning -> terminal.remark("warning: " + warning));
            if (planFile != null) {
                PlanFile.write(planFile, PlanText.of(compiled.plan()));
                terminal.remark("wrote the plan to " + planFile);
            }
            List<PassEffect> effects = passes ? PassEffect.ofAll(without -> Compiled.of(name, onnx, wanted, options.withDisabled(without)), compiled, options)
                    : List.of();
            var report = new InspectReport(name, onnx, shapes, options, new InspectReport.Planned(compiled, accuracy), effects);
            if (output.json) {
                terminal.out().print(report.json());
            } else {
                report.lines().forEach(terminal.out()::println);
            }
            return ExitCode.OK.status();
        } catch (ImportException e) {
            return unsupported(e, e.kind() == ImportException.Kind.UNSUPPORTED, UnsupportedNode.of(e, onnx));
        } catch (PlanException e) {
            return unsupported(e, e.kind() == PlanException.Kind.UNSUPPORTED, UnsupportedNode.of(e, onnx));
        }
    }

    private int unsupported(RuntimeException failure, boolean isUnsupported, List<UnsupportedNode> nodes) {
        if (!isUnsupported) {
            throw failure;
        }
        if (output.json) {
            terminal.out().print(UnsupportedNode.json(nodes));
        }
        throw failure;
    }
}
