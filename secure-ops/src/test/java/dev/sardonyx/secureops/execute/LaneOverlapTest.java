package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.Protocols;
import dev.sardonyx.secureops.random.KeystreamObserver;
import dev.sardonyx.secureops.random.SeededRandom;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Endpoint;
import dev.sardonyx.transport.Expected;
import dev.sardonyx.transport.InMemoryNetwork;
import dev.sardonyx.transport.LinkProfile;
import dev.sardonyx.transport.Message;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tag;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Steps that could share a round do, and parties that are in different places of a plan do not wait for each other: each test holds a
 * party's messages back until another one has done what it can do without them.
 */
class LaneOverlapTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Shape SHAPE = Shape.of(64);
    private static final PlanSketch.Like NUMBER = PlanSketch.Like.number(SHAPE);
    private static final PlanSketch.Like BITS = PlanSketch.Like.bits(SHAPE);
    private static final Instruction.Compare COMPARE = new Instruction.Compare(List.of(0L), 0, CarryTree.uniform(24, 2, 2));
    private static final int HELPER = 0;
    private static final int LEFT = 1;
    private static final int RIGHT = 2;

    /** What a test does to the messages of a request. */
    private abstract static class Hold {
        volatile boolean armed;

        /** @param party that sends */
        void beforeSending(int party, Tag tag, Runnable beforeWaiting) throws InterruptedException {
        }

        /** @param party that receives */
        void beforeReceiving(int party, int from, Tag tag, Runnable beforeWaiting) throws InterruptedException {
        }

        static void await(CountDownLatch latch) throws InterruptedException {
            if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("what another party could do, it did not");
            }
        }
    }

    private static final class Held extends ForwardingEndpoint {
        private final Hold hold;

        Held(Endpoint endpoint, Hold hold) {
            super(endpoint);
            this.hold = hold;
        }

        @Override
        public void send(int to, Tag tag, Phase phase, int depth, byte[] payload, Runnable beforeWaiting) {
            if (hold.armed) {
                uninterrupted(() -> hold.beforeSending(party(), tag, beforeWaiting));
            }
            super.send(to, tag, phase, depth, payload, beforeWaiting);
        }

        @Override
        Message receive(Expected expected, int from, Tag tag, Deadline deadline, Runnable beforeWaiting) {
            if (hold.armed) {
                uninterrupted(() -> hold.beforeReceiving(party(), from, tag, beforeWaiting));
            }
            return expected.receive(deadline, beforeWaiting);
        }

        private interface Action {
            void run() throws InterruptedException;
        }

        private static void uninterrupted(Action action) {
            try {
                action.run();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void run(PlanSketch sketch, Hold hold) throws Exception {
        LanedPlan plans = LanedPlan.single(sketch.plan());
        Protocol protocol = Protocols.named("replicated3").orElseThrow();
        try (var network = new InMemoryNetwork(protocol.parties(), LinkProfile.NONE); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<PartySession> sessions = everyone(threads, party -> PartySession.open(protocol, new Held(network.endpoint(party), hold),
                    new PartySession.Settings("overlap", new SeededRandom(7, "party " + party), KeystreamObserver.NONE, PATIENCE)));
            var owner = new Owner(protocol, new SeededRandom(7, "owner"));
            List<WeightStore> weights = owner.weights(plans, sketch.weights());
            List<PartySession.Model> models = everyone(threads, party -> sessions.get(party).load(sessions.get(party).admit(1), plans, weights.get(party)));
            Tensor x = Tensor.ofLongs(ElementType.INT64, SHAPE, new Random(1).longs(SHAPE.size(), -1000, 1000).toArray());
            List<List<Map<String, PartyValue>>> shares = owner.inputs(plans, Map.of("x", x));
            hold.armed = true;
            List<PartySession.Result> results = everyone(threads, party -> sessions.get(party).run(sessions.get(party).admit(2), models.get(party), shares.get(party)));
            assertTrue(!owner.outputs(plans, results.stream().map(PartySession.Result::outputs).toList()).isEmpty());
        }
    }

    private interface PartyTask<T> {
        T run(int party) throws Exception;
    }

    private static <T> List<T> everyone(ExecutorService threads, PartyTask<T> task) throws Exception {
        List<Future<T>> running = IntStream.range(0, 3).mapToObj(party -> threads.submit(() -> task.run(party))).toList();
        var results = new ArrayList<T>();
        for (Future<T> future : running) {
            results.add(future.get());
        }
        return results;
    }

    @Test
    void aStepThatTwoBegunOnesLeadToBeginsWhileAnotherWaits() throws Exception {
        var sketch = new PlanSketch("replicated3");
        int x = sketch.input("x", NUMBER);
        int one = sketch.add(new Instruction.Truncate(1), NUMBER, x);
        int two = sketch.add(new Instruction.Truncate(2), NUMBER, x);
        int beside = sketch.add(COMPARE, BITS, x);
        int sum = sketch.add(new Instruction.Add(), NUMBER, one, two);
        int after = sketch.add(COMPARE, BITS, sum);
        sketch.output("beside", beside);
        sketch.output("after", after);
        int besideStep = stepOf(sketch, beside);
        int afterStep = stepOf(sketch, after);
        var begun = new CountDownLatch(1);
        run(sketch, new Hold() {
            @Override
            void beforeSending(int party, Tag tag, Runnable beforeWaiting) throws InterruptedException {
                if (party == LEFT && tag.step() == afterStep) {
                    begun.countDown();
                }
                if (party == RIGHT && tag.step() == besideStep) {
                    beforeWaiting.run();
                    await(begun);
                }
            }
        });
    }

    @Test
    void partiesThatHaveBegunDifferentStepsDoNotWaitForEachOther() throws Exception {
        var sketch = new PlanSketch("replicated3");
        int x = sketch.input("x", NUMBER);
        int[] parts = IntStream.rangeClosed(1, 4).map(bits -> sketch.add(new Instruction.Truncate(bits), NUMBER, x)).toArray();
        int first = sketch.add(new Instruction.Add(), NUMBER, parts[0], parts[1]);
        int second = sketch.add(new Instruction.Add(), NUMBER, parts[2], parts[3]);
        sketch.output("X", sketch.add(COMPARE, BITS, first));
        List<Integer> late = List.of(stepOf(sketch, parts[0]), stepOf(sketch, parts[1]));
        int[] last = IntStream.range(0, 3).map(i -> sketch.add(COMPARE, BITS, second)).toArray();
        IntStream.range(0, 3).forEach(i -> sketch.output("E" + i, last[i]));
        int lastStep = stepOf(sketch, last[0]);
        var gate = new CountDownLatch(1);
        // All threads of the party are to be in the last steps before any of them looks what else it could do.
        var together = new CountDownLatch(last.length);
        run(sketch, new Hold() {
            @Override
            void beforeReceiving(int party, int from, Tag tag, Runnable beforeWaiting) throws InterruptedException {
                if (party != RIGHT || from != HELPER) {
                    return;
                }
                if (late.contains(tag.step())) {
                    // As if the helper's message were not there yet.
                    beforeWaiting.run();
                    await(gate);
                } else if (tag.step() >= lastStep && tag.sequence() == 0) {
                    gate.countDown();
                    together.countDown();
                    await(together);
                }
            }
        });
    }

    private static int stepOf(PlanSketch sketch, int value) {
        return sketch.plan().steps().stream().filter(step -> step.outputs().contains(value)).findFirst().orElseThrow().index();
    }
}
