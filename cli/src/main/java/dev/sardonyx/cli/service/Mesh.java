package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.PartySession;
import dev.sardonyx.secureops.random.KeystreamObserver;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import dev.sardonyx.transport.TlsEndpoint;
import dev.sardonyx.transport.TlsPort;
import dev.sardonyx.transport.TlsVisitor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.HashMap;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * A party's links with the others. Party 0 leads: it opens a session under a fresh name, tells the others over a control channel to
 * join, numbers all requests, and opens another session whenever one broke. A session is as old as its control channels: a party that
 * finds a link broken closes its channel, and all start anew with new keys.
 */
final class Mesh implements AutoCloseable {
    static final int LEADER = 0;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration REACH = Duration.ofSeconds(5);
    private static final long PAUSE_MILLIS = 250;
    /** Numbers end well before they wrap; another session begins then. */
    private static final int LAST_NUMBER = 2_000_000_000;

    /** Where connections come in, and what makes others. */
    record Links(TlsPort port, TlsVisitor visitor) {
    }

    /** What the service does with what happens here. */
    interface Service {
        /** All parties are linked; the leader calls this before it gives any other order. */
        void began(Session session);

        /** The links of a session are broken, and {@link #linked} says so already; must not block. */
        void ended(ServiceException reason);

        /** The leading party gave an order; called in the order of numbers, and must not block. */
        void ordered(Session session, Optional<PartySession.Request> request, Envelope order);
    }

    private volatile PartyFile file;
    private final Draws draws;
    private final TlsPort port;
    private final TlsVisitor visitor;
    private final Service service;
    private final Log log;
    private final AtomicReference<@Nullable Session> current = new AtomicReference<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile String trouble = "not linked yet";
    private final AtomicLong sessions = new AtomicLong();
    /** Bytes sent to each party in sessions that are over. */
    private final AtomicLongArray sentBefore;

    Mesh(PartyFile file, Draws draws, Links links, Service service, Log log) {
        this.file = file;
        this.draws = draws;
        this.port = links.port();
        this.visitor = links.visitor();
        this.service = service;
        this.log = log;
        this.sentBefore = new AtomicLongArray(file.parties().size());
    }

    /** A set of links with its keys; over once any of them is. */
    final class Session {
        private final PartySession parties;
        private final TlsEndpoint endpoint;
        private final List<TlsChannel> controls;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile String end = "";
        private int lastNumber;

        private Session(PartySession parties, TlsEndpoint endpoint, List<TlsChannel> controls) {
            this.parties = parties;
            this.endpoint = endpoint;
            this.controls = List.copyOf(controls);
        }

        PartySession parties() {
            return parties;
        }

        boolean isOver() {
            return over.getCount() == 0;
        }

        /** The leader's word to all parties under the next number; gives its own request of that number. */
        synchronized PartySession.Request order(Envelope word) {
            if (lastNumber >= LAST_NUMBER) {
                fail("the session's numbers are used up");
            }
            if (isOver()) {
                throw new ServiceException(Kind.PARTY_FAILED, "the parties are not linked: " + trouble);
            }
            int number = ++lastNumber;
            PartySession.Request request = parties.admit(number);
            Map<String, String> fields = new HashMap<>(word.fields());
            fields.put("number", String.valueOf(number));
            tell(new Envelope(word.verb(), fields, 0));
            return request;
        }

        /** The leader's word to all parties that needs no number. */
        void tell(Envelope word) {
            for (TlsChannel control : controls) {
                try {
                    word.send(control);
                } catch (RuntimeException e) {
                    fail(String.valueOf(e.getMessage()));
                }
            }
        }

        void cancel(PartySession.Request request) {
            try {
                parties.cancel(request);
            } catch (RuntimeException e) {
                fail(String.valueOf(e.getMessage()));
            }
        }

