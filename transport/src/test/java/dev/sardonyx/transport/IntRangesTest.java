package dev.sardonyx.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IntRangesTest {

    @Test
    void numbersInOrderTakeOneRange() {
        IntRanges ranges = new IntRanges();
        for (int number = -5; number < 1000; number++) {
            ranges.add(number);
        }
        assertEquals(1, ranges.ranges());
    }

    @Test
    void holdsExactlyWhatWasAddedInAnyOrder() {
        Random random = new Random(7);
        IntRanges ranges = new IntRanges();
        Set<Integer> expected = new HashSet<>();
        for (int round = 0; round < 300; round++) {
            int number = random.nextInt(400);
            ranges.add(number);
            expected.add(number);
            for (int probe = -1; probe <= 400; probe++) {
                assertEquals(expected.contains(probe), ranges.contains(probe), "seed 7, round " + round + ", number " + probe);
            }
        }
    }

    @Test
    void theLeastAndTheGreatestNumberHaveNoNeighbours() {
        IntRanges ranges = new IntRanges();
        ranges.add(Integer.MAX_VALUE);
        ranges.add(Integer.MIN_VALUE);
        assertEquals(2, ranges.ranges());
        assertEquals(true, ranges.contains(Integer.MAX_VALUE));
        assertEquals(true, ranges.contains(Integer.MIN_VALUE));
        assertEquals(false, ranges.contains(0));
    }
}
