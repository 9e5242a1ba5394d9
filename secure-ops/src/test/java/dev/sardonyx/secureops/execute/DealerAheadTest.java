package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.Protocols;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.random.KeystreamObserver;
import dev.sardonyx.secureops.random.SeededRandom;
import dev.sardonyx.transport.InMemoryNetwork;
import dev.sardonyx.transport.LinkProfile;
import dev.sardonyx.transport.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A dealer works ahead of the parties that compute, as far as the link to them has room, and then waits. */
class DealerAheadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Shape SHAPE = Shape.of(7, 13);
    private static final int STEPS = 120;

    static Stream<String> dealt() {
        return Protocols.all().stream().filter(protocol -> protocol.dealer().isPresent()).map(Protocol::name);
    }

    /** All parties' sessions with a model loaded, over a network whose links hold so many bytes. */
    private static final class Rig implements AutoCloseable {
        final Protocol protocol;
        final int dealer;
        final LanedPlan plans;
        final Map<String, Tensor> inputs;
        final Map<String, Tensor> expected;
        final InMemoryNetwork network;
        final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        final AtomicLong offered = new AtomicLong();
        final CountDownLatch overfull = new CountDownLatch(1);
        private final List<PartySession> sessions = new ArrayList<>();
        private final List<PartySession.Model> models;
        private final Owner owner;
        private final List<List<Map<String, PartyValue>>> shares;
        private volatile boolean loaded;

        Rig(String name, long seed, long window) throws Exception {
            protocol = Protocols.named(name).orElseThrow();
            dealer = protocol.dealer().orElseThrow();
            PlanSketch sketch = RandomPlan.draw(seed, name, SHAPE, STEPS);
            plans = LanedPlan.single(sketch.plan());
            inputs = Map.of("x0", drawn(seed), "x1", drawn(seed + 1));
            PlanSketch open = RandomPlan.draw(seed, "plaintext", SHAPE, STEPS);
            try (var cluster = EmbeddedCluster.open(new PlaintextProtocol())) {
                expected = cluster.load(LanedPlan.single(open.plan()), open.weights()).run(inputs).outputs();
            }
            var options = InMemoryNetwork.Options.of(LinkProfile.NONE).withBytesInFlight(window).withSendDeadline(PATIENCE)
                    .withTap((from, to, tag, phase, payload) -> {
                        if (loaded && from == dealer && offered.addAndGet(payload.length) > window) {
                            overfull.countDown();
                        }
                    });
            network = new InMemoryNetwork(protocol.parties(), options);
            sessions.addAll(everyone(party -> PartySession.open(protocol, network.endpoint(party), new PartySession.Settings("ahead",
                    new SeededRandom(seed, "party " + party), KeystreamObserver.NONE, PATIENCE))));
            owner = new Owner(protocol, new SeededRandom(seed, "owner"));
            List<WeightStore> weights = owner.weights(plans, sketch.weights());
            models = everyone(party -> sessions.get(party).load(sessions.get(party).admit(1), plans, weights.get(party)));
            shares = owner.inputs(plans, inputs);
            loaded = true;
        }

        private interface PartyTask<T> {
            T run(int party) throws Exception;
        }

        private <T> List<T> everyone(PartyTask<T> task) throws Exception {
            List<Future<T>> running = IntStream.range(0, protocol.parties()).mapToObj(party -> threads.submit(() -> task.run(party))).toList();
            var results = new ArrayList<T>();
            for (Future<T> future : running) {
                results.add(future.get());
            }
            return results;
        }

        Future<PartySession.Result> start(int party) {
            PartySession.Request request = sessions.get(party).admit(2);
            return threads.submit(() -> sessions.get(party).run(request, models.get(party), shares.get(party)));
        }

        List<Integer> computing() {
            return IntStream.range(0, protocol.parties()).filter(party -> party != dealer).boxed().toList();
        }

        /** The dealer's payload bytes of the request. */
        long dealt() {
            return PlanCost.of(plans.plan(), protocol).preprocessingBytes()[dealer];
        }

        void assertRight(List<PartySession.Result> results) {
            Map<String, Tensor> outputs = owner.outputs(plans, results.stream().map(PartySession.Result::outputs).toList());
            assertEquals(expected.keySet(), outputs.keySet());
            expected.forEach((name, tensor) -> assertTrue(tensor.sameAs(outputs.get(name)), name + " differs"));
        }

        @Override
        public void close() {
            network.close();
            threads.close();
        }
    }

    private static Tensor drawn(long seed) {
        return Tensor.ofLongs(ElementType.INT64, SHAPE, new Random(seed).longs(SHAPE.size(), -1000, 1000).toArray());
    }

    private static List<PartySession.Result> inOrder(Rig rig, PartySession.Result dealer, List<Future<PartySession.Result>> others) throws Exception {
        var results = new ArrayList<PartySession.Result>();
        for (Future<PartySession.Result> other : others) {
            results.add(other.get());
        }
        results.add(rig.dealer, dealer);
        return results;
    }

    @ParameterizedTest
    @MethodSource("dealt")
    void theDealerIsDoneBeforeTheOthersBegin(String protocol) throws Exception {
        try (var rig = new Rig(protocol, 31, Long.MAX_VALUE / 2)) {
            PartySession.Result dealer = rig.start(rig.dealer).get();
            assertEquals(rig.dealt(), dealer.traffic().total(Phase.PREPROCESSING).bytes());
            assertEquals(0, dealer.traffic().total(Phase.ONLINE).bytes());
            List<Future<PartySession.Result>> others = rig.computing().stream().map(rig::start).toList();
            rig.assertRight(inOrder(rig, dealer, others));
        }
    }

    @ParameterizedTest
    @MethodSource("dealt")
    void theDealerWaitsWhileTheLinkIsFullAndNothingFails(String protocol) throws Exception {
        long window = 20_000;
        try (var rig = new Rig(protocol, 32, window)) {
            assertTrue(rig.dealt() > 2 * window, "a link that would never fill: " + rig.dealt());
            Future<PartySession.Result> dealer = rig.start(rig.dealer);
            assertTrue(rig.overfull.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), "the dealer did not run ahead");
            // Nobody receives yet, so what has not been let onto the link cannot be on its way.
            long sent = rig.network.endpoint(rig.dealer).traffic().snapshot(2).bytes();
            assertTrue(sent <= window, sent + " bytes on a link that holds " + window);
            assertFalse(dealer.isDone());
            List<Future<PartySession.Result>> others = rig.computing().stream().map(rig::start).toList();
            rig.assertRight(inOrder(rig, dealer.get(), others));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aLinkWithRoomForOneMessageIsEnough(long seed) throws Exception {
        for (String protocol : dealt().toList()) {
            try (var rig = new Rig(protocol, seed, 1)) {
                Future<PartySession.Result> dealer = rig.start(rig.dealer);
                List<Future<PartySession.Result>> others = rig.computing().stream().map(rig::start).toList();
                rig.assertRight(inOrder(rig, dealer.get(), others));
            }
        }
    }

    @Test
    void aLaneThatWouldMakeAComputingPartyTheDealerIsRefused() {
        for (String name : dealt().toList()) {
            PlanSketch sketch = RandomPlan.draw(33, name, SHAPE, 10);
            var rotated = new LanedPlan(sketch.plan(), List.of(new LanedPlan.Lane(1, 0, 0)));
            try (var cluster = EmbeddedCluster.open(Protocols.named(name).orElseThrow())) {
                var refusal = assertThrows(RunException.class, () -> cluster.load(rotated, sketch.weights()));
                assertEquals(RunException.Kind.BAD_PLAN, refusal.kind());
            }
        }
    }
}
