package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.execute.PartySession;
import dev.sardonyx.secureops.execute.PlanMemory;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.random.RandomSource;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a party reckons that a request takes. */
class RequestMemoryTest {
    private static final dev.sardonyx.secureops.protocol.Protocol PROTOCOL = Protocol.REPLICATED_3.implementation();

    private static Models.Held held(Compiled compiled) {
        var weights = new Owner(PROTOCOL, RandomSource.secure()).weights(compiled.plans(), compiled.weights()).getFirst();
        var manifest = new Manifest("m", 1, compiled.planHash(), 0, Instant.EPOCH, "model-owner", List.of());
        return new Models.Held(new Vault.Stored(manifest, compiled.plans(), weights, 1), PROTOCOL, 0);
    }

    @Test
    void lanesThatWaitForTheirTurnTakeRoomForInputsAndOutputsAlone() {
        Compiled compiled = PlanCodecTest.compiled("lenet", 256);
        var shares = new ShareBytes(compiled.plans(), 2);
        long wholes = 2 * shares.inputBytes() + 2 * shares.outputBytes();
        long lane = PlanMemory.of(compiled.plan(), PROTOCOL).peakBytes();
        long lanes = compiled.plans().lanes().size();
        long memory = held(compiled).memory();
        assertTrue(memory <= wholes + Math.min(lanes, PartySession.MOST_LANES_AT_ONCE) * lane, () -> memory + " bytes for " + lanes + " lanes");
        assertTrue(memory > wholes + lane, () -> memory + " bytes for " + lanes + " lanes");
    }

    @Test
    void aLoneLaneTakesItsPeak() {
        Compiled compiled = PlanCodecTest.compiled("logistic", 1);
        var shares = new ShareBytes(compiled.plans(), 2);
        assertEquals(1, compiled.plans().lanes().size());
        assertEquals(2 * shares.inputBytes() + 2 * shares.outputBytes() + PlanMemory.of(compiled.plan(), PROTOCOL).peakBytes(), held(compiled).memory());
    }
}
