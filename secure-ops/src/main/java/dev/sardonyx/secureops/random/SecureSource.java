package dev.sardonyx.secureops.random;

import java.security.SecureRandom;

/** {@link SecureRandom} as a source. */
enum SecureSource implements RandomSource {
    INSTANCE;

    private final SecureRandom random = new SecureRandom();

    @Override
    public void fill(byte[] out) {
        random.nextBytes(out);
    }
}
