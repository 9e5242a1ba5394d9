package dev.sardonyx.transport;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a party proves itself with: a private key and the certificate for it.
 *
 * @param key   never printed
 * @param chain the party's own certificate first, then those that signed it, if any
 */
public record TlsIdentity(PrivateKey key, List<X509Certificate> chain) {

    private static final Pattern PEM_KEY = Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");

    private static final List<String> KEY_TYPES = List.of("EC", "RSA", "EdDSA");

    /** Key and certificate files are small; anything longer is not one. */
    private static final int LONGEST_FILE = 1 << 20;

    public TlsIdentity {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("an identity needs a certificate");
        }
    }

    /** The party's own certificate: what its peers pin. */
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /**
     * Reads PEM files.
     *
     * @param certificates one or more certificates, the own one first
     * @param key          an unencrypted PKCS#8 key (EC, RSA or EdDSA)
     * @throws IOException where a file cannot be read or is not what it should be, or the key is not the certificate's
     */
    public static TlsIdentity readPem(Path certificates, Path key) throws IOException {
        Matcher matcher = PEM_KEY.matcher(new String(read(key), StandardCharsets.US_ASCII));
        if (!matcher.find()) {
            throw new IOException(key + " holds no unencrypted PKCS#8 key; expected -----BEGIN PRIVATE KEY-----");
        }
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(matcher.group(1));
        } catch (IllegalArgumentException malformed) {
            throw new IOException(key + " holds a key that is not base64");
        }
        var identity = new TlsIdentity(decode(key, encoded), readCertificates(certificates));
        if (!identity.isWhole()) {
            // One of two files that are being replaced, for example.
            throw new IOException(key + " is not the key of the certificate in " + certificates);
        }
        return identity;
    }

    /** Whether what the key signs, the certificate verifies. */
    private boolean isWhole() {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "EdDSA";
        };
        byte[] text = "a key and its certificate".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certificate().getPublicKey());
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException otherKind) {
            return false;
        }
    }

    /**
     * Reads the only key of a PKCS#12 file.
     *
     * @throws IOException where the file cannot be read, the password is wrong, or it does not hold one key
     */
    public static TlsIdentity readPkcs12(Path file, char[] password) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(read(file)), password);
            List<String> keys = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys.add(alias);
                }
            }
            if (keys.size() != 1) {
                throw new IOException(file + " holds " + keys.size() + " keys; expected one");
            }
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : store.getCertificateChain(keys.getFirst())) {
                chain.add((X509Certificate) certificate);
            }
            return new TlsIdentity((PrivateKey) store.getKey(keys.getFirst(), password), chain);
        } catch (GeneralSecurityException unreadable) {
            throw new IOException(file + " is not a readable PKCS#12 file: " + unreadable.getMessage(), unreadable);
        }
    }

    /** Reads the certificates of a PEM file, at least one. */
    public static List<X509Certificate> readCertificates(Path file) throws IOException {
        try {
            List<X509Certificate> certificates = new ArrayList<>();
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(read(file)))) {
                certificates.add((X509Certificate) one);
            }
            if (certificates.isEmpty()) {
                throw new IOException(file + " holds no certificate");
            }
            return certificates;
        } catch (GeneralSecurityException malformed) {
            throw new IOException(file + " is not a PEM certificate file: " + malformed.getMessage(), malformed);
        }
    }

    /** Writes certificate chain and key as PEM; the key's file is readable by its owner only where the file system knows owners. */
    public void writePem(Path certificates, Path key) throws IOException {
        writeCertificates(certificates, chain);
        writePrivately(key, pem("PRIVATE KEY", this.key.getEncoded()).getBytes(StandardCharsets.US_ASCII));
    }

    /** Writes a PKCS#12 file readable by its owner only where the file system knows owners. */
    public void writePkcs12(Path file, char[] password) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, password);
            store.setKeyEntry("party", key, password, chain.toArray(X509Certificate[]::new));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            store.store(out, password);
            writePrivately(file, out.toByteArray());
        } catch (GeneralSecurityException unwritable) {
            throw new IOException("cannot write " + file + " as PKCS#12: " + unwritable.getMessage(), unwritable);
        }
    }

    /** Writes certificates as PEM. */
    public static void writeCertificates(Path file, List<X509Certificate> certificates) throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            for (X509Certificate certificate : certificates) {
                text.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
        } catch (GeneralSecurityException impossible) {
            throw new IOException("cannot encode a certificate", impossible);
        }
        Files.writeString(file, text, StandardCharsets.US_ASCII);
    }

    /** Names the certificate and no key. */
    @Override
    public String toString() {
        return "TlsIdentity[" + certificate().getSubjectX500Principal().getName() + "]";
    }

    private static PrivateKey decode(Path file, byte[] encoded) throws IOException {
        for (String type : KEY_TYPES) {
            try {
                return KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException another) {
                // Says only that the key is of another type; the next is tried.
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("this Java runtime has no " + type + " keys", impossible);
            }
        }
        throw new IOException(file + " holds a key of an unknown type; expected one of " + KEY_TYPES);
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(LONGEST_FILE + 1);
            if (content.length > LONGEST_FILE) {
                throw new IOException(file + " is longer than " + LONGEST_FILE + " bytes; not a key or certificate file");
            }
            return content;
        }
    }

    private static String pem(String type, byte[] content) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
    }

    private static void writePrivately(Path file, byte[] content) throws IOException {
        FileAttribute<?>[] ownerOnly = file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[0];
        // Made anew, so that no wider rights of an older file remain.
        Files.deleteIfExists(file);
        try (OutputStream out = Channels.newOutputStream(Files.newByteChannel(file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly))) {
            out.write(content);
        }
    }
}
