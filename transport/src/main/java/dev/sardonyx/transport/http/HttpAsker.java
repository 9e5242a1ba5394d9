package dev.sardonyx.transport.http;

import java.util.concurrent.CompletableFuture;

/** Whoever waits for an answer, until the connection ends: then nobody does, and whatever is still done for it is wasted. Safe for several threads. */
public final class HttpAsker {
    private final CompletableFuture<Void> left = new CompletableFuture<>();

    /** Whether nobody waits any more. */
    public boolean isGone() {
        return left.isDone();
    }

    /** Does something short once nobody waits any more, in the thread that hears of it; at once where that is so already. */
    public void whenGone(Runnable action) {
        left.thenRun(action);
    }

    /** Nobody waits any more. */
    public void leave() {
        left.complete(null);
    }
}
