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
import java.util.function.IntSupplier;

/**
 * Bytes that requests may hold together; those who wait are served in the order they came. Where there is more than one client, each
 * can have three quarters, or all for one request at a time, and while it has them it holds up nobody else.
 */
final class MemoryBudget {
    private final long total;
    private final long perRequest;
    private final IntSupplier clients;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();
    private final Map<String, Long> heldBy = new HashMap<>();
    private long held;
    private final List<Waiting> queue = new ArrayList<>();

    private record Waiting(String client, long bytes) {
    }

    /** @param clients how many clients there are at present */
    MemoryBudget(long total, long perRequest, IntSupplier clients) {
        this.total = total;
        this.clients = clients;
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
        if (bytes < 0 || bytes > perRequest) {
            throw new ServiceException(Kind.REFUSED, what + " takes " + bytes + " bytes; a request may take " + perRequest);
        }
    }

    private boolean hasShareLeft(String client, long bytes) {
        long before = heldBy.getOrDefault(client, 0L);
        return before == 0 || before + bytes <= total - total / 4 || clients.getAsInt() < 2;
    }

    private boolean fits(String client, long bytes) {
        return held + bytes <= total && hasShareLeft(client, bytes);
    }

    /** Whether there is room for one that waits, and nobody waits longer but for other clients' requests beyond their share. */
    private boolean isTurnOf(Waiting own) {
        for (Waiting each : queue) {
            if (each == own) {
                return fits(own.client, own.bytes);
            }
            if (each.client.equals(own.client) || hasShareLeft(each.client, each.bytes)) {
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
