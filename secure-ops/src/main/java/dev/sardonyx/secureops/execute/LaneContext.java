package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.random.Keystream;
import dev.sardonyx.transport.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One lane of one request at one party.
 *
 * @param endpoint links to the other parties
 * @param keys by party the keystream in common with it; none with itself
 * @param request number of the request, never used before under these keys
 * @param lane number of the lane within the request
 * @param rotation role r is played by party (rotation + r) mod parties
 * @param patience how long each message is waited for
 */
record LaneContext(Endpoint endpoint, List<Optional<Keystream>> keys, int request, int lane, int rotation, Duration patience) {
    LaneContext {
        keys = List.copyOf(keys);
    }

    int party(int role) {
        return (rotation + role) % endpoint.parties();
    }

    /** The role that a party plays. */
    static int role(int party, int rotation, int parties) {
        return Math.floorMod(party - rotation, parties);
    }
}