        /** Ends the session at this party, and thereby at all. */
        void fail(String reason) {
            synchronized (over) {
                if (isOver()) {
                    return;
                }
                end = reason;
                over.countDown();
            }
            for (int peer = 0; peer < sentBefore.length(); peer++) {
                sentBefore.addAndGet(peer, endpoint.traffic().snapshot().to(peer).total().bytes());
            }
            trouble = reason;
            // One that never came to be used, or whose place another has taken, has nobody wait for it.
            if (current.compareAndSet(this, null)) {
                service.ended(notLinked(reason));
            }
            log.event("session-over", "session", endpoint.session(), "reason", reason);
            controls.forEach(TlsChannel::close);
            Thread.ofVirtual().start(endpoint::close);
        }
    }

    /** Goes by other certificates from the next session on; the present one lasts as long as its links. */
    void renew(PartyFile other) {
        file = other;
    }

    /** Tells the other parties, where they are linked, that the leader gives no order for a request of this identity. */
    void drop(String id, ServiceException reason) {
        linked().ifPresent(session -> session.tell(Envelope.of("drop", "id", id).withReason(new ServiceException(reason.kind(), "party 0: " + reason.getMessage(),
                reason.blame()))));
    }

    /** The session in use. @throws ServiceException where there is none */
    Session session() {
        Session session = current.get();
        if (session == null) {
            throw notLinked(trouble);
        }
        return session;
    }

    private ServiceException notLinked(String reason) {
        return new ServiceException(Kind.PARTY_FAILED, "party " + file.party() + " is not linked with all parties: " + reason);
    }

    /** What {@link #session} would throw now; empty where it would not. */
    Optional<ServiceException> whyNotLinked() {
        return trouble().map(this::notLinked);
    }

    Optional<Session> linked() {
        return Optional.ofNullable(current.get());
    }

    Optional<String> trouble() {
        return current.get() == null ? Optional.of(trouble) : Optional.empty();
    }

    /** Other parties that this one is linked with. */
    int peersLinked() {
        return current.get() == null ? 0 : file.parties().size() - 1;
    }

    /** Sessions begun. */
    long sessions() {
        return sessions.get();
    }

    /** Bytes of payload sent to a peer in all sessions. */
    long bytesSent(int peer) {
        Session session = current.get();
        return sentBefore.get(peer) + (session == null ? 0 : session.endpoint.traffic().snapshot().to(peer).total().bytes());
    }

    void start() {
        if (file.party() == LEADER) {
            Thread.ofVirtual().name("leader").start(this::lead);
        }
    }

    // ---- the leader

