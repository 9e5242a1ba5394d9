package dev.sardonyx.transport;

import dev.sardonyx.transport.TransportException.Kind;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Connects to parties' ports from outside a session. */
public final class TlsVisitor implements AutoCloseable {

    private volatile TlsIdentity identity;
    private final TlsOptions options;
    private final MultiThreadIoEventLoopGroup group;

    /** @param identity what the visitor proves itself with */
    public TlsVisitor(TlsIdentity identity, TlsOptions options) {
        this.identity = identity;
        this.options = options;
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 2);
        this.group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("sardonyx-visitor", true), NioIoHandler.newFactory());
    }

    /** Proves itself with another identity in connections that are made from now on. */
    public void renew(TlsIdentity other) {
        identity = other;
    }

    /**
     * Connects to a port.
     *
     * @param certificate the only one that is trusted
     * @throws TransportException naming the address, where it is out of reach, is not who it should be, or refuses
     */
    public TlsChannel connect(InetSocketAddress address, X509Certificate certificate, Deadline deadline) {
        SslContext context = TlsContexts.forVisitor(identity, certificate, TlsContexts.provider());
        var found = new InetSocketAddress(NameService.find(address.getHostString(), deadline), address.getPort());
        Greeting greeting = new Greeting(address.getHostString() + ":" + address.getPort(), options);
        new Bootstrap().group(group).channelFactory(LinkChannel::new).option(ChannelOption.TCP_NODELAY, true).option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, Math.min(Integer.MAX_VALUE, deadline.remaining().toMillis())))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        SslHandler tls = context.newHandler(channel.alloc());
                        tls.setHandshakeTimeoutMillis(options.handshakeDeadline().toMillis());
                        TlsConnection connection = new TlsConnection(channel, greeting);
                        greeting.connection = connection;
                        channel.pipeline().addLast(tls, connection);
                    }
                }).connect(found).addListener(attempt -> {
                    if (!attempt.isSuccess()) {
                        greeting.failed(new TransportException(Kind.PEER_FAILED, "nobody answers at " + greeting.where + ": "
                                + Objects.requireNonNullElse(attempt.cause().getMessage(), "the connection was given up")));
                    }
                });
        return greeting.await(deadline);
    }

    /** Hears of a connection until it is welcomed. */
    private static final class Greeting implements TlsConnection.Listener {

        private final String where;
        private final TlsOptions options;
        private final CompletableFuture<TlsChannel> welcomed = new CompletableFuture<>();
        private volatile @Nullable TlsConnection connection;
        private @Nullable X509Certificate peer;

        Greeting(String where, TlsOptions options) {
            this.where = where;
            this.options = options;
        }

        @Override
        public void secured(TlsConnection secured, X509Certificate certificate) {
            peer = certificate;
            secured.send(Frame.greeting(Frame.Type.HELLO, TlsVisitors.GREETING.getBytes(StandardCharsets.US_ASCII)));
        }

        @Override
        public void received(TlsConnection secured, Frame frame) {
            switch (frame.type()) {
                case WELCOME -> {
                    TlsChannel channel = new TlsChannel(secured, Objects.requireNonNull(peer), options);
                    secured.establish(channel, options);
                    if (!welcomed.complete(channel)) {
                        channel.close();
                    }
                }
                case REFUSED -> {
                    Refusal[] refusals = Refusal.values();
                    Refusal refusal = frame.depth() >= 0 && frame.depth() < refusals.length ? refusals[frame.depth()] : Refusal.MALFORMED;
                    failed(new TransportException(refusal.kind(), "the party at " + where + " " + refusal.sentence()));
                    secured.close();
                }
                case HELLO, DATA, ABORT, FAREWELL, PING -> {
                    failed(new TransportException(Kind.PROTOCOL_VIOLATION, where + " answered the greeting with a " + frame.type() + " frame"));
                    secured.close();
                }
            }
        }

        @Override
        public void ended(TlsConnection secured, @Nullable Throwable cause) {
            failed(TlsChannel.failure(where, cause));
        }

        void failed(TransportException reason) {
            welcomed.completeExceptionally(reason);
        }

        TlsChannel await(Deadline deadline) {
            try {
                return welcomed.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
            } catch (ExecutionException failed) {
                TransportException reason = (TransportException) Objects.requireNonNull(failed.getCause());
                throw (TransportException) new TransportException(reason.kind(), String.valueOf(reason.getMessage())).initCause(reason);
            } catch (TimeoutException late) {
                abandon();
                throw new TransportException(Kind.TIMEOUT, where + " did not welcome this connection within the " + deadline);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                abandon();
                throw new TransportException(Kind.INTERRUPTED, "interrupted while connecting to " + where);
            }
        }

        private void abandon() {
            welcomed.cancel(false);
            TlsConnection begun = connection;
            if (begun != null) {
                begun.cut();
            }
        }
    }

    /** Stops; open channels break. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
