package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.Deadline;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes that requests may hold together; those who wait are served in the order they came. A quarter is kept from each client for the
 * others, but for one request that is larger than what is left to it.
 */
final class MemoryBudget {
    private final long total;
    private final long perRequest;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();
    private final Map<String, Long> heldBy = new HashMap<>();
    private long held;
    private final List<Waiting> queue = new ArrayList<>();

    private record Waiting(String client, long bytes) {
    }

    MemoryBudget(long total, long perRequest) {
        this.total = total;
        this.perRequest = Math.min(perRequest, total);
    }

    /** Bytes taken, to be given back once. */
    final class Reservation implements AutoCloseable {
        private final String client;
        private long bytes;

        private Reservation(String client, long bytes) {
            this.client = client;
            this.bytes = bytes;
            held += bytes;
            heldBy.merge(client, bytes, Long::sum);
        }

        @Override
        public void close() {
            lock.lock();
            try {
                held -= bytes;
                heldBy.merge(client, -bytes, (before, less) -> before + less == 0 ? null : before + less);
                bytes = 0;
                freed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void requireAllowed(String what, long bytes) {
        if (bytes > perRequest) {
            throw new ServiceException(Kind.REFUSED, what + " takes " + bytes + " bytes; a request may take " + perRequest);
        }
    }

    private boolean hasShareLeft(String client, long bytes) {
        long before = heldBy.getOrDefault(client, 0L);
        return before == 0 || before + bytes <= total - total / 4;
    }

    private boolean fits(String client, long bytes) {
        return held + bytes <= total && hasShareLeft(client, bytes);
    }

    /** Whether there is room for one that waits, and nobody waits longer but for those who have had their share. */
    private boolean isTurnOf(Waiting own) {
        for (Waiting each : queue) {
            if (each == own) {
                return fits(own.client, own.bytes);
            }
            if (hasShareLeft(each.client, each.bytes)) {
                return false;
            }
        }
        return false;
    }

    /** Takes bytes at once. @throws ServiceException REFUSED if one request may never take as much, BUSY if there is no room now */
    Reservation take(String what, String client, long bytes) {
        requireAllowed(what, bytes);
        lock.lock();
        try {
            if (!fits(client, bytes)) {
                throw busy(what, client, bytes);
            }
            return new Reservation(client, bytes);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #take}, and waits for room until the deadline. */
    Reservation await(String what, String client, long bytes, Deadline deadline) throws InterruptedException {
        requireAllowed(what, bytes);
        lock.lockInterruptibly();
        var own = new Waiting(client, bytes);
        queue.add(own);
        try {
            while (!isTurnOf(own)) {
                long left = deadline.remainingNanos();
                if (left <= 0 || !freed.await(left, TimeUnit.NANOSECONDS) && deadline.expired()) {
                    throw busy(what, client, bytes);
                }
            }
            return new Reservation(client, bytes);
        } finally {
            queue.removeIf(each -> each == own);
            freed.signalAll();
            lock.unlock();
        }
    }

    private ServiceException busy(String what, String client, long bytes) {
        return new ServiceException(Kind.BUSY, what + " takes " + bytes + " bytes and " + held + " of " + total + " are taken, " + heldBy.getOrDefault(client, 0L)
                + " of them by client '" + client + "', who may have three quarters; try again later");
    }

    /** How many wait for room. */
    int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    long held() {
        lock.lock();
        try {
            return held;
        } finally {
            lock.unlock();
        }
    }
}
