package dev.sardonyx.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
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
import javax.net.ssl.SSLException;
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
 * holds the lock, and while records wait in the event loop's buffers nobody else encrypts. The event loop's handler of TLS may itself have
 * something to say when it reads (it renews keys, or answers who does), so it holds the lock while it reads, and its records are counted like
 * all that pass here on their way to the socket: for both this is the first handler of the pipeline.
 */
final class TlsSender extends ChannelDuplexHandler {

    /** A frame to be written and what to do once it was, or could not be. */
    private record Outgoing(Frame frame, Runnable written) {}

    /** Buffers that a thread fills for others, who may queue as fast as it writes, before it leaves the rest to the event loop. */
    private static final int MOST_TURNS = 8;

    private final Channel channel;
    private final Consumer<Throwable> broken;
    private final ConcurrentLinkedQueue<Outgoing> outgoing = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();

    // All below is guarded by the lock, and what the pipeline is given by the event loop's being alone there.
    private @Nullable RecordWriter records;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf rest;
    /** Frames and records that the pipeline was given and the socket has not taken. */
    private int inPipeline;

    /** @param broken told on the event loop where TLS failed */
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
            pump();
        }
    }

    /** Writes what is queued, unless another thread holds the lock; that one looks at the queue again when it has let go of it. */
    private void pump() {
        for (int turn = 0; !outgoing.isEmpty() && lock.tryLock(); turn++) {
            List<Runnable> written = new ArrayList<>(2);
            boolean goOn;
            try {
                goOn = writeDirectly(written);
            } finally {
                lock.unlock();
            }
            // Not under the lock: they may have to wait for another one.
            written.forEach(Runnable::run);
            if (!goOn || turn == MOST_TURNS) {
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
            scheduled.set(false);
            discard();
        }
    }

    /**
     * Writes a buffer of queued frames to the socket.
     *
     * @param written gets what to do about the frames that went out, or whose last bytes the event loop has
     * @return false where what is left is the event loop's business
     */
    private boolean writeDirectly(List<Runnable> written) {
        RecordWriter writer = records;
        if (writer == null || rest != null || inPipeline > 0) {
            return false;
        }
        for (Outgoing next = outgoing.peek(); next != null && writer.take(next.frame()); next = outgoing.peek()) {
            outgoing.remove();
            written.add(next.written());
        }
        return written.isEmpty() ? outgoing.isEmpty() : write(writer);
    }

    private boolean write(RecordWriter writer) {
        boolean usable = false;
        try {
            ByteBuffer left = writer.write();
            usable = true;
            if (left.hasRemaining()) {
                rest = Unpooled.copiedBuffer(left);
            }
            return rest == null;
        } catch (SSLException failed) {
            execute(() -> broken.accept(failed));
            return false;
        } catch (IOException gone) {
            // As where the event loop writes: who reads finds out why.
            execute(channel::close);
            return false;
        } finally {
            if (!usable) {
                records = null;
            }
        }
    }

    private void drain() {
        // Cleared first: whoever queues a frame that this round does not see starts the next one.
        scheduled.set(false);
        List<Runnable> written = new ArrayList<>();
        alone(() -> {
            if (!writeDirectly(written)) {
                writeToPipeline();
            }
        });
        written.forEach(Runnable::run);
    }

    private void writeToPipeline() {
        writeRest();
        boolean frames = false;
        for (Outgoing next = outgoing.poll(); next != null; next = outgoing.poll()) {
            frames = true;
            Frame frame = next.frame();
            ByteBuf head = frame.head(channel.alloc());
            ChannelPromise done = counted(channel.newPromise());
            Runnable written = next.written();
            done.addListener(_ -> written.run());
            if (frame.small()) {
                channel.write(head, done);
            } else {
                channel.write(head, channel.voidPromise());
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

    private void writeRest() {
        ByteBuf left = rest;
        if (left != null && context != null) {
            rest = null;
            context.write(left, counted(context.newPromise()));
        }
    }

    private ChannelPromise counted(ChannelPromise promise) {
        inPipeline++;
        if (channel.eventLoop() instanceof SharedEventLoop loop) {
            loop.writeBegins();
            promise.addListener(_ -> loop.writeEnds());
        }
        return promise.addListener(_ -> alone(() -> inPipeline--));
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
        pump();
    }

    /** A record of the event loop's making: behind what waits, and before whatever others encrypt. */
    @Override
    public void write(ChannelHandlerContext same, Object message, ChannelPromise promise) {
        alone(() -> {
            writeRest();
            same.write(message, counted(promise.unvoid()));
        });
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
