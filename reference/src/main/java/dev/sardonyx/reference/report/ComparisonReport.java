package dev.sardonyx.reference.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the HTML page shows: plain data, so that whoever compares needs to know nothing of pages.
 *
 * @param model its name
 * @param protocol which sharing scheme
 * @param samples how many were compared
 * @param agreement share of samples with the same class in float and on shares
 * @param healthy whether errors are within the tolerance and nothing parts
 * @param verdict one line on it
 * @param runs the float, the fixed-point and the secure run
 * @param facts short facts with their names: time, bytes, rounds
 * @param outputs what was gathered of the outputs
 * @param nodes where numbers part, in the model's order
 * @param costs what each node costs, in the plan's order
 * @param pictures the worst samples, with a picture where they are one
 * @param disagreements samples whose classes differ, each in a line
 * @param environment names and values: plan hash, machine, versions
 * @param revealed whether the values inside the model were revealed
 */
public record ComparisonReport(String model, String protocol, int samples, OptionalDouble agreement, boolean healthy, String verdict,
        List<Run> runs, Map<String, String> facts, OutputTally outputs, List<NodeError> nodes, List<NodeCost> costs, List<WorstSample> pictures,
        List<String> disagreements, Map<String, String> environment, boolean revealed) {

    /**
     * One way of running the model.
     *
     * @param kind {@code float}, {@code fixed} or {@code secure}, which is also its colour
     */
    public record Run(String name, String kind, OptionalDouble accuracy, OptionalDouble maxAbsError, OptionalDouble meanAbsError) {
    }

    /**
     * How far a node is from float.
     *
     * @param total difference from the float run
     * @param own what the node itself adds
     * @param cause {@code precision}, {@code approximation}, {@code range}, {@code bug} or {@code none}
     * @param faulty whether it is the node to look at
     * @param bits scale and free bits, in words
     * @param protocol the secure run's difference from fixed point, if it was revealed
     */
    public record NodeError(String name, String op, double total, double own, String cause, boolean faulty, String bits, OptionalDouble protocol) {
    }

    /** What a node costs the busiest party for one call. */
    public record NodeCost(String name, String kernel, long bytes, int rounds) {
    }

    /**
     * A sample with its answers.
     *
     * @param caption what it is
     * @param png a picture of it, base64, empty if it is none
     * @param wrong whether the secure class differs from the float one
     */
    public record WorstSample(String title, String caption, Optional<String> png, boolean wrong) {
    }

    /** An error as the page writes it: {@code 6.1·10⁻⁵}. */
    public static String error(double error) {
        return Markup.error(error);
    }

    public ComparisonReport {
        runs = List.copyOf(runs);
        nodes = List.copyOf(nodes);
        costs = List.copyOf(costs);
        pictures = List.copyOf(pictures);
        disagreements = List.copyOf(disagreements);
    }
}
