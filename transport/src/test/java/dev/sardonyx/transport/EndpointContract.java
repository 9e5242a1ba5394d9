package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.transport.TransportException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link Endpoint} must do; one subclass an implementation. */
abstract class EndpointContract {

    /** Long enough never to pass in a test that is right. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Short enough to wait for in a test. */
    static final Duration SHORT = Duration.ofMillis(50);

    private static final long SEED = 20_260_101;

    private final List<Links> opened = new ArrayList<>();

    /** Connected endpoints of one session. */
    interface Links extends AutoCloseable {

        Endpoint endpoint(int party);

        /** Cuts a party off as a crash would. */
        void crash(int party);

        @Override
        void close();
    }

    /**
     * Connects parties.
     *
     * @param bytesInFlight the bound of a directed link
     * @param sendDeadline  how long a sender waits for room
     */
    abstract Links connect(int parties, long bytesInFlight, Duration sendDeadline);

    /** What a directed link may hold beyond its bound, in buffers that are not ours. */
    abstract long slackBytes();

    @AfterEach
    void closeAll() {
        opened.forEach(Links::close);
    }

    private Links three() {
        return links(3, 256L << 20, PATIENCE);
    }

    private Links links(int parties, long bytesInFlight, Duration sendDeadline) {
        Links links = connect(parties, bytesInFlight, sendDeadline);
        opened.add(links);
        return links;
    }

    private static Deadline patience() {
        return Deadline.in(PATIENCE);
    }

    private static Tag tag(int sequence) {
        return new Tag(1, 0, 0, sequence);
    }

    /** How many threads of a party exchange messages at once. */
    int strands() {
        return 334;
    }

    /** Starts one of the threads that use endpoints. */
    Thread begin(Runnable work) {
        return Thread.startVirtualThread(work);
    }

