package dev.sardonyx.transport;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Wakes threads that wait too long. Waiting for a message rarely ends at its deadline, and to set an alarm of its own for each of
 * thousands of short waits costs more than the waits: a timed park of a virtual thread wakes another thread to start the alarm and once more
 * to stop it. So waits share one look at the clock every {@value #LOOK_MILLIS} ms, by which a deadline may come late. Nobody looks while
 * nobody waits.
 */
final class Deadlines {

    private static final long LOOK_MILLIS = 20;

    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon()
            .name("sardonyx-deadlines").factory());

    private static final Deadlines COMMON = new Deadlines();

    private final ConcurrentHashMap<Thread, Deadline> waiting = new ConcurrentHashMap<>();
    private final AtomicBoolean looking = new AtomicBoolean();

    private Deadlines() {}

    /** Parks the calling thread until it is unparked or the deadline has passed, or for no reason, as {@link LockSupport#park} does. */
    static void park(Object blocker, Deadline deadline) {
        COMMON.parkUntil(blocker, deadline);
    }

    private void parkUntil(Object blocker, Deadline deadline) {
        Thread self = Thread.currentThread();
        waiting.put(self, deadline);
        try {
            if (looking.compareAndSet(false, true)) {
                lookLater();
            }
            LockSupport.park(blocker);
        } finally {
            waiting.remove(self);
        }
    }

    private void lookLater() {
        CLOCK.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        waiting.forEach((thread, deadline) -> {
            if (deadline.expired()) {
                LockSupport.unpark(thread);
            }
        });
        looking.set(false);
        // Whoever comes to wait now sees that nobody looks, or is seen here.
        if (!waiting.isEmpty() && looking.compareAndSet(false, true)) {
            lookLater();
        }
    }
}
