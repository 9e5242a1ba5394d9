package dev.sardonyx.cli.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ReadinessTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void whatWasSeenAMomentAgoIsNotLookedAtAgain() {
        var looks = new AtomicInteger();
        var readiness = new Readiness(() -> {
            looks.incrementAndGet();
            return Optional.empty();
        }, LONG);
        assertEquals(Optional.empty(), readiness.trouble());
        assertEquals(Optional.empty(), readiness.trouble());
        assertEquals(1, looks.get());
    }

    @Test
    void probesThatComeWhileOneLooksDoNotWaitForIt() throws InterruptedException {
        var looking = new CountDownLatch(1);
        var answered = new CompletableFuture<Optional<String>>();
        var readiness = new Readiness(() -> {
            looking.countDown();
            return answered.join();
        }, LONG);
        var first = CompletableFuture.supplyAsync(readiness::trouble, Thread::startVirtualThread);
        looking.await();
        assertEquals("the parties have not answered yet", readiness.trouble().orElseThrow());
        answered.complete(Optional.empty());
        assertEquals(Optional.empty(), first.join());
        assertEquals(Optional.empty(), readiness.trouble());
    }

    @Test
    void aLookThatHangsIsGivenUpAndIsNotReady() throws InterruptedException {
        var interrupted = new CountDownLatch(1);
        var readiness = new Readiness(() -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return Optional.empty();
        }, Duration.ofMillis(10));
        assertTrue(readiness.trouble().orElseThrow().startsWith("the parties did not say within "));
        interrupted.await();
        assertTrue(readiness.trouble().isPresent());
    }

    @Test
    void aLookThatDoesNotHearOfItsEndIsTheOnlyOne() throws InterruptedException {
        var looks = new AtomicInteger();
        var begun = new CountDownLatch(1);
        var end = new CompletableFuture<Optional<String>>();
        var readiness = new Readiness(() -> {
            looks.incrementAndGet();
            begun.countDown();
            return end.join();
        }, Duration.ofMillis(10));
        for (int probe = 0; probe < 100; probe++) {
            assertTrue(readiness.trouble().isPresent());
        }
        // Its thread may begin only after all probes were told that it took too long.
        begun.await();
        assertEquals(1, looks.get());
        end.complete(Optional.empty());
    }

    @Test
    void aLookThatFailsIsNotReadyAndTellsNothingOfItsInside() {
        var readiness = new Readiness(() -> {
            throw new IllegalStateException("secret 42");
        }, LONG);
        assertEquals("internal error (IllegalStateException)", readiness.trouble().orElseThrow());
    }
}
