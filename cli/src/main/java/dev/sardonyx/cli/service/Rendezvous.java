package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.Blame;
import dev.sardonyx.secureops.execute.PartySession;
import dev.sardonyx.transport.Deadline;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Where an owner's part of a request, which came from the owner, meets the leading party's order to run it under a number. Either may
 * come first; one that the other does not follow within the deadline is given up, and an order that is given up is ended at all
 * parties.
 */
final class Rendezvous {
    /**
     * The leading party's word.
     *
     * @param session in which it was given
     * @param request the number, taken up
     * @param word what is to be done, for whom
     */
    record Order(Mesh.Session session, PartySession.Request request, Envelope word) {
        void cancel() {
            session.cancel(request);
        }
    }

    private record Expiry(Deadline at, Runnable action) {
        void await() {
            for (long left = at.remainingNanos(); left > 0; left = at.remainingNanos()) {
                LockSupport.parkNanos(this, left);
            }
        }
    }

    private final Duration deadline;
    private final Supplier<Optional<ServiceException>> nobodyLeads;
    private final ConcurrentLinkedQueue<Expiry> expiring = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final ConcurrentHashMap<String, CompletableFuture<Order>> open = new ConcurrentHashMap<>();

    /** @param nobodyLeads why no order comes at present, if none does */
    Rendezvous(Duration deadline, Supplier<Optional<ServiceException>> nobodyLeads) {
        this.deadline = deadline;
        this.nobodyLeads = nobodyLeads;
    }

    private CompletableFuture<Order> meeting(String id) {
        return open.computeIfAbsent(id, _ -> new CompletableFuture<>());
    }

    /** Brings an order. */
    void offer(String id, Order order) {
        CompletableFuture<Order> meeting = meeting(id);
        if (!meeting.complete(order)) {
            order.cancel();
            return;
        }
        later(() -> {
            if (open.remove(id, meeting)) {
                order.cancel();
            }
        });
    }

    /** Brings the news that there will be no order. */
    void refuse(String id, ServiceException reason) {
        CompletableFuture<Order> meeting = meeting(id);
        meeting.completeExceptionally(reason);
        later(() -> open.remove(id, meeting));
    }

    /** No order comes for those who wait for one: since a moment ago nobody leads. */
    void unlinked(ServiceException reason) {
        // Whoever takes enters first and then asks who leads: either that is seen there, or they are seen here.
        open.forEach((id, meeting) -> meeting.completeExceptionally(reason));
    }

    /** The owner's part of a request will not come: its order, which is here or on its way, is given up at once and not after the deadline. */
    void decline(String id) {
        CompletableFuture<Order> meeting = meeting(id);
        meeting.thenAccept(order -> {
            if (open.remove(id, meeting)) {
                order.cancel();
            }
        });
        later(() -> open.remove(id, meeting));
    }

    private void later(Runnable action) {
        expiring.add(new Expiry(Deadline.in(deadline), action));
        if (sweeping.compareAndSet(false, true)) {
            Thread.ofVirtual().name("rendezvous").start(this::sweep);
        }
    }

    /** Deadlines come in the order in which they were set, so that one thread sleeps for all: most orders are long taken by then. */
    private void sweep() {
        do {
            for (Expiry next = expiring.poll(); next != null; next = expiring.poll()) {
                next.await();
                expire(next);
            }
            sweeping.set(false);
            // Whoever added one has seen that somebody sweeps, or it is seen here.
        } while (!expiring.isEmpty() && sweeping.compareAndSet(false, true));
    }

    private static void expire(Expiry expiry) {
        try {
            expiry.action.run();
        } catch (RuntimeException | Error e) {
            // An order that could not be given up; those after it are.
        }
    }

    /** Waits for the order of a request. */
    Order take(String id) throws InterruptedException {
        CompletableFuture<Order> meeting = meeting(id);
        Deadline until = Deadline.in(deadline);
        nobodyLeads.get().ifPresent(meeting::completeExceptionally);
        try {
            Order order = meeting.get(Math.max(0, until.remainingNanos()), TimeUnit.NANOSECONDS);
            if (!open.remove(id, meeting)) {
                throw new ServiceException(Kind.REFUSED, "a request of this identity was taken up before");
            }
            return order;
        } catch (TimeoutException _) {
            if (open.remove(id, meeting) && meeting.isDone() && !meeting.isCompletedExceptionally()) {
                meeting.join().cancel();
            }
            throw new ServiceException(Kind.PARTY_FAILED, "party 0 gave this request no number within the " + until, Blame.AFTERMATH);
        } catch (ExecutionException e) {
            open.remove(id, meeting);
            ServiceException reason = Troubles.asService(Objects.requireNonNull(e.getCause()));
            throw new ServiceException(reason.kind(), String.valueOf(reason.getMessage()), reason);
        }
    }

    int size() {
        return open.size();
    }
}
