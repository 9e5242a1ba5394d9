package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.Deadline;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Bytes that requests may hold together; those who wait are served in the order they came. */
final class MemoryBudget {
    private final long total;
    private final long perRequest;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();
    private long held;
    private long nextTicket;
    private long serving;
    /** Tickets before which nobody waits any more, as soon as it is their turn. */
    private final Set<Long> gone = new HashSet<>();

    MemoryBudget(long total, long perRequest) {
        this.total = total;
        this.perRequest = Math.min(perRequest, total);
    }

    /** Bytes taken, to be given back once. */
    final class Reservation implements AutoCloseable {
        private long bytes;

        private Reservation(long bytes) {
            this.bytes = bytes;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                held -= bytes;
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

    /** Takes bytes at once. @throws ServiceException REFUSED if one request may never take as much, BUSY if there is no room now */
    Reservation take(String what, long bytes) {
        requireAllowed(what, bytes);
        lock.lock();
        try {
            if (held + bytes > total) {
                throw busy(what, bytes);
            }
            held += bytes;
            return new Reservation(bytes);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #take}, and waits for room until the deadline. */
    Reservation await(String what, long bytes, Deadline deadline) throws InterruptedException {
        requireAllowed(what, bytes);
        lock.lockInterruptibly();
        long ticket = nextTicket++;
        try {
            while (ticket != serving || held + bytes > total) {
                long left = deadline.remainingNanos();
                if (left <= 0 || !freed.await(left, TimeUnit.NANOSECONDS) && deadline.expired()) {
                    throw busy(what, bytes);
                }
            }
            held += bytes;
            return new Reservation(bytes);
        } finally {
            leave(ticket);
            lock.unlock();
        }
    }

    /** Lets the next one look; one that gives up before its turn is stepped over when the turn comes. */
    private void leave(long ticket) {
        gone.add(ticket);
        while (gone.remove(serving)) {
            serving++;
        }
        freed.signalAll();
    }

    private ServiceException busy(String what, long bytes) {
        return new ServiceException(Kind.BUSY, what + " takes " + bytes + " bytes and " + held + " of " + total + " are taken; try again later");
    }

    /** How many wait for room. */
    int waiting() {
        lock.lock();
        try {
            return (int) (nextTicket - serving - gone.size());
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
