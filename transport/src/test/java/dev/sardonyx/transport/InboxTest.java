package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an inbox holds and forgets. */
class InboxTest {

    private static final Message MESSAGE = new Message(new byte[100], Phase.ONLINE, 1);

    private final Traffic traffic = new Traffic(2);
    private final Inbox inbox = new Inbox(0, 2, 1000, traffic);

    private void deliver(Tag tag) {
        inbox.held(1).add(MESSAGE.payload().length);
        assertTrue(inbox.deliver(1, tag, MESSAGE));
    }

    @Test
    void bytesAreHeldFromDeliveryToReceipt() {
        deliver(new Tag(1, 0, 0, 0));
        deliver(new Tag(1, 0, 0, 1));
        assertEquals(200, inbox.held(1).held());
        inbox.expect(1, new Tag(1, 0, 0, 1)).receive(Deadline.in(Duration.ofSeconds(60)));
        assertEquals(100, inbox.held(1).held());
    }

    @Test
    void finishingAbortingAndEndingFreeWhatNobodyReceived() {
        deliver(new Tag(1, 0, 0, 0));
        deliver(new Tag(2, 0, 0, 0));
        deliver(new Tag(3, 0, 0, 0));
        inbox.finish(1);
        assertEquals(200, inbox.held(1).held());
        inbox.abort(2, 1);
        assertEquals(100, inbox.held(1).held());
        inbox.end(1, Failure.peerFailed(1, "failed"));
        assertEquals(0, inbox.held(1).held());
        deliver(new Tag(1, 0, 0, 1));
        deliver(new Tag(2, 0, 0, 1));
        deliver(new Tag(3, 0, 0, 1));
        assertEquals(0, inbox.held(1).held());
    }

    @Test
    void anOrderlyCloseKeepsWhatArrived() {
        deliver(new Tag(1, 0, 0, 0));
        inbox.end(1, Failure.closedThere(1));
        assertEquals(100, inbox.held(1).held());
        assertFalse(inbox.ended(1) == null);
    }

    @Test
    void aTagIsNoticedTwiceBeforeAndAfterItsReceipt() {
        Tag tag = new Tag(1, 0, 0, 0);
        deliver(tag);
        inbox.held(1).add(100);
        assertFalse(inbox.deliver(1, tag, MESSAGE));
        inbox.expect(1, tag).receive(Deadline.in(Duration.ofSeconds(60)));
        inbox.held(1).add(100);
        assertFalse(inbox.deliver(1, tag, MESSAGE));
        assertEquals(0, inbox.held(1).held());
    }

    @Test
    void aFinishedRequestIsNeverOpenedAgain() {
        assertNotNull(inbox.request(5));
        inbox.finish(5);
        assertNull(inbox.request(5));
        inbox.finish(6);
        assertNull(inbox.request(6));
        assertNotNull(inbox.request(7));
    }

    @Test
    void deliveriesThatRaceWithTheirRequestsEndLeaveNothingBehind() throws InterruptedException {
        for (int request = 0; request < 2000; request++) {
            int number = request;
            List<Thread> threads = new ArrayList<>();
            for (int sequence = 0; sequence < 3; sequence++) {
                Tag tag = new Tag(number, 0, 0, sequence);
                threads.add(Thread.startVirtualThread(() -> deliver(tag)));
            }
            threads.add(Thread.startVirtualThread(() -> inbox.finish(number)));
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(0, inbox.held(1).held(), "request " + request);
            assertEquals(0, traffic.snapshot(request).onlineDepth());
        }
    }
}
