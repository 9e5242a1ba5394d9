package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {

    private static final char[] PASSWORD = "a test's password".toCharArray();

    private final CertificateAuthority authority = CertificateAuthority.create("Sardonyx cluster", Duration.ofDays(30));

    @TempDir
    private Path directory = Path.of("");

    @Test
    void anIssuedCertificateIsValidUnderItsAuthorityByTheJdksOwnRules() throws Exception {
        TlsIdentity identity = authority.issue("party-0", List.of("party0.example.org", "10.1.2.3", "::1"), Duration.ofDays(3));
        X509Certificate certificate = identity.certificate();
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority.certificate(), null)));
        parameters.setRevocationEnabled(false);
        CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)), parameters);

        assertEquals("CN=party-0", certificate.getSubjectX500Principal().getName());
        assertEquals("CN=Sardonyx cluster", certificate.getIssuerX500Principal().getName());
        assertEquals(-1, certificate.getBasicConstraints());
        assertTrue(authority.certificate().getBasicConstraints() >= 0);
        assertEquals(List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"), certificate.getExtendedKeyUsage());
        assertTrue(certificate.getKeyUsage()[0]);
        assertFalse(certificate.getKeyUsage()[5]);
        assertTrue(authority.certificate().getKeyUsage()[5]);
        assertEquals(List.of("party0.example.org", "10.1.2.3", "0:0:0:0:0:0:0:1"),
                certificate.getSubjectAlternativeNames().stream().map(name -> name.get(1)).toList());
        assertEquals(List.of(certificate, authority.certificate()), identity.chain());
    }

    @Test
    void anIdentityWhoseKeyIsAnothersIsRefused() throws Exception {
        Path certificate = directory.resolve("certificate.pem");
        Path key = directory.resolve("key.pem");
        authority.issue("party-0", List.of(), Duration.ofDays(3)).writePem(certificate, key);
        assertEquals("CN=party-0", TlsIdentity.readPem(certificate, key).certificate().getSubjectX500Principal().getName());
        authority.issue("party-0", List.of(), Duration.ofDays(3)).writePem(directory.resolve("other.pem"), key);
        String told = String.valueOf(assertThrows(IOException.class, () -> TlsIdentity.readPem(certificate, key)).getMessage());
        assertTrue(told.contains("key.pem is not the key of the certificate in"), told);
        for (String kind : List.of("RSA", "Ed25519")) {
            KeyPair pair = KeyPairGenerator.getInstance(kind).generateKeyPair();
            Files.writeString(key, "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded()) + "\n-----END PRIVATE KEY-----\n");
            assertThrows(IOException.class, () -> TlsIdentity.readPem(certificate, key), kind);
        }
    }

    @Test
    void validityEndsWhenAskedAlsoBeyond2050() {
        Instant until = Instant.parse("2061-02-03T04:05:06Z");
        X509Certificate certificate = authority.issue("late", Instant.parse("2049-12-31T23:59:59Z"), until).certificate();
        assertEquals(until, certificate.getNotAfter().toInstant());
        assertEquals(Instant.parse("2049-12-31T23:59:59Z"), certificate.getNotBefore().toInstant());
        assertThrows(IllegalArgumentException.class, () -> authority.issue("never", List.of(), Duration.ZERO));
    }

    @Test
    void keysAndSerialNumbersAreFresh() {
        TlsIdentity one = authority.issue("party-0", List.of(), Duration.ofDays(1));
        TlsIdentity other = authority.issue("party-0", List.of(), Duration.ofDays(1));
        assertNotEquals(one.certificate().getSerialNumber(), other.certificate().getSerialNumber());
        assertNotEquals(one.certificate().getPublicKey(), other.certificate().getPublicKey());
        assertEquals(1, one.certificate().getSerialNumber().compareTo(BigInteger.ZERO));
    }

    @Test
    void pemFilesAreReadBackAndTheKeyIsItsOwnersOnly() throws Exception {
        TlsIdentity identity = authority.issue("party-1", List.of("localhost"), Duration.ofDays(1));
        Path certificate = directory.resolve("party-1.pem");
        Path key = directory.resolve("party-1.key");
        Files.writeString(key, "an older file with wider rights");
        identity.writePem(certificate, key);
        TlsIdentity read = TlsIdentity.readPem(certificate, key);
        assertEquals(identity.chain(), read.chain());
        assertArrayEquals(identity.key().getEncoded(), read.key().getEncoded());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
        assertEquals("TlsIdentity[CN=party-1]", read.toString());
    }

    @Test
    void pkcs12FilesAreReadBackAndAWrongPasswordIsNamedAsSuch() throws Exception {
        TlsIdentity identity = authority.issue("party-2", List.of(), Duration.ofDays(1));
        Path file = directory.resolve("party-2.p12");
        identity.writePkcs12(file, PASSWORD);
        TlsIdentity read = TlsIdentity.readPkcs12(file, PASSWORD);
        assertEquals(identity.chain(), read.chain());
        assertArrayEquals(identity.key().getEncoded(), read.key().getEncoded());
        IOException thrown = assertThrows(IOException.class, () -> TlsIdentity.readPkcs12(file, "wrong".toCharArray()));
        assertTrue(String.valueOf(thrown.getMessage()).contains("password"), thrown.toString());
        assertTrue(KeyStore.getInstance(file.toFile(), PASSWORD).isKeyEntry("party"));
    }

    @Test
    void filesThatAreNoKeysOrCertificatesAreRefusedByName() throws Exception {
        TlsIdentity identity = authority.issue("party-0", List.of(), Duration.ofDays(1));
        Path certificate = directory.resolve("good.pem");
        Path key = directory.resolve("good.key");
        identity.writePem(certificate, key);
        Path bad = directory.resolve("bad.pem");
        for (String content : List.of("", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "x".repeat((1 << 20) + 1))) {
            Files.writeString(bad, content);
            assertTrue(String.valueOf(assertThrows(IOException.class, () -> TlsIdentity.readPem(bad, key)).getMessage()).contains("bad.pem"));
            assertTrue(String.valueOf(assertThrows(IOException.class, () -> TlsIdentity.readPem(certificate, bad)).getMessage()).contains("bad.pem"));
        }
    }
}
