package dev.sardonyx.cli.gateway;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Whether the parties can be asked, as it was a moment ago. One probe looks at a time and for so long at most; others that come
 * meanwhile get what was seen before, so that none waits for a party that hangs. Safe for several threads.
 */
final class Readiness {
    private static final long FRESH_NANOS = Duration.ofSeconds(2).toNanos();

    private final Supplier<Optional<String>> look;
    private final Duration patience;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile Seen seen = new Seen(System.nanoTime() - FRESH_NANOS, Optional.of("the parties have not answered yet"));

    private record Seen(long nanos, Optional<String> trouble) {
    }

    /**
     * @param look asks the parties; ends soon after an interrupt
     * @param patience how long a look may take
     */
    Readiness(Supplier<Optional<String>> look, Duration patience) {
        this.look = look;
        this.patience = patience;
    }

    /** Why the parties cannot be asked; empty where they can. */
    Optional<String> trouble() {
        Seen last = seen;
        if (System.nanoTime() - last.nanos < FRESH_NANOS || !looking.compareAndSet(false, true)) {
            return last.trouble;
        }
        var found = new CompletableFuture<Optional<String>>();
        Thread looker = Thread.ofVirtual().name("readiness").start(() -> look(found));
        try {
            return found.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            tell(found, Optional.of("the parties did not say within " + patience.toSeconds() + " s whether they can be asked"));
            looker.interrupt();
            return found.join();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return last.trouble;
        }
    }

    private void look(CompletableFuture<Optional<String>> found) {
        try {
            tell(found, look.get());
        } catch (RuntimeException e) {
            tell(found, Optional.of(String.valueOf(Inference.inHttp(e).getMessage())));
        } finally {
            looking.set(false);
        }
    }

    /** What is told of a look first holds: what an interrupted one says afterwards means nothing. */
    private void tell(CompletableFuture<Optional<String>> found, Optional<String> trouble) {
        synchronized (found) {
            if (!found.isDone()) {
                // First this: whoever is told may ask again at once.
                seen = new Seen(System.nanoTime(), trouble);
                found.complete(trouble);
            }
        }
    }
}
