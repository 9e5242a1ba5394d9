package dev.sardonyx.transport;

import dev.sardonyx.transport.TransportException.Kind;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One party of an {@link InMemoryNetwork}: delivers into the receivers' inboxes. */
final class InMemoryEndpoint implements Endpoint {

    private final int party;
    private final int parties;
    private final InMemoryNetwork.Options options;
    private final boolean shaped;
    private final double nanosPerByte;
    private final long delayNanos;
    private final List<InMemoryEndpoint> endpoints;
    private final Traffic traffic;
    private final Inbox inbox;
    /** When this party's uplink will have let everything leave that was sent so far, on the nanosecond clock. */
    private final AtomicLong uplinkFreeAt = new AtomicLong(System.nanoTime());

    /** @param endpoints all parties' ends, complete by the time the first message is sent */
    InMemoryEndpoint(int party, int parties, InMemoryNetwork.Options options, List<InMemoryEndpoint> endpoints) {
        this.party = party;
        this.parties = parties;
        this.options = options;
        this.shaped = options.profile().shaped();
        this.nanosPerByte = 1e9 / options.profile().bytesPerSecond();
        this.delayNanos = options.profile().oneWayDelay().toNanos();
        this.endpoints = endpoints;
        this.traffic = new Traffic(parties);
        this.inbox = new Inbox(party, parties, options.bytesInFlight(), traffic);
    }

    Inbox inbox() {
        return inbox;
    }

    @Override
    public int party() {
        return party;
    }

    @Override
    public int parties() {
        return parties;
    }

    @Override
    public Traffic traffic() {
        return traffic;
    }

    @Override
    public void send(int to, Tag tag, Phase phase, int depth, byte[] payload, Runnable beforeWaiting) {
        Peers.check(party, parties, to);
        Message message = new Message(payload, phase, depth);
        Inbox.Request request = inbox.request(tag.request());
        if (request == null) {
            throw Failure.finished(tag.request(), party).whileSending(party, to, tag);
        }
        Inbox receiver = endpoints.get(to).inbox;
        checkOpen(request, receiver, to, tag);
        options.tap().ifPresent(tap -> tap.observe(party, to, tag, phase, payload.clone()));
        InFlight link = receiver.held(party);
        if (receiver.awaits(party, tag)) {
            link.add(payload.length);
        } else if (!link.tryAcquire(payload.length)) {
            beforeWaiting.run();
            acquire(link, request, receiver, to, tag, payload.length);
        }
        traffic.sent(request.counters(), to, phase, depth, payload.length);
        boolean fresh = shaped
                ? receiver.deliverAt(departure(payload.length) + delayNanos, party, tag, message)
                : receiver.deliver(party, tag, message);
        if (!fresh) {
            Failure violation = Failure.violation("party " + party + " used a tag twice (" + tag + ")");
            receiver.end(party, violation);
            inbox.end(to, violation);
            throw violation.whileSending(party, to, tag);
        }
    }

    private void checkOpen(Inbox.Request request, Inbox receiver, int to, Tag tag) {
        Failure failure = ending(request, receiver, to);
        if (failure != null) {
            throw failure.whileSending(party, to, tag);
        }
    }

    private @Nullable Failure ending(Inbox.Request request, Inbox receiver, int to) {
        Failure failure = request.failure();
        if (failure == null) {
            failure = receiver.ended(party);
        }
        return failure != null ? failure : inbox.ended(to);
    }

    private void acquire(InFlight link, Inbox.Request request, Inbox receiver, int to, Tag tag, int bytes) {
        Deadline deadline = Deadline.in(options.sendDeadline());
        try {
            if (!link.acquire(bytes, deadline, () -> ending(request, receiver, to) != null, () -> receiver.awaits(party, tag))) {
                checkOpen(request, receiver, to, tag);
                throw new TransportException(Kind.TIMEOUT, to, tag, "party " + party + " could not send to party " + to + " (" + tag + ") within the "
                        + deadline + ": " + link.held() + " bytes are on the link and not received");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new TransportException(Kind.INTERRUPTED, to,
                    "party " + party + " was interrupted while it waited to send to party " + to + " (" + tag + ")", interrupted);
        }
    }

    /** When the last of these bytes leaves this party's uplink, behind all it sent before. */
    private long departure(int bytes) {
        long now = System.nanoTime();
        long duration = Math.round(bytes * nanosPerByte);
        while (true) {
            long free = uplinkFreeAt.get();
            long end = (free - now > 0 ? free : now) + duration;
            if (uplinkFreeAt.compareAndSet(free, end)) {
                return end;
            }
        }
    }

    @Override
    public Expected expect(int from, Tag tag) {
        Peers.check(party, parties, from);
        return inbox.expect(from, tag);
    }

    @Override
    public void finish(int request) {
        inbox.finish(request);
    }

    @Override
    public void abort(int request) {
        endpoints.forEach(endpoint -> endpoint.inbox.abort(request, party));
    }

    @Override
    public void close() {
        for (int peer = 0; peer < parties; peer++) {
            inbox.end(peer, Failure.closedHere(party));
            if (peer != party) {
                endpoints.get(peer).inbox.end(party, Failure.closedThere(party));
            }
        }
    }
}
