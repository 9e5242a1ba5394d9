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
import dev.sardonyx.test.SeededCluster;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs ONNX test folders on one protocol: every input secret but those that decide the structure, ranges from the inputs. */
final class Suite implements AutoCloseable {
    private final Protocol protocol;
    private final Tolerance tolerance;
    private final EmbeddedCluster cluster;

    Suite(Protocol protocol, Tolerance tolerance) {
        this.protocol = protocol;
        this.tolerance = tolerance;
        this.cluster = SeededCluster.open(protocol);
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
        Prepared prepared = prepare(model, data);
        Map<String, Tensor> expected = new LinkedHashMap<>();
        for (int i = 0; i < model.outputs().size(); i++) {
            if (data.outputs().containsKey(i)) {
                expected.put(model.outputs().get(i), TensorProtoFile.read(data.outputs().get(i)));
            }
        }
        Comparison comparison = Comparison.of(expected, prepared.run(prepared.secret()), tolerance);
        return comparison.within() ? Optional.empty()
                : Optional.of(comparison.mismatch().orElse(comparison.outside() + " of " + comparison.elements() + " numbers differ, by up to "
                        + comparison.maxAbsError()));
    }

    /**
     * A case ready to run on inputs within the planned ranges.
     *
     * @param secret the case's own inputs that are shared
     * @param open the inputs that decide the structure
     * @param ranges planned ranges of the shared inputs
     * @param relies whether ranges between the inputs and the outputs come from the case's own inputs and not from a proof
     */
    record Prepared(Map<String, Tensor> secret, Map<String, Tensor> open, Map<String, Interval> ranges, boolean relies, EmbeddedCluster.LoadedModel loaded) {
        Map<String, Tensor> run(Map<String, Tensor> inputs) {
            return loaded.run(inputs).outputs();
        }
    }

    /** Plans a case by proven ranges, or, where they are too wide for the ring, by those that its own inputs show. */
    Prepared prepare(OnnxModel model, TestFolders.DataSet data) {
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
        var relies = new AtomicBoolean();
        var planned = ModelPlanner.planOrCalibrate("case", rows -> graph, 1, PlanOptions.of(protocol, ranges), rows -> List.of(secret), why -> relies.set(true));
        return new Prepared(secret, open, ranges, relies.get(), cluster.load(planned.plans(), id -> planned.constants().get(id).tensor()));
    }

    @Override
    public void close() {
        cluster.close();
    }
}
