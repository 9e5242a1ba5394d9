package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.protocol.Engine;
import dev.sardonyx.secureops.protocol.Operand;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.secureops.random.Keystream;
import dev.sardonyx.secureops.random.StreamId;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Expected;
import dev.sardonyx.transport.Message;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tag;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One step while it runs at one party: names its messages and its draws, and follows the chain of messages that its results depend
 * on. Used by one thread.
 *
 * <p>A stream is named by (pair key, request, lane, step, purpose), where purposes count the step's draws from that pair. Requests
 * only grow, lanes and steps differ within a request, and a step runs once: no name comes twice under one key.
 */
final class StepRun implements Seat, StepContext {
    private final PreparedLane prepared;
    private final LaneContext lane;
    private final Map<String, PartyValue> inputs;
    private final int step;
    private final Runnable beforeWaiting;
    /** By role, made with the first message or draw: most steps have none. */
    private @Nullable Counts counts;
    private int depth;
    private int preprocessingDepth;
    private @Nullable Open open;

    /**
     * @param depth of the chain of online messages that the step's inputs depend on
     * @param beforeWaiting run whenever the step is about to wait
     */
    StepRun(PreparedLane prepared, LaneContext lane, Map<String, PartyValue> inputs, int step, int depth, Runnable beforeWaiting) {
        this.prepared = prepared;
        this.lane = lane;
        this.inputs = inputs;
        this.step = step;
        this.depth = depth;
        this.beforeWaiting = beforeWaiting;
    }

    /**
     * The exchange that the step has left open. Its message counts as waited for from the moment at which the own one is sent: of parties that
     * wait for one another, the one that waits for whoever is at fault began first, gives up first, and names it.
     */
    private record Open(Expected expected, int from, Tag tag, int length, Deadline deadline, Consumer<byte[]> use) {
    }

    private record Counts(int[] sent, int[] received, int[] drawn) {
    }

    private Counts counts() {
        Counts known = counts;
        if (known == null) {
            int parties = lane.endpoint().parties();
            known = new Counts(new int[parties], new int[parties], new int[parties]);
            counts = known;
        }
        return known;
    }

    /** The depth of the chain of online messages that the step's results depend on. */
    int depth() {
        return depth;
    }

    @Override
    public Engine engine() {
        return prepared.engine();
    }

    @Override
    public int constantSlot() {
        return prepared.constantSlot();
    }

    @Override
    public StepContext context() {
        return this;
    }

    @Override
    public PartyValue input(String name) {
        PartyValue value = inputs.get(name);
        if (value == null) {
            throw new RunException(RunException.Kind.BAD_INPUT, "no share of input '" + name + "' was given");
        }
        return value;
    }

    @Override
    public PartyValue weight(WeightStore.Key key) {
        throw new IllegalStateException("weights are in place before a request starts");
    }

    @Override
    public Operand operand(int value, String layout, Numbers share) {
        return prepared.operand(value, layout, share);
    }

    @Override
    public int role() {
        return prepared.role();
    }

    @Override
    public void send(int role, Phase phase, byte[] payload) {
        int place = switch (phase) {
            case PREPROCESSING -> preprocessingDepth + 1;
            case ONLINE -> depth + 1;
        };
        lane.endpoint().send(lane.party(role), tag(counts().sent[role]++), phase, place, payload, beforeWaiting);
    }

    @Override
    public byte[] receive(int role, int length) {
        int from = lane.party(role);
        Tag tag = tag(counts().received[role]++);
        try (Expected expected = lane.endpoint().expect(from, tag)) {
            return received(expected, from, tag, length, Deadline.in(lane.patience()));
        }
    }

    @Override
    public byte[] exchange(int to, Phase phase, byte[] payload, int from, int length) {
        int sender = lane.party(from);
        Tag tag = tag(counts().received[from]++);
        try (Expected expected = lane.endpoint().expect(sender, tag)) {
            send(to, phase, payload);
            return received(expected, sender, tag, length, Deadline.in(lane.patience()));
        }
    }

    @Override
    public void exchangeLast(int to, Phase phase, byte[] payload, int from, int length, Consumer<byte[]> use) {
        if (open != null) {
            throw new IllegalStateException("a step has one last exchange");
        }
        int sender = lane.party(from);
        Tag tag = tag(counts().received[from]++);
        Expected expected = lane.endpoint().expect(sender, tag);
        open = new Open(expected, sender, tag, length, Deadline.in(lane.patience()), use);
        send(to, phase, payload);
    }

    /** Whether the step has begun and waits for its last message. */
    boolean isOpen() {
        return open != null;
    }

    @Override
    public void settle() {
        Open last = open;
        if (last != null) {
            open = null;
            try (Expected expected = last.expected) {
                last.use.accept(received(expected, last.from, last.tag, last.length, last.deadline));
            }
        }
    }

    /** Gives up what the step has left open. */
    void abandon() {
        Open last = open;
        if (last != null) {
            open = null;
            last.expected.close();
        }
    }

    private byte[] received(Expected expected, int from, Tag tag, int length, Deadline deadline) {
        Message message = expected.receive(deadline, beforeWaiting);
        if (message.payload().length != length) {
            throw new RunException(RunException.Kind.PARTY_FAILED,
                    "party " + from + " sent " + message.payload().length + " bytes; expected " + length + " (" + tag + ")");
        }
        switch (message.phase()) {
            case PREPROCESSING -> preprocessingDepth = Math.max(preprocessingDepth, message.depth());
            case ONLINE -> depth = Math.max(depth, message.depth());
        }
        return message.payload();
    }

    private Tag tag(int sequence) {
        return new Tag(lane.request(), lane.lane(), step, sequence);
    }

    @Override
    public long[] common(int role, int count, int width) {
        int party = lane.party(role);
        Keystream key = lane.keys().get(party).orElseThrow(() -> new IllegalArgumentException("party " + party + " draws with itself"));
        return key.longs(new StreamId(lane.request(), lane.lane(), step, counts().drawn[role]++), count, width);
    }
}
