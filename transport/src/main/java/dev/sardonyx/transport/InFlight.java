package dev.sardonyx.transport;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the bytes a directed link holds. A link that holds nothing admits any message, so that none is too big to be sent; those
 * who wait are admitted in the order they came, so that a stream of small messages cannot starve a big one.
 *
 * <p>Admission without waiting is one compare-and-set; the lock is touched only while someone waits.
 */
final class InFlight {

    private final long bound;
    private final AtomicLong held = new AtomicLong();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger awaited = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Object> queue = new ArrayDeque<>();
    private final AtomicReference<@Nullable Runnable> onRoom = new AtomicReference<>();

    InFlight(long bound) {
        if (bound < 0) {
            throw new IllegalArgumentException("bound of " + bound + " bytes in flight; expected 0 or more");
        }
        this.bound = bound;
    }

    /** Bytes held now. */
    long held() {
        return held.get();
    }

    /** Counts bytes in whatever the bound. */
    void add(int bytes) {
        held.addAndGet(bytes);
    }

    /** Counts bytes in if there is room now and nobody came first. */
    boolean tryAcquire(int bytes) {
        return waiting.get() == 0 && tryAdd(bytes);
    }

    /** As {@link #acquire(int, Deadline, BooleanSupplier, BooleanSupplier)} where nobody knows what the receiver waits for. */
    boolean acquire(int bytes, Deadline deadline, BooleanSupplier ended) throws InterruptedException {
        return acquire(bytes, deadline, ended, () -> false);
    }

    /**
     * Counts bytes in as soon as there is room.
     *
     * @param ended tells whether waiting has become pointless; looked at whenever {@link #wake} is called
     * @param pressing tells whether the receiver waits for this very message: then it is admitted whatever is held and whoever came
     *        first, since what is held may be of no use before it
     * @return whether they were admitted; false where the deadline passed or {@code ended} says so
     * @throws InterruptedException where the waiting thread was interrupted
     */
    boolean acquire(int bytes, Deadline deadline, BooleanSupplier ended, BooleanSupplier pressing) throws InterruptedException {
        if (tryAcquire(bytes)) {
            return true;
        }
        lock.lockInterruptibly();
        try {
            return queueUp(bytes, deadline, ended, pressing);
        } finally {
            lock.unlock();
        }
    }

    private boolean queueUp(int bytes, Deadline deadline, BooleanSupplier ended, BooleanSupplier pressing) throws InterruptedException {
        Object ticket = new Object();
        queue.addLast(ticket);
        waiting.incrementAndGet();
        try {
            while (!ended.getAsBoolean()) {
                if (queue.peekFirst() == ticket && tryAdd(bytes)) {
                    return true;
                }
                if (pressing.getAsBoolean()) {
                    add(bytes);
                    return true;
                }
                long left = deadline.remainingNanos();
                if (left <= 0) {
                    return false;
                }
                changed.awaitNanos(left);
            }
            return false;
        } finally {
            queue.remove(ticket);
            waiting.decrementAndGet();
            changed.signalAll();
        }
    }

    /** Counts bytes out and lets the next ones in. */
    void remove(int bytes) {
        held.addAndGet(-bytes);
        // A waiter announces itself before it looks at what is held, so one of the two sees the other.
        if (waiting.get() > 0) {
            wake();
            runIfRoom();
        }
    }

    /** Runs an action once no more than half the bound is held or someone waits for a message, perhaps at once; at most one action waits at a time. */
    void whenRoom(Runnable action) {
        waiting.incrementAndGet();
        onRoom.set(action);
        runIfRoom();
    }

    /** Someone begins to wait for a message of this link: whoever holds messages back looks again. */
    void awaitedBegins() {
        awaited.incrementAndGet();
        // As in remove(): of a sender that queues up and a receiver that begins to wait, one sees the other.
        if (waiting.get() > 0) {
            wake();
            runIfRoom();
        }
    }

    /** The counterpart of {@link #awaitedBegins}. */
    void awaitedEnds() {
        awaited.decrementAndGet();
    }

    private void runIfRoom() {
        if (held.get() <= bound / 2 || awaited.get() > 0) {
            Runnable action = onRoom.getAndSet(null);
            if (action != null) {
                waiting.decrementAndGet();
                action.run();
            }
        }
    }

    /** Whether more is held than the bound and nobody waits for what may come behind it. */
    boolean full() {
        return held.get() > bound && awaited.get() == 0;
    }

    /** Makes every waiter look again. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean tryAdd(int bytes) {
        while (true) {
            long now = held.get();
            if (now != 0 && now + bytes > bound) {
                return false;
            }
            if (held.compareAndSet(now, now + bytes)) {
                return true;
            }
        }
    }
}
