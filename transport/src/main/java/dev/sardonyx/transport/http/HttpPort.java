package dev.sardonyx.transport.http;

import dev.sardonyx.transport.TransportException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A port that answers HTTP/1.1 in the clear. Safe for several threads. */
public final class HttpPort implements AutoCloseable {
    private static final int LONGEST_LINE = 4096;
    private static final int LONGEST_HEADERS = 16_384;
    private static final int LONGEST_PART = 1 << 16;

    /** Connections beyond the limit that are told so; others are closed without a word. */
    private static final int MOST_REFUSED = 64;

    private final HttpLimits limits;
    private final HttpHandler handler;
    private final MultiThreadIoEventLoopGroup group;
    private final Channel listening;
    private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private long bodyBytes;
    private int running;

    private HttpPort(InetSocketAddress address, HttpLimits limits, HttpHandler handler) {
        this.limits = limits;
        this.handler = handler;
        this.group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("sardonyx-http", true), NioIoHandler.newFactory());
        var codec = new HttpDecoderConfig().setMaxInitialLineLength(LONGEST_LINE).setMaxHeaderSize(LONGEST_HEADERS).setMaxChunkSize(LONGEST_PART);
        ServerBootstrap bootstrap = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class).option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true).childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.closeFuture().addListener(_ -> connections.remove(channel));
                        if (connections.size() > limits.connections() + MOST_REFUSED) {
                            channel.close();
                            return;
                        }
                        channel.pipeline().addLast(new HttpServerCodec(codec), new HttpConnection(HttpPort.this, connections.size() > limits.connections()));
                    }
                });
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new TransportException(TransportException.Kind.CLOSED, "nobody can listen at " + address + ": " + bound.cause().getMessage());
        }
        this.listening = bound.channel();
    }

    /**
     * Listens at an address; port 0 takes a free one, see {@link #address}.
     *
     * @throws TransportException where nobody can listen there
     */
    public static HttpPort bind(InetSocketAddress address, HttpLimits limits, HttpHandler handler) {
        return new HttpPort(address, limits, handler);
    }

    /** Where this port listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    HttpLimits limits() {
        return limits;
    }

    HttpHandler handler() {
        return handler;
    }

    /** Takes room for a part of a body; false where there is none. */
    boolean take(int bytes) {
        lock.lock();
        try {
            if (bodyBytes + bytes > limits.allBodyBytes()) {
                return false;
            }
            bodyBytes += bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void giveBack(long bytes) {
        lock.lock();
        try {
            bodyBytes -= bytes;
        } finally {
            lock.unlock();
        }
    }

    void begun() {
        lock.lock();
        try {
            running++;
        } finally {
            lock.unlock();
        }
    }

    void ended() {
        lock.lock();
        try {
            running--;
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that the bodies of questions take now. */
    public long bodyBytesHeld() {
        lock.lock();
        try {
            return bodyBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Connections that are open now. */
    public int connections() {
        return connections.size();
    }

    /**
     * Takes no more connections, and waits until what was asked is answered, but no longer than the patience.
     *
     * @return how many questions are without an answer
     */
    public int drain(Duration patience) {
        listening.close().awaitUninterruptibly();
        lock.lock();
        try {
            long nanos = patience.toNanos();
            while (running > 0 && nanos > 0) {
                nanos = idle.awaitNanos(nanos);
            }
            return running;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** Closes the port and every connection: whoever still waits for an answer is gone by that. */
    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        connections.forEach(Channel::close);
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
