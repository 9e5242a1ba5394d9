package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import dev.sardonyx.transport.TlsIdentity;
import dev.sardonyx.transport.TlsVisitor;
import dev.sardonyx.transport.TransportException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * An owner's connections to the parties, kept for the next request, and how one or all of them are asked. Each request uses one
 * connection to every party. Safe for several threads.
 */
final class PartyConnections implements AutoCloseable {
    private static final Duration REACH = Duration.ofSeconds(10);
    /** How long a party may take to say what it knows. */
    private static final Duration SOON = Duration.ofSeconds(10);
    /** How long it may compute. One that dies or falls silent is noticed at once or after seconds, and all other parties notice one that stalls. */
    private static final Duration ANSWER = Duration.ofMinutes(5);
    private static final int SHORT = 1 << 24;

    private static final Duration FOREVER = Duration.ofDays(1);
    private static final Duration MOMENT = Duration.ofSeconds(1);

    private static final Comparator<ServiceException> MOST_TELLING = Comparator.comparing(ServiceException::blame).thenComparingInt(PartyConnections::rank);

    private final Access known;
    private final Supplier<Access> configuration;
    private volatile ClusterFile file;
    private volatile TlsIdentity identity;
    private final TlsVisitor visitor;
    private final List<ConcurrentLinkedDeque<TlsChannel>> idle;
    private volatile Optional<Renewal<Access>> renewal = Optional.empty();

    /** What an owner reaches a cluster by. */
    private record Access(ClusterFile file, TlsIdentity identity) {
        static Access read(Path cluster, String identity, boolean insecureColocatedDealer) {
            ClusterFile file = ClusterFile.read(cluster, insecureColocatedDealer);
            return new Access(file, file.identity(identity));
        }
    }

    private PartyConnections(Access access, Supplier<Access> configuration) {
        this.known = access;
        this.configuration = configuration;
        this.file = access.file();
        this.identity = access.identity();
        this.visitor = new TlsVisitor(access.identity(), PartyService.visits());
        this.idle = file.parties().stream().map(_ -> new ConcurrentLinkedDeque<TlsChannel>()).toList();
    }

    /** Prepares connections; none is made yet. For the rest see {@link RemoteCluster#connect(Path, String, boolean)}. */
    static PartyConnections prepare(Path cluster, String identity, boolean insecureColocatedDealer) {
        Supplier<Access> configuration = () -> Access.read(cluster, identity, insecureColocatedDealer);
        Access access = configuration.get();
        ClusterFile.requireCurrent(access.identity());
        return new PartyConnections(access, configuration);
    }

    /** See {@link RemoteCluster#keepRenewed}. */
    void keepRenewed(Log log) {
        var renewed = new Renewal<>(known, configuration, new RenewalRules(), log);
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
            ClusterFile.requireNoneExpired(identity, found.identity());
            identity = found.identity();
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

    /** The cluster's file as it was read last. */
    ClusterFile file() {
        return file;
    }

    /** How many parties there are. */
    int parties() {
        return file.parties().size();
    }

    String address(int party) {
        return file.parties().get(party).address().toString();
    }

    /**
     * What a party is asked.
     *
     * @param patience how long the answer, and each part of its body, may be in coming
     * @param longest bytes of the answer's body that are taken
     */
    record Question(Envelope envelope, byte[] body, Duration patience, long longest) {
        /** Of what a party knows. */
        static Question of(String verb, String... namesAndValues) {
            return of(SHORT, verb, namesAndValues);
        }

        static Question of(long longest, String verb, String... namesAndValues) {
            return new Question(Envelope.of(verb, namesAndValues), new byte[0], SOON, longest);
        }

        /** Of what a party has to compute. */
        static Question work(Envelope envelope, byte[] body, long longest) {
            return new Question(envelope, body, ANSWER, longest);
        }

        /** Of the same bytes. */
        static Question echo(byte[] body) {
            return new Question(Envelope.of("echo"), body, ANSWER, body.length);
        }
    }

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
    Answer ask(int party, Question question) {
        return naming(party, () -> {
            TlsChannel channel = channel(party);
            boolean whole = false;
            try {
                sending(channel, () -> question.envelope.send(channel, question.body));
                Envelope answer = Envelope.receive(channel, Deadline.in(question.patience)).orThrow();
                if (answer.bodyLength() > question.longest) {
                    throw new ServiceException(Kind.PARTY_FAILED, "announced an answer of " + answer.bodyLength() + " bytes; expected at most " + question.longest);
                }
                byte[] answered = answer.body(channel, () -> Deadline.in(question.patience));
                whole = true;
                giveBack(party, channel);
                return new Answer(answer, answered);
            } finally {
                if (!whole) {
                    channel.close();
                }
            }
        });
    }

    /** Sends something. A party that refuses may answer before it has read everything, and that answer says more than its connection's end. */
    static void sending(TlsChannel channel, Runnable send) {
        try {
            send.run();
        } catch (TransportException e) {
            Envelope.receive(channel, Deadline.in(Duration.ZERO)).orThrow();
            throw e;
        }
    }

    /** Does something with a party; a failure is given its name. */
    <T> T naming(int party, Supplier<T> action) {
        try {
            return action.get();
        } catch (RuntimeException e) {
            throw named(party, e);
        }
    }

    private ServiceException named(int party, RuntimeException failure) {
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
        var results = new ArrayList<T>(Collections.nCopies(parties(), null));
        var troubles = new ArrayList<ServiceException>();
        var ended = new LinkedBlockingQueue<Optional<Throwable>>();
        List<Thread> threads = IntStream.range(0, parties()).mapToObj(party -> Thread.startVirtualThread(() -> {
            try {
                results.set(party, action.apply(party));
                ended.add(Optional.empty());
            } catch (RuntimeException | Error e) {
                ended.add(Optional.of(e));
            }
        })).toList();
        try {
            Deadline deadline = Deadline.in(FOREVER);
            for (int count = 0; count < parties(); count++) {
                Optional<Throwable> end = ended.poll(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
                if (end == null) {
                    threads.forEach(Thread::interrupt);
                    break;
                }
                if (end.isPresent() && end.get() instanceof Error own) {
                    threads.forEach(Thread::interrupt);
                    throw own;
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

    @Override
    public void close() {
        renewal.ifPresent(Renewal::close);
        idle.forEach(channels -> channels.forEach(TlsChannel::close));
        visitor.close();
    }
}
