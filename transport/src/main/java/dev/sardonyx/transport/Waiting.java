package dev.sardonyx.transport;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** How a thread waits for what another thread, or the network, is going to bring. */
interface Waiting {

    /** The thread sleeps until it is woken. */
    Waiting PARKED = new Waiting() {
        @Override
        public void pause(Object blocker, BooleanSupplier over) {
            LockSupport.park(blocker);
        }

        @Override
        public void wake(@Nullable Thread thread) {
            LockSupport.unpark(thread);
        }
    };

    /**
     * Lets the calling thread wait; may return for no reason, as {@link LockSupport#park} may.
     *
     * @param over tells whether there is nothing more to wait for; whoever makes it true wakes the thread after that
     */
    void pause(Object blocker, BooleanSupplier over);

    /** Makes a thread that pauses, or is about to, look again. */
    void wake(@Nullable Thread thread);

    /** Says that the calling thread is not going to pause soon. */
    default void leave() {}
}
