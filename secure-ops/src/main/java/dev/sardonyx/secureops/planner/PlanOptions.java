package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.protocol.Protocol;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a plan is made for.
 *
 * @param protocol whose costs count
 * @param network the links whose time is to be saved
 * @param publicWeights whether the model's constants may be known to every party
 * @param fractionBits one scale for all values; empty: chosen for each
 * @param inputRanges declared bounds by input name; an input without one is refused
 * @param calibration observed bounds of values, already widened by a margin; values without one keep what interval analysis gives
 * @param ranges where bounds of weights come from
 * @param reveal what the data owner gets
 * @param disabled labels of planner passes that are switched off
 * @param lanes lanes to cut the batch into; 0: chosen
 * @param trust what is taken for granted of owners' numbers
 */
public record PlanOptions(Protocol protocol, NetworkProfile network, boolean publicWeights, OptionalInt fractionBits,
        Map<String, Interval> inputRanges, Map<ValueId, Interval> calibration, RangeSource ranges, Reveal reveal, Set<String> disabled,
        int lanes, Trust trust) {

    /**
     * What is taken for granted of the numbers that owners share.
     *
     * @param clampInputs whether inputs are clamped in shares to their declared range; if not, a data owner that shares a number outside it
     *        gets whatever comes of it
     * @param weights declared bounds of learned numbers, for {@link RangeSource#DECLARED}; empty: bounds of all of them
     *        together, rounded up to four significant bits, and the plan lists that it tells this much
     */
    public record Trust(boolean clampInputs, Optional<WeightBounds> weights) {
        /** Both owners are this process. */
        public static final Trust EMBEDDED = new Trust(false, Optional.empty());
    }

    /**
     * What parties may know of learned numbers.
     *
     * @param each bounds of every one of them
     * @param rows bound of Σ|w| / √n for every row of n numbers that a matrix product or a convolution multiplies by; infinite where none is
     *        declared. Weights are trained so that this is much the same for long rows and short ones, which makes one number for a whole
     *        model say far more than the greatest weight times n
     */
    public record WeightBounds(Interval each, double rows) {
        public WeightBounds {
            if (!(rows >= 0)) {
                throw new IllegalArgumentException("bound of rows of " + rows + "; expected 0 or more");
            }
        }

        /** Bounds of every number and nothing else. */
        public static WeightBounds ofEach(Interval each) {
            return new WeightBounds(each, Double.POSITIVE_INFINITY);
        }

        /** Bounds of Σ w·x for a row of {@code depth} numbers. */
        Interval product(Interval x, int depth) {
            Interval byEach = each.times(x).times(Math.max(1, depth));
            Interval byRows = Interval.symmetric(rows * Math.sqrt(depth) * x.magnitude());
            return byRows.magnitude() < byEach.magnitude() ? byRows : byEach;
        }
    }

    /** Where the planner may look for the bounds of weights. */
    public enum RangeSource {
        /** At the weights themselves; the plan then tells a little about them, and lists it. */
        PRIVATE_DERIVED,
        /** Only at shapes and declared bounds: every weight is taken to lie in {@link Trust#weights}, which is checked here and when it is shared. */
        DECLARED
    }

    /** What is revealed of each output, to the data owner alone. */
    public sealed interface Reveal {
        /** Every number. */
        record All() implements Reveal {
        }

        /** The index of the greatest score along the last axis; ties go to the lowest index. */
        record ArgMax() implements Reveal {
        }

        /** The indices of the k greatest scores, in order. */
        record TopK(int k) implements Reveal {
        }
    }

    public PlanOptions {
        inputRanges = Map.copyOf(inputRanges);
        calibration = Map.copyOf(calibration);
        disabled = Set.copyOf(disabled);
    }

    /** Secret weights, planned scales, everything revealed to the data owner, every pass on. */
    public static PlanOptions of(Protocol protocol, Map<String, Interval> inputRanges) {
        return new PlanOptions(protocol, NetworkProfile.LAN, false, OptionalInt.empty(), inputRanges, Map.of(),
                RangeSource.PRIVATE_DERIVED, new Reveal.All(), Set.of(), 0, Trust.EMBEDDED);
    }

    public PlanOptions withNetwork(NetworkProfile network) {
        return new PlanOptions(protocol, network, publicWeights, fractionBits, inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    public PlanOptions withPublicWeights(boolean publicWeights) {
        return new PlanOptions(protocol, network, publicWeights, fractionBits, inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    public PlanOptions withFractionBits(int bits) {
        return new PlanOptions(protocol, network, publicWeights, OptionalInt.of(bits), inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    public PlanOptions withCalibration(Map<ValueId, Interval> calibration) {
        return new PlanOptions(protocol, network, publicWeights, fractionBits, inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    public PlanOptions withRanges(RangeSource ranges) {
        return new PlanOptions(protocol, network, publicWeights, fractionBits, inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    public PlanOptions withReveal(Reveal reveal) {
        return new PlanOptions(protocol, network, publicWeights, fractionBits, inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    public PlanOptions withDisabled(Set<String> disabled) {
        return new PlanOptions(protocol, network, publicWeights, fractionBits, inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    public PlanOptions withLanes(int lanes) {
        return new PlanOptions(protocol, network, publicWeights, fractionBits, inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    public PlanOptions withInputRanges(Map<String, Interval> inputRanges) {
        return new PlanOptions(protocol, network, publicWeights, fractionBits, inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    public PlanOptions withTrust(Trust trust) {
        return new PlanOptions(protocol, network, publicWeights, fractionBits, inputRanges, calibration, ranges, reveal, disabled, lanes, trust);
    }

    /** As these, with inputs clamped in shares or not. */
    public PlanOptions withClampedInputs(boolean clampInputs) {
        return withTrust(new Trust(clampInputs, trust.weights()));
    }

    public boolean enabled(PlanPass pass) {
        return !disabled.contains(pass.label());
    }
}
