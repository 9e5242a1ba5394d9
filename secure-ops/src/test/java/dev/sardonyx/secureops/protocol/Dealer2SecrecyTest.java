package dev.sardonyx.secureops.protocol;

import dev.sardonyx.secureops.protocol.dealer2.Dealer2;

/** What the dealer sees of {@link Dealer2}, and what each computing party does. */
final class Dealer2SecrecyTest extends MaskedSecrecy {
    @Override
    Protocol protocol() {
        return new Dealer2();
    }
}
