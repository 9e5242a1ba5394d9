package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.transport.Deadline;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** None of these waits for a deadline but those that want it to pass. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MemoryBudgetTest {
    private static final Deadline NEVER = Deadline.in(Duration.ofHours(1));

    private final MemoryBudget budget = new MemoryBudget(100, 100, () -> 2);

    private CompletableFuture<MemoryBudget.Reservation> waiting(String client, long bytes) {
        int before = budget.waiting();
        var result = new CompletableFuture<MemoryBudget.Reservation>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(budget.await("it", client, bytes, NEVER));
            } catch (ServiceException | InterruptedException e) {
                result.completeExceptionally(e);
            }
        });
        while (budget.waiting() == before && !result.isDone()) {
            LockSupport.parkNanos(1_000_000);
        }
        return result;
    }

    private static Kind refused(Runnable action) {
        return assertThrows(ServiceException.class, action::run).kind();
    }

    @Test
    void aQuarterIsKeptFromEachClientForTheOthers() {
        budget.take("it", "greedy", 40);
        MemoryBudget.Reservation second = budget.take("it", "greedy", 35);
        assertEquals(Kind.BUSY, refused(() -> budget.take("it", "greedy", 1)));
        budget.take("it", "other", 25).close();
        second.close();
        budget.take("it", "greedy", 35);
        assertEquals(75, budget.held());
    }

    @Test
    void oneRequestMayTakeAllAndNoneMore() {
        MemoryBudget.Reservation all = budget.take("it", "large", 100);
        assertEquals(Kind.BUSY, refused(() -> budget.take("it", "other", 1)));
        all.close();
        assertEquals(0, budget.held());
        assertEquals(Kind.REFUSED, refused(() -> budget.take("it", "large", 101)));
    }

    @Test
    void whoHasHadItsShareHoldsUpNobodyElse() {
        MemoryBudget.Reservation first = budget.take("it", "greedy", 70);
        CompletableFuture<MemoryBudget.Reservation> more = waiting("greedy", 30);
        assertEquals(1, budget.waiting());
        waiting("other", 30).join().close();
        first.close();
        more.join().close();
        assertEquals(0, budget.waiting());
    }

    @Test
    void thoseWhoWaitAreServedInTheOrderTheyCame() {
        MemoryBudget.Reservation first = budget.take("it", "a", 60);
        CompletableFuture<MemoryBudget.Reservation> large = waiting("b", 80);
        CompletableFuture<MemoryBudget.Reservation> small = waiting("c", 20);
        assertEquals(2, budget.waiting());
        first.close();
        MemoryBudget.Reservation eighty = large.join();
        small.join().close();
        eighty.close();
        assertEquals(0, budget.held());
    }

    /** Else a stream of small ones would keep a large one waiting for ever. */
    @Test
    void aClientsOwnRequestsWaitForOneAnother() {
        MemoryBudget.Reservation first = budget.take("it", "a", 5);
        CompletableFuture<MemoryBudget.Reservation> large = waiting("a", 80);
        CompletableFuture<MemoryBudget.Reservation> small = waiting("a", 5);
        assertEquals(2, budget.waiting());
        first.close();
        MemoryBudget.Reservation eighty = large.join();
        assertEquals(1, budget.waiting());
        eighty.close();
        small.join().close();
    }

    @Test
    void theOnlyClientHasAll() {
        var own = new MemoryBudget(100, 100, () -> 1);
        own.take("it", "a", 50);
        own.take("it", "a", 50);
        assertEquals(100, own.held());
    }

    @Test
    void sumsThatWereTooLargeToCountAreRefused() {
        assertEquals(Kind.REFUSED, refused(() -> budget.take("it", "a", -1)));
    }

    @Test
    void whoWaitsInVainIsToldWhoHasWhat() {
        budget.take("it", "a", 90);
        var busy = assertThrows(ServiceException.class, () -> budget.await("it", "b", 20, Deadline.in(Duration.ofMillis(1))));
        assertEquals("it takes 20 bytes and 90 of 100 are taken, 0 of them by client 'b', who may have three quarters; try again later", busy.getMessage());
        assertEquals(0, budget.waiting());
    }
}
