package dev.sardonyx.secureops.protocol;

import dev.sardonyx.secureops.protocol.replicated3.Replicated3;

/** What single parties see of {@link Replicated3}. */
final class Replicated3SecrecyTest extends MaskedSecrecy {
    @Override
    Protocol protocol() {
        return new Replicated3();
    }
}
