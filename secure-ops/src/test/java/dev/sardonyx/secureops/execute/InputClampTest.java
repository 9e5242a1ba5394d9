package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.planner.PlanPass;
import dev.sardonyx.secureops.planner.Planner;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.Protocols;
import dev.sardonyx.secureops.random.RandomSource;
import dev.sardonyx.secureops.random.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever ring element a data owner shares, the model computes on a number in the declared range. */
class InputClampTest {
    private static final long SEED = 31;
    private static final int DRAWN = 300;
    private static final double FACTOR = 3.25;

    private static final List<Interval> RANGES = List.of(Interval.UNIT, Interval.symmetric(1), new Interval(5, 6.5), new Interval(-3, -1.25),
            new Interval(-100, 0), new Interval(2, 2), new Interval(-0.1, 0.7));

    static Stream<Arguments> everyProtocol() {
        return Protocols.secure().stream().flatMap(protocol -> Stream.of(Set.<String>of(), Set.of(PlanPass.PLANNED_WIDTH.label()))
                .map(disabled -> Arguments.of(protocol.name(), disabled)));
    }

    /** x itself, which travels as narrow as can be, and x times a secret, which asks for a wider ring. */
    private static Graph graph(int size, ElementType type, boolean wide) {
        var b = new GraphBuilder();
        ValueId x = b.input("x", type, Shape.of(size));
        b.output("same", b.add(new Op.Reshape(Shape.of(1, size)), x));
        if (wide) {
            Tensor factor = Tensor.ofDoubles(ElementType.FLOAT32, Shape.of(1), new double[] {FACTOR});
            b.output("scaled", b.add(new Op.Binary(Op.Binary.Function.MUL), x, b.constant("factor", Constant.secret(factor))));
        }
        return b.build();
    }

    private record Answer(Plan plan, Map<String, Tensor> outputs) {
    }

    /** Runs a plan on ring elements that no owner of ours would share. */
    private static Answer run(Protocol protocol, Planner.Planned planned, long[] raw) {
        Plan plan = planned.plan();
        var lanes = LanedPlan.single(plan);
        PlanValue input = plan.value(plan.inputs().getFirst().value());
        RandomSource random = new SeededRandom(SEED, "owner");
        var owner = new Owner(protocol, random);
        List<WeightStore> weights = owner.weights(lanes, id -> Objects.requireNonNull(planned.constants().get(id)).tensor());
        List<PartyValue.Numbers> shares = protocol.split(input.shape(), raw, random::longs);
        try (var cluster = EmbeddedCluster.open(protocol)) {
            List<PartySession> sessions = cluster.sessions();
            List<PartySession.Result> results = Together.run(IntStream.range(0, sessions.size()).<Together.Task<PartySession.Result>>mapToObj(party -> () -> {
                PartySession session = sessions.get(party);
                PartySession.Model model = session.load(session.admit(1), lanes, weights.get(party));
                return session.run(session.admit(2), model, List.of(Map.of("x", shares.get(party))));
            }).toList());
            PlanCost cost = PlanCost.of(plan, protocol);
            assertEquals(cost.rounds(), results.stream().mapToInt(result -> result.traffic().depth(dev.sardonyx.transport.Phase.ONLINE)).max().orElse(0));
            assertArrayEquals(PlanCost.bytesPerParty(lanes, protocol), results.stream().mapToLong(result -> result.traffic().total(
                    dev.sardonyx.transport.Phase.PREPROCESSING).bytes() + result.traffic().total(dev.sardonyx.transport.Phase.ONLINE).bytes()).toArray());
            return new Answer(plan, owner.outputs(lanes, results.stream().map(PartySession.Result::outputs).toList()));
        }
    }

