package dev.sardonyx.secureops.protocol;

import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.random.Keystream;
import dev.sardonyx.secureops.random.KeystreamLedger;
import dev.sardonyx.secureops.random.SeededRandom;
import dev.sardonyx.secureops.random.StreamId;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Endpoint;
import dev.sardonyx.transport.InMemoryNetwork;
import dev.sardonyx.transport.LinkProfile;
import dev.sardonyx.transport.Message;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tag;
import dev.sardonyx.transport.TrafficSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/**
 * All parties of a protocol in this process, for single steps: pair keys from a seed, in-memory links, a ledger of each party's
 * keystreams and a record of every message. Each step is a request of its own.
 */
final class Session implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A message as a tap sees it. */
    record Sent(int request, int from, int to, Phase phase, byte[] payload) {
    }

    /** What one step does at one party. */
    interface PartyStep<T> {
        T run(StepContext context, int party) throws Exception;
    }

    private final Protocol protocol;
    private final int rotation;
    private final boolean recorded;
    private final InMemoryNetwork network;
    private final Keystream[][] keys;
    private final List<KeystreamLedger> ledgers = new ArrayList<>();
    private final List<Sent> messages = new ArrayList<>();
    private final List<long[]>[] draws;
    private final SeededRandom owner;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private UnaryOperator<StepContext> wrapper = UnaryOperator.identity();
    private int requests;

    /** A session whose draws and messages are recorded. */
    Session(Protocol protocol, long seed, int rotation) {
        this(protocol, seed, rotation, true);
    }

    Session(Protocol protocol, long seed, int rotation, boolean recorded) {
        this.protocol = protocol;
        this.rotation = rotation;
        this.recorded = recorded;
        int parties = protocol.parties();
        var options = InMemoryNetwork.Options.of(LinkProfile.NONE);
        this.network = new InMemoryNetwork(parties, recorded ? options.withTap(this::record) : options);
        this.keys = new Keystream[parties][parties];
        this.draws = newLists(parties);
        for (int party = 0; party < parties; party++) {
            ledgers.add(new KeystreamLedger("party " + party));
            for (int peer = 0; peer < parties; peer++) {
                String pair = "pair " + Math.min(party, peer) + " " + Math.max(party, peer);
                keys[party][peer] = new Keystream(new SeededRandom(seed, pair).bytes(Keystream.KEY_BYTES), ledgers.get(party));
            }
        }
        this.owner = new SeededRandom(seed, "owner");
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static List<long[]>[] newLists(int parties) {
        List<long[]>[] lists = new List[parties];
        for (int party = 0; party < parties; party++) {
            lists[party] = new ArrayList<>();
        }
        return lists;
    }

    /** Lets every later step see its context through {@code newWrapper}: a fault to be planted. */
    void wrapContexts(UnaryOperator<StepContext> newWrapper) {
        wrapper = newWrapper;
    }

    Protocol protocol() {
        return protocol;
    }

    int role(int party) {
        return Math.floorMod(party - rotation, protocol.parties());
    }

    /** The randomness with which an owner splits. */
    long[] owner(int words) {
        return owner.longs(words);
    }

    List<KeystreamLedger> ledgers() {
        return ledgers;
    }

    /** The results of all parties, by party. */
    <T> List<T> run(PartyStep<T> step) {
        int request = ++requests;
        var running = new ArrayList<Future<T>>();
        for (int party = 0; party < protocol.parties(); party++) {
            int self = party;
            running.add(threads.submit(() -> step.run(wrapper.apply(new Context(self, request)), self)));
        }
        var results = new ArrayList<T>();
        for (Future<T> future : running) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                throw new AssertionError("a party failed in request " + request, e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
        return results;
    }

    /** What the last step has cost, by role. */
    StepCost measured() {
        int parties = protocol.parties();
        var preprocessing = new Long[parties];
        var online = new Long[parties];
        int rounds = 0;
        for (int party = 0; party < parties; party++) {
            TrafficSnapshot traffic = network.endpoint(party).traffic().snapshot(requests);
            preprocessing[role(party)] = traffic.total(Phase.PREPROCESSING).bytes();
            online[role(party)] = traffic.total(Phase.ONLINE).bytes();
            rounds = Math.max(rounds, traffic.depth(Phase.ONLINE));
        }
        return new StepCost(List.of(preprocessing), List.of(online), rounds);
    }

    /** The last step's messages, by sender, then as sent. */
    List<Sent> messages() {
        synchronized (messages) {
            return messages.stream().filter(sent -> sent.request() == requests).sorted(Comparator.comparingInt(Sent::from)).toList();
        }
    }

    /** All that a party drew in the last step. */
    List<long[]> draws(int party) {
        return draws[party];
    }

    private void record(int from, int to, Tag tag, Phase phase, byte[] payload) {
        synchronized (messages) {
            messages.removeIf(sent -> sent.request() < tag.request());
            messages.add(new Sent(tag.request(), from, to, phase, payload));
        }
    }

    @Override
    public void close() {
        threads.close();
        network.close();
    }

    private final class Context implements StepContext {
        private final int party;
        private final int request;
        private final int[] sent;
        private final int[] received;
        private final int[] drawn;
        private int depth;

        Context(int party, int request) {
            this.party = party;
            this.request = request;
            int parties = protocol.parties();
            this.sent = new int[parties];
            this.received = new int[parties];
            this.drawn = new int[parties];
            draws[party].clear();
        }

        private int party(int role) {
            return (rotation + role) % protocol.parties();
        }

        @Override
        public int role() {
            return Session.this.role(party);
        }

        @Override
        public void send(int role, Phase phase, byte[] payload) {
            int place = switch (phase) {
                case PREPROCESSING -> 1;
                case ONLINE -> depth + 1;
            };
            endpoint().send(party(role), new Tag(request, 0, 0, sent[role]++), phase, place, payload);
        }

        @Override
        public byte[] receive(int role, int length) {
            Message message = endpoint().receive(party(role), new Tag(request, 0, 0, received[role]++), Deadline.in(PATIENCE));
            if (message.payload().length != length) {
                throw new IllegalStateException(message.payload().length + " bytes came; expected " + length);
            }
            if (message.phase() == Phase.ONLINE) {
                depth = Math.max(depth, message.depth());
            }
            return message.payload();
        }

        @Override
        public byte[] exchange(int to, Phase phase, byte[] payload, int from, int length) {
            // These links have room for whatever one step sends.
            send(to, phase, payload);
            return receive(from, length);
        }

        @Override
        public long[] common(int role, int count, int width) {
            long[] words = keys[party][party(role)].longs(new StreamId(request, 0, 0, drawn[role]++), count, width);
            if (recorded) {
                draws[party].add(words.clone());
            }
            return words;
        }

        private Endpoint endpoint() {
            return network.endpoint(party);
        }
    }
}
