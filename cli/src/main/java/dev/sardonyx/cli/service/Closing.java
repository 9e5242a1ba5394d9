package dev.sardonyx.cli.service;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** What was opened, in order: closed the other way round, each once, whatever becomes of the others. */
final class Closing implements AutoCloseable {
    private final Deque<Runnable> opened = new ArrayDeque<>();

    /** Has a part closed with the others. */
    synchronized <T> T add(T part, Consumer<? super T> close) {
        opened.push(() -> close.accept(part));
        return part;
    }

    @Override
    public synchronized void close() {
        Runnable last = opened.poll();
        if (last != null) {
            try {
                last.run();
            } finally {
                close();
            }
        }
    }
}
