package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** The contract, where those who wait for messages read the network themselves. */
class LinkThreadContractTest extends TlsEndpointContractTest {

    private static final Duration NEVER = Duration.ofDays(1);

    @Override
    int strands() {
        return 40;
    }

    @Override
    Thread begin(Runnable work) {
        Thread thread = new LinkThread("test", work);
        thread.start();
        return thread;
    }

    /**
     * Some that drive, some that cannot, all with pauses in which nobody may drive. Nothing but messages comes over these links and no
     * deadline passes, so that nobody is woken by chance: a wake-up that is lost shows as a wait without an end, however slow the machine.
     */
    @Test
    void threadsOfBothKindsWhoComputeBetweenTheirMessagesWaitForNothingElse() {
        int lanes = 6;
        int rounds = 400;
        try (TlsCluster cluster = new TlsCluster(3, TlsOptions.DEFAULT.withSilenceDeadline(NEVER).withHandshakeDeadline(NEVER))) {
            List<FutureTask<Integer>> all = new ArrayList<>();
            for (int party = 0; party < 3; party++) {
                for (int lane = 0; lane < lanes; lane++) {
                    Endpoint endpoint = cluster.endpoint(party);
                    int number = lane;
                    FutureTask<Integer> task = new FutureTask<>(() -> ring(endpoint, number, rounds));
                    all.add(task);
                    if (lane % 2 == 0) {
                        begin(task);
                    } else {
                        Thread.startVirtualThread(task);
                    }
                }
            }
            for (FutureTask<Integer> task : all) {
                assertEquals(rounds, TlsCluster.result(task));
            }
        }
    }

    private static int ring(Endpoint endpoint, int lane, int rounds) throws InterruptedException {
        int next = (endpoint.party() + 1) % 3;
        int before = (endpoint.party() + 2) % 3;
        Random random = new Random(31L * lane + endpoint.party());
        for (int round = 0; round < rounds; round++) {
            Tag tag = new Tag(1, lane, 0, round);
            endpoint.send(next, tag, Phase.ONLINE, 1, new byte[random.nextInt(20) == 0 ? 100_000 : 100]);
            endpoint.receive(before, tag, Deadline.in(TlsCluster.PATIENCE));
            if (random.nextInt(4) == 0) {
                Thread.sleep(random.nextInt(4));
            }
        }
        return rounds;
    }
}
