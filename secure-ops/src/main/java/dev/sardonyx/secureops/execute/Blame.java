package dev.sardonyx.secureops.execute;

import dev.sardonyx.transport.Tag;
import dev.sardonyx.transport.TransportException;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one failure of a request says of where the fault lies; the least of several says most.
 *
 * <p>When a party stalls, the others come to wait for one another, and whose patience ends first is chance: the waits began within
 * microseconds. The plan's order tells instead. Whoever waits for the earliest message waits for the one at fault: that one cannot itself
 * be waiting for something earlier, which its message would have depended on.
 *
 * @param source what kind of failure
 * @param step the plan's step of the message that was waited for; 0 unless one was
 * @param sequence the message's number within its step; 0 unless one was waited for
 */
public record Blame(Source source, int step, int sequence) implements Comparable<Blame> {
    /** Kinds of failures, by how much they say. */
    public enum Source {
        /** Something failed here. */
        CAUSE,
        /** A message was waited for in vain: patience ended here, or another party ended the request meanwhile. */
        WAITED,
        /** Another party ended the request, or another thread this one's work. */
        AFTERMATH
    }

    /** Something failed here. */
    public static final Blame CAUSE = new Blame(Source.CAUSE, 0, 0);

    /** Only the echo of what failed elsewhere. */
    public static final Blame AFTERMATH = new Blame(Source.AFTERMATH, 0, 0);

    private static final Comparator<Blame> ORDER = Comparator.comparing(Blame::source).thenComparingInt(Blame::step).thenComparingInt(Blame::sequence);

    private static final Pattern TEXT = Pattern.compile("([A-Z]+) (\\d{1,9}) (\\d{1,9})");

    /** What a failure says, judged by the transport's failure among its causes. */
    public static Blame of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TransportException transport) {
                return switch (transport.kind()) {
                    case TIMEOUT -> transport.awaited().map(Blame::waited).orElse(CAUSE);
                    case ABORTED -> transport.awaited().map(Blame::waited).orElse(AFTERMATH);
                    case INTERRUPTED -> AFTERMATH;
                    case CLOSED, PEER_FAILED, PROTOCOL_VIOLATION, AUTHENTICATION -> CAUSE;
                };
            }
        }
        return CAUSE;
    }

    private static Blame waited(Tag tag) {
        return new Blame(Source.WAITED, tag.step(), tag.sequence());
    }

    /** Of failures of one request, the one to tell first; of equals the first. */
    static Throwable first(List<Throwable> failures) {
        return failures.stream().min(Comparator.comparing(Blame::of)).orElseThrow();
    }

    /** The blame that {@link #toString} wrote; of any other text {@link #CAUSE}, since a failure that is told must not be lost. */
    public static Blame parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (parts.matches()) {
            for (Source source : Source.values()) {
                if (source.name().equals(parts.group(1))) {
                    return new Blame(source, Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)));
                }
            }
        }
        return CAUSE;
    }

    @Override
    public int compareTo(Blame other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return source + " " + step + " " + sequence;
    }
}
