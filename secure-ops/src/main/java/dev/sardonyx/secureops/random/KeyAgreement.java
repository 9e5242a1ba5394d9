package dev.sardonyx.secureops.random;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * One side of the agreement of a pair key: X25519 (RFC 7748) with fresh keys on both sides, then HKDF-SHA256 (RFC 5869). The
 * messages are not authenticated here: they must travel over the direct authenticated link between the two parties.
 *
 * <p>Each side sends {@link #message()} and gives what it received to {@link #finish}; both get the same 16 bytes. The key depends
 * on the session, both party numbers and fresh randomness of both sides, so a new connection always means a new key.
 */
public final class KeyAgreement {
    private static final int PART = 32;
    /** Length of a message: an X25519 public key and a nonce. */
    public static final int MESSAGE_BYTES = 2 * PART;
    private static final String LABEL = "sardonyx pair key 1";
    private static final BigInteger BASE_POINT = BigInteger.valueOf(9);

    /**
     * Who agrees.
     *
     * @param session what names this session on both sides, at most 65535 bytes
     * @param self this party's number
     * @param peer the other party's number
     */
    public record Context(String session, int self, int peer) {
        public Context {
            if (self == peer || self < 0 || peer < 0) {
                throw new IllegalArgumentException("key agreement between parties " + self + " and " + peer
                        + "; expected two different numbers, 0 or more");
            }
        }
    }

    private final Context context;
    private final PrivateKey privateKey;
    private final byte[] message;
    private boolean finished;

    /** Starts an agreement with fresh randomness from {@code random}. */
    public KeyAgreement(Context context, RandomSource random) {
        this.context = context;
        byte[] scalar = random.bytes(PART);
        try {
            this.privateKey = KeyFactory.getInstance("X25519").generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar));
            byte[] publicKey = multiply(BASE_POINT);
            this.message = Arrays.copyOf(publicKey, MESSAGE_BYTES);
            System.arraycopy(random.bytes(PART), 0, message, PART, PART);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks X25519", e);
        } finally {
            Arrays.fill(scalar, (byte) 0);
        }
    }

    /** What the other side must get. */
    public byte[] message() {
        return message.clone();
    }

    /**
     * The pair key.
     *
     * @param peerMessage the other side's {@link #message()}
     * @throws IllegalArgumentException if it has another length, is our own message sent back, or holds a point of small order
     * @throws IllegalStateException if this agreement has been finished before
     */
    public byte[] finish(byte[] peerMessage) {
        if (peerMessage.length != MESSAGE_BYTES) {
            throw refusal(peerMessage.length + " bytes; expected " + MESSAGE_BYTES);
        }
        if (Arrays.equals(peerMessage, message)) {
            throw refusal("our own message sent back");
        }
        if (finished) {
            throw new IllegalStateException("key agreement with party " + context.peer() + " is finished already");
        }
        byte[] secret;
        try {
            secret = multiply(littleEndian(Arrays.copyOf(peerMessage, PART)));
        } catch (GeneralSecurityException e) {
            throw refusal("a public key that X25519 refuses");
        }
        finished = true;
        return derive(secret, peerMessage);
    }

    private IllegalArgumentException refusal(String found) {
        return new IllegalArgumentException("key agreement message from party " + context.peer() + ": " + found);
    }

    /** X25519 of our private key and the point with coordinate {@code u}; refuses a zero result. */
    private byte[] multiply(BigInteger u) throws GeneralSecurityException {
        var agreement = javax.crypto.KeyAgreement.getInstance("X25519");
        agreement.init(privateKey);
        var point = KeyFactory.getInstance("X25519").generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, u));
        agreement.doPhase(point, true);
        return agreement.generateSecret();
    }

    /** RFC 7748, section 5: little endian, the top bit ignored. */
    private static BigInteger littleEndian(byte[] u) {
        byte[] bigEndian = new byte[u.length];
        for (int i = 0; i < u.length; i++) {
            bigEndian[u.length - 1 - i] = u[i];
        }
        bigEndian[0] &= 0x7F;
        return new BigInteger(1, bigEndian);
    }

    private byte[] derive(byte[] secret, byte[] peerMessage) {
        boolean lower = context.self() < context.peer();
        byte[] first = lower ? message : peerMessage;
        byte[] second = lower ? peerMessage : message;
        var info = new ByteArrayOutputStream();
        append(info, LABEL.getBytes(StandardCharsets.UTF_8));
        append(info, context.session().getBytes(StandardCharsets.UTF_8));
        info.writeBytes(ByteBuffer.allocate(8).putInt(Math.min(context.self(), context.peer()))
                .putInt(Math.max(context.self(), context.peer())).array());
        info.write(first, 0, PART);
        info.write(second, 0, PART);
        var salt = new ByteArrayOutputStream();
        salt.write(first, PART, PART);
        salt.write(second, PART, PART);
        try {
            var parameters = HKDFParameterSpec.ofExtract().addIKM(secret).addSalt(salt.toByteArray())
                    .thenExpand(info.toByteArray(), Keystream.KEY_BYTES);
            return KDF.getInstance("HKDF-SHA256").deriveData(parameters);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks HKDF-SHA256", e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** A part preceded by its length, so that no two contexts give one text. */
    private static void append(ByteArrayOutputStream info, byte[] part) {
        if (part.length > 0xFFFF) {
            throw new IllegalArgumentException("session name has " + part.length + " bytes; allowed: 65535");
        }
        info.write(part.length >>> 8);
        info.write(part.length);
        info.writeBytes(part);
    }

    @Override
    public String toString() {
        return "KeyAgreement[" + context + "]";
    }
}
