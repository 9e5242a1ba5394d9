package dev.sardonyx.secureops.execute;

import dev.sardonyx.graph.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an embedded run gave and what it took.
 *
 * @param outputs by name
 * @param seconds from the moment the parties have the inputs' shares until all have the outputs' shares; preprocessing included
 * @param totalSeconds as {@code seconds}, with encoding and sharing the inputs and revealing the outputs
 * @param parties what each party sent and held
 * @param rounds length of the longest chain of dependent online messages
 * @param preprocessingRounds length of the longest chain of dependent messages that depend on no input
 * @param inputBytes payload that the data owner sends the parties, at planned width
 * @param revealBytes payload that the parties send the data owner, at planned width
 */
public record RunResult(Map<String, Tensor> outputs, double seconds, double totalSeconds, List<PartyCost> parties, int rounds,
        int preprocessingRounds, long inputBytes, long revealBytes) {

    /**
     * @param preprocessingBytes payload sent to other parties independently of any input
     * @param onlineBytes payload sent to other parties depending on inputs
     * @param messages messages sent to other parties
     * @param peakLiveBytes the most bytes that the plan's values took at one time, summed over the lanes that run side by side
     */
    public record PartyCost(long preprocessingBytes, long onlineBytes, long messages, long peakLiveBytes) {
        public long bytes() {
            return preprocessingBytes + onlineBytes;
        }
    }

    public RunResult {
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        parties = List.copyOf(parties);
    }

    /** Bytes that the party sends that sends most. */
    public long busiestBytes() {
        return parties.stream().mapToLong(PartyCost::bytes).max().orElse(0);
    }

    /** Bytes that all parties send. */
    public long totalBytes() {
        return parties.stream().mapToLong(PartyCost::bytes).sum();
    }
}
