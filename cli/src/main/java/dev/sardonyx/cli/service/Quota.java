package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Requests of each client in an hour: a bucket that fills evenly, so that a client out of quota gets the next request soon. */
final class Quota {
    private static final double NANOS_PER_HOUR = 3600e9;

    private static final class Bucket {
        private double tokens;
        private long last = System.nanoTime();

        Bucket(long tokens) {
            this.tokens = tokens;
        }
    }

    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    /** @throws ServiceException of kind REFUSED where the client has none left */
    void spend(PartyFile.Client client) {
        if (client.perHour() == Long.MAX_VALUE) {
            return;
        }
        Bucket bucket = buckets.computeIfAbsent(client.name(), _ -> new Bucket(client.perHour()));
        synchronized (bucket) {
            long now = System.nanoTime();
            bucket.tokens = Math.min(client.perHour(), bucket.tokens + (now - bucket.last) / NANOS_PER_HOUR * client.perHour());
            bucket.last = now;
            if (bucket.tokens < 1) {
                throw new ServiceException(Kind.REFUSED, "client '" + client.name() + "' has used its " + client.perHour() + " requests an hour");
            }
            bucket.tokens--;
        }
    }
}
