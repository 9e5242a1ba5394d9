package dev.sardonyx.transport;

import dev.sardonyx.transport.TransportException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of one endpoint: matches what arrives to who waits for it, by tag. Shared by all transports.
 *
 * <p>Each (request, sender) has a concurrent map from tag to what is known of it: nothing, a {@link Waiter} (the receiver was announced
 * first), a {@link Parcel} (the message came first), or {@link #TAKEN} (it was received; kept until the request is finished, so that
 * a repeated tag is noticed). A state changes by one atomic map operation and there is no lock: the receiver that came first parks,
 * and the sender unparks exactly that thread.
 *
 * <p>No wake-up is lost: whoever ends a link or a request first writes the reason and then goes through the maps, whereas a receiver
 * first enters itself into the map and then reads the reason, so one of the two sees the other. The same holds for a message that is
 * delivered while its request is being finished.
 */
final class Inbox {

    private static final Object TAKEN = new Object();

    /**
     * How much too late a parked virtual thread may come back: timer slack and two wake-ups, up to about 0.1 ms measured on a 2-core
     * virtual machine. The rest of a shaped delay is spent yielding, so that a LAN's 0.1 ms is 0.1 ms and not 0.2.
     */
    private static final long OVERSHOOT_NANOS = 100_000;

    private final int party;
    private final Traffic traffic;
    private final List<InFlight> held = new ArrayList<>();
    private final AtomicReferenceArray<@Nullable Failure> ended;
    private final ConcurrentHashMap<Integer, Request> live = new ConcurrentHashMap<>();
    private final IntRanges finished = new IntRanges();
    /** By sender, how its messages are waited for. */
    private final AtomicReferenceArray<Waiting> waiting;

    Inbox(int party, int parties, long bytesInFlight, Traffic traffic) {
        this.party = party;
        this.traffic = traffic;
        this.ended = new AtomicReferenceArray<>(parties);
        this.waiting = new AtomicReferenceArray<>(parties);
        for (int peer = 0; peer < parties; peer++) {
            held.add(new InFlight(bytesInFlight));
            waiting.set(peer, Waiting.PARKED);
        }
    }

    /** Tells how messages of a peer are waited for, before anybody waits for one. */
    void waitBy(int from, Waiting way) {
        waiting.set(from, way);
    }

    /** What this endpoint knows of one request. */
    static final class Request {

        private final List<ConcurrentHashMap<Tag, Object>> boxes = new ArrayList<>();
        private final Traffic.Counters counters;
        private volatile @Nullable Failure failure;

        private Request(int parties, Traffic.Counters counters) {
            this.counters = counters;
            for (int peer = 0; peer < parties; peer++) {
                boxes.add(new ConcurrentHashMap<>());
            }
        }

        Traffic.Counters counters() {
            return counters;
        }

        @Nullable Failure failure() {
            return failure;
        }
    }

    /** A receiver that was announced before its message was delivered. */
    private static final class Waiter {

        /** The thread that has begun to wait; written before {@link #parcel} is read, and read after it is written. */
        private volatile @Nullable Thread thread;
        private volatile @Nullable Parcel parcel;
    }

    /** A delivered message, receivable from a moment on. */
    private static final class Parcel {

        private final Message message;
        private final boolean delayed;
        private final long arrivalNanos;
        private volatile @Nullable Thread receiver;

        Parcel(Message message, boolean delayed, long arrivalNanos) {
            this.message = message;
            this.delayed = delayed;
            this.arrivalNanos = arrivalNanos;
        }

        int bytes() {
            return message.payload().length;
        }

        boolean isOnItsWay() {
            return delayed && arrivalNanos - System.nanoTime() > 0;
        }
    }

    /** The bytes delivered by {@code from} and not yet received. */
    InFlight held(int from) {
        return held.get(from);
    }

    /** Why nothing comes from this peer any more, or null. */
    @Nullable Failure ended(int from) {
        return ended.get(from);
    }

    /** The request, made known if it was not; null where it is finished. */
    @Nullable Request request(int number) {
        Request known = live.get(number);
        return known != null ? known : live.computeIfAbsent(number, this::open);
    }

    // Runs under the map's lock for this number, as does the removal in finish(): a finished request is never opened again.
    @SuppressWarnings("NullAway") // a null result leaves the map without an entry, as computeIfAbsent documents
    private @Nullable Request open(int number) {
        return finished.contains(number) ? null : new Request(ended.length(), traffic.open(number));
    }

    /** Whether someone waits for this very message. */
    boolean awaits(int from, Tag tag) {
        Request request = live.get(tag.request());
        return request != null && request.boxes.get(from).get(tag) instanceof Waiter;
    }

    /**
     * Takes a message in, whose bytes the caller has counted into {@link #held}; receivable at once.
     *
     * @return false where the tag was used before; a message for a request or link that is over is dropped
     */
    boolean deliver(int from, Tag tag, Message message) {
        return deliver(from, tag, new Parcel(message, false, 0));
    }

