package dev.sardonyx.transport;

import dev.sardonyx.transport.TransportException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Finds machines by their names. The operating system may take minutes to say that its name service does not answer, and cannot be
 * interrupted; so each name is looked up in a thread of its own, once at a time, and whoever asks waits no longer than it wants to.
 */
public final class NameService {
    private static final Map<String, CompletableFuture<InetAddress>> UNDER_WAY = new ConcurrentHashMap<>();

    private NameService() {
    }

    /**
     * The address of a machine, which waits for nothing where it is written in numbers.
     *
     * @throws TransportException naming the machine, where its name is unknown or is not found by the deadline
     */
    public static InetAddress find(String name, Deadline deadline) {
        try {
            return find(name).get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new TransportException(Kind.PEER_FAILED, trouble(name, e.getCause()));
        } catch (TimeoutException e) {
            throw new TransportException(Kind.TIMEOUT, "the name service does not say within " + deadline.allowed().toSeconds() + " s where '" + name + "' is");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportException(Kind.INTERRUPTED, "interrupted while the name service was asked for '" + name + "'");
        }
    }

    /** As {@link #find(String, Deadline)}, for whoever must not wait. */
    static CompletableFuture<InetAddress> find(String name) {
        try {
            return CompletableFuture.completedFuture(InetAddress.ofLiteral(name));
        } catch (IllegalArgumentException inWords) {
            return UNDER_WAY.computeIfAbsent(name, NameService::begin);
        }
    }

    private static CompletableFuture<InetAddress> begin(String name) {
        var found = new CompletableFuture<InetAddress>();
        var thread = new Thread(() -> {
            try {
                InetAddress address = InetAddress.getByName(name);
                UNDER_WAY.remove(name);
                found.complete(address);
            } catch (UnknownHostException | RuntimeException | Error e) {
                UNDER_WAY.remove(name);
                found.completeExceptionally(e);
            }
        }, "name service");
        thread.setDaemon(true);
        thread.start();
        return found;
    }

    /** What went wrong in {@link #find(String)}. */
    static String trouble(String name, @Nullable Throwable why) {
        return why instanceof UnknownHostException ? "the name '" + name + "' is unknown to the name service" : "the name service fails for '" + name + "': " + why;
    }
}
