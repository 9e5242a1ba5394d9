package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.random.KeyAgreement;
import dev.sardonyx.secureops.random.Keystream;
import dev.sardonyx.secureops.random.KeystreamObserver;
import dev.sardonyx.secureops.random.RandomSource;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Endpoint;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tag;
import dev.sardonyx.transport.TrafficSnapshot;
import dev.sardonyx.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/**
 * One party's end of a session: keys in common with every other party, models loaded, requests run. Holds nothing in common with the
 * other parties' sessions but the endpoint. Requests may run at the same time.
 *
 * <p>All parties give a request the same number. Numbers only grow; a number that is not greater than every one before is refused,
 * because keystreams and message tags are named by it.
 */
public final class PartySession {
    /** Behind the two sequence numbers that comparing plans takes. */
    private static final int WEIGHT_COPIES = 2;
    private static final int LOADED = 3;

    /**
     * Lanes of a request that run side by side: one for each role, and one more than there are processors, so that one waits while others
     * compute. More would only wait for processors, and what they hold meanwhile is copied by every young collection. All parties take
     * lanes up in their order, so that the first that is not done runs at all of them, however many they run.
     */
    public static final int MOST_LANES_AT_ONCE = Math.max(3, Runtime.getRuntime().availableProcessors() + 1);

    /** The number under which the parties agree on keys. */
    private static final int KEY_REQUEST = 0;

    /**
     * How a session behaves.
     *
     * @param name of the session, the same at all parties
     * @param random this party's own randomness
     * @param keystreams told of every draw from a keystream
     * @param patience how long each message is waited for
     */
    public record Settings(String name, RandomSource random, KeystreamObserver keystreams, Duration patience) {
    }

    /** A request number that this party has taken up and that serves once. */
    public static final class Request {
        private final int number;
        private final AtomicBoolean used = new AtomicBoolean();

        private Request(int number) {
            this.number = number;
        }

        private int use() {
            if (used.getAndSet(true)) {
                throw new RunException(RunException.Kind.REFUSED, "request " + number + " was run before");
            }
            return number;
        }
    }

    /** A model at this party: its lanes with the weights in place. */
    public static final class Model {
        private final LanedPlan plan;
        private final List<PreparedLane> lanes;

        private Model(LanedPlan plan, List<PreparedLane> lanes) {
            this.plan = plan;
            this.lanes = List.copyOf(lanes);
        }

        public LanedPlan plan() {
            return plan;
        }
    }

    /**
     * What a request gave at this party.
     *
     * @param outputs by lane, this party's shares of the outputs
     * @param traffic what this party sent for the request
     * @param peakLiveBytes the most bytes that values took at one time, summed over the lanes that run side by side
     */
    public record Result(List<Map<String, PartyValue>> outputs, TrafficSnapshot traffic, long peakLiveBytes) {
        public Result {
            outputs = List.copyOf(outputs);
        }
    }

    /** Told of each value as a lane makes it. */
    interface Observer {
        void made(int lane, int value, PartyValue share);
    }

    private final Protocol protocol;
    private final Endpoint endpoint;
    private final Settings settings;
    private final List<Optional<Keystream>> keys;
    private int lastRequest = KEY_REQUEST;

    private PartySession(Protocol protocol, Endpoint endpoint, Settings settings, List<Optional<Keystream>> keys) {
        this.protocol = protocol;
        this.endpoint = endpoint;
        this.settings = settings;
        this.keys = keys;
    }

    /**
     * Agrees on a key with every other party; returns when all are agreed.
     *
     * @throws TransportException if a party does not answer
     */
    public static PartySession open(Protocol protocol, Endpoint endpoint, Settings settings) {
        if (endpoint.parties() != protocol.parties()) {
            throw new IllegalArgumentException(protocol.name() + " wants " + protocol.parties() + " parties, the network has " + endpoint.parties());
        }
        var tag = new Tag(KEY_REQUEST, 0, 0, 0);
        var agreements = new ArrayList<Optional<KeyAgreement>>();
        for (int peer = 0; peer < endpoint.parties(); peer++) {
            if (peer == endpoint.party()) {
                agreements.add(Optional.empty());
                continue;
            }
            var agreement = new KeyAgreement(new KeyAgreement.Context(settings.name(), endpoint.party(), peer), settings.random());
            endpoint.send(peer, tag, Phase.PREPROCESSING, 0, agreement.message());
            agreements.add(Optional.of(agreement));
        }
        var keys = new ArrayList<Optional<Keystream>>();
        for (int peer = 0; peer < endpoint.parties(); peer++) {
            int from = peer;
            keys.add(agreements.get(peer).map(agreement -> new Keystream(
                    agreement.finish(endpoint.receive(from, tag, Deadline.in(settings.patience())).payload()), settings.keystreams())));
        }
        endpoint.finish(KEY_REQUEST);
        return new PartySession(protocol, endpoint, settings, keys);
    }

    public int party() {
        return endpoint.party();
    }

    /**
     * Takes up a request number.
     *
     * @throws RunException of kind REFUSED unless the number is greater than every one taken up before
     */
    public synchronized Request admit(int number) {
        if (number <= lastRequest) {
            throw new RunException(RunException.Kind.REFUSED, "party " + party() + " refuses request " + number
                    + ": numbers only grow, and " + lastRequest + " was used");
        }
        lastRequest = number;
        return new Request(number);
    }

    /**
     * Compares a plan with the other parties' and makes it ready to run.
     *
     * @param admitted the number under which all parties do this
     * @throws RunException of kind PLAN_MISMATCH if another party holds another plan, BAD_PLAN if it cannot be run
     */
    public Model load(Request admitted, LanedPlan plan, WeightStore weights) {
        return load(admitted, plan, weights, false);
    }

