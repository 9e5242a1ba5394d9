package dev.sardonyx.cli.service;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Reads a configuration again every few seconds, with the certificates and the key that it names, and goes by what changed. Reading is
 * cheap, and finds what a watch on files misses: files behind links, as orchestrators mount them. What cannot be read, is half written or
 * takes a restart is told once, and all goes on as before.
 *
 * @param <C> what is read; equal to another where nothing changed
 */
final class Renewal<C> implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(2);

    /** What becomes of another configuration. */
    interface Rules<C> {
        /** Names of what changed and takes a restart. */
        List<String> fixed(C known, C found);

        /** Goes by another configuration; throws, and changes nothing, where it cannot. */
        void take(C found);

        /** What is new, for the log. */
        String news(C found);
    }

    private final Supplier<C> configuration;
    private final Rules<C> rules;
    private final Log log;
    private final CountDownLatch closed = new CountDownLatch(1);
    private C known;
    private String trouble = "";

    Renewal(C known, Supplier<C> configuration, Rules<C> rules, Log log) {
        this.known = known;
        this.configuration = configuration;
        this.rules = rules;
        this.log = log;
    }

    void start() {
        Thread.ofVirtual().name("renewal").start(() -> {
            try {
                while (!closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                    look();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Looks once. */
    void look() {
        try {
            C found = configuration.get();
            if (!found.equals(known)) {
                List<String> fixed = rules.fixed(known, found);
                if (!fixed.isEmpty()) {
                    throw new ServiceException(ServiceException.Kind.BAD_REQUEST, "changes that take a restart: " + String.join(", ", fixed));
                }
                rules.take(found);
                known = found;
                log.event("renewed", "reason", rules.news(found));
            }
            trouble = "";
        } catch (RuntimeException | Error e) {
            // Whatever it is, it is looked again: certificates that are taken back must not stay good.
            String told = String.valueOf((e instanceof IllegalArgumentException ? e : Troubles.asService(e)).getMessage());
            if (!told.equals(trouble)) {
                log.event("not-renewed", "reason", told);
            }
            trouble = told;
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
