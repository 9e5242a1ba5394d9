package dev.sardonyx.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing side of a connection. Frames may be sent by any thread and go out in the order in which they were queued.
 *
 * <p>A protocol of many rounds pays for every thread that must be woken before a message is on the wire. So once a link is
 * {@linkplain #direct established}, whoever has a frame to send encrypts it and writes it to the socket; the event loop is asked only
 * where the socket is full, where frames are long (encrypting them is then worth a thread of its own), and before and after the link's
 * time. Where a thread finds another one at work it leaves its frame to that one.
 *
 * <p>TLS numbers its records, so nobody may encrypt between a record's encryption and its way into the socket: whoever does either
 * holds the lock. The event loop's handler of TLS may itself want to send when it reads (an answer to a key update), so it holds the lock
 * while it reads: for that purpose this is the first handler of the pipeline.
 */
final class TlsSender extends ChannelInboundHandlerAdapter {

    /** A frame to be written and what to do once it was, or could not be. */
    private record Outgoing(Frame frame, Runnable written) {}

    private final Channel channel;
    private final Consumer<Throwable> broken;
    private final ConcurrentLinkedQueue<Outgoing> outgoing = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();

    // All below is guarded by the lock, and what the pipeline is given by the event loop's being alone there.
    private @Nullable RecordWriter records;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf rest;
    /** Frames and rests that the pipeline was given and the socket has not taken. */
    private int inPipeline;

    /** @param broken told on the event loop where writing failed */
    TlsSender(Channel channel, Consumer<Throwable> broken) {
        this.channel = channel;
        this.broken = broken;
    }

    /**
     * Lets senders write to the socket themselves, from a moment on at which the event loop reads nothing, and TLS has said what it has to say
     * after its handshake.
     */
    void direct() {
        if (channel instanceof LinkChannel link) {
            execute(() -> {
                if (channel.isActive()) {
                    channel.pipeline().addFirst(this);
                    alone(() -> {
                        writeToPipeline();
                        context = channel.pipeline().context(this);
                        records = new RecordWriter(channel.pipeline().get(SslHandler.class).engine(), link.socketChannel());
                    });
                }
            });
        }
    }

    /** Queues a frame; {@code written} runs once it went out or is lost. */
    void send(Frame frame, Runnable written) {
        outgoing.add(new Outgoing(frame, written));
        pump();
    }

    /** Does something that nobody may do at the same time, on the event loop; then looks at what others queued meanwhile. */
    private void alone(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
        pump();
    }

    /** Writes what is queued, unless another thread holds the lock; that one looks at the queue again when it has let go of it. */
    private void pump() {
        while (!outgoing.isEmpty() && lock.tryLock()) {
            boolean done;
            try {
                done = writeDirectly();
            } finally {
                lock.unlock();
            }
            if (!done) {
                schedule();
                return;
            }
        }
    }

    private void schedule() {
        if (scheduled.compareAndSet(false, true)) {
            execute(this::drain);
        }
    }

    /** Runs something on the connection's event loop; where that has stopped there is no connection, and what is queued is lost. */
    void execute(Runnable action) {
        try {
            channel.eventLoop().execute(action);
        } catch (RejectedExecutionException stopped) {
            discard();
        }
    }

    /** Writes all that is queued to the socket; false where that is the event loop's business, for all of it or for the rest. */
    private boolean writeDirectly() {
        RecordWriter writer = records;
        if (writer == null) {
            return false;
        }
        List<Runnable> written = new ArrayList<>(2);
        while (rest == null && inPipeline == 0) {
            for (Outgoing next = outgoing.peek(); next != null && writer.take(next.frame()); next = outgoing.peek()) {
                outgoing.remove();
                written.add(next.written());
            }
            if (written.isEmpty()) {
                return outgoing.isEmpty();
            }
            if (write(writer)) {
                written.forEach(Runnable::run);
                written.clear();
            } else {
                // What they were counted for is given back a little early: less than a buffer's worth.
                written.forEach(Runnable::run);
                return false;
            }
        }
        return false;
    }

    private boolean write(RecordWriter writer) {
        try {
            ByteBuffer left = writer.write();
            if (!left.hasRemaining()) {
                return true;
            }
            rest = Unpooled.copiedBuffer(left);
        } catch (IOException e) {
            records = null;
            execute(() -> broken.accept(e));
        }
        return false;
    }

    private void drain() {
        // Cleared first: whoever queues a frame that this round does not see starts the next one.
        scheduled.set(false);
        alone(() -> {
            if (!writeDirectly()) {
                writeToPipeline();
            }
        });
    }

    private void writeToPipeline() {
        ByteBuf left = rest;
        if (left != null && context != null) {
            rest = null;
            context.write(left, counted(() -> {}));
        }
        boolean frames = false;
        for (Outgoing next = outgoing.poll(); next != null; next = outgoing.poll()) {
            frames = true;
            Frame frame = next.frame();
            ChannelPromise done = counted(next.written());
            if (frame.small()) {
                channel.write(frame.head(channel.alloc()), done);
            } else {
                channel.write(frame.head(channel.alloc()), channel.voidPromise());
                channel.write(frame.body(), done);
            }
        }
        if (frames) {
            channel.flush();
        } else if (context != null) {
            // Not by way of TLS, which would have nothing to encrypt.
            context.flush();
        }
    }

    private ChannelPromise counted(Runnable written) {
        inPipeline++;
        return channel.newPromise().addListener(_ -> {
            alone(() -> inPipeline--);
            written.run();
        });
    }

    /** Sends what is queued, then closes; on the event loop only. */
    void close() {
        alone(() -> {
            records = null;
            writeToPipeline();
            channel.close();
        });
    }

    /** Gives up what is queued: there is no connection any more. */
    void discard() {
        List<Outgoing> lost = new ArrayList<>();
        lock.lock();
        try {
            for (Outgoing next = outgoing.poll(); next != null; next = outgoing.poll()) {
                lost.add(next);
            }
            records = null;
            if (rest != null) {
                rest.release();
                rest = null;
            }
        } finally {
            lock.unlock();
        }
        lost.forEach(next -> next.written().run());
    }

    @Override
    public void channelRead(ChannelHandlerContext same, Object message) {
        alone(() -> same.fireChannelRead(message));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext same) {
        alone(same::fireChannelReadComplete);
    }

    @Override
    public void channelInactive(ChannelHandlerContext same) {
        discard();
        same.fireChannelInactive();
    }
}
