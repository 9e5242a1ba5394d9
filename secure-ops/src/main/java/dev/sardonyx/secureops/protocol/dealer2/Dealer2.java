package dev.sardonyx.secureops.protocol.dealer2;

import dev.sardonyx.secureops.protocol.masked.MaskedProtocol;
import java.util.OptionalInt;

/**
 * Two computing parties, 1 and 2, and a dealer, party 0, of which any one may be semi-honest. A value is additively shared in Z_2^64
 * between the computing parties as (m + a, b), a mask's halves a and b and the masked value m, which both know; the dealer knows a and b.
 *
 * <p>The dealer gives the correlated randomness that a step consumes (for products of masks, truncation, bits of masks and their
 * products) before the step's inputs are known: party 1 draws its part from a key in common with the dealer, party 2 gets one message.
 * The dealer receives nothing from the parties but their half of the key agreement and the plan's hash, and nothing from owners but
 * masks, which they draw without looking at their data; so its view is the same whatever the data. It is the helper of every lane.
 *
 * <p>The steps are those of Chaudhari, Choudhury, Patra, Suresh, "ASTRA", CCSW 2019; that a dealer can be the helper, and what products of
 * masks save over Beaver's triples, is Patra, Schneider, Suresh, Yalame, "ABY2.0", USENIX Security 2021; see {@code docs/protocols.md}.
 */
public final class Dealer2 extends MaskedProtocol {
    private static final int DEALER = 0;

    @Override
    public String name() {
        return "dealer2";
    }

    @Override
    public OptionalInt dealer() {
        return OptionalInt.of(DEALER);
    }

    @Override
    public String assumption() {
        return "the two computing parties do not collude, the dealer colludes with neither, and all three follow the protocol";
    }
}
