package dev.sardonyx;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputException;
import dev.sardonyx.reference.files.InputFiles;
import dev.sardonyx.reference.files.Range;
import dev.sardonyx.secureops.execute.EmbeddedCluster;
import dev.sardonyx.secureops.execute.RunResult;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model that parties in this process run on shares. For each combination of input shapes, public inputs and ranges it is planned
 * once and its weights are shared once. Safe for several threads.
 */
public final class Model {
    private final EmbeddedCluster cluster;
    private final OnnxModel model;
    private final String name;
    private final PlanOptions options;
    private final Map<Key, Loaded> loaded = new HashMap<>();
    private Compiled.Samples samples = Compiled.Samples.NONE;

    private record Key(Map<String, Shape> shapes, Map<String, List<Long>> publicInputs, Map<String, Interval> ranges) {
    }

    /** A plan and the shares that the parties hold for it. */
    private record Loaded(Compiled compiled, EmbeddedCluster.LoadedModel parties) {
    }

    /**
     * An answer and what it took.
     *
     * @param result outputs by name, seconds, bytes and rounds
     * @param compiled the plan that was run
     */
    public record Answer(RunResult result, Compiled compiled) {
        public Map<String, Tensor> outputs() {
            return result.outputs();
        }
    }

    Model(EmbeddedCluster cluster, OnnxModel model, String name, PlanOptions options) {
        this.cluster = cluster;
        this.model = model;
        this.name = name;
        this.options = options;
    }

    public String name() {
        return name;
    }

    /** What callers give, in the model's order. */
    public List<ModelInput> inputs() {
        return model.inputs();
    }

    /** The inputs that decide the graph's structure and are therefore not secret. */
    public Set<String> publicInputs() {
        return model.publicInputs();
    }

    /** The learned tensors by name: what the model owner holds and no party sees. */
    public Map<String, Tensor> weights() {
        return model.weights();
    }

    /**
     * Tightens planned ranges to what is seen on these samples, with a margin; holds for plans that are made from now on. A value that
     * exceeds them later would wrap, which no proof excludes.
     */
    public synchronized void calibrate(DataSet calibration) {
        samples = Compiled.samples(model, calibration);
    }

    /**
     * The first output for a model's only input.
     *
     * @throws InputException if the model has several inputs, or the tensor does not fit
     */
    public Tensor predict(Tensor input) {
        List<ModelInput> inputs = model.inputs();
        if (inputs.size() != 1) {
            throw new InputException(InputException.Kind.NAMES, "one tensor for a model of " + inputs.size() + " inputs; expected a map with "
                    + inputs.stream().map(ModelInput::name).toList());
        }
        return predict(Map.of(inputs.getFirst().name(), input)).values().iterator().next();
    }

    /**
     * All outputs, by name, for all inputs, by name.
     *
     * @throws InputException if names, types or shapes are not the model's, or a number is not finite
     */
    public Map<String, Tensor> predict(Map<String, Tensor> inputs) {
        return run(inputs).outputs();
    }

    /** As {@link #predict(Map)}, with what it took. */
    public Answer run(Map<String, Tensor> inputs) {
        InputFiles.check(model.inputs(), inputs);
        Loaded ready = loaded(inputs);
        Map<String, Tensor> secret = new LinkedHashMap<>(inputs);
        secret.keySet().removeAll(model.publicInputs());
        return new Answer(ready.parties.run(secret), ready.compiled);
    }

    /** Plans for inputs such as these without running anything. */
    public Compiled compile(Map<String, Tensor> inputs) {
        return loaded(inputs).compiled;
    }

    private synchronized Loaded loaded(Map<String, Tensor> inputs) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Map<String, Tensor> open = new LinkedHashMap<>();
        Map<String, List<Long>> openValues = new HashMap<>();
        Map<String, Interval> ranges = new LinkedHashMap<>();
        inputs.forEach((input, tensor) -> {
            if (model.publicInputs().contains(input)) {
                open.put(input, tensor);
                openValues.put(input, Arrays.stream(tensor.toDoubles()).mapToObj(Double::doubleToLongBits).toList());
            } else {
                shapes.put(input, tensor.shape());
                ranges.put(input, options.inputRanges().containsKey(input) ? options.inputRanges().get(input) : interval(tensor));
            }
        });
        return loaded.computeIfAbsent(new Key(shapes, openValues, ranges), _ -> {
            Compiled compiled = Compiled.of(name, model, new Compiled.Inputs(shapes, open, samples), options.withInputRanges(ranges));
            return new Loaded(compiled, cluster.load(compiled.plans(), compiled.weights()));
        });
    }

    private static Interval interval(Tensor tensor) {
        Range range = Range.around(tensor);
        return new Interval(range.low(), range.high());
    }

    @Override
    public String toString() {
        return "Model[" + name + "]";
    }
}
