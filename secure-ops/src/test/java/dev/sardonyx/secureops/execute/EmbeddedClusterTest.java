package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.execute.PlanSketch.Like;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import dev.sardonyx.secureops.random.KeystreamLedger;
import dev.sardonyx.secureops.random.KeystreamObserver;
import dev.sardonyx.secureops.random.SeededRandom;
import dev.sardonyx.transport.InMemoryNetwork;
import dev.sardonyx.transport.LinkProfile;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedClusterTest {
    private static final Protocol REPLICATED = new Replicated3();

    private static Tensor drawn(long seed, Shape shape) {
        return Tensor.ofLongs(ElementType.INT64, shape, new Random(seed).longs(shape.size(), -1000, 1000).toArray());
    }

    private static Map<String, Tensor> inputs(long seed, Shape shape) {
        return Map.of("x0", drawn(seed, shape), "x1", drawn(seed + 1, shape));
    }

    private static Map<String, Tensor> inTheClear(long seed, Shape shape, int steps, Map<String, Tensor> inputs) {
        PlanSketch sketch = RandomPlan.draw(seed, "plaintext", shape, steps);
        try (var cluster = EmbeddedCluster.open(new PlaintextProtocol())) {
            return cluster.load(LanedPlan.single(sketch.plan()), sketch.weights()).run(inputs).outputs();
        }
    }

    private static void assertSame(Map<String, Tensor> expected, Map<String, Tensor> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, tensor) -> assertTrue(tensor.sameAs(actual.get(name)), name + " differs"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void drawnPlansGiveTheSameNumbersOnSharesAtTheDeclaredCost(long seed) {
        Shape shape = Shape.of(7, 13);
        Map<String, Tensor> inputs = inputs(seed, shape);
        PlanSketch sketch = RandomPlan.draw(seed, "replicated3", shape, 120);
        var laned = LanedPlan.single(sketch.plan());
        try (var cluster = EmbeddedCluster.open(REPLICATED)) {
            RunResult result = cluster.load(laned, sketch.weights()).run(inputs);
            assertSame(inTheClear(seed, shape, 120, inputs), result.outputs());
            assertArrayEquals(PlanCost.bytesPerParty(laned, REPLICATED),
                    result.parties().stream().mapToLong(RunResult.PartyCost::bytes).toArray());
            assertEquals(PlanCost.of(sketch.plan(), REPLICATED).rounds(), result.rounds());
            long planned = PlanMemory.of(sketch.plan(), REPLICATED).peakBytes();
            for (RunResult.PartyCost party : result.parties()) {
                assertTrue(party.peakLiveBytes() >= planned && party.peakLiveBytes() <= planned * 1.05,
                        party.peakLiveBytes() + " bytes live; planned " + planned);
            }
        }
    }

    @Test
    void manyRequestsAtOnceAreEachRight() throws Exception {
        Shape shape = Shape.of(33);
        PlanSketch sketch = RandomPlan.draw(21, "replicated3", shape, 60);
        var ledgers = IntStream.range(0, 3).mapToObj(party -> new KeystreamLedger("party " + party)).toList();
        try (var cluster = EmbeddedCluster.open(REPLICATED, EmbeddedCluster.Options.standard().withKeystreams(ledgers::get));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var model = cluster.load(LanedPlan.single(sketch.plan()), sketch.weights());
            var running = new ArrayList<Future<RunResult>>();
            for (int i = 0; i < 40; i++) {
                Map<String, Tensor> inputs = inputs(100 + i, shape);
                running.add(threads.submit(() -> model.run(inputs)));
            }
            for (int i = 0; i < running.size(); i++) {
                assertSame(inTheClear(21, shape, 60, inputs(100 + i, shape)), running.get(i).get().outputs());
            }
        }
        for (KeystreamLedger ledger : ledgers) {
            assertTrue(ledger.blocksDrawn() > 0, "the ledger saw the draws");
        }
    }

    @Test
    void lanesWithRotatedRolesGiveTheWholeBatch() {
        Shape part = Shape.of(2, 5);
        PlanSketch sketch = RandomPlan.draw(5, "replicated3", part, 40);
        var laned = new LanedPlan(sketch.plan(), List.of(new LanedPlan.Lane(0, 0, 2), new LanedPlan.Lane(1, 2, 2), new LanedPlan.Lane(2, 4, 2),
                new LanedPlan.Lane(0, 6, 1)));
        // Seven rows for four lanes of two: the last lane is filled up with the last row again.
        Shape whole = Shape.of(7, 5);
        Map<String, Tensor> inputs = inputs(9, whole);
        var ledgers = IntStream.range(0, 3).mapToObj(party -> new KeystreamLedger("party " + party)).toList();
        try (var cluster = EmbeddedCluster.open(REPLICATED, EmbeddedCluster.Options.standard().withKeystreams(ledgers::get))) {
            RunResult result = cluster.load(laned, sketch.weights()).run(inputs);
            result.outputs().forEach((_, tensor) -> assertEquals(whole, tensor.shape()));
            for (int lane = 0; lane < 4; lane++) {
                int first = 2 * lane;
                int second = Math.min(first + 1, 6);
                Map<String, Tensor> cut = Map.of("x0", rows(inputs.get("x0"), first, second), "x1", rows(inputs.get("x1"), first, second));
                Map<String, Tensor> expected = inTheClear(5, part, 40, cut);
                int real = 5 * (1 + second - first);
                expected.forEach((name, tensor) -> assertArrayEquals(Arrays.copyOf(tensor.toLongs(), real),
                        Arrays.copyOf(rows(result.outputs().get(name), first, second).toLongs(), real)));
            }
            assertArrayEquals(PlanCost.bytesPerParty(laned, REPLICATED),
                    result.parties().stream().mapToLong(RunResult.PartyCost::bytes).toArray());
        }
    }

    @Test
    void lanesOfAllRotationsShareOneModelsPackedWeights() {
        var sketch = new PlanSketch("replicated3");
        int x = sketch.input("x", Like.number(Shape.of(1, 4)));
        Tensor weights = drawn(3, Shape.of(4, 6));
        int w = sketch.weight(weights, Like.number(Shape.of(4, 6)));
        sketch.output("y", sketch.add(new Instruction.MatMul(), Like.number(Shape.of(1, 6)), x, w));
        var laned = new LanedPlan(sketch.plan(), IntStream.range(0, 6).mapToObj(lane -> new LanedPlan.Lane(lane % 3, lane, 1)).toList());
        Tensor batch = drawn(4, Shape.of(6, 4));
        try (var cluster = EmbeddedCluster.open(REPLICATED)) {
            var model = cluster.load(laned, sketch.weights());
            Tensor expected = Evaluator.evaluate(new Op.MatMul(), List.of(batch, weights)).getFirst();
            for (int run = 0; run < 2; run++) {
                assertArrayEquals(expected.toLongs(), model.run(Map.of("x", batch)).outputs().get("y").toLongs());
            }
        }
    }

    /** Two rows of five. */
    private static Tensor rows(Tensor tensor, int first, int second) {
        long[] values = tensor.toLongs();
        return Tensor.ofLongs(tensor.type(), Shape.of(2, 5),
                LongStream.concat(Arrays.stream(values, 5 * first, 5 * first + 5), Arrays.stream(values, 5 * second, 5 * second + 5)).toArray());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void partiesWithDifferentPlansRefuseAndBothSayWhichStepDiffers(int count) {
        PlanSketch sketch = RandomPlan.draw(3, "replicated3", Shape.of(4), 20);
        Plan plan = sketch.plan();
        var steps = new ArrayList<>(plan.steps());
        int changed = IntStream.range(0, steps.size()).filter(i -> steps.get(i).instruction() instanceof Instruction.Add).findFirst().orElseThrow();
        var step = steps.get(changed);
        steps.set(changed, new Step(step.index(), step.node(), step.kernel(), new Instruction.Subtract(),
                step.inputs(), step.outputs()));
        var other = new Plan(plan.model(), plan.protocol(), plan.inputs(), plan.values(), steps, plan.outputs(), plan.disclosures());
        List<LanedPlan.Lane> lanes = IntStream.range(0, count).mapToObj(lane -> new LanedPlan.Lane(lane, 4 * lane, 4)).toList();
        try (var cluster = EmbeddedCluster.open(REPLICATED)) {
            List<WeightStore> weights = new Owner(REPLICATED, new SeededRandom(1, "owner")).weights(LanedPlan.single(plan), sketch.weights());
            List<LanedPlan> plans = List.of(new LanedPlan(plan, lanes), new LanedPlan(other, lanes), new LanedPlan(plan, lanes));
            RunException refusal = assertThrows(RunException.class, () -> cluster.load(plans, weights));
            var all = new ArrayList<String>();
            all.add(refusal.getMessage());
            for (Throwable suppressed : refusal.getSuppressed()) {
                all.add(suppressed.getMessage());
            }
            assertEquals(3, all.size(), "every party refuses");
            for (String message : all) {
                assertTrue(message.contains("step " + changed + " ("), message);
                assertTrue(message.endsWith(" differs"), message);
                assertTrue(message.contains("party 1"), message);
            }
            assertEquals(RunException.Kind.PLAN_MISMATCH, refusal.kind());
            cluster.load(LanedPlan.single(plan), sketch.weights()).run(inputs(1, Shape.of(4)));
        }
    }

    @Test
    void aPartyThatFailsEndsTheRequestForAllAndTheNextOneRuns() {
        PlanSketch sketch = RandomPlan.draw(3, "replicated3", Shape.of(4), 40);
        var faulty = new FaultyProtocol(REPLICATED);
        try (var cluster = EmbeddedCluster.open(faulty)) {
            var model = cluster.load(LanedPlan.single(sketch.plan()), sketch.weights());
            Map<String, Tensor> inputs = inputs(1, Shape.of(4));
            faulty.fault(FaultyProtocol.Fault.THROW);
            RunException failure = assertThrows(RunException.class, () -> model.run(inputs));
            assertEquals(RunException.Kind.PARTY_FAILED, failure.kind());
            assertTrue(failure.getMessage().contains("party 2, lane 0, step "), failure.getMessage());
            assertTrue(failure.getMessage().contains("planted"), failure.getMessage());
            // The helper of the masked form waits for nobody and may have ended well; the peer of the failed party has not.
            assertTrue(List.of(failure.getSuppressed()).stream().anyMatch(other -> other.getMessage().startsWith("party 1")));
            faulty.fault(FaultyProtocol.Fault.NONE);
            assertSame(inTheClear(3, Shape.of(4), 40, inputs), model.run(inputs).outputs());
        }
    }

    @Test
    void aPartyThatStallsIsNamedWhenPatienceEnds() {
        PlanSketch sketch = RandomPlan.draw(3, "replicated3", Shape.of(4), 40);
        LanedPlan plans = LanedPlan.single(sketch.plan());
        Map<String, Tensor> inputs = inputs(1, Shape.of(4));
        var faulty = new FaultyProtocol(REPLICATED);
        var owner = new Owner(REPLICATED, new SeededRandom(1, "owner"));
        var stalled = new AtomicBoolean();
        try (var network = new InMemoryNetwork(3, LinkProfile.NONE)) {
            // Patience ends for whoever waits for the party that stalls, and only while it does: a busy machine may hold up all others as long.
            List<PartySession> sessions = everyone(party -> PartySession.open(faulty, new PatientEndpoint(network.endpoint(party), from -> stalled.get() && from == 2),
                    new PartySession.Settings("stall", new SeededRandom(1, "party " + party), KeystreamObserver.NONE, Duration.ofMillis(300))));
            List<WeightStore> weights = owner.weights(plans, sketch.weights());
            List<PartySession.Model> models = everyone(party -> sessions.get(party).load(sessions.get(party).admit(1), plans, weights.get(party)));
            List<List<Map<String, PartyValue>>> shares = owner.inputs(plans, inputs);
            faulty.fault(FaultyProtocol.Fault.STALL);
            stalled.set(true);
            RunException failure = assertThrows(RunException.class,
                    () -> everyone(party -> sessions.get(party).run(sessions.get(party).admit(2), models.get(party), shares.get(party))));
            assertTrue(failure.getMessage().contains("from party 2"), failure.getMessage());
            faulty.fault(FaultyProtocol.Fault.NONE);
            stalled.set(false);
            List<List<Map<String, PartyValue>>> again = owner.inputs(plans, inputs);
            List<PartySession.Result> results = everyone(party -> sessions.get(party).run(sessions.get(party).admit(3), models.get(party), again.get(party)));
            assertSame(inTheClear(3, Shape.of(4), 40, inputs), owner.outputs(plans, results.stream().map(PartySession.Result::outputs).toList()));
        }
    }

    private static <T> List<T> everyone(IntFunction<T> task) {
        return Together.run(IntStream.range(0, 3).<Together.Task<T>>mapToObj(party -> () -> task.apply(party)).toList());
    }

    @Test
    void oneMessageMoreThanDeclaredIsSeen() {
        PlanSketch sketch = RandomPlan.draw(3, "replicated3", Shape.of(4), 40);
        var faulty = new FaultyProtocol(REPLICATED);
        try (var cluster = EmbeddedCluster.open(faulty)) {
            var laned = LanedPlan.single(sketch.plan());
            var model = cluster.load(laned, sketch.weights());
            faulty.fault(FaultyProtocol.Fault.EXTRA_MESSAGE);
            RunResult result = model.run(inputs(1, Shape.of(4)));
            assertThrows(AssertionError.class, () -> InstructionTest.assertCost(result, laned, REPLICATED));
        }
    }

    @Test
    void aPartyCutOffEndsTheRequest() {
        PlanSketch sketch = RandomPlan.draw(3, "replicated3", Shape.of(4), 40);
        try (var cluster = EmbeddedCluster.open(REPLICATED)) {
            var model = cluster.load(LanedPlan.single(sketch.plan()), sketch.weights());
            cluster.network().fail(1);
            RunException failure = assertThrows(RunException.class, () -> model.run(inputs(1, Shape.of(4))));
            assertEquals(RunException.Kind.PARTY_FAILED, failure.kind());
            assertTrue(failure.getMessage().contains("party 1"), failure.getMessage());
        }
    }

    @Test
    void aRequestNumberServesOnceAndOnlyGrows() {
        try (var cluster = EmbeddedCluster.open(REPLICATED)) {
            PartySession session = cluster.sessions().getFirst();
            session.admit(7);
            for (int number : new int[] {7, 6, 0, -1}) {
                RunException refused = assertThrows(RunException.class, () -> session.admit(number));
                assertEquals(RunException.Kind.REFUSED, refused.kind());
            }
            session.admit(8);
        }
    }

    @Test
    void inputsThatDoNotFitAreRefusedWithoutTheirValues() {
        var sketch = new PlanSketch("replicated3");
        int x = sketch.input("x", Like.number(Shape.of(2)).scale(10));
        sketch.output("y", sketch.add(new Instruction.Negate(), Like.number(Shape.of(2)).scale(10), x), ElementType.FLOAT32);
        try (var cluster = EmbeddedCluster.open(REPLICATED)) {
            var model = cluster.load(LanedPlan.single(sketch.plan()), sketch.weights());
            assertArrayEquals(new float[] {-1.5f, 2f}, model.run(Map.of("x", Tensor.ofFloats(Shape.of(2), 1.5f, -2f))).outputs().get("y").toFloats());
            assertRefused(RunException.Kind.BAD_INPUT, "missing inputs [x]", () -> model.run(Map.of()));
            assertRefused(RunException.Kind.BAD_INPUT, "unknown inputs [z]",
                    () -> model.run(Map.of("x", Tensor.ofFloats(Shape.of(2), 1, 1), "z", Tensor.scalar(1))));
            assertRefused(RunException.Kind.BAD_INPUT, "shape [3]", () -> model.run(Map.of("x", Tensor.ofFloats(Shape.of(3), 1, 1, 1))));
            assertRefused(RunException.Kind.BAD_INPUT, "element 1, is NaN",
                    () -> model.run(Map.of("x", Tensor.ofFloats(Shape.of(2), 1, Float.NaN))));
            assertRefused(RunException.Kind.BAD_INPUT, "element 0, is infinite",
                    () -> model.run(Map.of("x", Tensor.ofFloats(Shape.of(2), Float.NEGATIVE_INFINITY, 1))));
            assertRefused(RunException.Kind.OUT_OF_RANGE, "element 1, lies outside the declared range",
                    () -> model.run(Map.of("x", Tensor.ofFloats(Shape.of(2), 1, 1e20f))));
            assertRefused(RunException.Kind.OUT_OF_RANGE, "element 0, needs more than the 40 bits",
                    () -> model.run(Map.of("x", Tensor.ofFloats(Shape.of(2), 0x1p35f, 1))));
        }
    }

    private static void assertRefused(RunException.Kind kind, String part, org.junit.jupiter.api.function.Executable call) {
        RunException refused = assertThrows(RunException.class, call);
        assertEquals(kind, refused.kind());
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }

    @Test
    void aWeightLargerThanThePlanSaysIsRefused() {
        var sketch = new PlanSketch("replicated3");
        int x = sketch.input("x", Like.number(Shape.of(1)));
        int w = sketch.weight(Tensor.ofFloats(Shape.of(1), 0x1p41f), Like.number(Shape.of(1)));
        sketch.output("y", sketch.add(new Instruction.Add(), Like.number(Shape.of(1)), x, w));
        try (var cluster = EmbeddedCluster.open(REPLICATED)) {
            assertRefused(RunException.Kind.OUT_OF_RANGE, "constant 'v1'",
                    () -> cluster.load(LanedPlan.single(sketch.plan()), sketch.weights()));
        }
    }

    @Test
    void aPlanThatReadsAFreedValueIsRefused() {
        var sketch = new PlanSketch("plaintext");
        int x = sketch.input("x", Like.number(Shape.of(1)));
        sketch.free(x);
        sketch.output("y", sketch.add(new Instruction.Negate(), Like.number(Shape.of(1)), x));
        try (var cluster = EmbeddedCluster.open(new PlaintextProtocol())) {
            assertRefused(RunException.Kind.BAD_PLAN, "step 2 (Negate of 'node2') reads value %0, which is FREED",
                    () -> cluster.load(LanedPlan.single(sketch.plan()), sketch.weights()));
        }
    }

    @Test
    void anObserverSeesEveryValueJoined() {
        PlanSketch sketch = RandomPlan.draw(4, "replicated3", Shape.of(3), 20);
        try (var cluster = EmbeddedCluster.open(REPLICATED)) {
            var model = cluster.load(LanedPlan.single(sketch.plan()), sketch.weights());
            var seen = new ArrayList<Integer>();
            Map<String, Tensor> inputs = inputs(1, Shape.of(3));
            model.runRevealingEverything(inputs, (_, value, tensor) -> {
                seen.add(value.id());
                if (value.id() == 0) {
                    assertArrayEquals(inputs.get("x0").toDoubles(), tensor.toDoubles());
                }
            });
            long made = sketch.plan().steps().stream().filter(step -> !(step.instruction() instanceof Instruction.Weight))
                    .mapToLong(step -> step.outputs().size()).sum();
            assertEquals(made, seen.size());
        }
    }

    @Test
    void independentStepsSendBeforeTheyWait() {
        var sketch = new PlanSketch("replicated3");
        int x = sketch.input("x", Like.number(Shape.of(1)));
        int[] products = IntStream.range(0, 10).map(_ -> sketch.add(new Instruction.Multiply(), Like.number(Shape.of(1)), x, x)).toArray();
        for (int i = 0; i < products.length; i++) {
            sketch.output("y" + i, products[i]);
        }
        var all = new CountDownLatch(products.length);
        // Each product's sender is held up until the messages of all products are on their way.
        Tap tap = (from, _, _, phase, _) -> {
            if (from == 1 && phase == Phase.ONLINE) {
                all.countDown();
                assertTrue(await(all), "a product waits for another one's answer");
            }
        };
        try (var cluster = EmbeddedCluster.open(REPLICATED, EmbeddedCluster.Options.standard().withTap(tap))) {
            RunResult result = cluster.load(LanedPlan.single(sketch.plan()), sketch.weights()).run(Map.of("x", drawn(1, Shape.of(1))));
            assertEquals(1, result.rounds());
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
