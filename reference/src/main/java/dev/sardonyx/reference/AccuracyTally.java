package dev.sardonyx.reference;

import dev.sardonyx.graph.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Counts, batch by batch, how often the float, the fixed-point and the secure run of a model name the right class and the same class.
 * Not for several threads at once.
 */
public final class AccuracyTally {
    /** Two scores nearer than this are a tie: which of them is greater says nothing. */
    public static final double TIE = 1e-3;

    private static final int MOST_LISTED = 10_000;

    private final Tolerance tolerance;
    private final List<Disagreement> disagreements = new ArrayList<>();
    private Comparison secureError = Comparison.NONE;
    private Comparison fixedPointError = Comparison.NONE;
    private int samples;
    private int classified;
    private int labelled;
    private int agreeing;
    private int referenceRight;
    private int fixedPointRight;
    private int secureRight;

    /**
     * A sample whose class differs between the float and the secure run.
     *
     * @param sample its number
     * @param reference class by the float run
     * @param secure class by the secure run
     * @param gap how much the float run's score of its own class exceeds that of the secure run's
     * @param label the right class, where known
     */
    public record Disagreement(int sample, long reference, long secure, double gap, Optional<Long> label) {
        /** True if the float run itself hardly tells the two apart. */
        public boolean tie() {
            return gap < TIE;
        }
    }

    public AccuracyTally(Tolerance tolerance) {
        this.tolerance = tolerance;
    }

    /**
     * Adds some samples.
     *
     * @param from number of the first
     * @param size how many
     * @param labels the right classes, where known
     * @param runs outputs by name of the three runs
     */
    public void add(int from, int size, Optional<List<Long>> labels, Runs runs) {
        samples += size;
        secureError = secureError.plus(Comparison.of(runs.reference(), runs.secure(), tolerance));
        fixedPointError = fixedPointError.plus(Comparison.of(runs.reference(), runs.fixedPoint(), tolerance));
        Optional<Classes> found = Classes.in(runs.reference(), size);
        if (found.isEmpty() || secureError.mismatch().isPresent()) {
            return;
        }
        Classes classes = found.get();
        for (int i = 0; i < size; i++) {
            int index = i;
            long reference = classes.of(runs.reference(), i);
            long secure = classes.of(runs.secure(), i);
            Optional<Long> label = labels.map(all -> all.get(index));
            classified++;
            agreeing += reference == secure ? 1 : 0;
            if (reference != secure && disagreements.size() < MOST_LISTED) {
                double gap = classes.score(runs.reference(), i, reference) - classes.score(runs.reference(), i, secure);
                disagreements.add(new Disagreement(from + i, reference, secure, gap, label));
            }
            if (label.isPresent()) {
                labelled++;
                referenceRight += label.get() == reference ? 1 : 0;
                fixedPointRight += label.get() == classes.of(runs.fixedPoint(), i) ? 1 : 0;
                secureRight += label.get() == secure ? 1 : 0;
            }
        }
    }

    /** Outputs by name of one batch under the float, the fixed-point and the secure run. */
    public record Runs(Map<String, Tensor> reference, Map<String, Tensor> fixedPoint, Map<String, Tensor> secure) {
    }

    public int samples() {
        return samples;
    }

    /** Share of samples whose class agrees between the float and the secure run; empty if the outputs name no class. */
    public OptionalDouble agreement() {
        return share(agreeing, classified);
    }

    public OptionalDouble referenceAccuracy() {
        return share(referenceRight, labelled);
    }

    public OptionalDouble fixedPointAccuracy() {
        return share(fixedPointRight, labelled);
    }

    public OptionalDouble secureAccuracy() {
        return share(secureRight, labelled);
    }

    /** Errors of the secure run's outputs. */
    public Comparison secureError() {
        return secureError;
    }

    /** Errors of the fixed-point run's outputs. */
    public Comparison fixedPointError() {
        return fixedPointError;
    }

    /** The samples whose class differs, in order; the first ten thousand. */
    public List<Disagreement> disagreements() {
        return List.copyOf(disagreements);
    }

    /** True if errors are within the tolerance and classes differ on ties only. */
    public boolean within() {
        return secureError.within() && disagreements.stream().allMatch(Disagreement::tie);
    }

    /** Writes all of it, so that a comparison can be resumed. */
    public void write(DataOutput out) throws IOException {
        for (int count : new int[]{samples, classified, labelled, agreeing, referenceRight, fixedPointRight, secureRight, disagreements.size()}) {
            out.writeInt(count);
        }
        for (Disagreement one : disagreements) {
            out.writeInt(one.sample());
            out.writeLong(one.reference());
            out.writeLong(one.secure());
            out.writeDouble(one.gap());
            out.writeBoolean(one.label().isPresent());
            out.writeLong(one.label().orElse(0L));
        }
        secureError.write(out);
        fixedPointError.write(out);
    }

    /** Reads what {@link #write} wrote. */
    public static AccuracyTally read(DataInput in, Tolerance tolerance) throws IOException {
        var tally = new AccuracyTally(tolerance);
        tally.samples = in.readInt();
        tally.classified = in.readInt();
        tally.labelled = in.readInt();
        tally.agreeing = in.readInt();
        tally.referenceRight = in.readInt();
        tally.fixedPointRight = in.readInt();
        tally.secureRight = in.readInt();
        int listed = in.readInt();
        if (listed < 0 || listed > MOST_LISTED) {
            throw new IOException(listed + " disagreements; expected 0 to " + MOST_LISTED);
        }
        for (int i = 0; i < listed; i++) {
            int sample = in.readInt();
            long reference = in.readLong();
            long secure = in.readLong();
            double gap = in.readDouble();
            boolean known = in.readBoolean();
            long label = in.readLong();
            tally.disagreements.add(new Disagreement(sample, reference, secure, gap, known ? Optional.of(label) : Optional.empty()));
        }
        tally.secureError = Comparison.read(in);
        tally.fixedPointError = Comparison.read(in);
        return tally;
    }

    private static OptionalDouble share(int part, int whole) {
        return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) part / whole);
    }
}
