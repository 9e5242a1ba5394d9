package dev.sardonyx.cli.service;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Owners' connections at one time, so dealt out that no client keeps another one out: a number of them is each client's own, and counts as
 * taken whether it is in use or not; what is left goes to whoever comes first.
 */
final class Places {
    /** Fewer would be of little use to a client: one is taken by each request that runs and by each question meanwhile. */
    private static final int FEW = 4;

    private final int all;
    private final Map<String, Integer> held = new HashMap<>();
    private Set<String> clients;

    /**
     * @param all connections of all clients together
     * @param clients names of all clients
     */
    Places(int all, Set<String> clients) {
        this.all = all;
        this.clients = Set.copyOf(clients);
    }

    /** How many each client can have whatever the others do: an eighth of all in equal parts, at least {@value #FEW}, as far as there are so many. */
    static int assured(int all, int clients) {
        return clients == 0 ? 0 : Math.min(Math.max(FEW, all / (8 * clients)), all / clients);
    }

    synchronized int assured() {
        return assured(all, clients.size());
    }

    /** How many a client has. */
    synchronized int held(String client) {
        return held.getOrDefault(client, 0);
    }

    /**
     * Gives a client another one, which {@link #leave} must give back; false where there is none for it. A client that has fewer than it is
     * assured of gets one even if others, who were there before it was known, have all: they keep theirs.
     */
    synchronized boolean enter(String client) {
        int has = held(client);
        if (!clients.contains(client) || has >= assured() && taken() >= all) {
            return false;
        }
        held.put(client, has + 1);
        return true;
    }

    private int taken() {
        int kept = clients.stream().mapToInt(client -> Math.max(assured(), held(client))).sum();
        return kept + held.entrySet().stream().filter(each -> !clients.contains(each.getKey())).mapToInt(Map.Entry::getValue).sum();
    }

    synchronized void leave(String client) {
        held.computeIfPresent(client, (_, has) -> has == 1 ? null : has - 1);
    }

    /** Other clients are known from now on; connections that are open still count. */
    synchronized void renew(Set<String> others) {
        clients = Set.copyOf(others);
    }
}
