package dev.sardonyx.transport;

import dev.sardonyx.transport.FrameParser.MalformedFrameException;
import dev.sardonyx.transport.TransportException.Kind;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One party's place on the network: a listening port, mutual TLS 1.3 with pinned certificates, and the sessions that use it. Of any
 * two parties the one with the higher number connects to the other; a connection belongs to one session, named in its greeting.
 *
 * <p>Whoever connects without a pinned certificate, greets wrongly, or does neither within the handshake deadline is cut off, and no
 * session notices; {@link #lastRefusal} tells of the last one.
 */
public final class TlsPort implements AutoCloseable {

    /** What this party shows and trusts in new connections. */
    private record Credentials(TlsParty self, TlsVisitors visitors, SslContext server, List<SslContext> clients) {
        static Credentials of(TlsParty self, TlsVisitors visitors, SslProvider provider) {
            return new Credentials(self, visitors, TlsContexts.forServer(self, visitors, provider), IntStream.range(0, self.party()).mapToObj(peer -> TlsContexts
                    .forClient(self, peer, provider)).toList());
        }
    }

    private final SslProvider provider;
    private volatile Credentials credentials;
    private final MultiThreadIoEventLoopGroup group;
    private final Channel listening;
    private final ConcurrentHashMap<String, TlsEndpoint> sessions = new ConcurrentHashMap<>();
    private final Strangers strangers = new Strangers();
    private volatile @Nullable String lastRefusal;

    private TlsPort(TlsParty self, InetSocketAddress address, TlsVisitors visitors, SslProvider provider) {
        this.provider = provider;
        this.credentials = Credentials.of(self, visitors, provider);
        // With few processors, more loops would only wake more threads.
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, Math.max(1, self.parties() - 1));
        this.group = new SharedEventLoops(threads, "sardonyx-link-" + self.party());
        ServerBootstrap bootstrap = new ServerBootstrap().group(group).channelFactory(LinkChannel.Listening::new)
                .option(ChannelOption.SO_REUSEADDR, true).childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true).childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                });
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new TransportException(Kind.CLOSED, self.party(), "party " + self.party() + " cannot listen at " + address + ": " + bound.cause().getMessage(),
                    bound.cause());
        }
        this.listening = bound.channel();
    }

    /**
     * Listens at an address; port 0 takes a free one, see {@link #address}.
     *
     * @throws TransportException       where nobody can listen there
     * @throws IllegalArgumentException where the identity is of no use for TLS
     */
    public static TlsPort bind(TlsParty self, InetSocketAddress address) {
        return bind(self, address, TlsVisitors.NONE);
    }

    /** As {@link #bind(TlsParty, InetSocketAddress)}, and lets visitors in. */
    public static TlsPort bind(TlsParty self, InetSocketAddress address, TlsVisitors visitors) {
        return new TlsPort(self, address, visitors, TlsContexts.provider());
    }

    /** As {@link #bind(TlsParty, InetSocketAddress)} with a chosen implementation of TLS. */
    static TlsPort bind(TlsParty self, InetSocketAddress address, SslProvider provider) {
        return new TlsPort(self, address, TlsVisitors.NONE, provider);
    }

    /** Where this port listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /**
     * Shows and trusts other certificates from now on. Connections that are established stay; whoever accepted them may cut them.
     *
     * @param certificates by party, as in {@link TlsParty}
     * @param visitors who may visit, in place of those before
     * @throws IllegalArgumentException where the identity is of no use for TLS, or is not the certificate of this party; nothing changes then
     */
    public void renew(TlsIdentity identity, List<X509Certificate> certificates, List<X509Certificate> visitors) {
        Credentials before = credentials;
        if (certificates.size() != before.self.parties()) {
            throw new IllegalArgumentException(certificates.size() + " certificates; expected one for each of " + before.self.parties() + " parties");
        }
        var self = new TlsParty(before.self.party(), identity, certificates, before.self.options());
        credentials = Credentials.of(self, new TlsVisitors(visitors, before.visitors.options(), before.visitors.welcome(), before.visitors.refused()), provider);
    }

    /** Who was refused last and why, where anyone was. */
    public Optional<String> lastRefusal() {
        return Optional.ofNullable(lastRefusal);
    }

    /**
     * Joins a session: connects to the parties with lower numbers, trying again while they are not there, and waits for those with
     * higher ones.
     *
     * @param session   1 to 64 letters, digits, '.', '-' or '_'; the same for all parties, and never used again after its end, because
     *                  tags and keys are unique per session
     * @param addresses where each party listens, indexed by party; the own entry and those of higher parties are not used
     * @throws TransportException naming who is missing, where not all are linked by the deadline, or a peer is not who it should be
     */
    public TlsEndpoint join(String session, List<InetSocketAddress> addresses, Deadline deadline) {
        Hello hello = new Hello(Hello.VERSION, self().party(), self().parties(), session);
        if (addresses.size() != self().parties()) {
            throw new IllegalArgumentException(addresses.size() + " addresses for " + self().parties() + " parties");
        }
        TlsEndpoint endpoint = new TlsEndpoint(self(), session, () -> sessions.remove(session));
        if (sessions.putIfAbsent(session, endpoint) != null) {
            throw new IllegalStateException("party " + self().party() + " has joined session '" + session + "' already");
        }
        try {
            for (int peer = 0; peer < self().party(); peer++) {
                new TlsDialer(this, endpoint, peer, addresses.get(peer), hello).dial();
            }
            endpoint.awaitLinks(deadline);
            return endpoint;
        } catch (TransportException failed) {
            endpoint.close();
            String refusal = lastRefusal;
            throw failed.kind() != Kind.TIMEOUT || refusal == null ? failed
                    : new TransportException(failed.kind(), failed.peer().orElse(self().party()),
                            failed.getMessage() + "; last refused: " + refusal, failed);
        }
    }

    TlsParty self() {
        return credentials.self;
    }

    TlsVisitors visitors() {
        return credentials.visitors;
    }

    /** The session's endpoint, or null where it is not joined. */
    @Nullable TlsEndpoint session(String name) {
        return sessions.get(name);
    }

    void refused(String who) {
        lastRefusal = who;
        visitors().refused().accept(who);
    }

    /** Runs something on an event loop after a pause. */
    void later(Runnable action, long millis) {
        group.schedule(action, millis, TimeUnit.MILLISECONDS);
    }

    /** Connects to a peer, trusting its certificate only; {@code listener} hears of everything but a failure to connect. */
    ChannelFuture connect(int peer, InetSocketAddress found, TlsConnection.Listener listener) {
        return new Bootstrap().group(group).channelFactory(LinkChannel::new).option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(Integer.MAX_VALUE, self().options().handshakeDeadline().toMillis()))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        secure(channel, credentials.clients.get(peer), new TlsConnection(channel, listener));
                    }
                }).connect(found);
    }

    private void accept(Channel channel) {
        TlsAcceptor acceptor = new TlsAcceptor(this, strangers::remove);
        TlsConnection connection = new TlsConnection(channel, acceptor);
        secure(channel, credentials.server, connection);
        strangers.add(connection, channel.remoteAddress()).ifPresent(oldest -> oldest.execute(() -> oldest.fail(new MalformedFrameException(
                "one of more than " + Strangers.MOST + " connections that have not greeted"))));
        channel.eventLoop().schedule(() -> acceptor.expire(connection), self().options().handshakeDeadline().toMillis(), TimeUnit.MILLISECONDS);
    }

    private void secure(Channel channel, SslContext context, TlsConnection connection) {
        SslHandler tls = context.newHandler(channel.alloc());
        tls.setHandshakeTimeoutMillis(self().options().handshakeDeadline().toMillis());
        channel.pipeline().addLast(tls, connection);
    }

    /** Closes every session's endpoint, then the port. */
    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        List.copyOf(sessions.values()).forEach(TlsEndpoint::close);
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
