package dev.sardonyx.cli;

import dev.sardonyx.cli.events.PlainText;
import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.cli.service.RemoteModel;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.ModelInput.Dimension;
import dev.sardonyx.reference.Classes;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputFiles;
import dev.sardonyx.reference.files.Tensors;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sardonyx predict}: the data owner shares inputs among a cluster's parties and joins their shares of the answer. */
@Command(name = "predict", mixinStandardHelpOptions = true, sortOptions = false, description = "Predicts with a model that a cluster's parties hold: shares the inputs here, joins the answer here.",
        footer = {"", "JSON keys: protocol, parties, planHash, outputs, reference, seconds, bytesPerParty, rounds, requestId."})
final class PredictCommand implements Callable<Integer> {
    private static final int THREADS = 2;
    private static final int MOST_ROWS = 20;
    private static final int MOST_NUMBERS = 6;

    private final Terminal terminal;

    @Parameters(paramLabel = "NAME", description = "The model's name at the parties.")
    @Nullable
    String name;

    @Option(names = {"-i", "--input"}, arity = "1..*", required = true, paramLabel = "FILE", description = "The secret inputs.")
    List<String> inputs = new ArrayList<>();

    @Mixin
    ClusterArguments cluster = new ClusterArguments();

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N samples.")
    @Nullable
    Integer limit;

    @Option(names = "--plan-hash", paramLabel = "HEX", description = "Refuse any other plan. All 64 digits, as 'deploy' tells them.")
    @Nullable
    String planHash;

    @Option(names = "--check", paramLabel = "MODEL.onnx", description = "Compare with ONNX Runtime on this model, where one owner has both.")
    @Nullable
    Path check;

    @Option(names = "--tolerance", paramLabel = "ABS,REL", converter = ToleranceConverter.class, description = "How far answers may be from ONNX Runtime's. Default: 1e-3,1e-3.")
    Tolerance tolerance = Tolerance.DEFAULT;

    @Mixin
    PixelArguments pixels = new PixelArguments();

    @Mixin
    OutputArguments output = new OutputArguments();

    PredictCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** All answers, joined along the samples, and what they took. */
    private record Gathered(Map<String, Tensor> outputs, Map<String, Tensor> reference, String requestId, Spent spent, int samples) {
    }

    @Override
    public Integer call() {
        try (RemoteCluster remote = cluster.connect(ClusterArguments.DATA_OWNER)) {
            RemoteModel model = remote.model(Objects.requireNonNull(name));
            requireAccepted(model);
            DataSet data = InputFiles.open(declared(model), model.metadata(), inputs, pixels.pixels());
            int samples = limit == null ? data.samples() : Math.clamp(limit, 1, data.samples());
            Gathered gathered;
            try (var progress = Progress.of("predict", samples, terminal, output.showsProgress(terminal) && samples > 1)) {
                if (check == null) {
                    gathered = gather(model, data, samples, Optional.empty(), progress);
                } else {
                    try (OnnxRuntimeReference reference = OnnxRuntimeReference.open(check, THREADS)) {
                        gathered = gather(model, data, samples, Optional.of(reference), progress);
                    }
                }
            }
            Optional<Comparison> comparison = check == null ? Optional.empty() : Optional.of(Comparison.of(gathered.reference(), gathered.outputs(), tolerance));
            report(remote, model, gathered, comparison);
            return (comparison.isEmpty() || comparison.get().within() ? ExitCode.OK : ExitCode.OUTSIDE_TOLERANCE).status();
        }
    }

    /** Shows what the plan reveals, and refuses one that is not the wanted one. */
    private void requireAccepted(RemoteModel model) {
        if (planHash != null && !model.planHash().equals(planHash)) {
            throw new RunException(RunException.Kind.PLAN_MISMATCH, "the parties' plan of model '" + model.name() + "' is " + model.planHash() + ", not " + planHash);
        }
        terminal.remark("model " + model.name() + ", version " + model.version() + ", plan " + model.planHash());
        model.plan().answers().forEach(revealed -> terminal.remark("reveals " + revealed.name() + " to the data owner, and nothing to anyone else"));
        terminal.remark(model.plan().clampsInputs() ? "inputs are clamped in shares to their declared range"
                : "inputs are trusted to lie in their declared range (deployed with --insecure-trust-inputs)");
        model.plan().disclosures().forEach(told -> terminal.remark(told.role() + " learns " + told.what()));
    }

    /** The plan's inputs as files are read for them. */
    private static List<ModelInput> declared(RemoteModel model) {
        List<ModelInput> declared = new ArrayList<>();
        for (Plan.InputSpec input : model.plan().inputs()) {
            PlanValue value = model.plan().value(input.value());
            ElementType type = value.kind() == PlanValue.Kind.BITS ? ElementType.BOOL : value.fractionBits() == 0 ? ElementType.INT64 : ElementType.FLOAT32;
            List<Dimension> dims = new ArrayList<>();
            for (int axis = 0; axis < value.shape().rank(); axis++) {
                dims.add(axis == 0 && model.batch().isPresent() ? new Dimension.Symbolic("batch") : new Dimension.Known(value.shape().dim(axis)));
            }
            declared.add(new ModelInput(input.name(), type, dims, true));
        }
        return declared;
    }

