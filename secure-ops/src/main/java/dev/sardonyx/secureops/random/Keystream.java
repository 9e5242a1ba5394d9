package dev.sardonyx.secureops.random;

import dev.sardonyx.secureops.ring.WirePacking;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Uniform words that everyone with the same 16-byte key draws alike: AES-128 in counter mode (NIST SP 800-38A, section 6.5). Each
 * draw names its stream by a {@link StreamId} and begins at the stream's first block; drawing one stream twice gives the same words
 * again, which a protocol must never do ({@link KeystreamLedger} proves in tests that it does not).
 *
 * <p>Words are the keystream's bytes read little endian. Instances may be used by many threads at once.
 */
public final class Keystream {
    /** Length of a key in bytes. */
    public static final int KEY_BYTES = 16;
    static final int BLOCK_BYTES = 16;
    private static final int CHUNK_BYTES = 1 << 16;
    private static final byte[] ZEROS = new byte[CHUNK_BYTES];
    private static final int MOST_IDLE = 16;

    private final SecretKeySpec key;
    private final String fingerprint;
    private final KeystreamObserver observer;
    private final ArrayBlockingQueue<Drawer> idle = new ArrayBlockingQueue<>(MOST_IDLE);

    /** A keystream under a copy of {@code key}. */
    public Keystream(byte[] key) {
        this(key, KeystreamObserver.NONE);
    }

    /** A keystream under a copy of {@code key} whose draws {@code observer} is told of. */
    public Keystream(byte[] key, KeystreamObserver observer) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("keystream key has " + key.length + " bytes; expected " + KEY_BYTES);
        }
        this.key = new SecretKeySpec(key, "AES");
        this.fingerprint = fingerprint(key);
        this.observer = observer;
    }

    private static String fingerprint(byte[] key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key);
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks SHA-256", e);
        }
    }

    /** A one-way fingerprint of the key, equal for equal keys. */
    public String fingerprint() {
        return fingerprint;
    }

    /** The first {@code n} words of a stream. */
    public long[] longs(StreamId id, int n) {
        long[] out = new long[n];
        fill(id, out);
        return out;
    }

    /**
     * {@code n} words uniform modulo 2^widthBits, 1 to 64, upper bits zero. Each takes ⌈widthBits / 8⌉ bytes of the stream, so these
     * are not the words of {@link #longs(StreamId, int)} masked.
     */
    public long[] longs(StreamId id, int n, int widthBits) {
        long[] out = new long[n];
        fill(id, out, widthBits);
        return out;
    }

    /** Fills {@code out} with the first words of a stream. */
    public void fill(StreamId id, long[] out) {
        fill(id, out, 0, out.length, Long.SIZE);
    }

    /** Fills {@code out} with words uniform modulo 2^widthBits; see {@link #longs(StreamId, int, int)}. */
    public void fill(StreamId id, long[] out, int widthBits) {
        fill(id, out, 0, out.length, widthBits);
    }

    /** Fills {@code length} elements of {@code out} from {@code at} on with the first words of a stream. */
    public void fill(StreamId id, long[] out, int at, int length, int widthBits) {
        Objects.checkFromIndexSize(at, length, out.length);
        if (widthBits < 1 || widthBits > Long.SIZE) {
            throw new IllegalArgumentException("width is " + widthBits + " bits; allowed: 1 to 64");
        }
        int bytesPerElement = (widthBits + 7) / 8;
        long bytes = (long) length * bytesPerElement;
        announce(id, bytes);
        if (length == 0) {
            return;
        }
        Drawer drawer = drawerAt(id);
        int perChunk = CHUNK_BYTES / bytesPerElement / BLOCK_BYTES * BLOCK_BYTES;
        for (int done = 0; done < length; done += perChunk) {
            int count = Math.min(perChunk, length - done);
            byte[] chunk = drawer.next(count * bytesPerElement);
            WirePacking.unpackBytes(chunk, 0, bytesPerElement, out, at + done, count);
            // While the chunk is in the cache.
            if (widthBits % 8 != 0) {
                clearAbove(out, at + done, at + done + count, -1L >>> Long.SIZE - widthBits);
            }
        }
        idle.offer(drawer);
    }

    private static void clearAbove(long[] out, int from, int to, long mask) {
        for (int i = from; i < to; i++) {
            out[i] &= mask;
        }
    }

    /** The first {@code n} bytes of a stream. */
    public byte[] bytes(StreamId id, int n) {
        byte[] out = new byte[n];
        announce(id, n);
        Drawer drawer = drawerAt(id);
        for (int done = 0; done < n; done += CHUNK_BYTES) {
            int count = Math.min(CHUNK_BYTES, n - done);
            System.arraycopy(drawer.next(count), 0, out, done, count);
        }
        idle.offer(drawer);
        return out;
    }

    private void announce(StreamId id, long bytes) {
        long blocks = (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
        if (blocks > 1L << 32) {
            throw new IllegalArgumentException("a draw of " + blocks + " blocks from one stream; allowed: 2^32");
        }
        observer.drawing(fingerprint, id, blocks);
    }

    private Drawer drawerAt(StreamId id) {
        Drawer drawer = idle.poll();
        if (drawer == null) {
            drawer = new Drawer();
        }
        try {
            drawer.cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(id.firstBlock()));
            return drawer;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/CTR refused a key or counter of 16 bytes", e);
        }
    }

    /**
     * A cipher and the buffer it writes to. Finding a cipher takes several microseconds, setting a found one to another counter a
     * tenth of one, so drawers are kept; they belong to the keystream and vanish with it.
     */
    private static final class Drawer {
        private final Cipher cipher;
        private byte[] chunk = {};

        Drawer() {
            try {
                cipher = Cipher.getInstance("AES/CTR/NoPadding");
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this JDK lacks AES/CTR", e);
            }
        }

        /** The next bytes of the stream, at the start of an array that the next call overwrites. */
        byte[] next(int bytes) {
            if (chunk.length < bytes) {
                chunk = new byte[Math.min(CHUNK_BYTES, Math.max(256, 2 * bytes))];
            }
            try {
                int written = cipher.update(ZEROS, 0, bytes, chunk, 0);
                if (written != bytes) {
                    throw new IllegalStateException("AES/CTR gave " + written + " of " + bytes + " bytes");
                }
                return chunk;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES/CTR failed", e);
            }
        }
    }

    @Override
    public String toString() {
        return "Keystream[" + fingerprint + "]";
    }
}