    private void lead() {
        try {
            do {
                List<TlsChannel> controls = new ArrayList<>();
                try {
                    Session session = open(controls);
                    service.began(session);
                    session.over.await();
                } catch (RuntimeException | Error e) {
                    // Whatever it is, the parties are to be linked again, and nobody else does that.
                    controls.forEach(TlsChannel::close);
                    String reason = String.valueOf(Troubles.asService(e).getMessage());
                    if (!reason.equals(trouble)) {
                        log.event("not-linked", "reason", reason);
                    }
                    trouble = reason;
                }
            } while (!closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Session open(List<TlsChannel> controls) {
        for (int peer = 0; peer < file.parties().size(); peer++) {
            if (peer != LEADER) {
                ClusterFile.Seat seat = file.parties().get(peer);
                controls.add(named(peer, () -> visitor.connect(seat.address().unresolved(), seat.certificate(), Deadline.in(REACH))));
            }
        }
        byte[] salt = new byte[12];
        new SecureRandom().nextBytes(salt);
        String name = "s" + System.currentTimeMillis() + "-" + HexFormat.of().formatHex(salt);
        controls.forEach(control -> Envelope.of("join", "session", name, "version", Versions.SOFTWARE).send(control));
        Session session = join(name, controls);
        try {
            for (int i = 0; i < controls.size(); i++) {
                TlsChannel control = controls.get(i);
                named(i + 1, () -> Envelope.receive(control, Deadline.in(file.limits().deadline())).orThrow());
            }
        } catch (RuntimeException | Error e) {
            session.fail(String.valueOf(Troubles.asService(e).getMessage()));
            throw e;
        }
        for (int i = 0; i < controls.size(); i++) {
            TlsChannel control = controls.get(i);
            int peer = i + 1;
            control.whenEnded(() -> session.fail("party " + peer + " ended its control channel: " + control.ended().map(Throwable::getMessage).orElse("")));
        }
        begins(session, name);
        return session;
    }

    /** @throws ServiceException where the session is over already */
    private void begins(Session session, String name) {
        current.set(session);
        if (session.isOver()) {
            // Whoever ended it may have looked before it was the current one.
            if (current.compareAndSet(session, null)) {
                service.ended(notLinked(session.end));
            }
            throw new ServiceException(Kind.PARTY_FAILED, session.end);
        }
        sessions.incrementAndGet();
        log.event("session", "session", name);
    }

    private static <T> T named(int peer, java.util.function.Supplier<T> action) {
        try {
            return action.get();
        } catch (RuntimeException e) {
            throw new ServiceException(Kind.PARTY_FAILED, "party " + peer + ": " + e.getMessage(), e);
        }
    }

    private Session join(String name, List<TlsChannel> controls) {
        List<InetSocketAddress> addresses = file.parties().stream().map(seat -> seat.address().unresolved()).toList();
        TlsEndpoint endpoint = port.join(name, addresses, Deadline.in(file.limits().deadline()));
        try {
            var settings = new PartySession.Settings(draws.keyContext().apply(name), draws.random(), KeystreamObserver.NONE, PATIENCE);
            return new Session(PartySession.open(file.protocol().implementation(), endpoint, settings), endpoint, controls);
        } catch (RuntimeException | Error e) {
            endpoint.close();
            throw e;
        }
    }

    // ---- the others

    /** Follows the leader for as long as its control channel lives. */
    void follow(TlsChannel control) {
        Envelope first = Envelope.receive(control, Deadline.in(file.limits().deadline()));
        if (!first.verb().equals("join")) {
            Envelope.failure(new ServiceException(Kind.BAD_REQUEST, "this is party 0's certificate, by which only its service speaks; owners have certificates of their own")).send(control);
            return;
        }
        if (!first.field("version").equals(Versions.SOFTWARE)) {
            String reason = "party 0 runs version " + first.field("version") + ", this party " + Versions.SOFTWARE;
            if (!reason.equals(trouble)) {
                log.event("not-linked", "reason", reason);
            }
            trouble = reason;
            Envelope.failure(new ServiceException(Kind.REFUSED, "runs version " + Versions.SOFTWARE + ", party 0 runs " + first.field("version"))).send(control);
            return;
        }
        Session before = current.get();
        if (before != null) {
            before.fail("party 0 opened another session");
        }
        Session session;
        try {
            session = join(first.field("session"), List.of(control));
        } catch (RuntimeException | Error e) {
            trouble = String.valueOf(Troubles.asService(e).getMessage());
            log.event("not-linked", "reason", trouble);
            Envelope.failure(Troubles.asService(e)).send(control);
            return;
        }
        try {
            begins(session, first.field("session"));
            service.began(session);
            Envelope.of(Envelope.OK).send(control);
            while (!session.isOver()) {
                Envelope order = Envelope.receive(control, Deadline.in(Duration.ofDays(365)));
                Optional<PartySession.Request> request = order.fields().containsKey("number")
                        ? Optional.of(session.parties.admit((int) order.number("number")))
                        : Optional.empty();
                service.ordered(session, request, order);
            }
        } catch (RuntimeException | Error e) {
            session.fail("control channel to party 0: " + Troubles.asService(e).getMessage());
        }
    }

    @Override
    public void close() {
        closed.countDown();
        Session session = current.get();
        if (session != null) {
            session.fail("this party is going down");
        }
    }
}
