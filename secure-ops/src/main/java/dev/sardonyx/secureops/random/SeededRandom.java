package dev.sardonyx.secureops.random;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A source whose output its seed determines, for tests and {@code --insecure-seed}: whoever knows the seed knows every value. The
 * name keeps sources of one seed apart, so that parties do not draw alike. Draws by several threads are each uniform, but which
 * thread gets which depends on their order.
 */
public final class SeededRandom implements RandomSource {
    private final Keystream stream;
    private final AtomicLong draws = new AtomicLong();

    /** A source for one user, for example "party 0", of a seed. */
    public SeededRandom(long seed, String name) {
        this.stream = new Keystream(key(seed, name));
    }

    private static byte[] key(long seed, String name) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("sardonyx insecure seed".getBytes(StandardCharsets.UTF_8));
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).array());
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            return Arrays.copyOf(digest.digest(), Keystream.KEY_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks SHA-256", e);
        }
    }

    @Override
    public void fill(byte[] out) {
        byte[] drawn = stream.bytes(nextId(), out.length);
        System.arraycopy(drawn, 0, out, 0, out.length);
    }

    private StreamId nextId() {
        long draw = draws.getAndIncrement();
        return new StreamId((int) (draw >>> 32), 0, (int) draw, 0);
    }

    @Override
    public String toString() {
        return "SeededRandom[insecure]";
    }
}
