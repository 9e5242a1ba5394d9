package dev.sardonyx.cli.service;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.execute.WeightStore;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.random.RandomSource;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import dev.sardonyx.transport.TlsIdentity;
import dev.sardonyx.transport.TlsVisitor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * An owner's connections to a cluster of parties that run elsewhere. Each request uses one connection to every party; connections are
 * kept for the next request. Safe for several threads.
 */
public final class RemoteCluster implements AutoCloseable {
    private static final Duration REACH = Duration.ofSeconds(10);
    /** How long an answer may take; a party that dies or falls silent is noticed at once or after seconds. */
    private static final Duration ANSWER = Duration.ofMinutes(5);

    private static final Duration FOREVER = Duration.ofDays(1);
    private static final Duration MOMENT = Duration.ofSeconds(1);

    private static final Comparator<ServiceException> MOST_TELLING = Comparator.comparing(ServiceException::blame).thenComparingInt(RemoteCluster::rank);

    private final Access known;
    private final Supplier<Access> configuration;
    private volatile ClusterFile file;
    private final TlsVisitor visitor;
    private final RandomSource shares;
    private final List<ConcurrentLinkedDeque<TlsChannel>> idle;
    private final SecureRandom random = new SecureRandom();
    private Optional<Renewal<Access>> renewal = Optional.empty();

    /** What an owner reaches a cluster by. */
    private record Access(ClusterFile file, TlsIdentity identity) {
        static Access read(Path cluster, String identity, boolean insecureColocatedDealer) {
            ClusterFile file = ClusterFile.read(cluster, insecureColocatedDealer);
            return new Access(file, file.identity(identity));
        }
    }

    private RemoteCluster(Access access, Supplier<Access> configuration, RandomSource shares) {
        this.shares = shares;
        this.known = access;
        this.configuration = configuration;
        this.file = access.file();
        this.visitor = new TlsVisitor(access.identity(), PartyService.options());
        this.idle = file.parties().stream().map(_ -> new ConcurrentLinkedDeque<TlsChannel>()).toList();
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
        return new RemoteCluster(Access.read(cluster, identity, insecureColocatedDealer), () -> Access.read(cluster, identity, insecureColocatedDealer), shares);
    }

    /**
     * Reads the cluster's file, the certificates and the key again every two seconds from now on until this is closed, and goes by them in
     * new connections, for those that run for long. What cannot be read, or changes protocol or number of parties, is told once and changes
     * nothing.
     */
    public void keepRenewed(EventLog events) {
        var renewed = new Renewal<>(known, configuration, new RenewalRules(), new Log(events));
        renewal = Optional.of(renewed);
        renewed.start();
    }

    private final class RenewalRules implements Renewal.Rules<Access> {
        @Override
        public List<String> fixed(Access known, Access found) {
            return known.file().protocol().equals(found.file().protocol()) ? List.of() : List.of("protocol");
        }

        @Override
        public void take(Access found) {
            file = found.file();
            visitor.renew(found.identity());
            // Those made by what was good before; requests that run keep theirs to their end.
            idle.forEach(channels -> {
                for (TlsChannel kept = channels.poll(); kept != null; kept = channels.poll()) {
                    kept.close();
                }
            });
        }

        @Override
        public String news(Access found) {
            return "own certificate good until " + found.identity().certificate().getNotAfter().toInstant();
        }
    }

    public Protocol protocol() {
        return file.protocol();
    }