    private <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        begin(task);
        return task;
    }

    /** Whether a thread waits, with a time limit or without, for another thread or in the operating system for the network. */
    static boolean parked(Thread thread) {
        return switch (thread.getState()) {
            case WAITING, TIMED_WAITING -> true;
            case RUNNABLE -> thread instanceof LinkThread && Stream.of(thread.getStackTrace()).anyMatch(frame -> frame.getMethodName().equals("doSelect"));
            case NEW, BLOCKED, TERMINATED -> false;
        };
    }

    /** Starts a thread and returns once it waits. */
    private void beginAndWait(Runnable work) {
        Thread thread = begin(work);
        while (!parked(thread) && thread.isAlive()) {
            Thread.onSpinWait();
        }
    }

    /** Starts a receiver and returns once it is parked. */
    private FutureTask<Message> parkedReceiver(Endpoint endpoint, int from, Tag tag) {
        FutureTask<Message> task = new FutureTask<>(() -> endpoint.receive(from, tag, patience()));
        beginAndWait(task);
        return task;
    }

    private static TransportException failureOf(FutureTask<?> task) {
        ExecutionException thrown = assertThrows(ExecutionException.class, task::get);
        return (TransportException) thrown.getCause();
    }

    private static TransportException failure(Kind kind, Runnable call) {
        TransportException thrown = assertThrows(TransportException.class, call::run);
        assertEquals(kind, thrown.kind(), thrown.getMessage());
        return thrown;
    }

    private static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void messagesOfAnySizeArriveWithPhaseAndDepth() {
        Links links = three();
        int[] sizes = {0, 1, 7, 8, 1000, 16_383, 16_384, 16_385, 65_536, 3_000_001};
        for (int index = 0; index < sizes.length; index++) {
            Phase phase = index % 2 == 0 ? Phase.ONLINE : Phase.PREPROCESSING;
            links.endpoint(2).send(0, tag(index), phase, index + 1, bytes(sizes[index], index));
        }
        for (int index = 0; index < sizes.length; index++) {
            Message message = links.endpoint(0).receive(2, tag(index), patience());
            assertArrayEquals(bytes(sizes[index], index), message.payload());
            assertEquals(index % 2 == 0 ? Phase.ONLINE : Phase.PREPROCESSING, message.phase());
            assertEquals(index + 1, message.depth());
        }
    }

    @Test
    void everyFieldOfATagTellsMessagesApart() {
        Links links = three();
        List<Tag> tags = List.of(new Tag(1, 2, 3, 4), new Tag(5, 2, 3, 4), new Tag(1, 5, 3, 4), new Tag(1, 2, 5, 4), new Tag(1, 2, 3, 5),
                new Tag(-1, Integer.MIN_VALUE, Integer.MAX_VALUE, -7));
        for (int index = 0; index < tags.size(); index++) {
            links.endpoint(0).send(1, tags.get(index), Phase.ONLINE, 1, new byte[] {(byte) index});
        }
        for (int index = tags.size() - 1; index >= 0; index--) {
            assertArrayEquals(new byte[] {(byte) index}, links.endpoint(1).receive(0, tags.get(index), patience()).payload());
        }
    }

    @Test
    void messagesAreMatchedByTagInWhateverOrderTheyAreSentAndReceived() throws Exception {
        Links links = three();
        List<Integer> sent = numbers(300);
        List<Integer> wanted = numbers(300);
        Collections.shuffle(sent, new Random(SEED));
        Collections.shuffle(wanted, new Random(SEED + 1));
        FutureTask<Boolean> sender = start(() -> {
            sent.forEach(number -> links.endpoint(0).send(1, tag(number), Phase.ONLINE, 1, bytes(number, number)));
            return true;
        });
        for (int number : wanted) {
            assertArrayEquals(bytes(number, number), links.endpoint(1).receive(0, tag(number), patience()).payload());
        }
        assertTrue(sender.get());
    }

    private static List<Integer> numbers(int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            numbers.add(number);
        }
        return numbers;
    }

    @Test
    void aReceiverThatCameFirstIsWoken() throws Exception {
        Links links = three();
        FutureTask<Message> receiver = parkedReceiver(links.endpoint(1), 0, tag(9));
        links.endpoint(0).send(1, tag(8), Phase.ONLINE, 1, new byte[] {8});
        links.endpoint(0).send(1, tag(9), Phase.ONLINE, 1, new byte[] {9});
        assertArrayEquals(new byte[] {9}, receiver.get().payload());
    }

    @Test
    void theSameTagMayTravelEachWayAndToEachPeer() {
        Links links = three();
        for (int from = 0; from < 3; from++) {
            for (int to = 0; to < 3; to++) {
                if (from != to) {
                    links.endpoint(from).send(to, tag(0), Phase.ONLINE, 1, new byte[] {(byte) (3 * from + to)});
                }
            }
        }
        for (int from = 0; from < 3; from++) {
            for (int to = 0; to < 3; to++) {
                if (from != to) {
                    assertEquals(3 * from + to, links.endpoint(to).receive(from, tag(0), patience()).payload()[0]);
                }
            }
        }
    }

    @Test
    void aMissingMessageEndsAtTheDeadlineAndNamesPeerTagAndDeadline() {
        Links links = three();
        TransportException thrown = failure(Kind.TIMEOUT, () -> links.endpoint(0).receive(2, new Tag(11, 12, 13, 14), Deadline.in(SHORT)));
        assertEquals(OptionalInt.of(2), thrown.peer());
        for (String part : List.of("party 0", "party 2", "request 11", "lane 12", "step 13", "sequence 14", "0.05s")) {
            assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
        }
    }

    @Test
    void aMessageThatComesAfterADeadlineIsStillReceivable() {
        Links links = three();
        failure(Kind.TIMEOUT, () -> links.endpoint(0).receive(1, tag(0), Deadline.in(SHORT)));
        links.endpoint(1).send(0, tag(0), Phase.ONLINE, 1, new byte[] {5});
        assertArrayEquals(new byte[] {5}, links.endpoint(0).receive(1, tag(0), patience()).payload());
    }

    @Test
    void anInterruptedReceiverSaysSoAndStaysInterrupted() throws Exception {
        Links links = three();
        FutureTask<Boolean> receiver = new FutureTask<>(() -> {
            failure(Kind.INTERRUPTED, () -> links.endpoint(0).receive(1, tag(0), patience()));
            return Thread.currentThread().isInterrupted();
        });
        begin(receiver).interrupt();
        assertTrue(receiver.get());
    }

    @Test
    void aReceiverThatIsInterruptedWhileItWaitsSaysSoAndStaysInterrupted() throws Exception {
        Links links = three();
        for (int sequence = 0; sequence < 20; sequence++) {
            Tag tag = tag(sequence);
            FutureTask<Boolean> receiver = new FutureTask<>(() -> {
                failure(Kind.INTERRUPTED, () -> links.endpoint(0).receive(1, tag, patience()));
                return Thread.currentThread().isInterrupted();
            });
            Thread thread = begin(receiver);
            while (!parked(thread)) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            assertTrue(receiver.get());
        }
    }

    @Test
    void closingWakesOwnWaitersAndEndsLaterCalls() {
        Links links = three();
        FutureTask<Message> receiver = parkedReceiver(links.endpoint(0), 1, tag(0));
        links.endpoint(0).close();
        assertEquals(Kind.CLOSED, failureOf(receiver).kind());
        failure(Kind.CLOSED, () -> links.endpoint(0).receive(2, tag(1), patience()));
        failure(Kind.CLOSED, () -> links.endpoint(0).send(2, tag(1), Phase.ONLINE, 1, new byte[1]));
        links.endpoint(0).close();
    }

    @Test
    void aClosedPeersMessagesAreReceivableAndThenTheLinkIsClosed() {
        Links links = three();
        FutureTask<Message> never = parkedReceiver(links.endpoint(1), 0, tag(7));
        links.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, new byte[] {3});
        links.endpoint(0).close();
        TransportException thrown = failureOf(never);
        assertEquals(Kind.CLOSED, thrown.kind());
        assertEquals(OptionalInt.of(0), thrown.peer());
        assertArrayEquals(new byte[] {3}, links.endpoint(1).receive(0, tag(0), patience()).payload());
        failure(Kind.CLOSED, () -> links.endpoint(1).receive(0, tag(1), patience()));
        failure(Kind.CLOSED, () -> links.endpoint(1).send(0, tag(1), Phase.ONLINE, 1, new byte[1]));
        links.endpoint(1).send(2, tag(1), Phase.ONLINE, 1, new byte[] {4});
        assertArrayEquals(new byte[] {4}, links.endpoint(2).receive(1, tag(1), patience()).payload());
    }

    @Test
    void aCrashedPeerWakesAllItsWaitersAndTheOthersGoOn() {
        Links links = three();
        List<FutureTask<Message>> receivers = new ArrayList<>();
        for (int sequence = 0; sequence < 50; sequence++) {
            receivers.add(parkedReceiver(links.endpoint(sequence % 2), 2, tag(sequence)));
        }
        links.crash(2);
        for (FutureTask<Message> receiver : receivers) {
            TransportException thrown = failureOf(receiver);
            assertEquals(Kind.PEER_FAILED, thrown.kind(), thrown.getMessage());
            assertEquals(OptionalInt.of(2), thrown.peer());
        }
        failure(Kind.PEER_FAILED, () -> links.endpoint(0).receive(2, tag(99), patience()));
        failure(Kind.PEER_FAILED, () -> links.endpoint(0).send(2, tag(99), Phase.ONLINE, 1, new byte[1]));
        links.endpoint(0).send(1, tag(99), Phase.ONLINE, 1, new byte[] {6});
        assertArrayEquals(new byte[] {6}, links.endpoint(1).receive(0, tag(99), patience()).payload());
    }

    @Test
    void aTagUsedTwiceEndsTheLinkAndNoOther() {
        Links links = three();
        FutureTask<Message> waiting = parkedReceiver(links.endpoint(1), 0, tag(1));
        links.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, new byte[1]);
        links.endpoint(1).receive(0, tag(0), patience());
        FutureTask<Boolean> repeat = start(() -> {
            links.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, new byte[1]);
            return true;
        });
        TransportException thrown = failureOf(waiting);
        assertEquals(Kind.PROTOCOL_VIOLATION, thrown.kind(), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("sequence 0"), thrown.getMessage());
        // The sender may or may not have been told, by whether the transport reaches the receiver at once.
        try {
            assertTrue(repeat.get());
        } catch (Exception told) {
            assertEquals(Kind.PROTOCOL_VIOLATION, failureOf(repeat).kind());
        }
        links.endpoint(0).send(2, tag(0), Phase.ONLINE, 1, new byte[] {2});
        assertArrayEquals(new byte[] {2}, links.endpoint(2).receive(0, tag(0), patience()).payload());
    }

    @Test
    void aMessageIsReceivedOnce() {
        Links links = three();
        links.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, new byte[1]);
        links.endpoint(1).receive(0, tag(0), patience());
        failure(Kind.PROTOCOL_VIOLATION, () -> links.endpoint(1).receive(0, tag(0), patience()));
    }

    @Test
    void twoThreadsMayNotWaitForOneMessage() throws Exception {
        Links links = three();
        FutureTask<Message> first = parkedReceiver(links.endpoint(1), 0, tag(0));
        failure(Kind.PROTOCOL_VIOLATION, () -> links.endpoint(1).receive(0, tag(0), patience()));
        links.endpoint(0).send(1, tag(0), Phase.ONLINE, 1, new byte[] {1});
        assertArrayEquals(new byte[] {1}, first.get().payload());
    }

    @Test
    void thereIsNoLinkToOneselfNorToAStranger() {
        Endpoint endpoint = three().endpoint(1);
        for (int peer : new int[] {-1, 1, 3}) {
            assertThrows(IllegalArgumentException.class, () -> endpoint.send(peer, tag(0), Phase.ONLINE, 1, new byte[1]));
            assertThrows(IllegalArgumentException.class, () -> endpoint.receive(peer, tag(0), patience()));
        }
    }

    @Test
    void trafficIsCountedExactlyPerPeerPhaseAndRequest() {
        Links links = three();
        Endpoint sender = links.endpoint(0);
        sender.send(1, new Tag(1, 0, 0, 0), Phase.ONLINE, 3, new byte[100]);
        TrafficSnapshot before = sender.traffic().snapshot();
        sender.send(1, new Tag(1, 0, 0, 1), Phase.PREPROCESSING, 9, new byte[20]);
        sender.send(2, new Tag(1, 0, 0, 2), Phase.ONLINE, 4, new byte[0]);
        sender.send(2, new Tag(2, 0, 0, 0), Phase.ONLINE, 7, new byte[5]);

        TrafficSnapshot all = sender.traffic().snapshot();
        assertEquals(new TrafficSnapshot.Count(125, 4), all.total());
        assertEquals(new TrafficSnapshot.Count(105, 3), all.total(Phase.ONLINE));
        assertEquals(new TrafficSnapshot.Count(20, 1), all.to(1).preprocessing());
        assertEquals(new TrafficSnapshot.Count(5, 2), all.to(2).online());
        assertEquals(7, all.onlineDepth());
        assertEquals(9, all.preprocessingDepth());
        assertEquals(new TrafficSnapshot.Count(25, 3), all.minus(before).total());

        TrafficSnapshot first = sender.traffic().snapshot(1);
        assertEquals(new TrafficSnapshot.Count(120, 3), first.total());
        assertEquals(4, first.onlineDepth());
        assertEquals(5, sender.traffic().snapshot(2).bytes());
        assertEquals(0, sender.traffic().snapshot(3).messages());

        Endpoint receiver = links.endpoint(2);
        receiver.receive(0, new Tag(2, 0, 0, 0), patience());
        assertEquals(7, receiver.traffic().snapshot(2).onlineDepth());
        assertEquals(0, receiver.traffic().snapshot().messages());
    }

    @Test
    void aFinishedRequestIsForgottenAndRefusedAndTheTotalsStay() {
        Links links = three();
        links.endpoint(0).send(1, new Tag(1, 0, 0, 0), Phase.ONLINE, 1, new byte[10]);
        FutureTask<Message> waiting = parkedReceiver(links.endpoint(0), 1, new Tag(1, 0, 0, 5));
        links.endpoint(0).finish(1);
        TransportException ended = failureOf(waiting);
        assertEquals(Kind.ABORTED, ended.kind());
        assertTrue(ended.awaited().isPresent(), "who waited tells for what");
        assertEquals(0, links.endpoint(0).traffic().snapshot(1).bytes());
        assertEquals(10, links.endpoint(0).traffic().snapshot().bytes());
        failure(Kind.ABORTED, () -> links.endpoint(0).send(1, new Tag(1, 0, 0, 1), Phase.ONLINE, 1, new byte[10]));
        failure(Kind.ABORTED, () -> links.endpoint(0).receive(1, new Tag(1, 0, 0, 1), patience()));
        links.endpoint(0).finish(1);

        // What comes late for it is dropped, and what comes after it on the same link is not.
        links.endpoint(1).send(0, new Tag(1, 0, 0, 1), Phase.ONLINE, 1, new byte[10]);
        links.endpoint(1).send(0, new Tag(2, 0, 0, 1), Phase.ONLINE, 1, new byte[] {2});
        assertArrayEquals(new byte[] {2}, links.endpoint(0).receive(1, new Tag(2, 0, 0, 1), patience()).payload());
        assertArrayEquals(new byte[10], links.endpoint(1).receive(0, new Tag(1, 0, 0, 0), patience()).payload());
    }

    @Test
    void anAbortedRequestEndsAtEveryPartyAndOthersGoOn() throws Exception {
        Links links = three();
        FutureTask<Message> here = parkedReceiver(links.endpoint(0), 1, new Tag(1, 0, 0, 0));
        FutureTask<Message> there = parkedReceiver(links.endpoint(2), 1, new Tag(1, 0, 0, 0));
        FutureTask<Message> other = parkedReceiver(links.endpoint(2), 1, new Tag(2, 0, 0, 0));
        links.endpoint(0).abort(1);
        for (FutureTask<Message> receiver : List.of(here, there)) {
            TransportException thrown = failureOf(receiver);
            assertEquals(Kind.ABORTED, thrown.kind());
            assertTrue(thrown.getMessage().contains("party 0 ended request 1"), thrown.getMessage());
        }
        failure(Kind.ABORTED, () -> links.endpoint(2).send(1, new Tag(1, 0, 0, 1), Phase.ONLINE, 1, new byte[1]));
        links.endpoint(1).send(2, new Tag(2, 0, 0, 0), Phase.ONLINE, 1, new byte[] {7});
        assertArrayEquals(new byte[] {7}, other.get().payload());
    }

    @Test
    void aFullLinkMakesSendersWaitUntilTheReceiverDrains() throws Exception {
        int size = 64 << 10;
        long bound = 4L * size;
        int messages = (int) (4 * (bound + slackBytes()) / size);
        Links links = links(2, bound, PATIENCE);
        Endpoint sender = links.endpoint(0);
        Endpoint receiver = links.endpoint(1);
        FutureTask<Boolean> sending = filler(links, 0, messages, size);
        long admitted = sender.traffic().snapshot().bytes();
        assertTrue(admitted <= bound + slackBytes(), admitted + " bytes admitted");
        assertFalse(sending.isDone());
        for (int index = 0; index < messages; index++) {
            assertArrayEquals(bytes(size, index), receiver.receive(0, tag(index), patience()).payload());
        }
        assertTrue(sending.get());
    }

    @Test
    void partiesThatExpectBeforeTheySendExchangeOverLinksThatAreFull() throws Exception {
        int size = 64 << 10;
        long bound = 4L * size;
        int messages = (int) (4 * (bound + slackBytes()) / size);
        Links links = links(2, bound, PATIENCE);
        List<FutureTask<Boolean>> fillers = List.of(filler(links, 0, messages, size), filler(links, 1, messages, size));
        Tag exchanged = new Tag(1, 1, 0, 0);
        List<FutureTask<Message>> exchanges = new ArrayList<>();
        for (int party = 0; party < 2; party++) {
            int self = party;
            exchanges.add(start(() -> {
                try (Expected expected = links.endpoint(self).expect(1 - self, exchanged)) {
                    links.endpoint(self).send(1 - self, exchanged, Phase.ONLINE, 1, bytes(size, -1 - self));
                    return expected.receive(patience());
                }
            }));
        }
        for (int party = 0; party < 2; party++) {
            assertArrayEquals(bytes(size, -2 + party), exchanges.get(party).get().payload());
            for (int index = 0; index < messages; index++) {
                assertArrayEquals(bytes(size, index), links.endpoint(party).receive(1 - party, tag(index), patience()).payload());
            }
            assertTrue(fillers.get(1 - party).get());
        }
    }

    /** Sends to the other party until the link is full; returns once the sender waits for room. */
    private FutureTask<Boolean> filler(Links links, int party, int messages, int size) {
        FutureTask<Boolean> filling = new FutureTask<>(() -> {
            for (int index = 0; index < messages; index++) {
                links.endpoint(party).send(1 - party, tag(index), Phase.ONLINE, 1, bytes(size, index));
            }
            return true;
        });
        beginAndWait(filling);
        return filling;
    }

    @Test
    void aWithdrawnExpectationLeavesTheMessageReceivableAndTheLinkBounded() {
        Links links = links(2, 1000, SHORT);
        links.endpoint(1).expect(0, tag(-1)).close();
        links.endpoint(0).send(1, tag(-1), Phase.ONLINE, 1, new byte[] {5});
        assertArrayEquals(new byte[] {5}, links.endpoint(1).receive(0, tag(-1), patience()).payload());
        try (Expected expected = links.endpoint(1).expect(0, tag(-2))) {
            failure(Kind.PROTOCOL_VIOLATION, () -> links.endpoint(1).expect(0, tag(-2)));
            failure(Kind.TIMEOUT, () -> expected.receive(Deadline.in(SHORT)));
        }
        failure(Kind.TIMEOUT, () -> {
            for (int index = 0; index * 600L < 4 * (1000 + slackBytes()); index++) {
                links.endpoint(0).send(1, tag(index), Phase.ONLINE, 1, new byte[600]);
            }
        });
    }

    @Test
    void aLinkThatStaysFullEndsTheSenderAtItsDeadlineNamingThePeer() {
        Links links = links(2, 1000, SHORT);
        TransportException thrown = failure(Kind.TIMEOUT, () -> {
            for (int index = 0; index * 600L < 4 * (1000 + slackBytes()); index++) {
                links.endpoint(0).send(1, tag(index), Phase.ONLINE, 1, new byte[600]);
            }
        });
        assertEquals(OptionalInt.of(1), thrown.peer());
        assertTrue(thrown.getMessage().contains("0.05s"), thrown.getMessage());
    }

    @Test
    void anEmptyLinkAdmitsAnyMessage() {
        Links links = links(2, 10, PATIENCE);
        for (int index = 0; index < 3; index++) {
            links.endpoint(0).send(1, tag(index), Phase.ONLINE, 1, bytes(100_000, index));
            assertArrayEquals(bytes(100_000, index), links.endpoint(1).receive(0, tag(index), patience()).payload());
        }
    }

    @Test
    void aSenderThatWaitsForRoomIsWokenWhenThePeerCrashes() {
        Links links = links(2, 1000, PATIENCE);
        FutureTask<Boolean> sending = new FutureTask<>(() -> {
            for (int index = 0; index < Integer.MAX_VALUE; index++) {
                links.endpoint(0).send(1, tag(index), Phase.ONLINE, 1, new byte[1 << 16]);
            }
            return true;
        });
        beginAndWait(sending);
        links.crash(1);
        assertEquals(Kind.PEER_FAILED, failureOf(sending).kind());
    }

    @Test
    void manyThreadsExchangeWithoutALostMessageOrWakeUp() throws Exception {
        Links links = three();
        int strands = strands();
        int steps = 20;
        List<FutureTask<Integer>> all = new ArrayList<>();
        for (int party = 0; party < 3; party++) {
            Endpoint endpoint = links.endpoint(party);
            for (int strand = 0; strand < strands; strand++) {
                int lane = strand;
                all.add(start(() -> exchange(endpoint, lane, steps)));
            }
        }
        for (FutureTask<Integer> strand : all) {
            assertEquals(2 * steps, strand.get());
        }
        for (int party = 0; party < 3; party++) {
            assertEquals(2L * strands * steps, links.endpoint(party).traffic().snapshot().messages());
        }
    }

    @Test
    void messagesOfManySendersThatFillTheLinkBeforeAnyIsReceivedArriveWhole() throws Exception {
        Links links = links(2, 16L << 20, PATIENCE);
        int senders = 8;
        int messages = 200;
        int longest = 80_000;
        List<FutureTask<Integer>> sending = new ArrayList<>();
        for (int sender = 0; sender < senders; sender++) {
            int lane = sender;
            sending.add(start(() -> {
                Random random = new Random(lane);
                for (int index = 0; index < messages; index++) {
                    // As often small as long, so that both kinds meet on their way.
                    int length = random.nextInt(random.nextBoolean() ? longest : 100);
                    links.endpoint(0).send(1, new Tag(1, lane, 0, index), Phase.ONLINE, 1, bytes(length, lane * messages + index));
                }
                return messages;
            }));
        }
        while (sending.stream().noneMatch(FutureTask::isDone) && links.endpoint(0).traffic().snapshot().total(Phase.ONLINE).bytes() < 12L << 20) {
            Thread.onSpinWait();
        }
        for (int sender = 0; sender < senders; sender++) {
            Random random = new Random(sender);
            for (int index = 0; index < messages; index++) {
                int length = random.nextInt(random.nextBoolean() ? longest : 100);
                assertArrayEquals(bytes(length, sender * messages + index), links.endpoint(1).receive(0, new Tag(1, sender, 0, index), patience()).payload());
            }
        }
        for (FutureTask<Integer> sender : sending) {
            assertEquals(messages, sender.get());
        }
    }

    @Test
    void receiversThatRaceWithAnAbortAllEndWithTheMessageOrTheReason() throws Exception {
        Links links = three();
        for (int request = 1; request <= 100; request++) {
            int number = request;
            FutureTask<Message> receiver = start(() -> links.endpoint(1).receive(0, new Tag(number, 0, 0, 0), patience()));
            FutureTask<Boolean> sender = start(() -> {
                links.endpoint(0).send(1, new Tag(number, 0, 0, 0), Phase.ONLINE, 1, new byte[] {1});
                return true;
            });
            FutureTask<Boolean> aborter = start(() -> {
                links.endpoint(number % 3).abort(number);
                return true;
            });
            assertTrue(aborter.get());
            endsWellOr(Kind.ABORTED, receiver);
            endsWellOr(Kind.ABORTED, sender);
            for (int party = 0; party < 3; party++) {
                links.endpoint(party).finish(number);
            }
        }
    }

    @Test
    void receiversThatRaceWithACrashAllEnd() throws Exception {
        Links links = three();
        List<FutureTask<Message>> receivers = new ArrayList<>();
        for (int sequence = 0; sequence < 1000; sequence++) {
            Tag tag = tag(sequence);
            receivers.add(start(() -> links.endpoint(0).receive(1, tag, patience())));
            if (sequence % 2 == 0) {
                start(() -> {
                    links.endpoint(1).send(0, tag, Phase.ONLINE, 1, new byte[] {1});
                    return true;
                });
            }
            if (sequence == 500) {
                links.crash(1);
            }
        }
        for (FutureTask<Message> receiver : receivers) {
            endsWellOr(Kind.PEER_FAILED, receiver);
        }
    }

    private static void endsWellOr(Kind kind, FutureTask<?> task) throws InterruptedException {
        try {
            task.get();
        } catch (ExecutionException ended) {
            assertEquals(kind, ((TransportException) ended.getCause()).kind(), ended.getCause().getMessage());
        }
    }

    /** Sends to both peers and receives from both, step by step; returns how many messages were right. */
    private static int exchange(Endpoint endpoint, int lane, int steps) {
        Random random = new Random(SEED + 3L * lane + endpoint.party());
        int next = (endpoint.party() + 1) % 3;
        int previous = (endpoint.party() + 2) % 3;
        int right = 0;
        for (int step = 0; step < steps; step++) {
            Tag tag = new Tag(1, lane, step, 0);
            int first = random.nextBoolean() ? next : previous;
            int second = next + previous - first;
            endpoint.send(first, tag, Phase.ONLINE, step + 1, content(endpoint.party(), first, lane, step));
            if (random.nextBoolean()) {
                Thread.yield();
            }
            endpoint.send(second, tag, Phase.ONLINE, step + 1, content(endpoint.party(), second, lane, step));
            for (int from : new int[] {second, first}) {
                Message message = endpoint.receive(from, tag, patience());
                right += Arrays.equals(content(from, endpoint.party(), lane, step), message.payload()) ? 1 : 0;
            }
        }
        return right;
    }

    private static byte[] content(int from, int to, int lane, int step) {
        return new byte[] {(byte) from, (byte) to, (byte) lane, (byte) (lane >> 8), (byte) step};
    }
}