    /** As {@link #deliver(int, Tag, Message)}; receivable when {@link System#nanoTime} reaches {@code arrivalNanos}. */
    boolean deliverAt(long arrivalNanos, int from, Tag tag, Message message) {
        return deliver(from, tag, new Parcel(message, true, arrivalNanos));
    }

    private boolean deliver(int from, Tag tag, Parcel parcel) {
        Request request = request(tag.request());
        if (request == null) {
            held.get(from).remove(parcel.bytes());
            return true;
        }
        ConcurrentHashMap<Tag, Object> box = request.boxes.get(from);
        while (true) {
            Object found = box.putIfAbsent(tag, parcel);
            if (found == null) {
                break;
            }
            if (!(found instanceof Waiter waiter)) {
                held.get(from).remove(parcel.bytes());
                return false;
            }
            if (box.replace(tag, waiter, parcel)) {
                // Nothing more is let in for a message that is here, however long it is until it is taken.
                held.get(from).awaitedEnds();
                waiter.parcel = parcel;
                waiting.get(from).wake(waiter.thread);
                break;
            }
        }
        if (request.failure != null || over(from)) {
            discard(from, box, tag, parcel);
        }
        return true;
    }

    private boolean over(int from) {
        Failure failure = ended.get(from);
        return failure != null && failure.discards();
    }

    private void discard(int from, ConcurrentHashMap<Tag, Object> box, Tag tag, Parcel parcel) {
        if (box.remove(tag, parcel)) {
            held.get(from).remove(parcel.bytes());
        }
    }

    /** Announces a receiver; see {@link Endpoint#expect}. */
    Expected expect(int from, Tag tag) {
        Request request = request(tag.request());
        if (request == null) {
            throw Failure.finished(tag.request(), party).whileReceiving(party, from, tag);
        }
        Object found = request.boxes.get(from).get(tag);
        Waiter waiter = null;
        if (found == null) {
            waiter = new Waiter();
            found = request.boxes.get(from).putIfAbsent(tag, waiter);
        }
        if (found == null) {
            held.get(from).awaitedBegins();
            return new Receipt(request, from, tag, waiter, null);
        }
        if (!(found instanceof Parcel parcel)) {
            throw violation(from, tag, found == TAKEN ? "this message was received before" : "another thread waits for this message");
        }
        return new Receipt(request, from, tag, null, parcel);
    }

    /** One announced receiver; used by one thread at a time. */
    private final class Receipt implements Expected {

        private final Request request;
        private final int from;
        private final Tag tag;
        private final @Nullable Parcel parcel;
        private @Nullable Waiter waiter;

        /** Either waits by {@code waiter}, which is in the box, or found {@code parcel} there. */
        Receipt(Request request, int from, Tag tag, @Nullable Waiter waiter, @Nullable Parcel parcel) {
            this.request = request;
            this.from = from;
            this.tag = tag;
            this.waiter = waiter;
            this.parcel = parcel;
        }

        @Override
        public Message receive(Deadline deadline, Runnable beforeWaiting) {
            Object found = parcel;
            Waiter waiting = waiter;
            if (waiting != null) {
                if (waiting.parcel == null) {
                    beforeWaiting.run();
                }
                found = await(waiting, request, from, tag, deadline);
                waiter = null;
            } else if (parcel != null && parcel.isOnItsWay()) {
                beforeWaiting.run();
            }
            if (!(found instanceof Parcel arriving)) {
                throw violation(from, tag, "this message was received before");
            }
            return take(arriving, request, from, tag, deadline);
        }

        @Override
        public void close() {
            Waiter waiting = waiter;
            if (waiting != null) {
                waiter = null;
                // Where the message came meanwhile it stays, receivable, as if nobody had been announced.
                withdraw(waiting, request, from, tag);
            }
        }
    }

    /** Takes a waiter back; false where its message was delivered, or it was taken back, before. */
    private boolean withdraw(Waiter waiter, Request request, int from, Tag tag) {
        boolean withdrawn = request.boxes.get(from).remove(tag, waiter);
        if (withdrawn) {
            held.get(from).awaitedEnds();
        }
        return withdrawn;
    }

    private Message take(Parcel parcel, Request request, int from, Tag tag, Deadline deadline) {
        if (parcel.delayed) {
            awaitArrival(parcel, request, from, tag, deadline);
        }
        Failure failure = ending(request, from);
        if (failure != null && failure.discards()) {
            throw failure.whileReceiving(party, from, tag);
        }
        if (!request.boxes.get(from).replace(tag, parcel, TAKEN)) {
            Failure late = ending(request, from);
            throw late != null ? late.whileReceiving(party, from, tag) : violation(from, tag, "this message was received before");
        }
        held.get(from).remove(parcel.bytes());
        traffic.received(request.counters, parcel.message.phase(), parcel.message.depth());
        return parcel.message;
    }

