package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes from elsewhere that are no envelope, and texts that are no configuration. */
class EnvelopeTest {
    private static final long SEED = 7;

    @Test
    void anEnvelopeComesBack() {
        Envelope envelope = Envelope.of("predict", "model", "lenet", "version", "3");
        Envelope read = Envelope.parse(envelope.head(17));
        assertEquals(envelope.fields(), read.fields());
        assertEquals(17, read.bodyLength());
        assertEquals(3, read.number("version"));
    }

    @Test
    void whateverIsNoEnvelopeIsRefused() {
        var random = new Random(SEED);
        byte[] good = Envelope.of("predict", "model", "lenet").head(5);
        for (int trial = 0; trial < 2000; trial++) {
            byte[] bytes = random.nextBoolean() ? good.clone() : new byte[random.nextInt(100)];
            for (int i = 0; i < bytes.length; i++) {
                if (random.nextInt(8) == 0) {
                    bytes[i] = (byte) random.nextInt();
                }
            }
            try {
                Envelope.parse(bytes).field("model");
            } catch (ServiceException refused) {
                assertEquals(ServiceException.Kind.BAD_REQUEST, refused.kind(), "seed " + SEED);
            }
        }
    }

    /** A party may send other bytes than this side's would. */
    @Test
    void aReasonHoldsNothingThatATerminalObeys() {
        Envelope told = Envelope.of(Envelope.FAILED, "kind", "REFUSED", "message", "party 1\u001b[1A\u001b[2K\r\nsardonyx: all is well\u0085\u009d0;title\u0007 \u202etxt\u2069\u007f");
        ServiceException reason = assertThrows(ServiceException.class, Envelope.parse(told.head(0))::orThrow);
        assertEquals("party 1?[1A?[2K  sardonyx: all is well??0;title? ?txt??", reason.getMessage());
        assertEquals(ServiceException.Kind.REFUSED, reason.kind());
    }

    @Test
    void aConfigurationWithUnknownKeysOrDeepNestingOrAliasesIsRefused() {
        Path file = Path.of("party.yaml");
        assertThrows(ServiceException.class, () -> {
            Settings.parse(file, "party: 0\nsurprise: 1\n").only("party");
        });
        for (String bad : new String[] {"[1, 2]", "a: [", "a: 1\na: 2", "[".repeat(10_000), "a: &x [1]\nb: *x", "a: !!java.net.URL [x]", "- ".repeat(5000)}) {
            assertThrows(ServiceException.class, () -> Settings.parse(file, bad).only("a", "b").texts("a").forEach(String::strip), bad.substring(0, Math.min(30, bad.length())));
        }
    }
}
