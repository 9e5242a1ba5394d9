package dev.sardonyx.secureops.ring;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of this process. It must be a compile-time constant to C2, or every vector operation becomes a call that
 * allocates; hence static and final, from {@link KernelChoice}.
 */
final class Lanes {
    static final VectorSpecies<Long> LONGS = switch (KernelChoice.requestedBits()) {
        case 128 -> LongVector.SPECIES_128;
        case 256 -> LongVector.SPECIES_256;
        case 512 -> LongVector.SPECIES_512;
        default -> LongVector.SPECIES_PREFERRED;
    };
    /** Twice as many lanes of half the width. */
    static final VectorSpecies<Integer> INTS = switch (LONGS.vectorBitSize()) {
        case 128 -> IntVector.SPECIES_128;
        case 256 -> IntVector.SPECIES_256;
        case 512 -> IntVector.SPECIES_512;
        default -> IntVector.SPECIES_PREFERRED;
    };
    static final int COUNT = LONGS.length();

    private Lanes() {}
}
