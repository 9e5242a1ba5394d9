package dev.sardonyx.transport;

import java.util.ArrayList;
import java.util.List;

/**
 * What one party had sent at one moment, or between two. Bytes are those of payloads; what framing, TLS and TCP add is not in them.
 *
 * @param links              per peer, indexed by party (the own entry is empty)
 * @param preprocessingDepth the greatest depth of a preprocessing message sent or received; 0 where there was none
 * @param onlineDepth        the greatest depth of an online message sent or received; 0 where there was none
 */
public record TrafficSnapshot(List<Link> links, int preprocessingDepth, int onlineDepth) {

    /** Bytes and messages sent. */
    public record Count(long bytes, long messages) {

        static final Count NONE = new Count(0, 0);

        Count plus(Count other) {
            return new Count(bytes + other.bytes, messages + other.messages);
        }

        Count minus(Count other) {
            return new Count(bytes - other.bytes, messages - other.messages);
        }
    }

    /** What was sent to one peer, by phase. */
    public record Link(Count preprocessing, Count online) {

        public Count of(Phase phase) {
            return switch (phase) {
                case PREPROCESSING -> preprocessing;
                case ONLINE -> online;
            };
        }

        public Count total() {
            return preprocessing.plus(online);
        }
    }

    public TrafficSnapshot {
        links = List.copyOf(links);
    }

    /** All bytes sent. */
    public long bytes() {
        return total().bytes();
    }

    /** All messages sent. */
    public long messages() {
        return total().messages();
    }

    /** Bytes and messages sent to all peers in both phases. */
    public Count total() {
        return links.stream().map(Link::total).reduce(Count.NONE, Count::plus);
    }

    /** Bytes and messages sent to all peers in this phase. */
    public Count total(Phase phase) {
        return links.stream().map(link -> link.of(phase)).reduce(Count.NONE, Count::plus);
    }

    /** Bytes and messages sent to one peer. */
    public Link to(int peer) {
        return links.get(peer);
    }

    /** The greatest depth of a message of this phase sent or received; 0 where there was none. */
    public int depth(Phase phase) {
        return switch (phase) {
            case PREPROCESSING -> preprocessingDepth;
            case ONLINE -> onlineDepth;
        };
    }

    /**
     * What was sent since {@code earlier}. Depths are kept as they are here, because a maximum cannot be taken apart: for the depth
     * of one piece of work, give it a request of its own.
     *
     * @throws IllegalArgumentException where the two are of different numbers of parties
     */
    public TrafficSnapshot minus(TrafficSnapshot earlier) {
        if (earlier.links.size() != links.size()) {
            throw new IllegalArgumentException("cannot subtract traffic among " + earlier.links.size() + " parties from traffic among " + links.size());
        }
        List<Link> difference = new ArrayList<>();
        for (int peer = 0; peer < links.size(); peer++) {
            Link now = links.get(peer);
            Link then = earlier.links.get(peer);
            difference.add(new Link(now.preprocessing.minus(then.preprocessing), now.online.minus(then.online)));
        }
        return new TrafficSnapshot(difference, preprocessingDepth, onlineDepth);
    }
}
