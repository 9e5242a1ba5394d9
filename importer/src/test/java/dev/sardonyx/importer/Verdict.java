package dev.sardonyx.importer;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What came of translating a test folder's model and evaluating the graph in plain numbers on its data. */
record Verdict(TestFolder folder, Status status, String detail) {
    enum Status {
        PASS, WRONG, UNSUPPORTED, ERROR
    }

    /** Every input that does not decide the graph's structure is data, unknown to the translator. */
    static Verdict of(TestFolder folder, double absolute, double relative) {
        try {
            OnnxModel model = folder.model();
            for (Path dataSet : folder.dataSets()) {
                Map<String, Tensor> inputs = TestFolder.inputs(dataSet, model);
                Set<String> open = model.publicInputs();
                var shapes = new HashMap<String, Shape>();
                var publicTensors = new HashMap<String, Tensor>();
                inputs.forEach((name, tensor) -> {
                    if (open.contains(name)) {
                        publicTensors.put(name, tensor);
                    } else {
                        shapes.put(name, tensor.shape());
                    }
                });
                Graph graph = model.graph(shapes, publicTensors);
                var secret = new HashMap<>(inputs);
                secret.keySet().removeAll(open);
                Map<String, Tensor> actual = Evaluator.outputs(graph, secret);
                for (var expected : TestFolder.outputs(dataSet, model).entrySet()) {
                    String problem = difference(expected.getValue(), actual.get(expected.getKey()), absolute, relative);
                    if (!problem.isEmpty()) {
                        return new Verdict(folder, Status.WRONG, "output '" + expected.getKey() + "': " + problem);
                    }
                }
            }
            return new Verdict(folder, Status.PASS, "");
        } catch (ImportException e) {
            return new Verdict(folder, e.kind() == ImportException.Kind.UNSUPPORTED ? Status.UNSUPPORTED : Status.ERROR, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            return new Verdict(folder, Status.ERROR, e + " at " + (e.getStackTrace().length > 0 ? e.getStackTrace()[0] : ""));
        }
    }

    static String difference(Tensor expected, Tensor actual, double absolute, double relative) {
        if (expected.type() != actual.type() || !expected.shape().equals(actual.shape())) {
            return "is " + actual + "; expected " + expected;
        }
        boolean exact = !expected.type().isFloating();
        for (int i = 0; i < expected.size(); i++) {
            double want = expected.getDouble(i);
            double got = actual.getDouble(i);
            boolean equal = want == got || Double.isNaN(want) && Double.isNaN(got)
                    || !exact && Math.abs(want - got) <= absolute + relative * Math.abs(want);
            if (!equal) {
                return "element " + i + " is " + got + "; expected " + want;
            }
        }
        return "";
    }
}
