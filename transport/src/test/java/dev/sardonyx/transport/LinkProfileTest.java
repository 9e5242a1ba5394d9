package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkProfileTest {

    @Test
    void presetsHaveTheirNames() {
        assertEquals(LinkProfile.NONE, LinkProfile.parse("none"));
        assertEquals(LinkProfile.LAN, LinkProfile.parse("LAN"));
        assertEquals(LinkProfile.WAN, LinkProfile.parse(" wan "));
        assertEquals(LinkProfile.LAN, LinkProfile.parse("0.2ms,10Gbit"));
        assertEquals(LinkProfile.WAN, LinkProfile.parse("40ms,100Mbit/s"));
        assertFalse(LinkProfile.NONE.shaped());
        assertTrue(LinkProfile.LAN.shaped());
    }

    @Test
    void aCustomNetworkIsRoundTripAndBandwidth() {
        assertEquals(new LinkProfile(Duration.ofMillis(5), 125e6), LinkProfile.parse("10ms,1Gbit"));
        assertEquals(new LinkProfile(Duration.ofNanos(50_000), 1250), LinkProfile.parse("100 us, 10 kbit"));
        assertEquals(new LinkProfile(Duration.ofMillis(750), 12.5), LinkProfile.parse("1.5s,100bit"));
    }

    @Test
    void anythingElseIsRefusedAndSaysWhatIsAllowed() {
        for (String text : List.of("", "fast", "10ms", "10,1Gbit", "10ms,1GB", "-1ms,1Gbit", "10ms,0Gbit", "99999999s,1Gbit")) {
            IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, () -> LinkProfile.parse(text), text);
            assertTrue(thrown.getMessage().contains("expected"), thrown.getMessage());
        }
    }
}