    /** Waits until the message is delivered; returns what the box then holds for the tag. */
    private Object await(Waiter waiter, Request request, int from, Tag tag, Deadline deadline) {
        waiter.thread = Thread.currentThread();
        Parcel early = waiter.parcel;
        if (early != null) {
            return early;
        }
        Waiting way = waiting.get(from);
        Deadlines.enter(deadline, way);
        try {
            Object found = found(waiter, request, from, tag, deadline);
            while (found == null) {
                way.pause(this, () -> waiter.parcel != null || trouble(ending(request, from), from, tag, deadline) != null);
                found = found(waiter, request, from, tag, deadline);
            }
            return found;
        } finally {
            Deadlines.leave();
        }
    }

    /** What the box holds for the tag, or null where there is nothing yet and no reason to give up. */
    private @Nullable Object found(Waiter waiter, Request request, int from, Tag tag, Deadline deadline) {
        Parcel parcel = waiter.parcel;
        if (parcel != null) {
            return parcel;
        }
        TransportException trouble = trouble(ending(request, from), from, tag, deadline);
        if (trouble == null) {
            return null;
        }
        // Withdrawing fails where the message was delivered a moment ago: then there is no trouble.
        Object found = withdraw(waiter, request, from, tag) ? null : request.boxes.get(from).get(tag);
        if (found == null) {
            throw trouble;
        }
        return found;
    }

    /** Parks until the parcel has arrived; it stays receivable where the deadline comes first. */
    private void awaitArrival(Parcel parcel, Request request, int from, Tag tag, Deadline deadline) {
        long left = parcel.arrivalNanos - System.nanoTime();
        if (left <= 0) {
            return;
        }
        parcel.receiver = Thread.currentThread();
        while (left > 0) {
            Failure failure = ending(request, from);
            TransportException trouble = trouble(failure != null && failure.discards() ? failure : null, from, tag, deadline);
            if (trouble != null) {
                throw trouble;
            }
            long pause = Math.min(left - OVERSHOOT_NANOS, deadline.remainingNanos());
            if (pause > 0) {
                LockSupport.parkNanos(this, pause);
            } else {
                Thread.yield();
            }
            left = parcel.arrivalNanos - System.nanoTime();
        }
    }

    /** Why waiting must stop: an ending that matters to the waiter, the deadline, or an interrupt. */
    private @Nullable TransportException trouble(@Nullable Failure failure, int from, Tag tag, Deadline deadline) {
        if (failure != null) {
            return failure.whileWaiting(party, from, tag);
        }
        if (deadline.expired()) {
            return new TransportException(Kind.TIMEOUT, from, tag,
                    "party " + party + " got nothing from party " + from + " (" + tag + ") within the " + deadline);
        }
        if (Thread.currentThread().isInterrupted()) {
            return new TransportException(Kind.INTERRUPTED, from, tag,
                    "party " + party + " was interrupted while it waited for party " + from + " (" + tag + ")");
        }
        return null;
    }

    private @Nullable Failure ending(Request request, int from) {
        Failure failure = request.failure;
        return failure != null ? failure : ended.get(from);
    }

    private TransportException violation(int from, Tag tag, String what) {
        return Failure.violation(what).whileReceiving(party, from, tag);
    }

    /** Ends the link from one peer; the first reason stays, except that a failure replaces an orderly close. */
    void end(int from, Failure failure) {
        Failure known = ended.getAndUpdate(from, old -> old == null || (failure.discards() && !old.discards()) ? failure : old);
        if (known != null && known.discards()) {
            return;
        }
        held.get(from).wake();
        for (Request request : live.values()) {
            wake(request, from, failure.discards());
        }
    }

    /** Ends a request, for its present and future waiters. */
    void abort(int number, int byParty) {
        Request request = request(number);
        if (request != null && request.failure == null) {
            request.failure = Failure.aborted(number, byParty);
            wakeAll(request);
        }
    }

    /** See {@link Endpoint#finish}. */
    void finish(int number) {
        finished.add(number);
        Request request = live.remove(number);
        if (request != null) {
            request.failure = Failure.finished(number, party);
            wakeAll(request);
        }
        traffic.forget(number);
        for (int from = 0; from < waiting.length(); from++) {
            waiting.get(from).leave();
        }
    }

    private void wakeAll(Request request) {
        for (int from = 0; from < ended.length(); from++) {
            wake(request, from, true);
            held.get(from).wake();
        }
    }

    private void wake(Request request, int from, boolean discards) {
        ConcurrentHashMap<Tag, Object> box = request.boxes.get(from);
        box.forEach((tag, found) -> {
            if (found instanceof Waiter waiter) {
                waiting.get(from).wake(waiter.thread);
            } else if (found instanceof Parcel parcel && discards) {
                discard(from, box, tag, parcel);
                LockSupport.unpark(parcel.receiver);
            }
        });
    }
}
