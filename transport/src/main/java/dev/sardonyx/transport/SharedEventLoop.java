package dev.sardonyx.transport;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An event loop that is driven by whoever waits for it. A protocol of many rounds pays in every round for each thread that must be woken: by
 * an event loop of the usual kind two, the loop's and then the receiver's. Here a {@link LinkThread} that waits for a message becomes the
 * loop's thread until the message is there (the pattern "leader/followers" of Schmidt, O'Ryan, Kircher, Pyarali, Buschmann, PLoP 2000).
 *
 * <p>One thread drives at a time, and hands over by a volatile write, so that to channels and handlers it is all one thread. The loop's own
 * thread, the keeper, drives while nobody else does. It steps aside when asked, and comes back when it is called, or when nobody
 * has driven for {@link #ABSENCE_NANOS}: a thread that has got its message may have much to compute before it waits again. Others that wait
 * meanwhile are followers: one of them is woken when the driver leaves. All that is handled here is handled by threads that have something
 * else to do; so handlers must not block, as ever.
 */
final class SharedEventLoop extends SingleThreadIoEventLoop implements Waiting {

    private static final long TASKS_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long ABSENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final AtomicReference<@Nullable Thread> driver = new AtomicReference<>();
    private final ConcurrentLinkedQueue<Thread> followers = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Thread keeper;
    /** Whether the keeper shall step aside. */
    private volatile boolean asked;
    /** Whether the keeper shall drive as soon as nobody else does. */
    private volatile boolean called;
    /** When somebody drove last. */
    private volatile long left;
    /** What channels were given to write and sockets have not taken: goes on as soon as they have room. */
    private final AtomicInteger unwritten = new AtomicInteger();

    SharedEventLoop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory factory) {
        super(parent, executor, factory);
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        Thread now = driver.get();
        // Without a driver the keeper sleeps, or has not begun.
        return now == null ? super.inEventLoop(thread) : now == thread;
    }

    @Override
    public void execute(Runnable task) {
        super.execute(task);
        // Of a driver that leaves and whoever has queued a task, one sees the other.
        if (driver.get() == null) {
            callKeeper();
        }
    }

    /** A channel was given something to write. */
    void writeBegins() {
        unwritten.incrementAndGet();
    }

    /** It was written, or is lost. */
    void writeEnds() {
        unwritten.decrementAndGet();
    }

    // ---- the keeper

    @Override
    protected void run() {
        Thread self = Thread.currentThread();
        keeper = self;
        driver.set(self);
        ioHandler().initialize();
        do {
            if (asked) {
                asked = false;
                // Who asked may have got its message since.
                if (!followers.isEmpty() && !isShuttingDown()) {
                    stepAside(self);
                }
            }
            turn();
            if (isShuttingDown()) {
                ioHandler().prepareToDestroy();
            }
        } while (!confirmShutdown());
    }

    private void stepAside(Thread self) {
        called = false;
        letGo();
        do {
            LockSupport.parkNanos(this, patience());
            // Who asked before now has driven, or may ask again.
            asked = false;
        } while (!(called || isShuttingDown() || patience() <= 0) || !driver.compareAndSet(null, self));
    }

    /** How long the keeper lets others drive before it looks again. */
    private long patience() {
        return driver.get() == null ? left + ABSENCE_NANOS - System.nanoTime() : ABSENCE_NANOS;
    }

    private void callKeeper() {
        called = true;
        LockSupport.unpark(keeper);
    }

    // ---- whoever drives

    private void turn() {
        runIo();
        runAllTasks(TASKS_NANOS);
    }

    private void letGo() {
        left = System.nanoTime();
        driver.set(null);
        if (isShuttingDown() || pendingTasks() > 0 || unwritten.get() > 0) {
            callKeeper();
        } else {
            LockSupport.unpark(followers.peek());
        }
    }

    // ---- those who wait

    @Override
    public void pause(Object blocker, BooleanSupplier over) {
        if (!(Thread.currentThread() instanceof LinkThread self) || isShuttingDown()) {
            LockSupport.park(blocker);
        } else if (driver.compareAndSet(null, self)) {
            drive(self, over);
        } else {
            follow(self, blocker, over);
        }
    }

    private void drive(LinkThread self, BooleanSupplier over) {
        try {
            self.watchInterrupts();
            while (!over.getAsBoolean() && !isShuttingDown()) {
                turn();
                self.restoreInterrupt();
            }
        } finally {
            self.restoreInterrupt();
            letGo();
        }
    }

    private void follow(Thread self, Object blocker, BooleanSupplier over) {
        followers.add(self);
        try {
            if (driver.get() == keeper) {
                asked = true;
                wakeup(false);
            }
            if (driver.get() != null && !over.getAsBoolean()) {
                LockSupport.park(blocker);
            }
        } finally {
            followers.remove(self);
            if (driver.get() == null) {
                // If this thread was woken to drive and need not any more, the next one shall.
                LockSupport.unpark(followers.peek());
            }
        }
    }

    @Override
    public void wake(@Nullable Thread thread) {
        if (thread != null && thread != Thread.currentThread()) {
            LockSupport.unpark(thread);
            // The driver has become one before it looked for the last time whether to go on.
            if (driver.get() == thread) {
                wakeup(false);
            }
        }
    }

    @Override
    public void leave() {
        if (driver.get() == null) {
            callKeeper();
        }
    }
}
