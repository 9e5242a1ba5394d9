package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Model;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.Tensors;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All samples of a data set through a model and through ONNX Runtime.
 *
 * @param inputs all samples, by input; empty where samples have no common axis
 * @param secure outputs of the secure run, all samples
 * @param reference outputs of ONNX Runtime, all samples
 * @param labels the right classes, where known
 * @param compiled the plan of the first call
 * @param accuracy what it states of its error for inputs like these
 * @param watch which values left their planned ranges
 */
record SampleRun(Map<String, Tensor> inputs, Map<String, Tensor> secure, Map<String, Tensor> reference, Optional<List<Long>> labels, int samples,
        Spent spent, Compiled compiled, PlanAccuracy accuracy, RangeWatch watch) {

    /**
     * Runs samples 0 to {@code samples} in calls of at most {@code batch}.
     *
     * @param watch sees each call before the parties do, so that it can say why they refuse one
     */
    static SampleRun of(Model model, OnnxRuntimeReference onnxRuntime, DataSet data, Calls calls, RangeWatch watch) {
        int samples = calls.samples();
        int batch = calls.batch();
        Map<String, List<Tensor>> inputs = new LinkedHashMap<>();
        Map<String, List<Tensor>> secure = new LinkedHashMap<>();
        Map<String, List<Tensor>> reference = new LinkedHashMap<>();
        List<Long> labels = new ArrayList<>();
        var spent = new Spent();
        Compiled compiled = null;
        PlanAccuracy accuracy = null;
        for (int from = 0; from < samples; from += batch) {
            DataSet.Batch call = data.batch(from, Math.min(samples, from + batch));
            watch.see(model.compile(call.inputs()), call.inputs());
            Model.Answer answer = model.run(call.inputs());
            compiled = compiled == null ? answer.compiled() : compiled;
            accuracy = accuracy == null ? compiled.accuracyOn(call.inputs()) : accuracy;
            spent.add(answer.result());
            append(inputs, call.inputs());
            append(secure, answer.outputs());
            append(reference, onnxRuntime.run(call.inputs()));
            call.labels().ifPresent(labels::addAll);
            calls.progress().step(call.size());
        }
        if (compiled == null || accuracy == null) {
            throw new IllegalArgumentException("no samples to run");
        }
        return new SampleRun(joined(inputs), joined(secure), joined(reference), data.labelled() ? Optional.of(labels) : Optional.empty(), samples,
                spent, compiled, accuracy, watch);
    }

    /** How many samples, in calls of how many. */
    record Calls(int samples, int batch, Progress progress) {
    }

    private static void append(Map<String, List<Tensor>> all, Map<String, Tensor> call) {
        call.forEach((name, tensor) -> all.computeIfAbsent(name, _ -> new ArrayList<>()).add(tensor));
    }

    private static Map<String, Tensor> joined(Map<String, List<Tensor>> parts) {
        Map<String, Tensor> whole = new LinkedHashMap<>();
        parts.forEach((name, tensors) -> whole.put(name, tensors.size() == 1 || tensors.getFirst().shape().rank() == 0 ? tensors.getFirst() : Tensors.concat(tensors)));
        return whole;
    }
}
