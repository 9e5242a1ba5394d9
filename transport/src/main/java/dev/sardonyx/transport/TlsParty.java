package dev.sardonyx.transport;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Who a party is among its peers.
 *
 * @param party        this party's number
 * @param identity     what it proves itself with
 * @param certificates every party's certificate, indexed by party, this one's included: a connection is party p's only if it presents
 *                     exactly the p-th
 * @param options      bounds of its links
 */
public record TlsParty(int party, TlsIdentity identity, List<X509Certificate> certificates, TlsOptions options) {

    public TlsParty {
        certificates = List.copyOf(certificates);
        if (party < 0 || party >= certificates.size()) {
            throw new IllegalArgumentException("party " + party + " among " + certificates.size() + " certificates; expected 0 to "
                    + (certificates.size() - 1));
        }
        if (!certificates.get(party).equals(identity.certificate())) {
            throw new IllegalArgumentException("party " + party + "'s own certificate is not the one pinned for it");
        }
        if (certificates.stream().distinct().count() != certificates.size()) {
            throw new IllegalArgumentException("two parties share a certificate; expected one of its own for each of the "
                    + certificates.size());
        }
    }

    /** How many parties there are. */
    public int parties() {
        return certificates.size();
    }
}
