package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.random.KeystreamObserver;
import dev.sardonyx.secureops.random.RandomSource;
import dev.sardonyx.secureops.random.SeededRandom;
import dev.sardonyx.transport.InMemoryNetwork;
import dev.sardonyx.transport.LinkProfile;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * All parties of a protocol in this process, and both owners: for evaluation. Each party has a session of its own over the in-memory
 * network; parties have no object in common but plans, which are public, and what the network hands over. Several requests may run at
 * the same time.
 */
public final class EmbeddedCluster implements AutoCloseable {
    /**
     * How a cluster is set up.
     *
     * @param links shape of the links between parties
     * @param random the randomness of whoever is named: "party 0", …, "owner"
     * @param tap sees every message between parties, where there is one
     * @param keystreams told of every draw from a party's keystreams, by party
     * @param patience how long each party waits for each message
     */
    public record Options(LinkProfile links, Function<String, RandomSource> random, Optional<Tap> tap,
            IntFunction<KeystreamObserver> keystreams, Duration patience) {
        /** Long enough for a helper that runs ahead of a slow link; a party that fails is noticed at once without it. */
        public static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(5);

        /** Unshaped links, the system's randomness, nobody watching. */
        public static Options standard() {
            return new Options(LinkProfile.NONE, _ -> RandomSource.secure(), Optional.empty(), _ -> KeystreamObserver.NONE, DEFAULT_PATIENCE);
        }

        public Options withLinks(LinkProfile profile) {
            return new Options(profile, random, tap, keystreams, patience);
        }

        /** Other randomness; with a generator that a seed determines nothing is secret. */
        public Options withRandom(Function<String, RandomSource> source) {
            return new Options(links, source, tap, keystreams, patience);
        }

        /** Randomness that a seed determines, so that a run can be repeated, to the bit, and nothing is secret. */
        public Options withInsecureSeed(long seed) {
            return withRandom(who -> new SeededRandom(seed, who));
        }

        public Options withTap(Tap observer) {
            return new Options(links, random, Optional.of(observer), keystreams, patience);
        }

        public Options withKeystreams(IntFunction<KeystreamObserver> observers) {
            return new Options(links, random, tap, observers, patience);
        }

        public Options withPatience(Duration duration) {
            return new Options(links, random, tap, keystreams, duration);
        }
    }

    /** What a helper may send ahead of the workers: more than hides it from them would only take memory, and outlive young collections. */
    private static final long MOST_AHEAD = 32L << 20;

    private final Protocol protocol;
    private final InMemoryNetwork network;
    private final List<PartySession> sessions;
    private final Owner owner;
    private int lastRequest;

    private EmbeddedCluster(Protocol protocol, InMemoryNetwork network, List<PartySession> sessions, Owner owner) {
        this.protocol = protocol;
        this.network = network;
        this.sessions = sessions;
        this.owner = owner;
    }

    /** Starts all parties with {@link Options#standard}. */
    public static EmbeddedCluster open(Protocol protocol) {
        return open(protocol, Options.standard());
    }

