package dev.sardonyx.transport;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A platform thread that reads the network itself while it waits for a message: see {@link SharedEventLoop}. Virtual threads cannot, since
 * each of their waits in the operating system is another thread's.
 */
public final class LinkThread extends Thread {

    private final Object lock = new Object();
    private boolean interruptAsked;

    public LinkThread(String name, Runnable work) {
        super(null, work, name);
        setDaemon(true);
    }

    /** Makes threads of this kind that are named so and numbered. */
    public static ThreadFactory factory(String name) {
        var number = new AtomicInteger();
        return work -> new LinkThread(name + "-" + number.getAndIncrement(), work);
    }

    @Override
    public void interrupt() {
        // Whoever watches from now on finds the thread interrupted, or hears of it.
        synchronized (lock) {
            interruptAsked = true;
            super.interrupt();
        }
    }

    /** From now on {@link #restoreInterrupt} knows of interrupts. */
    void watchInterrupts() {
        synchronized (lock) {
            interruptAsked = false;
        }
    }

    /** Interrupts the calling thread again where someone has since {@link #watchInterrupts}: an event loop's selector takes interrupts away. */
    void restoreInterrupt() {
        synchronized (lock) {
            if (interruptAsked) {
                super.interrupt();
            }
        }
    }
}
