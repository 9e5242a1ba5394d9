package dev.sardonyx.transport;

import dev.sardonyx.transport.TransportException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One party's end of a session over mutual TLS; made by {@link TlsPort#join}. Requests are multiplexed over one connection a peer.
 *
 * <p>Payload bytes are copied once on their way out (into TLS records) and once on their way in (into the receiver's array). A link
 * ends for good when its connection breaks; a party that comes back joins a new session.
 */
public final class TlsEndpoint implements Endpoint {

    private final TlsParty self;
    private final String session;
    private final Runnable onClose;
    private final Traffic traffic;
    private final Inbox inbox;
    private final AtomicReferenceArray<@Nullable TlsLink> links;
    private final AtomicReferenceArray<@Nullable String> attempts;
    private final AtomicInteger missing;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();

    TlsEndpoint(TlsParty self, String session, Runnable onClose) {
        this.self = self;
        this.session = session;
        this.onClose = onClose;
        this.traffic = new Traffic(self.parties());
        this.inbox = new Inbox(self.party(), self.parties(), self.options().bytesInFlight(), traffic);
        this.links = new AtomicReferenceArray<>(self.parties());
        this.attempts = new AtomicReferenceArray<>(self.parties());
        this.missing = new AtomicInteger(self.parties() - 1);
        if (missing.get() == 0) {
            ready.complete(true);
        }
    }

    /**
     * Makes a greeted connection the link to a peer.
     *
     * @param greeting sent first, before any message
     * @return false where there is a link already, or this endpoint was closed
     */
    boolean adopt(int peer, TlsConnection connection, List<Frame> greeting) {
        TlsLink link = new TlsLink(peer, connection, inbox, self.options().bytesInFlight());
        if (inbox.ended(peer) != null || !links.compareAndSet(peer, null, link)) {
            return false;
        }
        if (inbox.ended(peer) != null) {
            // Closed between the two looks; whether close() saw the link or not, it is not one.
            return false;
        }
        inbox.waitBy(peer, connection.waiting());
        greeting.forEach(connection::send);
        connection.establish(link, self.options());
        if (missing.decrementAndGet() == 0) {
            ready.complete(true);
        }
        return true;
    }

    /** Notes why the last attempt to connect to a peer failed. */
    void notLinked(int peer, String why) {
        attempts.set(peer, why);
    }

    /** Tells {@link #awaitLinks} that there is no use in waiting. */
    void giveUp(TransportException reason) {
        ready.completeExceptionally(reason);
    }

    /** Whether nobody waits for links any more, because all are there, one cannot be, or this endpoint was closed. */
    boolean settled() {
        return ready.isDone();
    }

    /** Waits until every peer is linked. */
    void awaitLinks(Deadline deadline) {
        try {
            ready.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            TransportException reason = (TransportException) Objects.requireNonNull(failed.getCause());
            throw new TransportException(reason.kind(), reason.peer().orElse(self.party()), reason.getMessage(), reason);
        } catch (TimeoutException late) {
            List<Integer> absent = missingPeers();
            throw new TransportException(Kind.TIMEOUT, absent.isEmpty() ? self.party() : absent.getFirst(),
                    "party " + self.party() + " has no link to " + absent.stream().map(this::missing).collect(Collectors.joining(", "))
                            + " within the " + deadline, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new TransportException(Kind.INTERRUPTED, self.party(),
                    "party " + self.party() + " was interrupted while it waited for its links", interrupted);
        }
    }

    private String missing(int peer) {
        String why = attempts.get(peer);
        return "party " + peer + " (" + (why == null ? "it did not connect" : why) + ")";
    }

    private List<Integer> missingPeers() {
        List<Integer> absent = new ArrayList<>();
        for (int peer = 0; peer < self.parties(); peer++) {
            if (peer != self.party() && links.get(peer) == null) {
                absent.add(peer);
            }
        }
        return absent;
    }

    /** The name of this endpoint's session. */
    public String session() {
        return session;
    }

    @Override
    public int party() {
        return self.party();
    }

    @Override
    public int parties() {
        return self.parties();
    }

    @Override
    public Traffic traffic() {
        return traffic;
    }

    /** {@inheritDoc} A payload longer than {@link TlsOptions#maxPayloadBytes} is refused with an {@link IllegalArgumentException}. */
    @Override
    public void send(int to, Tag tag, Phase phase, int depth, byte[] payload, Runnable beforeWaiting) {
        Peers.check(self.party(), self.parties(), to);
        if (payload.length > self.options().maxPayloadBytes()) {
            throw new IllegalArgumentException("payload of " + payload.length + " bytes for party " + to + " (" + tag + "); allowed are "
                    + self.options().maxPayloadBytes());
        }
        Frame message = Frame.data(tag, phase, depth, payload);
        Inbox.Request request = inbox.request(tag.request());
        if (request == null) {
            throw Failure.finished(tag.request(), self.party()).whileSending(self.party(), to, tag);
        }
        TlsLink link = openLink(request, to, tag);
        if (!link.outbound().tryAcquire(payload.length)) {
            beforeWaiting.run();
            acquire(link.outbound(), request, to, tag, payload.length);
        }
        traffic.sent(request.counters(), to, phase, depth, payload.length);
        link.send(message);
    }

    private TlsLink openLink(Inbox.Request request, int to, Tag tag) {
        Failure failure = ending(request, to);
        if (failure != null) {
            throw failure.whileSending(self.party(), to, tag);
        }
        return Objects.requireNonNull(links.get(to), "no link yet");
    }

    private @Nullable Failure ending(Inbox.Request request, int to) {
        Failure failure = request.failure();
        return failure != null ? failure : inbox.ended(to);
    }

    private void acquire(InFlight outbound, Inbox.Request request, int to, Tag tag, int bytes) {
        Deadline deadline = Deadline.in(self.options().sendDeadline());
        try {
            if (!outbound.acquire(bytes, deadline, () -> ending(request, to) != null)) {
                openLink(request, to, tag);
                throw new TransportException(Kind.TIMEOUT, to, tag, "party " + self.party() + " could not send to party " + to + " (" + tag
                        + ") within the " + deadline + ": " + outbound.held() + " bytes wait for the network");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new TransportException(Kind.INTERRUPTED, to,
                    "party " + self.party() + " was interrupted while it waited to send to party " + to + " (" + tag + ")", interrupted);
        }
    }

    @Override
    public Expected expect(int from, Tag tag) {
        Peers.check(self.party(), self.parties(), from);
        return inbox.expect(from, tag);
    }

    @Override
    public void finish(int request) {
        inbox.finish(request);
    }

    @Override
    public void abort(int request) {
        inbox.abort(request, self.party());
        for (int peer = 0; peer < self.parties(); peer++) {
            TlsLink link = links.get(peer);
            if (link != null && inbox.ended(peer) == null) {
                link.connection().send(Frame.abort(request));
            }
        }
    }

    /** {@inheritDoc} Waits until the peers have taken what was sent before, at most {@link TlsOptions#lingerDeadline}. */
    @Override
    public void close() {
        giveUp(Failure.closedHere(self.party()).asException());
        List<TlsConnection> closing = new ArrayList<>();
        for (int peer = 0; peer < self.parties(); peer++) {
            Failure before = inbox.ended(peer);
            TlsLink link = links.get(peer);
            Failure closed = Failure.closedHere(self.party());
            inbox.end(peer, closed);
            if (link != null && before == null) {
                link.end(closed);
                link.connection().send(Frame.farewell(false));
                closing.add(link.connection());
            }
        }
        // A peer answers the farewell by closing. Closing first could lose what it has not read yet, for TCP resets a connection that
        // is closed with unread bytes.
        Deadline linger = Deadline.in(self.options().lingerDeadline());
        for (TlsConnection connection : closing) {
            if (!connection.channel().closeFuture().awaitUninterruptibly(Math.max(1, linger.remaining().toMillis()))) {
                connection.close();
            }
        }
        onClose.run();
    }

    /** Ends every link as a crash of this party would: no farewell, connections reset. */
    void crash() {
        for (int peer = 0; peer < self.parties(); peer++) {
            inbox.end(peer, Failure.peerFailed(self.party(), "failed"));
            TlsLink link = links.get(peer);
            if (link != null) {
                link.connection().cut();
            }
        }
        onClose.run();
    }
}
