package dev.sardonyx.transport;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A small certificate authority: P-256 keys, ECDSA with SHA-256, X.509 version 3 certificates (RFC 5280) good for either end of a
 * mutual TLS connection. It makes what a cluster of our own parties needs and nothing else; links pin the certificates themselves, so
 * the authority's signature orders them but is not what trust rests on.
 */
public final class CertificateAuthority {

    private static final byte[] ECDSA_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
    private static final String COMMON_NAME = "2.5.4.3";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";
    private static final String SERVER = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT = "1.3.6.1.5.5.7.3.2";

    /** An IPv4 address in dots or an IPv6 address in colons: what never asks a name service. */
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private final TlsIdentity identity;
    private final String name;

    private CertificateAuthority(String name, TlsIdentity identity) {
        this.name = name;
        this.identity = identity;
    }

    /** What a certificate says. */
    private record Subject(String name, List<String> hosts, boolean authority, Instant from, Instant until) {}

    /**
     * A new authority with a fresh key, valid from an hour ago (clocks differ) until {@code validity} from now.
     *
     * @throws IllegalArgumentException where the validity is not positive
     */
    public static CertificateAuthority create(String name, Duration validity) {
        KeyPair pair = newKey();
        X509Certificate certificate = sign(subject(name, List.of(), true, validity), pair.getPublic(), name, pair.getPrivate());
        return new CertificateAuthority(name, new TlsIdentity(pair.getPrivate(), List.of(certificate)));
    }

    /** The authority's own certificate. */
    public X509Certificate certificate() {
        return identity.certificate();
    }

    /** The authority's own key and certificate, to be kept apart from the parties'. */
    public TlsIdentity identity() {
        return identity;
    }

    /**
     * A fresh key and a certificate for it, valid from an hour ago until {@code validity} from now.
     *
     * @param subject the common name
     * @param hosts   DNS names and IP addresses it is good for
     * @throws IllegalArgumentException where the validity is not positive or an address malformed
     */
    public TlsIdentity issue(String subject, List<String> hosts, Duration validity) {
        if (validity.isNegative() || validity.isZero()) {
            throw new IllegalArgumentException("certificate '" + subject + "' valid for " + validity + "; expected a positive time");
        }
        return issue(subject(subject, hosts, false, validity));
    }

    /** As {@link #issue(String, List, Duration)} for any time; expired ones serve tests. */
    TlsIdentity issue(String subject, Instant from, Instant until) {
        return issue(new Subject(subject, List.of(), false, from, until));
    }

    private TlsIdentity issue(Subject subject) {
        KeyPair pair = newKey();
        X509Certificate certificate = sign(subject, pair.getPublic(), name, identity.key());
        return new TlsIdentity(pair.getPrivate(), List.of(certificate, identity.certificate()));
    }

    private static Subject subject(String name, List<String> hosts, boolean authority, Duration validity) {
        Instant now = Instant.now();
        return new Subject(name, List.copyOf(hosts), authority, now.minus(Duration.ofHours(1)), now.plus(validity));
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("this Java runtime has no P-256 keys", impossible);
        }
    }

    private static X509Certificate sign(Subject subject, PublicKey key, String issuer, PrivateKey issuerKey) {
        byte[] body = Der.sequence(
                Der.explicit(0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(127, new SecureRandom()).setBit(126)),
                ECDSA_SHA256,
                distinguished(issuer),
                Der.sequence(Der.time(subject.from()), Der.time(subject.until())),
                distinguished(subject.name()),
                key.getEncoded(),
                Der.explicit(3, extensions(subject)));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(issuerKey);
            signature.update(body);
            byte[] certificate = Der.sequence(body, ECDSA_SHA256, Der.bits(0, signature.sign()));
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("cannot sign a certificate for '" + subject.name() + "'", impossible);
        }
    }

    private static byte[] distinguished(String commonName) {
        return Der.sequence(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.utf8(commonName))));
    }

    private static byte[] extensions(Subject subject) {
        List<byte[]> extensions = new ArrayList<>();
        // Key usage bits: authorities sign certificates (5) and revocation lists (6), parties sign handshakes (0).
        if (subject.authority()) {
            extensions.add(extension(BASIC_CONSTRAINTS, true, Der.sequence(Der.bool(true))));
            extensions.add(extension(KEY_USAGE, true, Der.bits(1, new byte[] {0b0000_0110})));
        } else {
            extensions.add(extension(BASIC_CONSTRAINTS, true, Der.sequence()));
            extensions.add(extension(KEY_USAGE, true, Der.bits(7, new byte[] {(byte) 0b1000_0000})));
            extensions.add(extension(EXTENDED_KEY_USAGE, false, Der.sequence(Der.oid(SERVER), Der.oid(CLIENT))));
        }
        if (!subject.hosts().isEmpty()) {
            byte[][] names = subject.hosts().stream().map(CertificateAuthority::host).toArray(byte[][]::new);
            extensions.add(extension(ALTERNATIVE_NAMES, false, Der.sequence(names)));
        }
        return Der.sequence(extensions.toArray(byte[][]::new));
    }

    private static byte[] extension(String oid, boolean critical, byte[] value) {
        return critical ? Der.sequence(Der.oid(oid), Der.bool(true), Der.octets(value)) : Der.sequence(Der.oid(oid), Der.octets(value));
    }

    private static byte[] host(String host) {
        if (!ADDRESS.matcher(host).matches()) {
            return Der.tagged(0x82, host.getBytes(StandardCharsets.US_ASCII));
        }
        try {
            return Der.tagged(0x87, InetAddress.getByName(host).getAddress());
        } catch (UnknownHostException malformed) {
            throw new IllegalArgumentException("'" + host + "' is not an IP address", malformed);
        }
    }
}
