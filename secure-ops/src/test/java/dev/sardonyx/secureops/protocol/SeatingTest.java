package dev.sardonyx.secureops.protocol;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A dealer must be run by somebody else than the parties that compute. */
final class SeatingTest {
    private static List<String> apart(Protocol protocol) {
        return IntStream.range(0, protocol.parties()).mapToObj(party -> "operator " + party).toList();
    }

    /** As {@link #apart}, but that one party is run by the dealer's operator. */
    private static List<String> withDealer(Protocol protocol, int guest) {
        int dealer = protocol.dealer().orElseThrow();
        return IntStream.range(0, protocol.parties()).mapToObj(party -> "operator " + (party == guest ? dealer : party)).toList();
    }

    @Test
    void aDealerWithinAComputingPartyIsRefusedUnlessTheFlagIsSaid() {
        List<Protocol> dealt = Protocols.all().stream().filter(protocol -> protocol.dealer().isPresent()).toList();
        assertTrue(!dealt.isEmpty());
        for (Protocol protocol : dealt) {
            int dealer = protocol.dealer().orElseThrow();
            assertDoesNotThrow(() -> new Seating(protocol, apart(protocol)).requireDealerApart(false));
            for (int party = 0; party < protocol.parties(); party++) {
                if (party != dealer) {
                    var seating = new Seating(protocol, withDealer(protocol, party));
                    var refusal = assertThrows(IllegalArgumentException.class, () -> seating.requireDealerApart(false));
                    assertTrue(refusal.getMessage().contains("--insecure-colocated-dealer"), refusal.getMessage());
                    assertTrue(refusal.getMessage().contains("party " + party), refusal.getMessage());
                    assertDoesNotThrow(() -> seating.requireDealerApart(true));
                }
            }
        }
    }

    @Test
    void protocolsWithoutADealerDoNotMind() {
        Protocols.all().stream().filter(protocol -> protocol.dealer().isEmpty()).forEach(protocol -> assertDoesNotThrow(
                () -> new Seating(protocol, IntStream.range(0, protocol.parties()).mapToObj(_ -> "one").toList()).requireDealerApart(false)));
    }

    @Test
    void everyPartyHasAnOperator() {
        Protocol protocol = Protocols.all().getFirst();
        assertThrows(IllegalArgumentException.class, () -> new Seating(protocol, List.of("one")));
    }
}
