package dev.sardonyx.secureops.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import org.junit.jupiter.api.Test;

/** {@link Revealed}: nothing above the ring leaves a party. */
final class RevealedTest {
    @Test
    void bitsAboveTheRingStayWithTheParty() {
        long[][] components = {{-1, 0x1FF}, {0x100, 7}};
        Numbers revealed = assertInstanceOf(Numbers.class, Revealed.of(new Numbers(Shape.of(2), components), 8));
        assertArrayEquals(new long[][] {{0xFF, 0xFF}, {0, 7}}, revealed.components());
        assertArrayEquals(new long[][] {{-1, 0x1FF}, {0x100, 7}}, components, "the party's own share is not touched");
        Numbers whole = assertInstanceOf(Numbers.class, Revealed.of(new Numbers(Shape.of(2), components), 64));
        assertArrayEquals(components, whole.components());
    }
}