    /**
     * As {@link #load}, and compares the copies that parties hold in common of the weights. Returns at a party only if every party has found
     * them to agree and made the model ready.
     *
     * @throws RunException of kind REFUSED if the model owner gave two parties different copies
     */
    public Model loadComparing(Request admitted, LanedPlan plan, WeightStore weights) {
        return load(admitted, plan, weights, true);
    }

    private Model load(Request admitted, LanedPlan plan, WeightStore weights, boolean compare) {
        int request = admitted.use();
        try {
            new PlanExchange(endpoint, request, settings.patience()).require(plan);
            if (compare) {
                new CopyCheck(protocol, endpoint, new Tag(request, 0, 0, WEIGHT_COPIES), settings.patience()).require("weights", weights.ordered());
            }
            plan.lanes().forEach(this::requireSeats);
            var prepared = new PreparedPlan(plan.plan(), protocol);
            // Lanes in one role have the same panels and derived values.
            var byRole = new HashMap<Integer, PreparedLane>();
            var lanes = new ArrayList<PreparedLane>();
            for (LanedPlan.Lane lane : plan.lanes()) {
                lanes.add(byRole.computeIfAbsent(LaneContext.role(party(), lane.rotation(), endpoint.parties()),
                        role -> new PreparedLane(prepared, protocol.engine(), role, weights)));
            }
            if (compare) {
                awaitLoaded(new Tag(request, 0, 0, LOADED));
            }
            return new Model(plan, lanes);
        } catch (RuntimeException | Error e) {
            if (!(e instanceof RunException known && known.kind() == RunException.Kind.PLAN_MISMATCH)) {
                endpoint.abort(request);
            }
            throw e;
        } finally {
            endpoint.finish(request);
        }
    }

    private void awaitLoaded(Tag tag) {
        int[] peers = IntStream.range(0, endpoint.parties()).filter(peer -> peer != endpoint.party()).toArray();
        for (int peer : peers) {
            endpoint.send(peer, tag, Phase.PREPROCESSING, 0, new byte[0]);
        }
        for (int peer : peers) {
            endpoint.receive(peer, tag, Deadline.in(settings.patience()));
        }
    }

    /** A dealer that played a computing party's role would be sent what depends on data. */
    private void requireSeats(LanedPlan.Lane lane) {
        if (lane.rotation() != 0 && !protocol.rolesRotate()) {
            throw new RunException(RunException.Kind.BAD_PLAN, "a lane's roles are rotated by " + lane.rotation() + "; expected 0, for in "
                    + protocol.name() + " each party has one role");
        }
    }

    /**
     * Runs a request: all lanes side by side.
     *
     * @param admitted the number under which all parties do this
     * @param inputs by lane, this party's shares of the inputs, whose arrays are given up
     * @throws RunException if a step fails here or the request was ended by another party; it is ended at all parties then
     */
    public Result run(Request admitted, Model model, List<Map<String, PartyValue>> inputs) {
        return run(admitted, model, inputs, Optional.empty());
    }

    /**
     * As {@link #run(Request, Model, List)}, and compares the copies that parties hold in common of the inputs before anything is made of
     * them.
     *
     * @throws RunException of kind REFUSED if the data owner gave two parties different copies
     */
    public Result runComparing(Request admitted, Model model, List<Map<String, PartyValue>> inputs) {
        return run(admitted, model, inputs, Optional.empty(), true);
    }

    /** Ends a request that was taken up and is not to be run, at all parties. */
    public void cancel(Request admitted) {
        int request = admitted.use();
        endpoint.abort(request);
        endpoint.finish(request);
    }

    private void compareInputs(int request, List<Map<String, PartyValue>> inputs) {
        // Lanes are numbered from 0, so the number of lanes names no lane.
        var tag = new Tag(request, inputs.size(), 0, 0);
        try {
            new CopyCheck(protocol, endpoint, tag, settings.patience()).require("inputs", inputs.stream().flatMap(lane -> lane.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())).map(Map.Entry::getValue).toList());
        } catch (RuntimeException e) {
            endpoint.abort(request);
            throw e;
        }
    }

    Result run(Request admitted, Model model, List<Map<String, PartyValue>> inputs, Optional<Observer> observer) {
        return run(admitted, model, inputs, observer, false);
    }

    private Result run(Request admitted, Model model, List<Map<String, PartyValue>> inputs, Optional<Observer> observer, boolean compare) {
        int request = admitted.use();
        try {
            if (compare) {
                compareInputs(request, inputs);
            }
            var lanes = new ArrayList<LaneRun>();
            for (int i = 0; i < model.lanes.size(); i++) {
                int number = i;
                var context = new LaneContext(endpoint, keys, request, i, model.plan.lanes().get(i).rotation(), settings.patience());
                LaneRun.Observer made = observer.<LaneRun.Observer>map(o -> (id, share) -> o.made(number, id, share))
                        .orElse(LaneRun.Observer.NONE);
                lanes.add(new LaneRun(model.lanes.get(i), context, inputs.get(i), made));
            }
            List<LaneRun.Result> results = Together.run(lanes.stream().map(lane -> (Together.Task<LaneRun.Result>) lane::run).toList(), MOST_LANES_AT_ONCE);
            long peak = PlanMemory.atOnce(results.stream().mapToLong(LaneRun.Result::peakLiveBytes));
            return new Result(results.stream().map(LaneRun.Result::outputs).toList(), endpoint.traffic().snapshot(request), peak);
        } catch (Error e) {
            // Lanes end the request where they fail; one that could not be started does not.
            endpoint.abort(request);
            throw e;
        } finally {
            endpoint.finish(request);
        }
    }

    @Override
    public String toString() {
        return "PartySession[party " + party() + " of " + protocol.name() + "]";
    }
}
