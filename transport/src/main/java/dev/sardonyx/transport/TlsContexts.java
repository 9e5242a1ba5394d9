package dev.sardonyx.transport;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * TLS 1.3 and nothing older, certificates on both sides, trust by {@linkplain PinnedTrust pinning}. BoringSSL does the work where its
 * library can be loaded, the JDK elsewhere (or everywhere, with {@code -Dio.netty.handler.ssl.noOpenSsl=true}); either speaks with
 * either.
 */
final class TlsContexts {

    private static final String TLS_1_3 = "TLSv1.3";

    /** AES-128 before AES-256, as BoringSSL has it: the JDK's own order costs throughput and buys nothing here. */
    private static final List<String> JDK_CIPHERS = List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private TlsContexts() {}

    /** What does the work best on this machine. */
    static SslProvider provider() {
        return OpenSsl.isAvailable() && SslProvider.isTlsv13Supported(SslProvider.OPENSSL) ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    /**
     * For connections from any other party, and from visitors.
     *
     * @throws IllegalArgumentException where the party's key or certificate is of no use
     */
    static SslContext forServer(TlsParty self, TlsVisitors visitors, SslProvider provider) {
        List<X509Certificate> trusted = Stream.concat(self.certificates().stream(), visitors.certificates().stream()).toList();
        return build(self.identity(), provider, SslContextBuilder.forServer(self.identity().key(), chain(self.identity())).clientAuth(ClientAuth.REQUIRE)
                .trustManager(new PinnedTrust(trusted)));
    }

    /**
     * For a connection to one peer.
     *
     * @throws IllegalArgumentException where the party's key or certificate is of no use
     */
    static SslContext forClient(TlsParty self, int peer, SslProvider provider) {
        return forVisitor(self.identity(), self.certificates().get(peer), provider);
    }

    /**
     * For a connection to whoever holds one certificate.
     *
     * @throws IllegalArgumentException where the own key or certificate is of no use
     */
    static SslContext forVisitor(TlsIdentity self, X509Certificate peer, SslProvider provider) {
        return build(self, provider, SslContextBuilder.forClient().keyManager(self.key(), chain(self)).endpointIdentificationAlgorithm(null)
                .trustManager(new PinnedTrust(List.of(peer))));
    }

    private static SslContext build(TlsIdentity self, SslProvider provider, SslContextBuilder builder) {
        if (provider == SslProvider.JDK) {
            builder.ciphers(JDK_CIPHERS);
        }
        try {
            return builder.protocols(TLS_1_3).sslProvider(provider).build();
        } catch (SSLException unusable) {
            throw new IllegalArgumentException(self + ": certificate and key cannot be used for TLS", unusable);
        }
    }

    private static X509Certificate[] chain(TlsIdentity self) {
        return self.chain().toArray(X509Certificate[]::new);
    }
}
