package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.plan.PlanText;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final Protocol PROTOCOL = new Replicated3();
    private static final PlanOptions OPTIONS = PlanOptions.of(PROTOCOL, Map.of("image", Interval.UNIT));

    @Test
    void planningTwiceGivesTheSamePlan() {
        Plan first = Planner.plan("lenet", lenet(1, 1), OPTIONS).plan();
        Plan second = Planner.plan("lenet", lenet(1, 1), OPTIONS).plan();
        assertEquals(PlanText.of(first), PlanText.of(second));
        assertArrayEquals(PlanDigest.root(first), PlanDigest.root(second));
    }

    @Test
    void leNetCostsAtMostSixtyRoundsAndSixHundredKilobytes() {
        PlanCost cost = PlanCost.of(Planner.plan("lenet", lenet(1, 1), OPTIONS).plan(), PROTOCOL);
        assertTrue(cost.rounds() <= 60, cost.rounds() + " rounds");
        assertTrue(busiest(cost) <= 600_000, busiest(cost) + " bytes");
    }

    @Test
    void passesHalveRoundsAndSaveAThirdOfTheBytes() {
        PlanCost optimised = PlanCost.of(Planner.plan("lenet", lenet(1, 1), OPTIONS).plan(), PROTOCOL);
        Set<String> all = Arrays.stream(PlanPass.values()).map(PlanPass::label).collect(Collectors.toSet());
        PlanCost plain = PlanCost.of(Planner.plan("lenet", lenet(1, 1), OPTIONS.withDisabled(all)).plan(), PROTOCOL);
        assertTrue(plain.rounds() >= 2 * optimised.rounds(), plain.rounds() + " rounds against " + optimised.rounds());
        assertTrue(busiest(plain) >= 1.5 * busiest(optimised), busiest(plain) + " bytes against " + busiest(optimised));
    }

    @Test
    void aModelThatOverflowsIsRefusedAtItsNode() {
        var refused = assertThrows(PlanException.class, () -> Planner.plan("lenet", lenet(1, 0x1p30), OPTIONS));
        assertEquals(PlanException.Kind.RANGE, refused.kind());
        assertTrue(refused.getMessage().contains("'conv2'"), refused.getMessage());
    }

    @Test
    void unknownPassesAreRefusedByName() {
        var refused = assertThrows(PlanException.class,
                () -> Planner.plan("lenet", lenet(1, 1), OPTIONS.withDisabled(Set.of("magic"))));
        assertTrue(refused.getMessage().contains("magic") && refused.getMessage().contains("truncation-sinking"), refused.getMessage());
    }

    @Test
    void aFunctionThatIsNotFiniteIsRefusedAtItsNode() {
        var b = new GraphBuilder();
        b.origin(new Node.Origin("celu", "Celu"));
        b.output("y", b.add(new Op.Unary(new ScalarFunction.Celu(0)), b.input("image", ElementType.FLOAT32, Shape.of(4))));
        var options = PlanOptions.of(OPTIONS.protocol(), Map.of("image", Interval.symmetric(4)));
        var refused = assertThrows(PlanException.class, () -> Planner.plan("celu", b.build(), options));
        assertTrue(refused.getMessage().contains("'celu'"), refused.getMessage());
    }

    private static long busiest(PlanCost cost) {
        long most = 0;
        for (int role = 0; role < cost.onlineBytes().length; role++) {
            most = Math.max(most, cost.onlineBytes()[role] + cost.preprocessingBytes()[role]);
        }
        return most;
    }

    /** The LeNet of the models folder with random weights of the usual initialisation, times {@code gain}. */
    static Graph lenet(int batch, double gain) {
        var random = new Random(7);
        var b = new GraphBuilder();
        ValueId x = b.input("image", ElementType.FLOAT32, Shape.of(batch, 1, 28, 28));
        x = layer(b, "conv1", x, new Op.Conv(window(5, 1), 1), weights(random, gain, 20, 1, 5, 5), weights(random, gain, 1, 20, 1, 1));
        x = activate(b, "1", b.add(new Op.MaxPool(window(2, 2)), x));
        x = layer(b, "conv2", x, new Op.Conv(window(5, 1), 1), weights(random, gain, 50, 20, 5, 5), weights(random, gain, 1, 50, 1, 1));
        x = activate(b, "2", b.add(new Op.MaxPool(window(2, 2)), x));
        b.origin(new Node.Origin("flatten", "Flatten"));
        x = b.add(new Op.Reshape(Shape.of(batch, 800)), x);
        x = activate(b, "3", layer(b, "fc1", x, new Op.MatMul(), weights(random, gain, 800, 500), weights(random, gain, 1, 500)));
        x = layer(b, "fc2", x, new Op.MatMul(), weights(random, gain, 500, 10), weights(random, gain, 1, 10));
        b.output("scores", x);
        return b.build();
    }

    private static ValueId layer(GraphBuilder b, String name, ValueId x, Op op, Tensor weights, Tensor bias) {
        b.origin(new Node.Origin(name, op instanceof Op.Conv ? "Conv" : "Gemm"));
        ValueId product = b.add(op, x, b.constant(name + ".weight", Constant.secret(weights)));
        return b.add(new Op.Binary(Op.Binary.Function.ADD), product, b.constant(name + ".bias", Constant.secret(bias)));
    }

    private static ValueId activate(GraphBuilder b, String name, ValueId x) {
        b.origin(new Node.Origin("relu" + name, "Relu"));
        return b.add(new Op.Relu(), x);
    }

    private static Window window(int kernel, int stride) {
        return new Window(List.of(kernel, kernel), List.of(stride, stride), List.of(1, 1), List.of(0, 0), List.of(0, 0));
    }

    private static Tensor weights(Random random, double gain, int... dims) {
        Shape shape = Shape.of(dims);
        int fanIn = dims.length == 2 ? dims[0] : shape.size(1, shape.rank());
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (gain * (2 * random.nextDouble() - 1) / Math.sqrt(fanIn));
        }
        return Tensor.ofFloats(shape, values);
    }
}
