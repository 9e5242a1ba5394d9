package dev.sardonyx.secureops.protocol.replicated3;

import dev.sardonyx.secureops.protocol.masked.MaskedProtocol;

/**
 * Replicated sharing among three parties of which one may be semi-honest (Araki, Furukawa, Lindell, Nof, Ohara, CCS 2016): a number is
 * the sum modulo 2^64 of three components, each uniform, of which party i holds all but component i; a bit is their exclusive or.
 *
 * <p>Steps run in the masked form of the same sharing (Chaudhari, Choudhury, Patra, Suresh, "ASTRA", CCSW 2019): in a lane rotated by h
 * the component that party h lacks is the masked value, the other two are its mask, and party h, who sees only masks, sends nothing
 * but preprocessing. Because the storage does not depend on h, one sharing of a model's weights serves lanes of every rotation.
 */
public final class Replicated3 extends MaskedProtocol {
    @Override
    public String name() {
        return "replicated3";
    }

    @Override
    public String assumption() {
        return "no two of the three parties collude, and every party follows the protocol";
    }
}
