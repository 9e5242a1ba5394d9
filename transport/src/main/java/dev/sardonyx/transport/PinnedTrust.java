package dev.sardonyx.transport;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts exactly the given certificates, while they are valid. No authority, host name or revocation service takes part: whoever
 * holds the key of a pinned certificate is the party it is pinned for.
 */
final class PinnedTrust extends X509ExtendedTrustManager {

    private final List<X509Certificate> pinned;

    PinnedTrust(List<X509Certificate> pinned) {
        this.pinned = List.copyOf(pinned);
    }

    /** The complaint about a certificate that a failed handshake was due to, or null where it failed for another reason. */
    static @Nullable CertificateException complaint(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException complaint) {
                return complaint;
            }
        }
        return null;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        if (chain.length == 0 || !pinned.contains(chain[0])) {
            throw new CertificateException("unknown certificate");
        }
        Instant now = Instant.now();
        if (now.isAfter(chain[0].getNotAfter().toInstant())) {
            throw new CertificateException("certificate expired at " + chain[0].getNotAfter().toInstant());
        }
        if (now.isBefore(chain[0].getNotBefore().toInstant())) {
            throw new CertificateException("certificate not valid before " + chain[0].getNotBefore().toInstant());
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    /** None: naming authorities would only invite clients to choose among certificates. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
