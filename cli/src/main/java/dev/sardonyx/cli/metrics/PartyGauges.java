package dev.sardonyx.cli.metrics;

import java.time.Instant;
import java.util.Optional;

/** What a party can be asked at any time; answers are counts and names of peers. */
public interface PartyGauges {
    /** Requests of owners that are being answered. */
    int running();

    /** Requests that wait for memory. */
    int waiting();

    /** Owners' connections. */
    int connections();

    /** Bytes that requests take. */
    long memoryHeld();

    /** Bytes that requests may take. */
    long memoryLimit();

    /** Models that all parties have found to be the same in this session. */
    int modelsReady();

    /** Models on disk, usable or not. */
    int modelsStored();

    /** Other parties that this one is linked with. */
    int peersLinked();

    /** Sessions begun since the start. */
    long sessions();

    /** Bytes of payload sent to a peer since the start. */
    long bytesSent(int peer);

    /** When the party's own certificate ends. */
    Instant certificateEnds();

    /** Why the party cannot take part now; empty where it can. */
    Optional<String> trouble();
}
