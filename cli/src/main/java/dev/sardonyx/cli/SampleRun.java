package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Model;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.Tensors;
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
 */
record SampleRun(Map<String, Tensor> inputs, Map<String, Tensor> secure, Map<String, Tensor> reference, Optional<List<Long>> labels, int samples,
        Spent spent, Compiled compiled) {

    /** Runs samples 0 to {@code samples} in calls of at most {@code batch}. */
    static SampleRun of(Model model, OnnxRuntimeReference onnxRuntime, DataSet data, int samples, int batch, Progress progress) {
        Map<String, List<Tensor>> inputs = new LinkedHashMap<>();
        Map<String, List<Tensor>> secure = new LinkedHashMap<>();
        Map<String, List<Tensor>> reference = new LinkedHashMap<>();
        List<Long> labels = new ArrayList<>();
        var spent = new Spent();
        Compiled compiled = null;
        for (int from = 0; from < samples; from += batch) {
            DataSet.Batch call = data.batch(from, Math.min(samples, from + batch));
            Model.Answer answer = model.run(call.inputs());
            compiled = compiled == null ? answer.compiled() : compiled;
            spent.add(answer.result());
            append(inputs, call.inputs());
            append(secure, answer.outputs());
            append(reference, onnxRuntime.run(call.inputs()));
            call.labels().ifPresent(labels::addAll);
            progress.step(call.size());
        }
        if (compiled == null) {
            throw new IllegalArgumentException("no samples to run");
        }
        return new SampleRun(joined(inputs), joined(secure), joined(reference), data.labelled() ? Optional.of(labels) : Optional.empty(), samples,
                spent, compiled);
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
