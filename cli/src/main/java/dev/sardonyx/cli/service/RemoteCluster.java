package dev.sardonyx.cli.service;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.service.PartyConnections.Question;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.plan.PlanFormatException;
import dev.sardonyx.secureops.random.RandomSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A cluster of parties that run elsewhere, as an owner sees it: its models, and what can be done with them. Safe for several threads. */
public final class RemoteCluster implements AutoCloseable {
    private final PartyConnections connections;
    private final RandomSource shares;
    private final SecureRandom random = new SecureRandom();

    private RemoteCluster(PartyConnections connections, RandomSource shares) {
        this.connections = connections;
        this.shares = shares;
    }

    /**
     * Prepares connections; none is made yet.
     *
     * @param cluster the cluster's file
     * @param identity which of the file's identities to use
     * @throws ServiceException where the file, a certificate or the key is not what it should be, or a dealer is run by who runs a computing
     *         party
     */
    public static RemoteCluster connect(Path cluster, String identity) {
        return connect(cluster, identity, false);
    }

    /**
     * As {@link #connect(Path, String)}.
     *
     * @param insecureColocatedDealer whether a dealer may be run by who runs a computing party, who then sees everything
     */
    public static RemoteCluster connect(Path cluster, String identity, boolean insecureColocatedDealer) {
        return connect(cluster, identity, insecureColocatedDealer, RandomSource.secure());
    }

    /** As {@link #connect(Path, String, boolean)} with other randomness, for tests. */
    static RemoteCluster connect(Path cluster, String identity, boolean insecureColocatedDealer, RandomSource shares) {
        return new RemoteCluster(PartyConnections.prepare(cluster, identity, insecureColocatedDealer), shares);
    }

    /**
     * Reads the cluster's file, the certificates and the key again every two seconds from now on until this is closed, and goes by them in
     * new connections, for those that run for long. What cannot be read, or changes protocol or number of parties, is told once and changes
     * nothing.
     */
    public void keepRenewed(EventLog events) {
        connections.keepRenewed(new Log(events));
    }

    /** How the parties are asked. */
    PartyConnections connections() {
        return connections;
    }

    public Protocol protocol() {
        return connections.file().protocol();
    }

