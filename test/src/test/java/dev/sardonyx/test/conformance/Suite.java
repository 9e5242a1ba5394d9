package dev.sardonyx.test.conformance;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ImportException;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.TestFolders;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.reference.files.TensorProtoFile;
import dev.sardonyx.secureops.execute.EmbeddedCluster;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.PlanException;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs ONNX test folders on one protocol: every input secret but those that decide the structure, ranges from the inputs. */
final class Suite implements AutoCloseable {
    private final Protocol protocol;
    private final Tolerance tolerance;
    private final EmbeddedCluster cluster;

    Suite(Protocol protocol, Tolerance tolerance) {
        this.protocol = protocol;
        this.tolerance = tolerance;
        this.cluster = EmbeddedCluster.open(protocol);
    }

    /** Why a case does not pass; empty if it does. Anything but an answer or a refusal is thrown. */
    Optional<String> trouble(TestFolders.Case one) {
        try {
            OnnxModel model = OnnxModel.read(one.model());
            for (TestFolders.DataSet data : one.dataSets()) {
                Optional<String> trouble = trouble(model, data);
                if (trouble.isPresent()) {
                    return trouble;
                }
            }
            return Optional.empty();
        } catch (ImportException | PlanException e) {
            return Optional.of("refused: " + e.getMessage());
        } catch (RunException e) {
            if (e.kind() != RunException.Kind.BAD_INPUT) {
                throw e;
            }
            return Optional.of("refused: " + e.getMessage());
        }
    }

    private Optional<String> trouble(OnnxModel model, TestFolders.DataSet data) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Map<String, Tensor> secret = new LinkedHashMap<>();
        Map<String, Tensor> open = new LinkedHashMap<>();
        Map<String, Interval> ranges = new LinkedHashMap<>();
        for (int i = 0; i < model.inputs().size(); i++) {
            String name = model.inputs().get(i).name();
            if (!data.inputs().containsKey(i)) {
                continue;
            }
            Tensor tensor = TensorProtoFile.read(data.inputs().get(i));
            if (model.publicInputs().contains(name)) {
                open.put(name, tensor);
                continue;
            }
            secret.put(name, tensor);
            shapes.put(name, tensor.shape());
            double[] finite = tensor.type() == ElementType.BOOL ? new double[] {1} : Arrays.stream(tensor.toDoubles()).filter(Double::isFinite).toArray();
            ranges.put(name, new Interval(Math.min(0, Arrays.stream(finite).min().orElse(0)), Math.max(0, Arrays.stream(finite).max().orElse(0))).outward());
        }
        Graph graph = model.graph(shapes, open);
        secret.keySet().retainAll(graph.inputs().stream().map(id -> graph.value(id).name()).toList());
        var planned = ModelPlanner.planOrCalibrate("case", rows -> graph, 1, PlanOptions.of(protocol, ranges), rows -> List.of(secret), why -> {
        });
        Map<String, Tensor> outputs = cluster.load(planned.plans(), id -> planned.constants().get(id).tensor()).run(secret).outputs();
        Map<String, Tensor> expected = new LinkedHashMap<>();
        for (int i = 0; i < model.outputs().size(); i++) {
            if (data.outputs().containsKey(i)) {
                expected.put(model.outputs().get(i), TensorProtoFile.read(data.outputs().get(i)));
            }
        }
        Comparison comparison = Comparison.of(expected, outputs, tolerance);
        return comparison.within() ? Optional.empty()
                : Optional.of(comparison.mismatch().orElse(comparison.outside() + " of " + comparison.elements() + " numbers differ, by up to "
                        + comparison.maxAbsError()));
    }

    @Override
    public void close() {
        cluster.close();
    }
}
