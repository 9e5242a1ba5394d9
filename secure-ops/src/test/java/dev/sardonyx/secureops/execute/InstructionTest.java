package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.execute.InstructionCase.Subject;
import dev.sardonyx.secureops.execute.PlanSketch.Like;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.Protocols;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every instruction as a plan of its own: each operand by turns an input, a weight or a literal, under each protocol. */
class InstructionTest {
    private static final int CASES = 40;

    private enum Origin {
        INPUT, WEIGHT, PUBLIC_WEIGHT, LITERAL
    }

    @ParameterizedTest
    @EnumSource
    void isExactInTheClear(Subject subject) {
        run(subject, new PlaintextProtocol());
    }

    static Stream<Arguments> subjectsOnShares() {
        return Protocols.secure().stream().flatMap(protocol -> Arrays.stream(Subject.values()).map(subject -> Arguments.of(protocol.name(), subject)));
    }

    @ParameterizedTest
    @MethodSource("subjectsOnShares")
    void agreesOnSharesAndCostsWhatIsDeclared(String protocol, Subject subject) {
        run(subject, Protocols.named(protocol).orElseThrow());
    }

    private static void run(Subject subject, Protocol protocol) {
        try (var cluster = EmbeddedCluster.open(protocol)) {
            for (int i = 0; i < CASES; i++) {
                long seed = 1000L * subject.ordinal() + i;
                var random = new Random(seed);
                InstructionCase drawn = InstructionCase.draw(subject, random);
                try {
                    check(cluster, drawn, random);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("seed " + seed + ", " + drawn.instruction() + " of " + drawn.operands() + ": " + e.getMessage(), e);
                }
            }
        }
    }

    private static void check(EmbeddedCluster cluster, InstructionCase drawn, Random random) {
        Protocol protocol = cluster.protocol();
        var sketch = new PlanSketch(protocol.name());
        var inputs = new LinkedHashMap<String, Tensor>();
        var ids = new ArrayList<Integer>();
        boolean secret = false;
        for (InstructionCase.Operand operand : drawn.operands()) {
            Origin origin = operand.uniform() ? Origin.LITERAL : Origin.values()[random.nextInt(4)];
            secret |= origin == Origin.INPUT || origin == Origin.WEIGHT;
            ids.add(operand(sketch, operand, origin, inputs));
        }
        boolean anySecret = secret;
        List<Like> likes = drawn.expected().stream().map(tensor -> anySecret ? like(tensor) : like(tensor).open()).toList();
        List<Integer> outputs = sketch.addAll(drawn.instruction(), likes, ids.toArray(Integer[]::new));
        for (int i = 0; i < outputs.size(); i++) {
            sketch.output("y" + i, outputs.get(i));
        }
        Plan plan = sketch.plan();
        int rotation = protocol.rolesRotate() ? random.nextInt(protocol.parties()) : 0;
        var laned = new LanedPlan(plan, List.of(new LanedPlan.Lane(rotation, 0, 0)));
        RunResult result = cluster.load(laned, sketch.weights()).run(inputs);
        for (int i = 0; i < outputs.size(); i++) {
            assertNear(drawn.expected().get(i), result.outputs().get("y" + i), drawn.slack());
        }
        assertCost(result, laned, protocol);
    }

    static void assertCost(RunResult result, LanedPlan laned, Protocol protocol) {
        assertArrayEquals(PlanCost.bytesPerParty(laned, protocol), result.parties().stream().mapToLong(RunResult.PartyCost::bytes).toArray());
        Plan plan = laned.plan();
        assertEquals(PlanCost.of(plan, protocol).rounds(), result.rounds());
        for (RunResult.PartyCost party : result.parties()) {
            assertEquals(PlanMemory.of(plan, protocol).peakBytes(), party.peakLiveBytes());
        }
    }

    private static Like like(Tensor tensor) {
        return tensor.type() == ElementType.BOOL ? Like.bits(tensor.shape()) : Like.number(tensor.shape());
    }

    private static int operand(PlanSketch sketch, InstructionCase.Operand operand, Origin origin, Map<String, Tensor> inputs) {
        Tensor tensor = operand.tensor();
        Like like = operand.kind() == PlanValue.Kind.BITS ? Like.bits(tensor.shape()) : Like.number(tensor.shape());
        return switch (origin) {
            case INPUT -> {
                String name = "x" + inputs.size();
                inputs.put(name, tensor);
                yield sketch.input(name, like);
            }
            case WEIGHT -> sketch.weight(tensor, like);
            case PUBLIC_WEIGHT -> sketch.weight(tensor, like.open());
            case LITERAL -> sketch.literal(like, operand.uniform() ? new long[] {tensor.getLong(0)} : tensor.toLongs());
        };
    }

    private static void assertNear(Tensor expected, Tensor actual, int slack) {
        assertEquals(expected.shape(), actual.shape());
        for (int i = 0; i < expected.size(); i++) {
            long error = actual.getLong(i) - expected.getLong(i);
            assertTrue(error >= 0 && error <= slack, "element " + i + " is " + actual.getLong(i) + "; expected " + expected.getLong(i));
        }
    }
}
