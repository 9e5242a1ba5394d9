package dev.sardonyx.transport;

import java.util.Map;
import java.util.TreeMap;

/** A set of numbers kept as ranges, so that it stays small where numbers are mostly handed out in order. Safe for concurrent use. */
final class IntRanges {

    /** First number of each range to its last; ranges neither overlap nor touch. */
    private final TreeMap<Integer, Integer> lastByFirst = new TreeMap<>();

    synchronized void add(int number) {
        if (contains(number)) {
            return;
        }
        int first = number;
        int last = number;
        Map.Entry<Integer, Integer> below = lastByFirst.lowerEntry(number);
        if (below != null && below.getValue() == number - 1) {
            first = below.getKey();
        }
        Integer above = number == Integer.MAX_VALUE ? null : lastByFirst.remove(number + 1);
        if (above != null) {
            last = above;
        }
        lastByFirst.put(first, last);
    }

    synchronized boolean contains(int number) {
        Map.Entry<Integer, Integer> range = lastByFirst.floorEntry(number);
        return range != null && number <= range.getValue();
    }

    /** How many ranges the set is kept in. */
    synchronized int ranges() {
        return lastByFirst.size();
    }
}
