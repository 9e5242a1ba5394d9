package dev.sardonyx.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.SocketTimeoutException;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * One TLS connection as frames in and frames out; what they mean is its {@link Listener}'s business, which changes once the parties
 * have greeted each other. Listeners are called by the connection's event loop only.
 *
 * <p>Frames may be sent by any thread; see {@link TlsSender}.
 */
final class TlsConnection extends ChannelInboundHandlerAdapter {

    /** What happens on a connection. */
    interface Listener {

        /** The TLS handshake succeeded; the peer holds the key of this certificate. */
        void secured(TlsConnection connection, X509Certificate peer);

        void received(TlsConnection connection, Frame frame);

        /** The connection is gone; {@code cause} tells why, where anything but an ordinary end of stream is known. */
        void ended(TlsConnection connection, @Nullable Throwable cause);
    }

    private static final String WATCH = "watch";

    /** How often within the peer's silence deadline a party with nothing to say says so. */
    private static final int HEARTBEATS = 4;

    private final FrameParser parser = new FrameParser(FrameParser.MAX_CONTROL_BYTES);
    private final Channel channel;
    private final TlsSender sender;
    private Listener listener;
    private @Nullable Throwable cause;

    TlsConnection(Channel channel, Listener listener) {
        this.channel = channel;
        this.listener = listener;
        this.sender = new TlsSender(channel, this::fail);
    }

    /**
     * Lets another listener hear what comes next, and longer messages in. From now on each end lets the other hear from it, so that a
     * peer that stopped, or a cable that was pulled, is noticed at the silence deadline; and senders write to the socket themselves.
     */
    void establish(Listener next, TlsOptions options) {
        listener = next;
        parser.allow(options.maxPayloadBytes());
        long silence = options.silenceDeadline().toMillis();
        IdleStateHandler watch = new IdleStateHandler(silence, silence / HEARTBEATS, 0, TimeUnit.MILLISECONDS);
        channel.pipeline().addBefore(channel.pipeline().context(this).name(), WATCH, watch);
        sender.direct();
    }

    /** Queues a frame; {@code written} runs once it went out or is lost. */
    void send(Frame frame, Runnable written) {
        sender.send(frame, written);
    }

    void send(Frame frame) {
        send(frame, () -> {});
    }

    /** Runs something on the connection's event loop; where that has stopped there is no connection, and what is queued is lost. */
    void execute(Runnable action) {
        sender.execute(action);
    }

    /** Sends what is queued, then closes. */
    void close() {
        execute(sender::close);
    }

    /** Cuts the connection as a crash would, with whatever is queued. */
    void cut() {
        execute(() -> {
            if (channel.isOpen()) {
                // Without lingering, closing resets.
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                channel.unsafe().closeForcibly();
            }
        });
    }

    /** Stops reading from the peer, whose sending then stalls, or goes on; on the event loop only. */
    void read(boolean on) {
        if (on && channel.pipeline().get(WATCH) instanceof IdleStateHandler watch) {
            // The silence while nothing was read is not the peer's.
            watch.resetReadTimeout();
        }
        channel.config().setAutoRead(on);
    }

    private void idle(IdleStateEvent event) {
        switch (event.state()) {
            case WRITER_IDLE -> send(Frame.ping());
            case READER_IDLE -> {
                if (channel.config().isAutoRead()) {
                    fail(new SocketTimeoutException("nothing came from it within the silence deadline"));
                }
            }
            case ALL_IDLE -> throw new AssertionError("not asked for");
        }
    }

    /** How a thread waits for what this connection brings. */
    Waiting waiting() {
        return channel.eventLoop() instanceof Waiting loop ? loop : Waiting.PARKED;
    }

    Channel channel() {
        return channel;
    }

    /** The other end's address, for messages. */
    String remote() {
        return String.valueOf(channel.remoteAddress());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        ByteBuf bytes = (ByteBuf) message;
        try {
            for (Frame frame = next(bytes); frame != null; frame = next(bytes)) {
                listener.received(this, frame);
            }
        } finally {
            bytes.release();
        }
    }

    /** Once the connection is being closed for a reason of ours, what still comes is not looked at. */
    private @Nullable Frame next(ByteBuf bytes) throws FrameParser.MalformedFrameException {
        return cause == null ? parser.next(bytes) : null;
    }

    /** Closes the connection for a reason that the listener will be told at its end. */
    void fail(Throwable reason) {
        if (cause == null) {
            cause = reason;
        }
        close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws SSLPeerUnverifiedException {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                SslHandler tls = context.pipeline().get(SslHandler.class);
                listener.secured(this, (X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
            } else if (cause == null) {
                cause = handshake.cause();
            }
        }
        if (event instanceof IdleStateEvent idle) {
            idle(idle);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
        fail(thrown instanceof DecoderException && thrown.getCause() != null ? thrown.getCause() : thrown);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        sender.discard();
        Throwable reason = cause;
        if (reason == null && parser.midFrame()) {
            reason = new FrameParser.MalformedFrameException("frame cut off by the end of the connection");
        }
        listener.ended(this, reason);
        context.fireChannelInactive();
    }
}
