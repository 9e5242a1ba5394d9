package dev.sardonyx.transport;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Wakes threads that wait too long. Waiting for a message rarely ends at its deadline, and to set an alarm of its own for each of
 * thousands of short waits costs more than the waits: a timed park of a virtual thread wakes another thread to start the alarm and once more
 * to stop it. So waits share one look at the clock every 20 ms and at every deadline that was known at the last look; a shorter wait may end
 * so much too late. Nobody looks while nobody waits.
 *
 * <p>A waiter enters itself, then looks whether it still has to wait, then parks, and does nothing between the last two that might itself park
 * (a lock, say): that would use up the permit of whoever wakes it.
 */
final class Deadlines {

    private record Wait(Deadline deadline, Waiting way) {}

    private static final long LOOK_NANOS = 20_000_000;

    private static final ConcurrentHashMap<Thread, Wait> WAITING = new ConcurrentHashMap<>();
    private static final Thread CLOCK = Thread.ofPlatform().daemon().name("sardonyx-deadlines").start(Deadlines::run);

    private static volatile boolean idle;

    private Deadlines() {}

    /** From now on the calling thread, which waits in this way, is woken, again and again, once the deadline has passed. */
    static void enter(Deadline deadline, Waiting way) {
        WAITING.put(Thread.currentThread(), new Wait(deadline, way));
        if (idle) {
            LockSupport.unpark(CLOCK);
        }
    }

    /** The calling thread waits no more. */
    static void leave() {
        WAITING.remove(Thread.currentThread());
    }

    private static void run() {
        long pause = LOOK_NANOS;
        while (true) {
            // Whoever enters sees that the clock is idle, or is seen here.
            idle = true;
            while (WAITING.isEmpty()) {
                LockSupport.park();
            }
            idle = false;
            LockSupport.parkNanos(pause);
            pause = look();
        }
    }

    /**
     * Wakes whoever has waited long enough; returns how long to pause. Not beyond the next deadline, since of several threads that wait for
     * one another the first to give up is the one that waits for whoever is at fault.
     */
    private static long look() {
        long pause = LOOK_NANOS;
        for (Map.Entry<Thread, Wait> waiting : WAITING.entrySet()) {
            long left = waiting.getValue().deadline.remainingNanos();
            if (left <= 0) {
                waiting.getValue().way.wake(waiting.getKey());
            } else {
                pause = Math.min(pause, left);
            }
        }
        return pause;
    }
}
