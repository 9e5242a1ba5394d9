package dev.sardonyx.cli.gateway;

import dev.sardonyx.transport.http.HttpAsker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** So many places, given in the order of asking. Who is gone does not wait on: it would hold its request's memory for nothing. Safe for several threads. */
final class Turns {
    private final int places;
    /** What each that waits is told: whether it has a place. Whoever tells it first decides. */
    private final Queue<CompletableFuture<Boolean>> waiting = new ArrayDeque<>();
    private int free;
    private boolean closed;

    Turns(int places) {
        this.places = places;
        this.free = places;
    }

    /**
     * Waits for a place, to be given back by {@link #release}.
     *
     * @return whether there is one; there is none where the patience or the asker's ended before, or after {@link #close}
     */
    boolean take(HttpAsker asker, Duration patience) throws InterruptedException {
        var turn = new CompletableFuture<Boolean>();
        synchronized (this) {
            if (closed) {
                return false;
            }
            if (free > 0) {
                free--;
                return true;
            }
            waiting.add(turn);
        }
        asker.whenGone(() -> turn.complete(false));
        boolean taken = false;
        try {
            taken = turn.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return taken;
        } catch (TimeoutException e) {
            taken = !turn.complete(false) && turn.join();
            return taken;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            if (!turn.complete(false) && turn.join()) {
                release();
            }
            throw e;
        } finally {
            if (!taken) {
                forget(turn);
            }
        }
    }

    private synchronized void forget(CompletableFuture<Boolean> turn) {
        waiting.remove(turn);
    }

    synchronized void release() {
        for (CompletableFuture<Boolean> next = waiting.poll(); next != null; next = waiting.poll()) {
            if (next.complete(true)) {
                return;
            }
        }
        free++;
    }

    /** Gives no more places. */
    synchronized void close() {
        closed = true;
        waiting.forEach(turn -> turn.complete(false));
    }

    synchronized int taken() {
        return places - free;
    }
}
