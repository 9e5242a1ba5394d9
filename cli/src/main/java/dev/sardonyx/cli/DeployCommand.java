package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sardonyx deploy}: the model owner gives the parties a plan and shares of the weights. */
@Command(name = "deploy", mixinStandardHelpOptions = true, sortOptions = false, description = "Compiles a model here, splits its weights into shares, and gives each party the plan and its own share.",
        footer = {"", "Nobody but this machine sees the weights, and no share is written to its disk. JSON keys: model, version, planHash."})
final class DeployCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "MODEL.onnx", description = "The trained model.")
    @Nullable
    Path model;

    @Mixin
    ClusterArguments cluster = new ClusterArguments();

    @Option(names = "--name", paramLabel = "NAME", description = "What it is asked for by. Default: the file's name.")
    @Nullable
    String name;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "1", description = "Rows that one request takes at most. Default: ${DEFAULT-VALUE}.")
    int batch = 1;

    @Option(names = "--allow", paramLabel = "CLIENT", split = ",", description = "Clients that may query it. Default: all that may predict.")
    List<String> allowed = new ArrayList<>();

    @Option(names = {"-i", "--input"}, arity = "1..*", paramLabel = "FILE", description = "Samples that give shapes and ranges. Default: samples.npz beside the model.")
    List<String> inputs = new ArrayList<>();

    @Option(names = "--insecure-trust-inputs", description = "Do not clamp inputs in shares to their declared range: saves its cost, and whoever shares a number outside it gets what comes of it.")
    boolean insecureTrustInputs;

    @Mixin
    PlanArguments plan = new PlanArguments();

    @Mixin
    PixelArguments pixels = new PixelArguments();

    @Mixin
    OutputArguments output = new OutputArguments();

    DeployCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (batch < 1) {
            throw plan.usage("--batch " + batch + ": expected at least 1");
        }
        if (plan.insecureSeed != null || plan.insecurePlaintext) {
            throw plan.usage("a deployment is never insecure; expected neither --insecure-seed nor --insecure-plaintext");
        }
        Path file = Objects.requireNonNull(model);
        try (RemoteCluster remote = cluster.connect(ClusterArguments.MODEL_OWNER)) {
            Protocol protocol = remote.protocol();
            plan.requireProtocol(protocol);
            OnnxModel onnx = OnnxModel.read(file);
            ModelShapes shapes = ModelShapes.of(onnx, file, inputs, pixels.pixels(), batch);
            plan.declareRanges();
            PlanOptions options = plan.options(protocol, shapes.ranges()).withClampedInputs(!insecureTrustInputs);
            Compiled.Samples samples = plan.calibrationSamples(onnx, pixels.pixels());
            String called = name == null ? Sardonyx.nameOf(file) : name;
            Compiled compiled = Compiled.of(called, onnx, new Compiled.Inputs(shapes.shapes(), shapes.publicInputs(), samples), options);
            compiled.plan().inputs().forEach(input -> terminal.remark("input '" + input.name() + "' is " + (insecureTrustInputs ? "taken to lie in ["
                    : "clamped in shares to [") + input.low() + ", " + input.high() + "]" + source(shapes, input.name())));
            ModelShapes.accuracy(onnx, file, inputs, pixels.pixels(), compiled).warnings().forEach(warning -> terminal.remark("warning: " + warning));
            compiled.plan().disclosures().forEach(told -> terminal.remark(told.role() + " learns " + told.what()));
            RemoteCluster.Deployed deployed = deploy(remote, called, compiled, onnx.metadata());
            if (output.json) {
                var json = new Json();
                json.object(() -> {
                    json.name("model").value(deployed.name());
                    json.name("version").value(deployed.version());
                    json.name("planHash").value(deployed.planHash());
                    json.name("batch").value(batch);
                });
                terminal.out().print(json);
            } else {
                terminal.out().println("model " + deployed.name() + ", version " + deployed.version() + ", plan " + deployed.planHash());
            }
            return ExitCode.OK.status();
        }
    }

    private RemoteCluster.Deployed deploy(RemoteCluster remote, String called, Compiled compiled, Map<String, String> metadata) {
        try (var progress = Progress.of("sending shares", 100, terminal, output.showsProgress(terminal))) {
            return remote.deploy(called, compiled, allowed, metadata, new RemoteCluster.Sending() {
                private long shown;

                @Override
                public void sent(long sent, long total) {
                    long percent = 100 * sent / total;
                    progress.step(percent - shown);
                    shown = percent;
                }
            });
        }
    }

    /** On whose word an input has its range. */
    private String source(ModelShapes shapes, String input) {
        return plan.declaredRanges().containsKey(input) ? ""
                : (shapes.assumed().contains(input) ? ", which nobody declared" : ", the range of the samples") + "; --input-range says otherwise";
    }
}
