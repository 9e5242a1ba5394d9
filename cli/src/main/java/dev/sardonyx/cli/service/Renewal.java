package dev.sardonyx.cli.service;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Reads a party's configuration again every few seconds, with the certificates and the key that it names, and goes by what changed in
 * certificates and clients. Reading is cheap, and finds what a watch on files misses: files behind links, as orchestrators mount them.
 * What cannot be read, is half written or takes a restart is told once, and the party goes on as before.
 */
final class Renewal implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(2);

    private final Supplier<PartyFile> configuration;
    private final Consumer<PartyFile> action;
    private final Log log;
    private final CountDownLatch closed = new CountDownLatch(1);
    private PartyFile known;
    private String trouble = "";

    /** @param action goes by another configuration; throws, and changes nothing, where it cannot */
    Renewal(PartyFile known, Supplier<PartyFile> configuration, Consumer<PartyFile> action, Log log) {
        this.known = known;
        this.configuration = configuration;
        this.action = action;
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
            PartyFile found = configuration.get();
            if (!found.equals(known)) {
                requireSameParty(found);
                action.accept(found);
                known = found;
                log.event("renewed", "reason", "own certificate good until " + found.identity().certificate().getNotAfter().toInstant() + ", " + found.clients().size()
                        + " clients");
            }
            trouble = "";
        } catch (ServiceException | IllegalArgumentException e) {
            String told = String.valueOf(e.getMessage());
            if (!told.equals(trouble)) {
                log.event("not-renewed", "reason", told);
            }
            trouble = told;
        }
    }

    /** Only certificates and clients change while a party runs. */
    private void requireSameParty(PartyFile found) {
        List<String> fixed = new ArrayList<>();
        note(fixed, "party", found.party() == known.party());
        note(fixed, "protocol", found.protocol().equals(known.protocol()));
        note(fixed, "listen", found.listen().equals(known.listen()));
        note(fixed, "share-key", found.shareKey().equals(known.shareKey()));
        note(fixed, "data", found.data().equals(known.data()));
        note(fixed, "addresses of parties", found.parties().stream().map(ClusterFile.Seat::address).toList().equals(known.parties().stream().map(
                ClusterFile.Seat::address).toList()));
        note(fixed, "limits", found.limits().equals(known.limits()));
        note(fixed, "metrics", found.metrics().equals(known.metrics()));
        if (!fixed.isEmpty()) {
            throw new ServiceException(ServiceException.Kind.BAD_REQUEST, "changes that take a restart: " + String.join(", ", fixed));
        }
    }

    private static void note(List<String> fixed, String what, boolean same) {
        if (!same) {
            fixed.add(what);
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