    /** Why the dealer's operator can read everything, where it can and that was let pass. */
    Optional<String> dealerTrouble() {
        try {
            Operators.requireDealerApart(file.protocol().implementation(), file.parties(), false);
            return Optional.empty();
        } catch (ServiceException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** The owner's side of sharing and joining. */
    Owner owner() {
        return new Owner(file.protocol().implementation(), shares);
    }

    /** How many parties there are. */
    public int parties() {
        return file.parties().size();
    }

    String address(int party) {
        return file.parties().get(party).address().toString();
    }

    String freshId() {
        byte[] id = new byte[16];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    // ---- talking to parties

    /** An answer with its body. */
    record Answer(Envelope envelope, byte[] body) {
    }

    /** A connection to a party, to be given back by {@link #giveBack} or closed. */
    TlsChannel channel(int party) {
        for (TlsChannel kept = idle.get(party).poll(); kept != null; kept = idle.get(party).poll()) {
            if (kept.ended().isEmpty()) {
                return kept;
            }
        }
        ClusterFile.Seat seat = file.parties().get(party);
        return visitor.connect(seat.address().unresolved(), seat.certificate(), Deadline.in(REACH));
    }

    void giveBack(int party, TlsChannel channel) {
        idle.get(party).push(channel);
    }

    /** Asks one party for one thing. */
    Answer ask(int party, Envelope envelope, byte[] body) {
        try {
            TlsChannel channel = channel(party);
            boolean whole = false;
            try {
                try {
                    new Envelope(envelope.verb(), envelope.fields(), body.length).send(channel, body);
                } catch (dev.sardonyx.transport.TransportException e) {
                    // A party that refuses may answer before it has read everything, and that answer says more.
                    Envelope.receive(channel, Deadline.in(Duration.ZERO)).orThrow();
                    throw e;
                }
                Deadline deadline = Deadline.in(ANSWER);
                Envelope answer = Envelope.receive(channel, deadline).orThrow();
                byte[] answered = answer.body(channel, deadline);
                whole = true;
                giveBack(party, channel);
                return new Answer(answer, answered);
            } finally {
                if (!whole) {
                    channel.close();
                }
            }
        } catch (RuntimeException e) {
            throw named(party, e);
        }
    }

    ServiceException named(int party, RuntimeException failure) {
        ServiceException reason = Troubles.asService(failure);
        String name = "party " + party;
        String message = String.valueOf(reason.getMessage());
        return new ServiceException(reason.kind(), message.startsWith(name) ? message : name + " (" + address(party) + "): " + message, failure);
    }

    /**
     * Does something at all parties at a time.
     *
     * @throws ServiceException the failure that says most, where any party failed
     */
    <T> List<T> each(IntFunction<T> action) {
        return each(action, FOREVER);
    }

    /**
     * As {@link #each}, and does not wait for parties that are still busy a moment after another one has failed: what they do comes to
     * nothing, and it may take them long to find out.
     */
    <T> List<T> together(IntFunction<T> action) {
        return each(action, MOMENT);
    }

    private <T> List<T> each(IntFunction<T> action, Duration afterFailure) {
        var results = new ArrayList<T>(java.util.Collections.nCopies(parties(), null));
        var troubles = new ArrayList<ServiceException>();
        var ended = new LinkedBlockingQueue<Optional<RuntimeException>>();
        List<Thread> threads = IntStream.range(0, parties()).mapToObj(party -> Thread.startVirtualThread(() -> {
            try {
                results.set(party, action.apply(party));
                ended.add(Optional.empty());
            } catch (RuntimeException e) {
                ended.add(Optional.of(e));
            }
        })).toList();
        try {
            Deadline deadline = Deadline.in(FOREVER);
            for (int count = 0; count < parties(); count++) {
                Optional<RuntimeException> end = ended.poll(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
                if (end == null) {
                    threads.forEach(Thread::interrupt);
                    break;
                }
                if (end.isPresent()) {
                    troubles.add(Troubles.asService(end.get()));
                    deadline = troubles.size() == 1 ? Deadline.in(afterFailure) : deadline;
                }
            }
        } catch (InterruptedException e) {
            threads.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
            throw new ServiceException(Kind.PARTY_FAILED, "interrupted", e);
        }
        if (!troubles.isEmpty()) {
            troubles.sort(MOST_TELLING);
            ServiceException first = troubles.getFirst();
            troubles.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
        return results;
    }

    /** Of causes, refusals say most. */
    private static int rank(ServiceException failure) {
        return switch (failure.kind()) {
            case REFUSED -> 0;
            case BAD_REQUEST -> 1;
            case BUSY -> 2;
            case PARTY_FAILED -> 3;
        };
    }

    // ---- what owners do

    /** Why the parties cannot be asked now; empty where all of them are linked. */
    public Optional<String> trouble() {
        try {
            List<String> links = each(party -> ask(party, Envelope.of("status"), new byte[0]).envelope().field("links"));
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
        return each(this::models).stream().flatMap(List::stream).toList();
    }

    /** All models at the parties that can be asked. */
    public Listing listing() {
        var away = new ConcurrentSkipListMap<Integer, ServiceException>();
        List<List<Listed>> listed = each(party -> {
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
        for (String line : new String(ask(party, Envelope.of("models"), new byte[0]).body(), StandardCharsets.UTF_8).lines().toList()) {
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
        each(party -> ask(party, Envelope.of("remove", "model", name), new byte[0]));
    }

    /**
     * A model that the parties hold.
     *
     * @throws ServiceException if a party does not have it, or parties hold different versions or plans
     */
    public RemoteModel model(String name) {
        List<Answer> answers = each(party -> ask(party, Envelope.of("plan", "model", name), new byte[0]));
        Answer first = answers.getFirst();
        for (int party = 1; party < answers.size(); party++) {
            Answer other = answers.get(party);
            if (!Arrays.equals(first.body(), other.body()) || !first.envelope().field("version").equals(other.envelope().field("version"))
                    || !first.envelope().field("inputs").equals(other.envelope().field("inputs"))) {
                throw new ServiceException(Kind.REFUSED, "parties 0 and " + party + " hold different versions of model '" + name + "': "
                        + first.envelope().field("version") + " and " + other.envelope().field("version") + "; its owner must deploy it again");
            }
        }
        try {
            LanedPlan plan = PlanCodec.decode(first.body());
            return new RemoteModel(this, name, first.envelope().number("version"), plan, InputNotes.parse(first.envelope().field("inputs")));
        } catch (dev.sardonyx.secureops.plan.PlanFormatException e) {
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
        String inputs = InputNotes.of(metadata);
        LanedPlan plan = compiled.plans();
        String hash = PlanDigest.hex(plan.lanes().getFirst().plan());
        var protocol = file.protocol().implementation();
        List<WeightStore> weights = owner().weights(plan, compiled.weights());
        byte[] planBytes = PlanCodec.encode(plan);
        String id = freshId();
        long version = each(party -> ask(party, Envelope.of("next", "model", name), new byte[0]).envelope().number("version")).stream()
                .mapToLong(Long::longValue).max().orElseThrow();
        List<TlsChannel> channels = each(party -> {
            try {
                return channel(party);
            } catch (RuntimeException e) {
                throw named(party, e);
            }
        });
        boolean done = false;
        try {
            each(party -> {
                var shares = new ShareBytes(plan, protocol.components(party).size());
                var envelope = Envelope.of("deploy", "id", id, "model", name, "version", String.valueOf(version), "plan", hash, "allowed", String.join(",", allowed),
                        "inputs", inputs);
                return upload(party, channels.get(party), envelope, new Upload(planBytes, shares, weights.get(party)));
            });
            each(party -> {
                try {
                    Envelope.of("commit").send(channels.get(party));
                    return Envelope.receive(channels.get(party), Deadline.in(ANSWER)).orThrow();
                } catch (RuntimeException e) {
                    ServiceException told = named(party, e);
                    throw told.kind() == Kind.PARTY_FAILED ? new ServiceException(Kind.PARTY_FAILED, told.getMessage()
                            + "; once the parties are linked again all of them go on with the former version or all with this one, which 'models list' tells", told) : told;
                }
            });
            done = true;
        } finally {
            for (int party = 0; party < channels.size(); party++) {
                if (done) {
                    giveBack(party, channels.get(party));
                } else {
                    channels.get(party).close();
                }
            }
        }
        return new Deployed(name, version, hash);
    }

    private record Upload(byte[] plan, ShareBytes shares, WeightStore weights) {
    }

    private Envelope upload(int party, TlsChannel channel, Envelope envelope, Upload upload) {
        try {
            channel.send(envelope.head(Integer.BYTES + upload.plan().length + upload.shares().weightBytes()));
            try (var out = new Chunks(channel)) {
                out.write(ByteBuffer.allocate(Integer.BYTES).putInt(upload.plan().length).array());
                out.write(upload.plan());
                upload.shares().writeWeights(upload.weights(), out);
            } catch (dev.sardonyx.transport.TransportException e) {
                Envelope.receive(channel, Deadline.in(Duration.ZERO)).orThrow();
                throw e;
            }
            return Envelope.receive(channel, Deadline.in(ANSWER)).orThrow();
        } catch (IOException e) {
            throw new ServiceException(Kind.PARTY_FAILED, "party " + party + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw named(party, e);
        }
    }

    /** A body as it is written. */
    private static final class Chunks extends OutputStream {
        private final TlsChannel channel;
        private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(Envelope.CHUNK);

        Chunks(TlsChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            int done = 0;
            while (done < length) {
                int count = Math.min(length - done, Envelope.CHUNK - chunk.size());
                chunk.write(bytes, from + done, count);
                done += count;
                if (chunk.size() == Envelope.CHUNK) {
                    flushChunk();
                }
            }
        }

        private void flushChunk() {
            if (chunk.size() > 0) {
                channel.send(chunk.toByteArray());
                chunk.reset();
            }
        }

        @Override
        public void close() {
            flushChunk();
        }
    }

    @Override
    public void close() {
        renewal.ifPresent(Renewal::close);
        idle.forEach(channels -> channels.forEach(TlsChannel::close));
        visitor.close();
    }
}
