package dev.sardonyx.cli;

import com.sun.management.ThreadMXBean;
import dev.sardonyx.Compiled;
import dev.sardonyx.Model;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.Classes;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.execute.RunResult;
import dev.sardonyx.secureops.planner.PlanOptions.Reveal;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Repeated runs of a model on new random inputs, each checked against ONNX Runtime.
 *
 * @param seconds of each measured run, preprocessing included
 * @param plaintextSeconds of ONNX Runtime on the same inputs
 * @param allocatedBytes median of what a run allocated on the heap, all parties together
 * @param last costs of the last run (bytes and rounds are the same in all)
 * @param comparison all answers against ONNX Runtime's
 * @param sameClass whether every sample's class agrees; empty if outputs name none
 */
record Measurement(double[] seconds, double[] plaintextSeconds, long allocatedBytes, RunResult last, Compiled compiled, Comparison comparison,
        Optional<Boolean> sameClass) {

    /** How to measure. */
    record Settings(Warmup warmup, int repeat, Tolerance tolerance, Reveal reveal) {
    }

    static Measurement of(Function<Map<String, Tensor>, Model.Answer> model, OnnxRuntimeReference onnxRuntime, RandomInputs inputs, Settings settings, Progress progress) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double[] seconds = new double[settings.repeat()];
        double[] plain = new double[settings.repeat()];
        List<Long> allocated = new ArrayList<>();
        Comparison comparison = Comparison.NONE;
        Optional<Boolean> sameClass = Optional.empty();
        Model.Answer answer = null;
        int run = 0;
        progress.says("warming up");
        while (run < settings.repeat()) {
            boolean counts = run > 0 || !settings.warmup().lasts();
            Map<String, Tensor> input = inputs.next();
            long before = threads.getTotalThreadAllocatedBytes();
            answer = model.apply(input);
            long spent = threads.getTotalThreadAllocatedBytes() - before;
            long start = System.nanoTime();
            Map<String, Tensor> plainOutputs = onnxRuntime.run(input);
            double plainSeconds = (System.nanoTime() - start) / 1e9;
            Map<String, Tensor> expected = Revealed.of(plainOutputs, settings.reveal());
            comparison = comparison.plus(Comparison.of(expected, answer.outputs(), settings.tolerance()));
            Optional<Boolean> same = comparison.mismatch().isPresent() ? Optional.empty() : sameClass(expected, answer.outputs());
            sameClass = sameClass.isEmpty() ? same : Optional.of(sameClass.get() && same.orElse(true));
            if (counts) {
                seconds[run] = answer.result().seconds();
                plain[run] = plainSeconds;
                allocated.add(spent);
                progress.says("");
                progress.step(1);
                run++;
            } else {
                settings.warmup().ran(answer.result().seconds());
            }
        }
        if (answer == null) {
            throw new IllegalArgumentException("nothing to measure");
        }
        allocated.sort(null);
        return new Measurement(seconds, plain, allocated.get(allocated.size() / 2), answer.result(), answer.compiled(), comparison, sameClass);
    }

    private static Optional<Boolean> sameClass(Map<String, Tensor> expected, Map<String, Tensor> actual) {
        Tensor first = expected.values().iterator().next();
        int samples = first.shape().rank() == 0 ? 1 : Math.max(1, first.shape().dim(0));
        return Classes.in(expected, samples).map(classes -> {
            for (int sample = 0; sample < samples; sample++) {
                if (classes.of(expected, sample) != classes.of(actual, sample)) {
                    return false;
                }
            }
            return true;
        });
    }

    boolean within() {
        return comparison.within();
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
