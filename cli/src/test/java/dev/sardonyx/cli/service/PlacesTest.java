package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Connections are so dealt out that no client, nor all others together, keep one out. */
class PlacesTest {
    private static int taken(Places places, String client) {
        int count = 0;
        while (places.enter(client)) {
            count++;
        }
        return count;
    }

    private static Set<String> clients(int count) {
        return IntStream.range(0, count).mapToObj(client -> "client-" + client).collect(Collectors.toSet());
    }

    @Test
    void oneClientLeavesTheOthersTheirShare() {
        var places = new Places(256, Set.of("model-owner", "data-owner"));
        assertEquals(16, places.assured());
        assertEquals(240, taken(places, "data-owner"));
        assertEquals(16, taken(places, "model-owner"));
        assertFalse(places.enter("data-owner"));
        assertFalse(places.enter("model-owner"));
        places.leave("data-owner");
        assertTrue(places.enter("model-owner"));
        assertFalse(places.enter("data-owner"));
    }

    @Test
    void whateverTheOthersHoldEachClientGetsWhatItIsAssuredOf() {
        for (int all : new int[] {1, 2, 3, 8, 40, 256, 10_000}) {
            for (int count : new int[] {1, 2, 3, 7, 40, 256}) {
                if (count <= all) {
                    var places = new Places(all, clients(count));
                    clients(count).stream().skip(1).forEach(greedy -> taken(places, greedy));
                    int got = clients(count).stream().limit(1).mapToInt(last -> taken(places, last)).sum();
                    int held = clients(count).stream().mapToInt(places::held).sum();
                    String where = all + " for " + count;
                    assertTrue(got >= Math.min(4, all / count) && got >= all / (8 * count), where);
                    assertTrue(got >= places.assured() && held <= all, where);
                }
            }
        }
    }

    @Test
    void whoIsAddedGetsInAlthoughOthersHaveAllAndWhoIsRemovedDoesNot() {
        var places = new Places(8, Set.of("old", "other"));
        assertEquals(4, taken(places, "old"));
        assertEquals(4, taken(places, "other"));
        places.renew(Set.of("old", "new"));
        assertFalse(places.enter("other"));
        assertFalse(places.enter("old"));
        assertEquals(4, taken(places, "new"));
        IntStream.range(0, 4).forEach(_ -> places.leave("other"));
        assertEquals(0, taken(places, "old"));
        assertEquals(0, places.held("other"));
    }

    @Test
    void aClientAloneMayHaveAll() {
        assertEquals(256, taken(new Places(256, Set.of("only")), "only"));
    }
}
