package dev.sardonyx.cli.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.transport.http.HttpAsker;
import dev.sardonyx.transport.http.HttpQuestion;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class InferenceTest {
    private static Inference.Done run(Inference inference, int rows, HttpAsker asker) {
        byte[] body = CountingBackend.body(rows).getBytes(StandardCharsets.US_ASCII);
        return inference.run("m", Optional.empty(), new HttpQuestion("POST", "/", Map.of(), body, asker));
    }

    private static GatewayException refusal(Inference inference, int rows, HttpAsker asker) {
        return assertThrows(GatewayException.class, () -> run(inference, rows, asker));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void allPartsAreRunForAClientThatWaits() {
        var backend = new CountingBackend(_ -> { });
        var inference = new Inference(backend, 1);
        assertEquals(9, run(inference, 9, new HttpAsker()).rows());
        assertEquals(5, backend.runs());
        assertEquals(0, inference.running());
    }

    @Test
    void noPartIsBegunForAClientThatHasGone() {
        var asker = new HttpAsker();
        var backend = new CountingBackend(run -> {
            if (run == 2) {
                asker.leave();
            }
        });
        var inference = new Inference(backend, 1);
        GatewayException told = refusal(inference, 8000, asker);
        assertEquals(GatewayException.CLIENT_GONE, told.status());
        assertEquals("the client went away after 4 rows", told.getMessage());
        assertEquals(2, backend.runs());
        assertEquals(0, inference.running());
        assertEquals(GatewayException.CLIENT_GONE, refusal(inference, 1, asker).status());
        assertEquals(2, backend.runs());
    }

    @Test
    void whatRunsStopsBetweenPartsWhenTheGatewayGoesDown() {
        var stop = new CompletableFuture<Runnable>();
        var backend = new CountingBackend(run -> {
            if (run == 3) {
                stop.join().run();
            }
        });
        var inference = new Inference(backend, 1);
        stop.complete(inference::stop);
        assertEquals(503, refusal(inference, 8000, new HttpAsker()).status());
        assertEquals(3, backend.runs());
        assertEquals(503, refusal(inference, 1, new HttpAsker()).status());
        assertEquals(3, backend.runs());
        assertEquals(0, inference.running());
    }

    @Test
    void whoWaitsForATurnAndGoesWaitsNoLongerAndTakesNoPlace() throws InterruptedException, ExecutionException {
        var entered = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var backend = new CountingBackend(_ -> {
            entered.countDown();
            await(release);
        });
        var inference = new Inference(backend, 1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Inference.Done> first = threads.submit(() -> run(inference, 1, new HttpAsker()));
            await(entered);
            var asker = new HttpAsker();
            Future<GatewayException> second = threads.submit(() -> refusal(inference, 1, asker));
            Future<Inference.Done> third = threads.submit(() -> run(inference, 1, new HttpAsker()));
            asker.leave();
            assertEquals(GatewayException.CLIENT_GONE, second.get().status());
            assertEquals(1, inference.running());
            release.countDown();
            assertEquals(1, first.get().rows());
            assertEquals(1, third.get().rows());
        }
        assertEquals(2, backend.runs());
        assertEquals(0, inference.running());
    }

    @Test
    void whoWaitsForATurnIsToldWhenTheGatewayGoesDown() throws InterruptedException, ExecutionException {
        var entered = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var inference = new Inference(new CountingBackend(_ -> {
            entered.countDown();
            await(release);
        }), 1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Inference.Done> first = threads.submit(() -> run(inference, 1, new HttpAsker()));
            await(entered);
            Future<GatewayException> second = threads.submit(() -> refusal(inference, 1, new HttpAsker()));
            inference.stop();
            assertEquals(503, second.get().status());
            release.countDown();
            assertEquals(1, first.get().rows());
        }
    }
}
