package dev.sardonyx.secureops.random;

/**
 * A party's own randomness. There are two: the operating system's ({@link #secure()}) and, for tests alone, {@link SeededRandom}.
 * Sources may be used by many threads at once.
 */
public interface RandomSource {
    /** Fills {@code out} with uniform bytes. */
    void fill(byte[] out);

    /** Fills {@code out} with uniform words. */
    default void fill(long[] out) {
        byte[] key = bytes(Keystream.KEY_BYTES);
        new Keystream(key).fill(new StreamId(0, 0, 0, 0), out);
    }

    /** {@code n} uniform bytes. */
    default byte[] bytes(int n) {
        byte[] out = new byte[n];
        fill(out);
        return out;
    }

    /** {@code n} uniform words: AES-128-CTR under a key drawn for this call alone. */
    default long[] longs(int n) {
        long[] out = new long[n];
        fill(out);
        return out;
    }

    /** The system's cryptographic generator. */
    static RandomSource secure() {
        return SecureSource.INSTANCE;
    }
}
