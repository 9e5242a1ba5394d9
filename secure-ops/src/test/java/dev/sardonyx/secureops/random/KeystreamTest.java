package dev.sardonyx.secureops.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class KeystreamTest {
    private static final byte[] KEY = hex("feffe9928665731c6d6a8f9467308308");
    private static final StreamId ID = new StreamId(7, 1, 42, 3);

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    /** AES-128 of 0, 1 and 2 under the zero key: McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 1 and 2. */
    @Test
    void theZeroStreamUnderTheZeroKeyIsThePublishedOne() {
        byte[] expected = hex("66e94bd4ef8a2c3b884cfa59ca342b2e" + "58e2fccefa7e3061367f1d57a4e7455a" + "0388dace60b6a392f328c2b971b2fe78");
        assertArrayEquals(expected, new Keystream(new byte[16]).bytes(new StreamId(0, 0, 0, 0), 48));
    }

    /** Test cases 3 and 4 of the same document: the second block masks the tag, the third the first plaintext block. */
    @Test
    void everyPartOfTheNameReachesItsPlaceInTheCounter() {
        var id = new StreamId(0xcafebabe, 0xface, 0xdbaddeca, 0xf888);
        byte[] stream = new Keystream(KEY).bytes(id, 48);
        assertArrayEquals(hex("3247184b3c4f69a44dbcd22887bbb418"), Arrays.copyOfRange(stream, 16, 32));
        byte[] plain = hex("d9313225f88406e5a55909c5aff5269a");
        byte[] cipher = hex("42831ec2217774244b7221b784d0d49c");
        for (int i = 0; i < 16; i++) {
            assertEquals(cipher[i] ^ plain[i], stream[32 + i]);
        }
    }

    @Test
    void longDrawsAreTheBlocksOfConsecutiveCounters() throws GeneralSecurityException {
        int words = 3 * (1 << 13) + 5;
        long[] drawn = new Keystream(KEY).longs(ID, words);
        var ecb = Cipher.getInstance("AES/ECB/NoPadding");
        ecb.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(KEY, "AES"));
        for (int block = 0; block <= words / 2; block++) {
            byte[] counter = ID.firstBlock();
            ByteBuffer.wrap(counter).putInt(12, block);
            ByteBuffer expected = ByteBuffer.wrap(ecb.doFinal(counter)).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 2 * block; i < Math.min(words, 2 * block + 2); i++) {
                assertEquals(expected.getLong(), drawn[i], "word " + i);
            }
        }
    }

    @Test
    void aLongerDrawBeginsWithTheShorterOne() {
        var stream = new Keystream(KEY);
        long[] all = stream.longs(ID, 20_000);
        for (int n : new int[] {0, 1, 2, 3, 63, 8191, 8192, 8193}) {
            assertArrayEquals(Arrays.copyOf(all, n), stream.longs(ID, n));
        }
    }

    @Test
    void fillingARangeTouchesNothingElse() {
        var stream = new Keystream(KEY);
        long[] out = new long[10];
        Arrays.fill(out, -7);
        stream.fill(ID, out, 3, 5, 64);
        assertArrayEquals(new long[] {-7, -7, -7}, Arrays.copyOf(out, 3));
        assertArrayEquals(stream.longs(ID, 5), Arrays.copyOfRange(out, 3, 8));
        assertArrayEquals(new long[] {-7, -7}, Arrays.copyOfRange(out, 8, 10));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.fill(ID, out, 6, 5, 64));
    }

    @Test
    void narrowDrawsKeepToTheirWidthAndTakeItsBytes() {
        var stream = new Keystream(KEY);
        for (int width = 1; width <= 64; width++) {
            int bytes = (width + 7) / 8;
            int n = 70_000 / bytes;
            long[] drawn = stream.longs(ID, n, width);
            byte[] raw = stream.bytes(ID, n * bytes);
            long mask = -1L >>> 64 - width;
            for (int i = 0; i < n; i++) {
                long expected = 0;
                for (int b = 0; b < bytes; b++) {
                    expected |= (raw[i * bytes + b] & 0xFFL) << 8 * b;
                }
                assertEquals(expected & mask, drawn[i], "width " + width + ", element " + i);
            }
        }
    }

    @Test
    void differentNamesAndKeysGiveDifferentStreams() {
        Set<List<Long>> seen = new HashSet<>();
        var stream = new Keystream(KEY);
        List<StreamId> names = List.of(new StreamId(0, 0, 0, 0), new StreamId(1, 0, 0, 0), new StreamId(0, 1, 0, 0),
                new StreamId(0, 0, 1, 0), new StreamId(0, 0, 0, 1), new StreamId(-1, 65535, -1, 65535));
        for (StreamId name : names) {
            assertTrue(seen.add(Arrays.stream(stream.longs(name, 4)).boxed().toList()), name.toString());
        }
        assertTrue(seen.add(Arrays.stream(new Keystream(new byte[16]).longs(names.get(0), 4)).boxed().toList()));
    }

    @Test
    void threadsDrawWithoutDisturbingOneAnother() throws Exception {
        var stream = new Keystream(KEY);
        try (var pool = Executors.newFixedThreadPool(8)) {
            List<Future<long[]>> drawn = IntStream.range(0, 200)
                    .mapToObj(step -> pool.submit(() -> stream.longs(new StreamId(1, 0, step, 0), 300))).toList();
            for (int step = 0; step < drawn.size(); step++) {
                assertArrayEquals(new Keystream(KEY).longs(new StreamId(1, 0, step, 0), 300), drawn.get(step).get());
            }
        }
    }

    @Test
    void bytesAndBitsAreEvenlySpread() {
        int n = 1 << 20;
        byte[] drawn = new Keystream(KEY).bytes(ID, n);
        long[] counts = new long[256];
        for (byte b : drawn) {
            counts[b & 0xFF]++;
        }
        double expected = n / 256.0;
        double chiSquare = Arrays.stream(counts).mapToDouble(count -> (count - expected) * (count - expected) / expected).sum();
        // 255 degrees of freedom: 330.5 is exceeded with probability 0.001; key and stream are fixed, so the test is too.
        assertTrue(chiSquare < 330.5, "chi-square " + chiSquare);
        long[] words = new Keystream(KEY).longs(new StreamId(8, 0, 0, 0), 1 << 16, 13);
        for (int bit = 0; bit < 13; bit++) {
            int shift = bit;
            long ones = Arrays.stream(words).map(word -> word >>> shift & 1).sum();
            // Standard deviation 128 around 32768: five of them.
            assertTrue(Math.abs(ones - (1 << 15)) < 640, "bit " + bit + ": " + ones + " ones");
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new StreamId(0, 65536, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new StreamId(0, -1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new StreamId(0, 0, 0, 65536));
        assertThrows(IllegalArgumentException.class, () -> new Keystream(new byte[15]));
        var stream = new Keystream(KEY);
        assertThrows(IllegalArgumentException.class, () -> stream.longs(ID, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> stream.longs(ID, 1, 65));
    }

    @Test
    void theLedgerRefusesASecondDraw() {
        var ledger = new KeystreamLedger("party 0");
        var stream = new Keystream(KEY, ledger);
        stream.longs(ID, 10);
        var error = assertThrows(IllegalStateException.class, () -> stream.bytes(ID, 1));
        assertTrue(error.getMessage().startsWith("party 0: keystream " + stream.fingerprint() + " drawn twice at StreamId["),
                error.getMessage());
        assertThrows(IllegalStateException.class, () -> new Keystream(KEY, ledger).longs(ID, 1));
        stream.longs(new StreamId(7, 1, 43, 3), 3, 8);
        new Keystream(new byte[16], ledger).longs(ID, 1);
        stream.longs(new StreamId(7, 1, 44, 3), 0);
        assertEquals(5 + 1 + 1, ledger.blocksDrawn());
        assertEquals(3, ledger.draws().size());
    }

    @Test
    void theKeyShowsNowhere() {
        var stream = new Keystream(KEY);
        assertEquals("Keystream[" + stream.fingerprint() + "]", stream.toString());
        assertFalse(stream.toString().contains("feffe992"));
        assertNotEquals(stream.fingerprint(), new Keystream(new byte[16]).fingerprint());
    }

    @Test
    void aSeedDeterminesItsSourceAndNothingElseDoes() {
        var a = new SeededRandom(5, "party 0");
        var b = new SeededRandom(5, "party 0");
        assertArrayEquals(a.longs(100), b.longs(100));
        assertArrayEquals(a.bytes(33), b.bytes(33));
        assertFalse(Arrays.equals(a.longs(4), a.longs(4)));
        assertFalse(Arrays.equals(new SeededRandom(5, "party 1").longs(4), new SeededRandom(5, "party 0").longs(4)));
        assertFalse(Arrays.equals(new SeededRandom(6, "party 0").longs(4), new SeededRandom(5, "party 0").longs(4)));
        assertFalse(Arrays.equals(RandomSource.secure().longs(4), RandomSource.secure().longs(4)));
    }
}
