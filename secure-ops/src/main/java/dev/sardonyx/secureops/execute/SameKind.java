package dev.sardonyx.secureops.execute;

import dev.sardonyx.transport.LinkThread;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts threads of the caller's kind: virtual ones where many parties share a process and wake each other within it, {@link LinkThread}s
 * where a party waits for its network.
 */
final class SameKind {
    private static final int MOST = 8;
    private static final ExecutorService LINK_THREADS = Executors.newCachedThreadPool(LinkThread.factory("sardonyx-lane"));

    private SameKind() {
    }

    /** A thread for a whole lane. */
    static Thread begin(Runnable work) {
        Thread thread = Thread.currentThread() instanceof LinkThread ? new LinkThread("sardonyx-lane", work) : Thread.ofVirtual().unstarted(work);
        thread.start();
        return thread;
    }

    /**
     * Starts a thread for a few steps.
     *
     * @param others how many the caller has started: beyond {@link #MOST} they are virtual, since each of very many steps may have to wait
     */
    static void start(Runnable work, int others) {
        if (others < MOST && Thread.currentThread() instanceof LinkThread) {
            LINK_THREADS.execute(work);
        } else {
            Thread.startVirtualThread(work);
        }
    }
}
