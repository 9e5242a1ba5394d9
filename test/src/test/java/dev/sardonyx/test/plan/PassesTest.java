package dev.sardonyx.test.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputFiles;
import dev.sardonyx.reference.files.Numpy;
import dev.sardonyx.reference.files.Pixels;
import dev.sardonyx.reference.files.Tensors;
import dev.sardonyx.secureops.execute.EmbeddedCluster;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.ModelPlanner.PlannedModel;
import dev.sardonyx.secureops.planner.NetworkProfile;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import dev.sardonyx.test.SeededCluster;
import dev.sardonyx.test.plan.Models.Named;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each pass changes what a model costs, not what it says. */
class PassesTest {
    private static final Protocol SECURE = new Replicated3();
    private static final Set<String> ALL = new HashSet<>(ModelPlanner.passNames());
    /** Planning looks at time on the network; a pass may trade bytes for rounds, so time may grow by rounding only. */
    private static final double SLACK = 1.05;

    static List<String> passes() {
        return ModelPlanner.passNames();
    }

    @ParameterizedTest
    @MethodSource("passes")
    void switchingAPassOffChangesNoAnswer(String pass) {
        for (String name : List.of("lenet", "lenet5", "mlp-keras", "logistic")) {
            Named model = Models.sample(name);
            Map<String, Tensor> samples = samples(model, 8);
            double[] on = run(new PlaintextProtocol(), model, Set.of(), samples);
            double[] off = run(new PlaintextProtocol(), model, Set.of(pass), samples);
            assertArrayEquals(on, off, 1e-3, name + " without " + pass);
        }
    }

    @ParameterizedTest
    @MethodSource("passes")
    void noPassMakesLeNetSlowerOnItsNetwork(String pass) {
        Named lenet = Models.sample("lenet");
        for (NetworkProfile network : List.of(NetworkProfile.LAN, NetworkProfile.WAN)) {
            double on = seconds(lenet, network, Set.of());
            double off = seconds(lenet, network, Set.of(pass));
            assertTrue(on <= SLACK * off, pass + " on " + network.name() + ": " + on + " s with, " + off + " s without");
        }
    }

    @Test
    void allPassesAgreeWithNoneOnAThousandDigits() {
        Path images = Models.SHARED.resolve("data").resolve("mnist-t10k-images-idx3-ubyte.gz");
        assumeTrue(Files.isRegularFile(images), "no MNIST at " + images);
        Named lenet = Models.sample("lenet");
        DataSet data = InputFiles.open(lenet.model().inputs(), lenet.model().metadata(), List.of(images.toString()), Pixels.UNSAID);
        for (int from = 0; from < 1000; from += 250) {
            Map<String, Tensor> batch = data.batch(from, from + 250).inputs();
            assertArrayEquals(classes(run(SECURE, lenet, Set.of(), batch)), classes(run(SECURE, lenet, ALL, batch)), "images from " + from);
        }
    }

    @Test
    void publicWeightsCostLessAndSayTheSame() {
        Named lenet = Models.sample("lenet");
        PlanOptions options = PlanOptions.of(SECURE, Map.of());
        long secret = bytes(lenet.plan(1, options).plans());
        long open = bytes(lenet.plan(1, options.withPublicWeights(true)).plans());
        assertTrue(open < secret, open + " bytes with public weights, " + secret + " with secret ones");
        Map<String, Tensor> samples = samples(lenet, 8);
        double[] answers = run(lenet.plan(8, options.withPublicWeights(true)), SECURE, samples);
        assertArrayEquals(run(SECURE, lenet, Set.of(), samples), answers, 1e-3);
    }

    @Test
    void anArgMaxAloneRevealsTheIndexOfTheFirstGreatest() {
        Named lenet = Models.sample("lenet");
        Map<String, Tensor> samples = samples(lenet, 8);
        int[] expected = classes(run(SECURE, lenet, Set.of(), samples));
        PlanOptions options = PlanOptions.of(SECURE, Map.of()).withReveal(new PlanOptions.Reveal.ArgMax());
        PlannedModel planned = lenet.plan(8, options);
        assertEquals(1, planned.plans().plan().outputs().size());
        double[] indices = run(planned, SECURE, samples);
        assertArrayEquals(expected, Arrays.stream(indices).mapToInt(index -> (int) index).toArray());
    }

    private static Map<String, Tensor> samples(Named model, int rows) {
        Path file = Models.ROOT.resolve("models").resolve(model.name()).resolve("samples.npz");
        Map<String, Tensor> all = Numpy.readAll(file);
        String input = model.model().inputs().getFirst().name();
        Tensor tensor = all.get(input);
        return Map.of(input, Tensors.slice(tensor, 0, rows));
    }

    private static double[] run(Protocol protocol, Named model, Set<String> disabled, Map<String, Tensor> inputs) {
        int rows = inputs.values().iterator().next().shape().dim(0);
        PlanOptions options = PlanOptions.of(protocol, Models.ranges(inputs)).withDisabled(disabled);
        PlannedModel planned = ModelPlanner.plan(model.name(), model::graph, rows, options);
        return run(planned, protocol, inputs);
    }

    private static double[] run(PlannedModel planned, Protocol protocol, Map<String, Tensor> inputs) {
        try (EmbeddedCluster cluster = SeededCluster.open(protocol)) {
            Map<String, Tensor> outputs = cluster.load(planned.plans(), id -> planned.constants().get(id).tensor()).run(inputs).outputs();
            return outputs.values().iterator().next().toDoubles();
        }
    }

    private static int[] classes(double[] scores) {
        int count = 10;
        Tensor tensor = Tensor.ofDoubles(dev.sardonyx.graph.ElementType.FLOAT64, Shape.of(scores.length), scores);
        int[] classes = new int[scores.length / count];
        for (int row = 0; row < classes.length; row++) {
            classes[row] = Tensors.argMax(tensor, row * count, count);
        }
        return classes;
    }

    private static double seconds(Named model, NetworkProfile network, Set<String> disabled) {
        PlannedModel planned = model.plan(1, PlanOptions.of(SECURE, Map.of()).withNetwork(network).withDisabled(disabled));
        int rounds = PlanCost.of(planned.plans().plan(), SECURE).rounds();
        return network.seconds(rounds, bytes(planned.plans()));
    }

    private static long bytes(LanedPlan plans) {
        return Arrays.stream(PlanCost.bytesPerParty(plans, SECURE)).sum();
    }
}