    /** Elements at and around the bounds, at every power of two from them, at the ring's ends, and anywhere. */
    private static long[] elements(long low, long high) {
        var random = new Random(SEED);
        var all = new ArrayList<Long>();
        for (long bound : new long[] {low, high, 0, Long.MIN_VALUE}) {
            for (long step = -2; step <= 2; step++) {
                all.add(bound + step);
            }
            for (int bit = 0; bit < Long.SIZE; bit++) {
                all.add(bound + (1L << bit));
                all.add(bound - (1L << bit));
            }
        }
        for (int i = 0; i < DRAWN; i++) {
            all.add(random.nextLong());
            all.add(low + (high > low ? random.nextLong(high - low + 1) : 0));
        }
        return all.stream().mapToLong(Long::longValue).toArray();
    }

    /** What an element means: the ring's half that follows the lower bound is above it. */
    private static long meant(long raw, int width, long low, long high) {
        int unused = Long.SIZE - width;
        return low + Math.clamp(raw - low << unused >> unused, 0, high - low);
    }

    @ParameterizedTest
    @MethodSource("everyProtocol")
    void whateverIsSharedIsBroughtIntoRange(String name, Set<String> disabled) {
        Protocol protocol = Protocols.named(name).orElseThrow();
        for (Interval range : RANGES) {
            for (boolean wide : new boolean[] {false, true}) {
                int size = elements(0, 0).length;
                PlanOptions options = PlanOptions.of(protocol, Map.of("x", range)).withDisabled(disabled).withClampedInputs(true);
                Planner.Planned planned = Planner.plan("clamped", graph(size, ElementType.FLOAT32, wide), options);
                assertTrue(planned.plan().clampsInputs());
                PlanValue input = planned.plan().value(planned.plan().inputs().getFirst().value());
                long low = Math.round(Math.scalb(range.low(), input.fractionBits()));
                long high = Math.round(Math.scalb(range.high(), input.fractionBits()));
                long[] raw = elements(low, high);
                Answer answer = run(protocol, planned, raw);
                for (int i = 0; i < raw.length; i++) {
                    double expected = Math.scalb((double) meant(raw[i], input.width(), low, high), -input.fractionBits());
                    int place = i;
                    assertEquals(expected, answer.outputs().get("same").getDouble(i), 1e-4, () -> range + ", element " + Long.toHexString(raw[place]) + ", width "
                            + input.width() + ", seed " + SEED);
                    if (wide) {
                        assertEquals(FACTOR * expected, answer.outputs().get("scaled").getDouble(i), 1e-3 * (1 + range.magnitude()), () -> range + ", element "
                                + Long.toHexString(raw[place]) + " times a secret, seed " + SEED);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyProtocol")
    void wholeNumbersAreClampedToo(String name, Set<String> disabled) {
        Protocol protocol = Protocols.named(name).orElseThrow();
        var range = new Interval(-7, 1000);
        PlanOptions options = PlanOptions.of(protocol, Map.of("x", range)).withDisabled(disabled).withClampedInputs(true);
        long[] raw = elements(-7, 1000);
        Planner.Planned planned = Planner.plan("clamped", graph(raw.length, ElementType.INT64, false), options);
        int width = planned.plan().value(planned.plan().inputs().getFirst().value()).width();
        Answer answer = run(protocol, planned, raw);
        for (int i = 0; i < raw.length; i++) {
            assertEquals(meant(raw[i], width, -7, 1000), answer.outputs().get("same").getLong(i), "element " + Long.toHexString(raw[i]) + ", seed " + SEED);
        }
    }

    @ParameterizedTest
    @MethodSource("everyProtocol")
    void withoutTheClampAnElementOutOfRangeIsComputedOn(String name, Set<String> disabled) {
        Protocol protocol = Protocols.named(name).orElseThrow();
        PlanOptions options = PlanOptions.of(protocol, Map.of("x", Interval.UNIT)).withDisabled(disabled);
        long[] raw = elements(0, 1);
        Planner.Planned planned = Planner.plan("trusted", graph(raw.length, ElementType.FLOAT32, true), options);
        assertFalse(planned.plan().clampsInputs());
        Tensor scaled = run(protocol, planned, raw).outputs().get("scaled");
        assertTrue(IntStream.range(0, raw.length).anyMatch(i -> Math.abs(scaled.getDouble(i)) > 2 * FACTOR));
    }
}
