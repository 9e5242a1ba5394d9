package dev.sardonyx.test.differential;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ImportException;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.ReferenceException;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.execute.EmbeddedCluster;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.PlanException;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.test.SeededCluster;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a model on ONNX Runtime and on one protocol, and compares. Every input is secret but those that decide the graph's structure. */
final class Judge {
    /** How the two went. */
    enum Outcome {
        AGREES, DIFFERS,
        /** Sardonyx says why it will not run the model. */
        REFUSED,
        /** ONNX Runtime has no answer, or none in finite numbers. */
        UNDEFINED
    }

    /** An outcome with its detail. */
    record Verdict(Outcome outcome, String detail) {
    }

    private final Protocol protocol;
    private final Tolerance tolerance;

    Judge(Protocol protocol, Tolerance tolerance) {
        this.protocol = protocol;
        this.tolerance = tolerance;
    }

    Verdict judge(Net net) {
        Map<String, Tensor> expected;
        try {
            expected = reference(net);
        } catch (ReferenceException e) {
            return new Verdict(Outcome.UNDEFINED, String.valueOf(e.getMessage()));
        }
        boolean finite = expected.values().stream().allMatch(tensor -> Arrays.stream(tensor.toDoubles()).allMatch(Double::isFinite));
        if (!finite) {
            return new Verdict(Outcome.UNDEFINED, "ONNX Runtime's answer is not finite");
        }
        try {
            Comparison comparison = Comparison.of(expected, secure(net), tolerance);
            return comparison.within() ? new Verdict(Outcome.AGREES, "")
                    : new Verdict(Outcome.DIFFERS, comparison.mismatch().orElse(comparison.outside() + " of " + comparison.elements()
                            + " numbers differ, by up to " + comparison.maxAbsError()));
        } catch (ImportException | PlanException e) {
            return new Verdict(Outcome.REFUSED, String.valueOf(e.getMessage()));
        } catch (RuntimeException | StackOverflowError e) {
            return new Verdict(Outcome.DIFFERS, "crash: " + e + " at " + Arrays.stream(e.getStackTrace()).limit(3).toList());
        }
    }

    /** What ONNX Runtime makes of it. */
    static Map<String, Tensor> reference(Net net) {
        try (var runtime = OnnxRuntimeReference.open(net.bytes(), 1)) {
            return runtime.run(net.inputs());
        }
    }

    private Map<String, Tensor> secure(Net net) {
        OnnxModel model = OnnxModel.read(net.bytes(), Path.of("."));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Map<String, Tensor> open = new LinkedHashMap<>();
        Map<String, Tensor> secret = new LinkedHashMap<>();
        Map<String, Interval> ranges = new LinkedHashMap<>();
        net.inputs().forEach((name, tensor) -> {
            if (model.publicInputs().contains(name)) {
                open.put(name, tensor);
                return;
            }
            secret.put(name, tensor);
            shapes.put(name, tensor.shape());
            double low = Arrays.stream(tensor.toDoubles()).min().orElse(0);
            double high = Arrays.stream(tensor.toDoubles()).max().orElse(0);
            ranges.put(name, tensor.type() == ElementType.BOOL ? Interval.UNIT : new Interval(Math.min(0, low), Math.max(0, high)).outward());
        });
        Graph graph = model.graph(shapes, open);
        secret.keySet().retainAll(graph.inputs().stream().map(id -> graph.value(id).name()).toList());
        var planned = ModelPlanner.planOrCalibrate("net", rows -> graph, 1, PlanOptions.of(protocol, ranges), rows -> List.of(secret), why -> {
        });
        try (EmbeddedCluster cluster = SeededCluster.open(protocol)) {
            return cluster.load(planned.plans(), id -> planned.constants().get(id).tensor()).run(secret).outputs();
        }
    }
}