    /** Starts all parties; returns when every pair has agreed on a key. */
    public static EmbeddedCluster open(Protocol protocol, Options options) {
        var shape = InMemoryNetwork.Options.of(options.links()).withSendDeadline(options.patience()).withBytesInFlight(MOST_AHEAD);
        var network = new InMemoryNetwork(protocol.parties(), options.tap().map(shape::withTap).orElse(shape));
        try {
            List<PartySession> sessions = Together.run(IntStream.range(0, protocol.parties())
                    .<Together.Task<PartySession>>mapToObj(party -> () -> PartySession.open(protocol, network.endpoint(party),
                            new PartySession.Settings("embedded " + protocol.name(), options.random().apply("party " + party),
                                    options.keystreams().apply(party), options.patience())))
                    .toList());
            return new EmbeddedCluster(protocol, network, sessions, new Owner(protocol, options.random().apply("owner")));
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    public Protocol protocol() {
        return protocol;
    }

    /** Lets tests break links and parties. */
    InMemoryNetwork network() {
        return network;
    }

    List<PartySession> sessions() {
        return sessions;
    }

    /**
     * The model owner's side: splits the weights, gives every party its shares and the plan, and has the parties compare plans.
     *
     * @throws RunException if the plan cannot be run or a weight does not fit it
     */
    public LoadedModel load(LanedPlan plans, WeightSource weights) {
        return load(IntStream.range(0, protocol.parties()).mapToObj(_ -> plans).toList(), owner.weights(plans, weights, new WeightPacking(plans, protocol)));
    }

    /** As {@link #load(LanedPlan, WeightSource)} with a plan for each party, which they find out if the plans differ. */
    LoadedModel load(List<LanedPlan> plans, List<WeightStore> weights) {
        LanedPlan first = plans.getFirst();
        if (!first.plan().protocol().equals(protocol.name())) {
            throw new RunException(RunException.Kind.BAD_PLAN,
                    "the plan was made for protocol " + first.plan().protocol() + "; this cluster runs " + protocol.name());
        }
        List<PartySession.Model> models = eachParty(
                (request, party) -> sessions.get(party).load(request, plans.get(party), weights.get(party)));
        return new LoadedModel(first, models);
    }

    @FunctionalInterface
    private interface PartyTask<T> {
        T run(PartySession.Request request, int party);
    }

    /** Runs a task at every party under one new request number; parties take numbers up in the same order. */
    private <T> List<T> eachParty(PartyTask<T> task) {
        List<PartySession.Request> requests;
        synchronized (this) {
            int number = ++lastRequest;
            requests = sessions.stream().map(session -> session.admit(number)).toList();
        }
        return Together.run(IntStream.range(0, sessions.size())
                .<Together.Task<T>>mapToObj(party -> () -> task.run(requests.get(party), party)).toList());
    }

    @Override
    public void close() {
        network.close();
    }

    /** A model whose weights the parties hold in shares. */
    public final class LoadedModel {
        private final LanedPlan plans;
        private final List<PartySession.Model> models;

        private LoadedModel(LanedPlan plans, List<PartySession.Model> models) {
            this.plans = plans;
            this.models = models;
        }

        public LanedPlan plans() {
            return plans;
        }

        /**
         * The data owner's side: shares the inputs, has the parties run, joins the outputs.
         *
         * @throws RunException if an input does not fit the plan, or a party failed
         */
        public RunResult run(Map<String, Tensor> inputs) {
            return run(inputs, Optional.empty());
        }

        /**
         * As {@link #run(Map)}, and shows every value in the clear: nothing is secret from the observer, who also gets an answer for which
         * a range did not hold, to see where.
         */
        public RunResult runRevealingEverything(Map<String, Tensor> inputs, ValueObserver observer) {
            return run(inputs, Optional.of(observer));
        }

        private RunResult run(Map<String, Tensor> inputs, Optional<ValueObserver> observer) {
            long start = System.nanoTime();
            List<List<Map<String, PartyValue>>> shares = owner.inputs(plans, inputs);
            var seen = observer.map(_ -> new Seen(protocol.parties()));
            long shared = System.nanoTime();
            List<PartySession.Result> results = eachParty(
                    (request, party) -> sessions.get(party).run(request, models.get(party), shares.get(party), seen.map(s -> s.at(party))));
            long ran = System.nanoTime();
            List<List<Map<String, PartyValue>>> given = results.stream().map(PartySession.Result::outputs).toList();
            Map<String, Tensor> outputs = observer.isPresent() ? owner.uncheckedOutputs(plans, given) : owner.outputs(plans, given);
            long end = System.nanoTime();
            seen.ifPresent(all -> all.show(plans, owner, observer.orElseThrow()));
            return new RunResult(outputs, (ran - shared) / 1e9, (end - start) / 1e9, results.stream().map(LoadedModel::cost).toList(),
                    depth(results, Phase.ONLINE), depth(results, Phase.PREPROCESSING), bytes(shares, input -> planned(input, true)), bytes(
                            results.stream().map(PartySession.Result::outputs).toList(), output -> planned(output, false)));
        }

        private static RunResult.PartyCost cost(PartySession.Result result) {
            return new RunResult.PartyCost(result.traffic().total(Phase.PREPROCESSING).bytes(), result.traffic().total(Phase.ONLINE).bytes(),
                    result.traffic().messages(), result.peakLiveBytes());
        }

        private static int depth(List<PartySession.Result> results, Phase phase) {
            return results.stream().mapToInt(result -> result.traffic().depth(phase)).max().orElse(0);
        }

        private static long bytes(List<List<Map<String, PartyValue>>> parties, Function<String, PlanValue> planned) {
            long bytes = 0;
            for (List<Map<String, PartyValue>> lanes : parties) {
                for (Map<String, PartyValue> values : lanes) {
                    for (var entry : values.entrySet()) {
                        bytes += payload(entry.getValue(), planned.apply(entry.getKey()));
                    }
                }
            }
            return bytes;
        }

        private static long payload(PartyValue value, PlanValue planned) {
            return switch (value) {
                case PartyValue.Numbers(var shape, var components) -> (long) components.length * shape.size() * planned.bytesPerElement();
                case PartyValue.Bits _, PartyValue.PublicBits _, PartyValue.Kept _ -> LiveBytes.of(value);
                case PartyValue.Public(var shape, var _) -> (long) shape.size() * planned.bytesPerElement();
            };
        }

        private PlanValue planned(String name, boolean input) {
            Plan plan = plans.plan();
            int id = input ? plan.input(name).orElseThrow().value()
                    : plan.outputs().stream().filter(output -> output.name().equals(name)).findFirst().orElseThrow().value();
            return plan.value(id);
        }
    }

    /** All parties' shares of all values of one run. */
    private static final class Seen {
        private record Place(int lane, int value) {
        }

        private final List<Map<Place, PartyValue>> parties = new ArrayList<>();

        Seen(int count) {
            for (int party = 0; party < count; party++) {
                parties.add(new ConcurrentHashMap<>());
            }
        }

        PartySession.Observer at(int party) {
            return (lane, value, share) -> parties.get(party).put(new Place(lane, value), share);
        }

        void show(LanedPlan plans, Owner owner, ValueObserver observer) {
            for (int lane = 0; lane < plans.lanes().size(); lane++) {
                for (PlanValue value : plans.plan().values()) {
                    var place = new Place(lane, value.id());
                    if (parties.stream().allMatch(shares -> shares.containsKey(place))) {
                        List<PartyValue> shares = parties.stream().map(all -> Objects.requireNonNull(all.get(place))).toList();
                        var type = value.kind() == PlanValue.Kind.BITS ? ElementType.BOOL : ElementType.FLOAT64;
                        observer.value(lane, value, owner.join(value, shares, type));
                    }
                }
            }
        }
    }
}
