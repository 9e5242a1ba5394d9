package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.cli.NodeDivergence.Cause;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.passes.GraphPass;
import dev.sardonyx.graph.passes.GraphPasses;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.reference.files.Pixels;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.PlanException;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Faults planted by a seed are found at the right node, for the right reason. */
class FaultDiagnosisTest {
    private static final Path ROOT = Path.of(System.getProperty("sardonyx.root", ".."));
    private static final long SEED = Long.getLong("sardonyx.seed", 20_261_121);
    private static final int FAULTS_OF_A_KIND = 2;
    private static final int SAMPLES = 2;
    private static final Pixels AS_THEY_COME = new Pixels(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** A model on its samples, with what its nodes make in float. */
    private record Subject(Path file, Graph graph, PlanOptions options, Map<String, Tensor> inputs, Map<ValueId, Tensor> floating) {
        static Subject of(Path file, String... samples) {
            Opened opened = Opened.of(file, List.of(samples), AS_THEY_COME);
            int rows = Math.min(SAMPLES, Math.min(opened.data().samples(), opened.data().largestBatch()));
            Map<String, Tensor> inputs = opened.data().batch(0, rows).inputs();
            Map<String, Shape> shapes = new HashMap<>();
            inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
            Map<String, Interval> ranges = new HashMap<>();
            opened.ranges().forEach((name, range) -> ranges.put(name, new Interval(range.low(), range.high())));
            Set<String> passes = new HashSet<>(GraphPasses.ALL.stream().map(GraphPass::name).toList());
            PlanOptions options = DivergenceSearch.observable(PlanOptions.of(Protocol.INSECURE_PLAINTEXT.implementation(), ranges).withDisabled(passes));
            Graph graph = opened.model().graph(shapes, Map.of());
            return new Subject(file, graph, options, inputs, Evaluator.run(graph, inputs));
        }

        Compiled compiled() {
            return Compiled.of("subject", graph, options);
        }

        double magnitude(ValueId id) {
            double most = 0;
            for (double value : floating.get(id).toDoubles()) {
                most = Math.max(most, Math.abs(value));
            }
            return most;
        }

        /** ONNX nodes that compute something in numbers, each by the last node it became, shuffled. */
        List<Node> candidates(Random random) {
            Map<String, Node> last = new HashMap<>();
            graph.nodes().forEach(node -> last.put(node.origin().name(), node));
            List<Node> nodes = new ArrayList<>(graph.nodes().stream().filter(node -> last.get(node.origin().name()) == node && !(node.op() instanceof Op.Movement) && node.outputs().size() == 1
                    && graph.value(node.output()).type().isFloating() && magnitude(node.output()) > 0).toList());
            Collections.shuffle(nodes, random);
            return nodes;
        }
    }

    /** A plan with a fault, and where it was planted. */
    private record Planted(Subject subject, Node node, Compiled compiled, Cause cause) {
        @Override
        public String toString() {
            return cause.label() + " at '" + node.origin().name() + "' (" + node.origin().opType() + ") of " + subject.file().getFileName();
        }
    }

    @Test
    void plantedFaultsAreFoundAtTheirNodeAndForTheirReason() {
        var random = new Random(SEED);
        List<String> wrong = new ArrayList<>();
        int planted = 0;
        try (var plain = Sardonyx.embedded(Protocol.INSECURE_PLAINTEXT)) {
            for (Subject subject : subjects()) {
                for (Planted fault : faults(subject, random)) {
                    planted++;
                    Diagnosis diagnosis = diagnosis(fault, plain);
                    assertTrue(diagnosis.faulty().isPresent(), "seed " + SEED + ": " + fault + " is called healthy");
                    NodeDivergence found = diagnosis.faulty().get();
                    if (!found.name().equals(fault.node().origin().name()) || found.cause() != fault.cause()) {
                        wrong.add(fault + ": found " + diagnosis.line());
                    }
                }
            }
        }
        assertEquals(30, planted, "seed " + SEED);
        assertTrue(wrong.size() <= planted / 10, "seed " + SEED + ", " + wrong.size() + " of " + planted + " wrong:\n" + String.join("\n", wrong));
    }

    @Test
    void modelsWithoutFaultAreHealthy() {
        try (var plain = Sardonyx.embedded(Protocol.INSECURE_PLAINTEXT)) {
            for (Subject subject : subjects()) {
                Node any = subject.graph().nodes().getFirst();
                PlanOptions usual = DivergenceSearch.observable(subject.options().withDisabled(Set.of()));
                Diagnosis diagnosis = diagnosis(new Planted(subject, any, Compiled.of("subject", subject.graph(), usual), Cause.NONE), plain);
                assertTrue(diagnosis.healthy(), subject.file() + ": " + diagnosis.line());
                assertTrue(!diagnosis.nodes().isEmpty(), subject.file().toString());
            }
        }
    }

    private static List<Subject> subjects() {
        Path exported = ROOT.resolve("test/models");
        return List.of(Subject.of(ROOT.resolve("models/logistic/logistic.onnx")), Subject.of(ROOT.resolve("models/mlp-keras/mlp-keras.onnx")),
                Subject.of(ROOT.resolve("models/lenet5/lenet5.onnx")), exported(exported.resolve("vgg11-legacy")), Subject.of(ROOT.resolve("models/lenet/lenet.onnx")));
    }

    private static Subject exported(Path folder) {
        return Subject.of(folder.resolve("model.onnx"), folder.resolve("test_data_set_0/input_0.pb").toString());
    }

    /** As {@code compare} does it. */
    private static Diagnosis diagnosis(Planted fault, Sardonyx plain) {
        Subject subject = fault.subject();
        List<NodeDivergence> nodes = DivergenceSearch.of(fault.compiled(), subject.file(), subject.inputs(), plain, Tolerance.DEFAULT);
        try (var onnxRuntime = OnnxRuntimeReference.open(subject.file(), 1)) {
            return Diagnosis.of(nodes, isWithin(fault, plain, onnxRuntime.run(subject.inputs())));
        }
    }

    /** Whether the answer is right; one that is refused is not. */
    private static boolean isWithin(Planted fault, Sardonyx plain, Map<String, Tensor> expected) {
        try {
            Map<String, Tensor> outputs = plain.share(fault.compiled()).run(fault.subject().inputs()).outputs();
            return Comparison.of(expected, outputs, Tolerance.DEFAULT).within();
        } catch (RunException e) {
            assertEquals(RunException.Kind.OUT_OF_RANGE, e.kind());
            return false;
        }
    }

    private static List<Planted> faults(Subject subject, Random random) {
        List<Planted> faults = new ArrayList<>();
        faults.addAll(drawn(subject, random, FaultDiagnosisTest::tooFewBits));
        faults.addAll(drawn(subject, random, FaultDiagnosisTest::outOfRange));
        faults.addAll(drawn(subject, random, FaultDiagnosisTest::wrongAttribute));
        return faults;
    }

    @FunctionalInterface
    private interface Kind {
        Optional<Planted> plant(Subject subject, Node node);
    }

    /** The kind planted at nodes drawn with replacement only where a model has too few that it applies to. */
    private static List<Planted> drawn(Subject subject, Random random, Kind kind) {
        List<Planted> planted = new ArrayList<>();
        for (Node node : subject.candidates(random)) {
            if (planted.size() < FAULTS_OF_A_KIND) {
                kind.plant(subject, node).ifPresent(planted::add);
            }
        }
        while (!planted.isEmpty() && planted.size() < FAULTS_OF_A_KIND) {
            planted.add(planted.getFirst());
        }
        return planted;
    }

    /** The node's result is kept with so few fraction bits that rounding exceeds the tolerance. */
    private static Optional<Planted> tooFewBits(Subject subject, Node node) {
        Compiled compiled = subject.compiled();
        double tolerance = Tolerance.DEFAULT.absolute() + Tolerance.DEFAULT.relative() * subject.magnitude(node.output());
        int bits = (int) Math.floor(-Math.log(8 * tolerance) / Math.log(2));
        return CoarsePlan.of(compiled, node.output(), bits).filter(_ -> bits > 0).map(coarse -> new Planted(subject, node, coarse, Cause.PRECISION));
    }

    /** The plan believes that the node's result is at least four times smaller than it is. */
    private static Optional<Planted> outOfRange(Subject subject, Node node) {
        double bound = Math.scalb(1.0, Math.getExponent(subject.magnitude(node.output()) / 4));
        var tight = Interval.symmetric(bound);
        try {
            Compiled compiled = Compiled.of("subject", subject.graph(), subject.options().withCalibration(Map.of(node.output(), tight)));
            var trace = compiled.planned().traces().get(node.output());
            boolean believed = trace != null && trace.range().magnitude() <= bound * 1.001;
            return believed ? Optional.of(new Planted(subject, node, compiled, Cause.RANGE)) : Optional.empty();
        } catch (PlanException e) {
            return Optional.empty();
        }
    }

    /** The node is lowered with another attribute than the file's; only where that makes a difference on these samples. */
    private static Optional<Planted> wrongAttribute(Subject subject, Node node) {
        for (Op op : WrongOps.of(node.op(), subject.graph().value(node.output()).shape())) {
            List<Tensor> read = node.inputs().stream().map(subject.floating()::get).toList();
            Tensor other;
            try {
                other = Evaluator.evaluate(op, read).getFirst();
            } catch (IllegalArgumentException e) {
                continue;
            }
            Tensor right = subject.floating().get(node.output());
            double difference = 0;
            for (int i = 0; other.shape().equals(right.shape()) && i < right.size(); i++) {
                difference = Math.max(difference, Math.abs(right.getDouble(i) - other.getDouble(i)));
            }
            if (difference > 0.01 * (1 + subject.magnitude(node.output()))) {
                Graph graph = subject.graph();
                List<Node> nodes = new ArrayList<>(graph.nodes());
                nodes.replaceAll(one -> one == node ? new Node(node.origin(), op, node.inputs(), node.outputs()) : one);
                try {
                    Compiled compiled = Compiled.of("subject", new Graph(graph.values(), graph.inputs(), graph.constants(), nodes, graph.outputs()), subject.options());
                    return Optional.of(new Planted(subject, node, compiled, Cause.BUG));
                } catch (PlanException e) {
                    continue;
                }
            }
        }
        return Optional.empty();
    }
}
