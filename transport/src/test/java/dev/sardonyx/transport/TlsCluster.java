package dev.sardonyx.transport;

import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;

/** Parties of one process that talk over TLS on free ports of the loopback interface, with certificates made for the occasion. */
final class TlsCluster implements EndpointContract.Links {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<TlsPort> ports = new ArrayList<>();
    private final List<TlsEndpoint> endpoints = new ArrayList<>();

    TlsCluster(int parties, TlsOptions options) {
        this(options, Collections.nCopies(parties, TlsContexts.provider()));
    }

    /** @param providers what each party does TLS with */
    TlsCluster(TlsOptions options, List<SslProvider> providers) {
        int parties = providers.size();
        List<TlsIdentity> identities = identities(parties);
        for (int party = 0; party < parties; party++) {
            ports.add(TlsPort.bind(new TlsParty(party, identities.get(party), certificates(identities), options), anyPort(), providers.get(party)));
        }
        endpoints.addAll(join(ports, "test"));
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /**
     * Where nobody listens, and nobody else comes to: the system gives the ports of this range neither to whoever asks for any port nor to
     * connections.
     */
    static InetSocketAddress vacantPort() {
        while (true) {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), ThreadLocalRandom.current().nextInt(20_000, 32_000));
            try (var probe = new ServerSocket()) {
                probe.bind(address);
                return address;
            } catch (IOException taken) {
                // Another one, then.
            }
        }
    }

    static List<TlsIdentity> identities(int parties) {
        CertificateAuthority authority = CertificateAuthority.create("test authority", Duration.ofDays(1));
        List<TlsIdentity> identities = new ArrayList<>();
        for (int party = 0; party < parties; party++) {
            identities.add(authority.issue("party-" + party, List.of("localhost", "127.0.0.1"), Duration.ofDays(1)));
        }
        return identities;
    }

    static List<X509Certificate> certificates(List<TlsIdentity> identities) {
        return identities.stream().map(TlsIdentity::certificate).toList();
    }

    static List<InetSocketAddress> addresses(List<TlsPort> ports) {
        return ports.stream().map(TlsPort::address).toList();
    }

    /** Joins all parties at once. */
    static List<TlsEndpoint> join(List<TlsPort> ports, String session) {
        List<FutureTask<TlsEndpoint>> joining = new ArrayList<>();
        for (TlsPort port : ports) {
            FutureTask<TlsEndpoint> task = new FutureTask<>(() -> port.join(session, addresses(ports), Deadline.in(PATIENCE)));
            Thread.startVirtualThread(task);
            joining.add(task);
        }
        return joining.stream().map(TlsCluster::result).toList();
    }

    static <T> T result(FutureTask<T> task) {
        try {
            return task.get();
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    List<TlsPort> ports() {
        return ports;
    }

    @Override
    public Endpoint endpoint(int party) {
        return endpoints.get(party);
    }

    @Override
    public void crash(int party) {
        endpoints.get(party).crash();
    }

    @Override
    public void close() {
        // At once, because each waits for the others to take its farewell.
        List<FutureTask<Boolean>> closing = new ArrayList<>();
        for (TlsPort port : ports) {
            FutureTask<Boolean> task = new FutureTask<>(port::close, true);
            Thread.startVirtualThread(task);
            closing.add(task);
        }
        closing.forEach(TlsCluster::result);
    }
}
