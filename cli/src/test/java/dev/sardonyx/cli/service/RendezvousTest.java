package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.cli.service.ServiceException.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** None of these waits for the deadline, which is longer than the test may take. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RendezvousTest {
    private static final String ID = "0123456789abcdef0123456789abcdef";
    private static final ServiceException GONE = new ServiceException(Kind.PARTY_FAILED, "not linked");

    private final AtomicReference<Optional<ServiceException>> nobodyLeads = new AtomicReference<>(Optional.empty());
    private final Rendezvous rendezvous = new Rendezvous(Duration.ofHours(1), nobodyLeads::get);

    private CompletableFuture<Rendezvous.Order> taking() {
        var result = new CompletableFuture<Rendezvous.Order>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(rendezvous.take(ID));
            } catch (ServiceException | InterruptedException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private void awaitTaker() {
        while (rendezvous.size() == 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void whoWaitsForAnOrderIsToldWhenTheLeaderIsGone() {
        CompletableFuture<Rendezvous.Order> waiting = taking();
        awaitTaker();
        rendezvous.unlinked(GONE);
        assertTrue(assertThrows(CompletionException.class, waiting::join).getMessage().contains("not linked"));
        assertEquals(0, rendezvous.size());
    }

    @Test
    void nobodyWaitsWhileThereIsNoLeader() throws Exception {
        nobodyLeads.set(Optional.of(GONE));
        assertEquals(Kind.PARTY_FAILED, assertThrows(ServiceException.class, () -> rendezvous.take(ID)).kind());
        nobodyLeads.set(Optional.empty());
        CompletableFuture<Rendezvous.Order> waiting = taking();
        awaitTaker();
        rendezvous.refuse(ID, new ServiceException(Kind.REFUSED, "not today"));
        assertTrue(assertThrows(CompletionException.class, waiting::join).getMessage().contains("not today"));
    }
}
