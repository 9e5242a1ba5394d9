package dev.sardonyx.cli.service;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts the owners' requests that run at a party, and lets none begin once it goes down. */
final class Running {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private int count;
    private boolean draining;

    /** A request begins, which {@link #leave} must end; false where none may any more. */
    boolean enter() {
        lock.lock();
        try {
            if (!draining) {
                count++;
            }
            return !draining;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            count--;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** No request begins from now on; false where that was so before. */
    boolean refuse() {
        lock.lock();
        try {
            boolean first = !draining;
            draining = true;
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until none runs, or for as long as this. */
    void await(Duration longest) throws InterruptedException {
        lock.lock();
        try {
            long left = longest.toNanos();
            while (count > 0 && left > 0) {
                left = ended.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    int count() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    boolean isDraining() {
        lock.lock();
        try {
            return draining;
        } finally {
            lock.unlock();
        }
    }
}