    /** Why the dealer's operator can read everything, where it can and that was let pass. */
    Optional<String> dealerTrouble() {
        try {
            Operators.requireDealerApart(protocol().implementation(), connections.file().parties(), false);
            return Optional.empty();
        } catch (ServiceException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** The owner's side of sharing and joining. */
    Owner owner() {
        return new Owner(protocol().implementation(), shares);
    }

    /** How many parties there are. */
    public int parties() {
        return connections.parties();
    }

    String freshId() {
        byte[] id = new byte[16];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /** Why the parties cannot be asked now; empty where all of them are linked. */
    public Optional<String> trouble() {
        try {
            List<String> links = connections.each(party -> connections.ask(party, Question.of("status")).envelope().field("links"));
            return IntStream.range(0, links.size()).filter(party -> !links.get(party).equals("ready")).mapToObj(party -> "party " + party + ": "
                    + links.get(party)).findFirst();
        } catch (ServiceException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** What one party says of one model. */
    public record Listed(int party, String name, long version, String planHash, String deployed, String owner, long bytes, String state) {
    }

    /**
     * The models at all parties that can be asked.
     *
     * @param away what those say, or what is said of them, that cannot
     */
    public record Listing(List<Listed> models, List<ServiceException> away) {
        public Listing {
            models = List.copyOf(models);
            away = List.copyOf(away);
        }
    }

    /** All models at all parties. @throws ServiceException where a party cannot be asked */
    public List<Listed> models() {
        return connections.each(this::models).stream().flatMap(List::stream).toList();
    }

    /** All models at the parties that can be asked. */
    public Listing listing() {
        var away = new ConcurrentSkipListMap<Integer, ServiceException>();
        List<List<Listed>> listed = connections.each(party -> {
            try {
                return models(party);
            } catch (ServiceException e) {
                away.put(party, e);
                return List.of();
            }
        });
        return new Listing(listed.stream().flatMap(List::stream).toList(), List.copyOf(away.values()));
    }

    private List<Listed> models(int party) {
        var all = new ArrayList<Listed>();
        for (String line : new String(connections.ask(party, Question.of("models")).body(), StandardCharsets.UTF_8).lines().toList()) {
            String[] parts = line.split("\t", -1);
            if (parts.length != 7) {
                throw new ServiceException(Kind.PARTY_FAILED, "party " + party + " listed a model in an unknown form");
            }
            all.add(new Listed(party, parts[0], Long.parseLong(parts[1]), parts[2], parts[3], parts[4], Long.parseLong(parts[5]), parts[6]));
        }
        return all;
    }

    /** Deletes a model at all parties. */
    public void remove(String name) {
        connections.each(party -> connections.ask(party, Question.of("remove", "model", name)));
    }

    /**
     * A model that the parties hold.
     *
     * @throws ServiceException if a party does not have it, or parties hold different versions or plans
     */
    public RemoteModel model(String name) {
        List<PartyConnections.Answer> answers = connections.each(party -> connections.ask(party, Question.of(Vault.LONGEST_PLAN, "plan", "model", name)));
        PartyConnections.Answer first = answers.getFirst();
        for (int party = 1; party < answers.size(); party++) {
            PartyConnections.Answer other = answers.get(party);
            if (!Arrays.equals(first.body(), other.body()) || !first.envelope().field("version").equals(other.envelope().field("version"))
                    || !first.envelope().field("inputs").equals(other.envelope().field("inputs"))) {
                throw new ServiceException(Kind.REFUSED, "parties 0 and " + party + " hold different versions of model '" + name + "': "
                        + first.envelope().field("version") + " and " + other.envelope().field("version") + "; its owner must deploy it again");
            }
        }
        try {
            LanedPlan plan = PlanCodec.decode(first.body());
            return new RemoteModel(this, name, first.envelope().number("version"), plan, InputNotes.parse(first.envelope().field("inputs")));
        } catch (PlanFormatException e) {
            throw new ServiceException(Kind.PARTY_FAILED, "the parties' plan of model '" + name + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /** What a deployment gave. */
    public record Deployed(String name, long version, String planHash) {
    }

    /**
     * Splits a model's weights and gives every party the plan and its own shares. No share is written to this machine's disk.
     *
     * @param name under which it is asked for
     * @param allowed clients that may query it; empty for all that may predict
     */
    public Deployed deploy(String name, Compiled compiled, List<String> allowed) {
        return deploy(name, compiled, allowed, Map.of());
    }

    /**
     * As {@link #deploy(String, Compiled, List)}.
     *
     * @param metadata the model's {@code metadata_props}, of which the parties keep and tell what concerns inputs
     */
    public Deployed deploy(String name, Compiled compiled, List<String> allowed, Map<String, String> metadata) {
        return deploy(name, compiled, allowed, metadata, (_, _) -> { });
    }

    /** Told how much of a model has been sent. */
    @FunctionalInterface
    public interface Sending {
        /** @param sent bytes of {@code total} that all connections together have taken */
        void sent(long sent, long total);
    }

    /** As {@link #deploy(String, Compiled, List, Map)}, telling how it goes on. */
    public Deployed deploy(String name, Compiled compiled, List<String> allowed, Map<String, String> metadata, Sending progress) {
        LanedPlan plan = compiled.plans();
        String hash = PlanDigest.hex(plan.plan());
        var protocol = protocol().implementation();
        byte[] planBytes = PlanCodec.encode(plan);
        byte[] planPart = ByteBuffer.allocate(Integer.BYTES + planBytes.length).putInt(planBytes.length).put(planBytes).array();
        long version = connections.each(party -> connections.ask(party, Question.of("next", "model", name)).envelope().number("version")).stream()
                .mapToLong(Long::longValue).max().orElseThrow();
        Envelope envelope = Envelope.of("deploy", "id", freshId(), "model", name, "version", String.valueOf(version), "plan", hash,
                "allowed", String.join(",", allowed), "inputs", InputNotes.of(metadata));
        long[] lengths = IntStream.range(0, parties()).mapToLong(party -> planPart.length
                + new ShareBytes(plan, protocol.components(party).size()).weightBytes()).toArray();
        long total = LongStream.of(lengths).sum();
        var sent = new AtomicLong((long) planPart.length * parties());
        try (var deployment = new Deployment(connections)) {
            deployment.begin(party -> envelope.head(lengths[party]));
            deployment.send(Collections.nCopies(parties(), planPart));
            owner().streamWeights(plan, compiled.weights(), parts -> {
                deployment.send(parts);
                progress.sent(sent.addAndGet(parts.stream().mapToLong(part -> part.length).sum()), total);
            });
            deployment.store();
            deployment.commit();
        }
        return new Deployed(name, version, hash);
    }

    @Override
    public void close() {
        connections.close();
    }
}