    private static Gathered gather(RemoteModel model, DataSet data, int samples, Optional<OnnxRuntimeReference> check, Progress progress) {
        OptionalInt batch = model.batch();
        int call = Math.min(batch.isPresent() ? batch.getAsInt() : 1, data.largestBatch());
        Map<String, List<Tensor>> outputs = new LinkedHashMap<>();
        Map<String, List<Tensor>> references = new LinkedHashMap<>();
        List<String> ids = new ArrayList<>();
        var spent = new Spent();
        for (int from = 0; from < samples; from += call) {
            DataSet.Batch part = data.batch(from, Math.min(samples, from + call));
            RemoteModel.Answer answer = model.run(part.inputs());
            append(outputs, answer.outputs());
            check.ifPresent(reference -> append(references, reference.run(part.inputs())));
            ids.add(answer.requestId());
            spent.add(answer.result());
            progress.step(part.size());
        }
        return new Gathered(joined(outputs), joined(references), String.join(",", ids), spent, samples);
    }

    private static void append(Map<String, List<Tensor>> all, Map<String, Tensor> call) {
        call.forEach((output, tensor) -> all.computeIfAbsent(output, _ -> new ArrayList<>()).add(tensor));
    }

    private static Map<String, Tensor> joined(Map<String, List<Tensor>> parts) {
        Map<String, Tensor> whole = new LinkedHashMap<>();
        parts.forEach((output, tensors) -> whole.put(output, tensors.size() == 1 || tensors.getFirst().shape().rank() == 0 ? tensors.getFirst()
                : Tensors.concat(tensors)));
        return whole;
    }

    private void report(RemoteCluster remote, RemoteModel model, Gathered gathered, Optional<Comparison> comparison) {
        if (output.json) {
            terminal.out().print(json(remote, model, gathered, comparison));
            return;
        }
        Optional<Classes> classes = Classes.in(gathered.outputs(), gathered.samples());
        if (classes.isPresent()) {
            var table = new Table("sample", "class", "score");
            for (int sample = 0; sample < Math.min(gathered.samples(), MOST_ROWS); sample++) {
                long found = classes.get().of(gathered.outputs(), sample);
                table.row(String.valueOf(sample), String.valueOf(found), Text.score(classes.get().score(gathered.outputs(), sample, found)));
            }
            table.lines().forEach(terminal.out()::println);
            if (gathered.samples() > MOST_ROWS) {
                terminal.out().println("and " + (gathered.samples() - MOST_ROWS) + " more");
            }
        } else {
            gathered.outputs().forEach((output, tensor) -> terminal.out().println(PlainText.of(output) + " " + tensor.shape() + ": " + first(tensor)));
        }
        terminal.out().println(Text.plural(gathered.samples(), "sample") + " · " + gathered.spent().line());
        comparison.ifPresent(found -> terminal.out().println((found.within() ? "✓" : "✗") + " max |error| against ONNX Runtime " + Text.error(found.maxAbsError())));
    }

    private static String first(Tensor tensor) {
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < Math.min(tensor.size(), MOST_NUMBERS); i++) {
            numbers.add(tensor.type().isFloating() ? Text.score(tensor.getDouble(i)) : String.valueOf(tensor.getLong(i)));
        }
        return String.join("  ", numbers) + (tensor.size() > MOST_NUMBERS ? "  …" : "");
    }

    private static Json json(RemoteCluster remote, RemoteModel model, Gathered gathered, Optional<Comparison> comparison) {
        var json = new Json();
        json.object(() -> {
            json.name("model").value(model.name());
            json.name("version").value(model.version());
            json.name("protocol").value(remote.protocol().label());
            json.name("parties").value(remote.parties());
            json.name("planHash").value(model.planHash());
            json.name("samples").value(gathered.samples());
            json.name("outputs").object(() -> gathered.outputs().forEach((output, tensor) -> json.name(output).object(() -> tensor(json, tensor))));
            json.name("reference");
            if (comparison.isPresent()) {
                json.object(() -> {
                    json.name("maxAbsError").value(comparison.get().maxAbsError());
                    json.name("withinTolerance").value(comparison.get().within());
                    Optional<Classes> classes = Classes.in(gathered.reference(), gathered.samples());
                    json.name("argmaxAgrees");
                    if (classes.isPresent()) {
                        json.value(IntStream.range(0, gathered.samples()).allMatch(sample -> classes.get().of(gathered.reference(), sample) == classes.get()
                                .of(gathered.outputs(), sample)));
                    } else {
                        json.nothing();
                    }
                });
            } else {
                json.nothing();
            }
            gathered.spent().write(json);
            json.name("requestId").value(gathered.requestId());
        });
        return json;
    }

    private static void tensor(Json json, Tensor tensor) {
        Shape shape = tensor.shape();
        json.name("shape").numbers(shape.dims().stream().mapToLong(Integer::longValue).toArray());
        json.name("values");
        if (tensor.type().isFloating()) {
            json.numbers(tensor.toDoubles());
        } else {
            json.numbers(tensor.toLongs());
        }
    }
}
