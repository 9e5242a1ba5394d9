package dev.sardonyx.test.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.secureops.execute.EmbeddedCluster;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.ModelPlanner.PlannedModel;
import dev.sardonyx.secureops.planner.PlanAccuracy;
import dev.sardonyx.secureops.planner.PlanException;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import dev.sardonyx.test.SeededCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random nets with numbers from 1e-4 to 1e4: an answer is within the bound that its plan states, unless the plan was refused or came with
 * a warning, and those are few. {@code -Dsardonyx.stated.nets=N} draws N nets instead of a sample, {@code -Dsardonyx.differential.seed=S}
 * begins at another seed; a failure names the seed that replays it.
 */
class StatedErrorTest {
    private static final long SEED = Long.getLong("sardonyx.differential.seed", 20_261_121L);
    private static final int NETS = Integer.getInteger("sardonyx.stated.nets", 60);
    /** One net in so many goes through three parties as well. */
    private static final int SHARED_EVERY = 10;
    /** A net's numbers fit if the greatest of every tensor on the way lies between these. */
    private static final double LEAST = 1e-4;
    private static final double GREATEST = 1e4;
    /** ONNX Runtime's own rounding, relative to the greatest number on the way: 24 bits, a few operators. */
    private static final double FLOAT = 0x1p-20;

    /** What one net came to. */
    private record Outcome(boolean fits, boolean refused, boolean warned, boolean calibrated, double ratio, String failure) {
        boolean answered() {
            return !refused && !warned;
        }
    }

    /** A net's float run: the greatest number of the whole run, and whether every tensor's greatest is of usual size. */
    private record Reach(double greatest, boolean fits) {
    }

    private static Graph graph(Net net) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        net.inputs().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        return OnnxModel.read(net.bytes(), Path.of(".")).graph(shapes, Map.of());
    }

    private static double greatest(Tensor tensor) {
        return Arrays.stream(tensor.toDoubles()).map(Math::abs).max().orElse(0);
    }

    private static Reach reach(Graph graph, Net net) {
        double[] most = {0, Double.POSITIVE_INFINITY};
        Evaluator.run(graph, net.inputs(), (_, tensor) -> {
            most[0] = Math.max(most[0], greatest(tensor));
            most[1] = Math.min(most[1], greatest(tensor));
        });
        return new Reach(most[0], most[0] <= GREATEST && most[1] >= LEAST);
    }

    private static Outcome judge(long seed, EmbeddedCluster cluster, Protocol protocol) {
        Net net = RangeNets.draw(seed);
        Graph graph = graph(net);
        Map<String, Tensor> expected = Judge.reference(net);
        Reach reach = reach(graph, net);
        Map<String, Interval> ranges = new LinkedHashMap<>();
        net.inputs().forEach((name, tensor) -> {
            double[] values = tensor.toDoubles();
            ranges.put(name, new Interval(Math.min(0, Arrays.stream(values).min().orElse(0)), Math.max(0, Arrays.stream(values).max().orElse(0))).outward());
        });
        PlannedModel planned;
        Set<String> refusals = new HashSet<>();
        try {
            planned = ModelPlanner.planOrCalibrate("net", _ -> graph, 1, PlanOptions.of(protocol, ranges), _ -> List.of(net.inputs()), refusals::add);
        } catch (PlanException e) {
            return new Outcome(reach.fits(), true, false, true, 0, "refused: " + e.getMessage());
        }
        Map<String, Tensor> answers = cluster.load(planned.plans(), id -> planned.constants().get(id).tensor()).run(net.inputs()).outputs();
        PlanAccuracy usual = planned.accuracy().forInputsLike(planned.graph(), List.of(net.inputs()));
        boolean warned = !usual.warnings().isEmpty();
        double ratio = 0;
        String failure = "";
        List<PlanAccuracy.Output> statements = new ArrayList<>(usual.outputs());
        statements.addAll(planned.accuracy().forAnyInput().outputs());
        for (PlanAccuracy.Output output : statements) {
            Tensor reference = expected.get(output.name());
            Tensor answer = answers.get(output.name());
            for (int i = 0; i < answer.size(); i++) {
                double error = Math.abs(answer.getDouble(i) - reference.getDouble(i));
                double stated = output.error().likely() + FLOAT * reach.greatest();
                ratio = Math.max(ratio, error / stated);
                if (!(error <= stated)) {
                    failure = "seed " + seed + " under " + protocol.name() + ": output " + output.name() + "[" + i + "] is " + answer.getDouble(i) + " for "
                            + reference.getDouble(i) + "; the plan states " + output.error() + (warned ? " and warns" : "") + " of\n" + net;
                }
            }
        }
        return new Outcome(reach.fits(), false, warned, !refusals.isEmpty(), ratio,
                failure.isEmpty() && warned ? usual.warnings() + " (seed " + seed + ")" : failure);
    }

    private static List<Outcome> outcomes(Protocol protocol, int count, int every) {
        List<Outcome> outcomes = new ArrayList<>();
        try (var cluster = SeededCluster.open(protocol)) {
            for (int i = 0; i < count; i += every) {
                outcomes.add(judge(SEED + i, cluster, protocol));
            }
        }
        return outcomes;
    }

    private static void check(List<Outcome> outcomes) {
        List<String> wrong = outcomes.stream().filter(Outcome::answered).map(Outcome::failure).filter(failure -> !failure.isEmpty()).toList();
        assertEquals(List.of(), wrong, () -> wrong.size() + " of " + outcomes.size() + " nets err by more than their plans state:\n" + String.join("\n", wrong));
        List<Outcome> fitting = outcomes.stream().filter(Outcome::fits).toList();
        long without = fitting.stream().filter(outcome -> !outcome.answered()).count();
        String summary = summary(outcomes, fitting);
        if (System.getProperty("sardonyx.stated.nets") != null) {
            System.out.println(summary);
        }
        assertTrue(without <= 0.05 * fitting.size(), summary);
        assertTrue(fitting.size() >= outcomes.size() / 4, "only " + fitting.size() + " nets have usual numbers");
    }

    private static String summary(List<Outcome> outcomes, List<Outcome> fitting) {
        return outcomes.size() + " nets: " + outcomes.stream().filter(Outcome::refused).count() + " refused, " + outcomes.stream().filter(Outcome::warned).count()
                + " warned, " + outcomes.stream().filter(Outcome::calibrated).count() + " calibrated; " + fitting.size() + " with usual numbers: "
                + fitting.stream().filter(Outcome::refused).count() + " refused, " + fitting.stream().filter(Outcome::warned).count() + " warned; greatest part of a bound used "
                + outcomes.stream().filter(Outcome::answered).mapToDouble(Outcome::ratio).max().orElse(0) + "\n"
                + String.join("\n", fitting.stream().filter(outcome -> !outcome.answered()).map(Outcome::failure).toList());
    }

    @Test
    void noAnswerErrsByMoreThanItsPlanStates() {
        check(outcomes(new PlaintextProtocol(), NETS, 1));
    }

    @Test
    void noAnswerOfThreePartiesErrsByMoreThanItsPlanStates() {
        check(outcomes(new Replicated3(), NETS, SHARED_EVERY));
    }
}
