package dev.sardonyx.test.faults;

import java.util.function.Function;

/**
 * One line of the table of faults.
 *
 * @param name what happens
 * @param harm whose requests may end with an error because of it
 * @param slow whether it takes longer than the default suite has time for
 * @param missing what this system lacks for it; empty if nothing
 * @param act does it, asserts what each side is told, and ends it
 */
record Fault(String name, Harm harm, boolean slow, Function<FaultCluster, String> missing, Act act) {
    /** Who may be harmed. */
    enum Harm {
        /** Nobody but whoever does it. */
        NOBODY,
        /** Requests that run meanwhile; they end with an error or a right answer. */
        REQUESTS
    }

    interface Act {
        void on(FaultTableTest.Stage stage) throws Exception;
    }

    static Fault harmless(String name, Act act) {
        return new Fault(name, Harm.NOBODY, false, _ -> "", act);
    }

    static Fault harmful(String name, Act act) {
        return new Fault(name, Harm.REQUESTS, false, _ -> "", act);
    }

    /** As this one, run only where there is time. */
    Fault slowly() {
        return new Fault(name, harm, true, missing, act);
    }

    Fault needing(Function<FaultCluster, String> what) {
        return new Fault(name, harm, slow, what, act);
    }

    String missing(FaultCluster cluster) {
        return missing.apply(cluster);
    }

    @Override
    public String toString() {
        return name;
    }
}
