package dev.sardonyx.secureops.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.secureops.random.KeyAgreement.Context;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class KeyAgreementTest {
    private static final RandomSource SECURE = RandomSource.secure();

    private static byte[][] agree(Context first, Context second) {
        var a = new KeyAgreement(first, SECURE);
        var b = new KeyAgreement(second, SECURE);
        return new byte[][] {a.finish(b.message()), b.finish(a.message())};
    }

    @Test
    void bothSidesGetOneKeyAndEveryAgreementANewOne() {
        byte[][] keys = agree(new Context("session", 0, 2), new Context("session", 2, 0));
        assertArrayEquals(keys[0], keys[1]);
        assertEquals(Keystream.KEY_BYTES, keys[0].length);
        byte[][] again = agree(new Context("session", 0, 2), new Context("session", 2, 0));
        assertFalse(Arrays.equals(keys[0], again[0]));
    }

    @Test
    void sidesThatDisagreeAboutTheContextGetDifferentKeys() {
        byte[][] sessions = agree(new Context("one", 0, 1), new Context("two", 1, 0));
        assertFalse(Arrays.equals(sessions[0], sessions[1]));
        byte[][] parties = agree(new Context("one", 0, 1), new Context("one", 2, 0));
        assertFalse(Arrays.equals(parties[0], parties[1]));
    }

    /** The Diffie-Hellman values of RFC 7748, section 6.1, and HKDF (RFC 5869) spelled out with HMAC. */
    @Test
    void theKeyIsHkdfOfThePublishedSharedSecret() throws GeneralSecurityException {
        byte[] nonceA = hex("a0".repeat(32));
        byte[] nonceB = hex("b1".repeat(32));
        var alice = new KeyAgreement(new Context("s", 1, 0),
                scripted(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"), nonceA));
        var bob = new KeyAgreement(new Context("s", 0, 1),
                scripted(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"), nonceB));
        byte[] publicA = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        byte[] publicB = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
        assertArrayEquals(join(publicA, nonceA), alice.message());
        assertArrayEquals(join(publicB, nonceB), bob.message());

        byte[] shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        byte[] extracted = hmac(join(nonceB, nonceA), shared);
        byte[] label = "sardonyx pair key 1".getBytes(StandardCharsets.UTF_8);
        byte[] info = join(new byte[] {0, (byte) label.length}, label, new byte[] {0, 1, 's'}, hex("0000000000000001"), publicB, publicA);
        byte[] expected = Arrays.copyOf(hmac(extracted, join(info, new byte[] {1})), Keystream.KEY_BYTES);
        assertArrayEquals(expected, alice.finish(bob.message()));
        assertArrayEquals(expected, bob.finish(alice.message()));
    }

    @Test
    void aChangedMessageChangesTheKey() {
        var a = new KeyAgreement(new Context("s", 0, 1), new SeededRandom(1, "party 0"));
        var again = new KeyAgreement(new Context("s", 0, 1), new SeededRandom(1, "party 0"));
        var b = new KeyAgreement(new Context("s", 1, 0), new SeededRandom(1, "party 1"));
        byte[] message = b.message();
        byte[] changed = message.clone();
        changed[KeyAgreement.MESSAGE_BYTES - 1] ^= 1;
        assertArrayEquals(a.message(), again.message());
        assertFalse(Arrays.equals(a.finish(message), again.finish(changed)));
    }

    @Test
    void hostileMessagesAreRefused() {
        byte[] smallOrder = new byte[KeyAgreement.MESSAGE_BYTES];
        byte[] smallOrderOne = smallOrder.clone();
        smallOrderOne[0] = 1;
        var agreement = new KeyAgreement(new Context("s", 0, 1), SECURE);
        for (byte[] bad : new byte[][] {{}, new byte[63], new byte[65], smallOrder, smallOrderOne, agreement.message()}) {
            var error = assertThrows(IllegalArgumentException.class, () -> agreement.finish(bad));
            assertEquals("key agreement message from party 1: ", error.getMessage().substring(0, 36));
        }
        agreement.finish(new KeyAgreement(new Context("s", 1, 0), SECURE).message());
    }

    @Test
    void anAgreementServesOnce() {
        var agreement = new KeyAgreement(new Context("s", 0, 1), SECURE);
        byte[] message = new KeyAgreement(new Context("s", 1, 0), SECURE).message();
        agreement.finish(message);
        assertThrows(IllegalStateException.class, () -> agreement.finish(message));
    }

    @Test
    void aPartyDoesNotAgreeWithItself() {
        assertThrows(IllegalArgumentException.class, () -> new Context("s", 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Context("s", -1, 1));
    }

    /** Gives the parts one after the other. */
    private static RandomSource scripted(byte[]... parts) {
        var left = new ArrayDeque<>(List.of(parts));
        return out -> System.arraycopy(left.remove(), 0, out, 0, out.length);
    }

    private static byte[] hmac(byte[] key, byte[] text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text);
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
