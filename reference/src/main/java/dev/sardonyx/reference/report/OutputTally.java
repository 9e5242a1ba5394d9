package dev.sardonyx.reference.report;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.AccuracyTally.Runs;
import dev.sardonyx.reference.Classes;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What plots need of a comparison's outputs, gathered batch by batch in memory that does not grow: a histogram of errors, some pairs of
 * scores, confusion counts and the worst samples. Not for several threads at once.
 */
public final class OutputTally {
    /** Bins of the histograms for each power of ten. */
    public static final int BINS_PER_DECADE = 4;
    /** Errors below ten to this power share the first bin with those that are exactly zero. */
    public static final int LEAST_DECADE = -9;
    /** Errors above ten to this power share the last bin. */
    public static final int GREATEST_DECADE = 1;

    private static final int BINS = (GREATEST_DECADE - LEAST_DECADE) * BINS_PER_DECADE + 1;
    private static final int MOST_PAIRS = 1_200;
    private static final int MOST_CLASSES = 20;
    private static final int MOST_WORST = 12;
    private static final int MOST_KEPT_PAIRS = 100_000;
    private static final long SEED = 0x5a2d0;

    private final long[] fixedPoint = new long[BINS];
    private final long[] secure = new long[BINS];
    private final List<Pair> pairs = new ArrayList<>();
    private final List<Worst> worst = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom(SEED);
    private long offered;
    private Optional<Confusion> confusion = Optional.empty();

    /** One number of the outputs in float and on shares. */
    public record Pair(double reference, double secure) {
    }

    /**
     * A sample whose secure answer is farthest from the float one.
     *
     * @param sample its number
     * @param error greatest difference of its outputs
     * @param reference class in float, -1 if the outputs name none
     * @param secure class on shares, likewise
     * @param label the right class, where known
     */
    public record Worst(int sample, double error, long reference, long secure, Optional<Long> label) {
    }

    /**
     * Counts of answers by class.
     *
     * @param classes how many there are
     * @param labelled whether rows are the right classes; else the float run's
     * @param reference counts of the float run by row and answer, flattened
     * @param secure counts of the secure run
     */
    public record Confusion(int classes, boolean labelled, long[] reference, long[] secure) {
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
        double[] errors = new double[size];
        runs.reference().forEach((name, expected) -> {
            Tensor plain = runs.fixedPoint().get(name);
            Tensor shared = runs.secure().get(name);
            if (plain != null && shared != null && expected.shape().equals(plain.shape()) && expected.shape().equals(shared.shape())) {
                spread(expected, plain, shared, errors);
            }
        });
        Optional<Classes> found = Classes.in(runs.reference(), size).filter(classes -> runs.secure().containsKey(classes.output())
                && runs.secure().get(classes.output()).shape().equals(runs.reference().get(classes.output()).shape()));
        for (int i = 0; i < size; i++) {
            Optional<Long> label = labels.isPresent() ? Optional.of(labels.get().get(i)) : Optional.empty();
            int index = i;
            long reference = found.map(classes -> classes.of(runs.reference(), index)).orElse(-1L);
            long shared = found.map(classes -> classes.of(runs.secure(), index)).orElse(-1L);
            worst.add(new Worst(from + i, errors[i], reference, shared, label));
        }
        worst.sort(Comparator.comparing((Worst one) -> one.reference() == one.secure()).thenComparing(Worst::error, Comparator.reverseOrder())
                .thenComparing(Worst::sample));
        worst.subList(Math.min(MOST_WORST, worst.size()), worst.size()).clear();
        found.ifPresent(classes -> count(classes, size, labels, runs));
    }

    private void spread(Tensor expected, Tensor plain, Tensor shared, double[] errors) {
        boolean floating = expected.type().isFloating();
        for (int i = 0; i < expected.size(); i++) {
            double error = Math.abs(expected.getDouble(i) - shared.getDouble(i));
            int sample = (int) ((long) i * errors.length / expected.size());
            errors[sample] = Math.max(errors[sample], Double.isNaN(error) ? 0 : error);
            if (floating) {
                fixedPoint[bin(Math.abs(expected.getDouble(i) - plain.getDouble(i)))]++;
                secure[bin(error)]++;
                keep(new Pair(expected.getDouble(i), shared.getDouble(i)));
            }
        }
    }

    /** A uniform sample of all pairs (Vitter 1985, algorithm R). */
    private void keep(Pair pair) {
        offered++;
        if (pairs.size() < MOST_PAIRS) {
            pairs.add(pair);
            return;
        }
        long place = random.nextLong(offered);
        if (place < MOST_PAIRS) {
            pairs.set((int) place, pair);
        }
    }

    private void count(Classes classes, int size, Optional<List<Long>> labels, Runs runs) {
        Tensor scores = runs.reference().get(classes.output());
        int known = classes.byScores() ? scores.size() / size : 2;
        if (known > MOST_CLASSES || labels.isPresent() && labels.get().stream().anyMatch(label -> label < 0 || label >= known)) {
            return;
        }
        Confusion counts = confusion.orElseGet(() -> new Confusion(known, labels.isPresent(), new long[known * known], new long[known * known]));
        confusion = Optional.of(counts);
        if (counts.classes() != known || counts.labelled() != labels.isPresent()) {
            return;
        }
        for (int i = 0; i < size; i++) {
            long reference = classes.of(runs.reference(), i);
            long shared = classes.of(runs.secure(), i);
            long row = labels.isPresent() ? labels.get().get(i) : reference;
            if (Math.max(reference, shared) < known && Math.min(reference, shared) >= 0) {
                counts.reference()[(int) (row * known + reference)]++;
                counts.secure()[(int) (row * known + shared)]++;
            }
        }
    }

    private static int bin(double error) {
        if (!(error > 0)) {
            return 0;
        }
        double place = (Math.log10(error) - LEAST_DECADE) * BINS_PER_DECADE;
        return place < 0 ? 0 : (int) Math.min(BINS - 1, 1 + Math.floor(place));
    }

    /** Counts of the fixed-point run's errors: the first bin those below the least decade, then {@link #BINS_PER_DECADE} a decade. */
    public long[] fixedPointErrors() {
        return fixedPoint.clone();
    }

    /** Counts of the secure run's errors, likewise. */
    public long[] secureErrors() {
        return secure.clone();
    }

    /** Some pairs, drawn evenly from all. */
    public List<Pair> pairs() {
        return List.copyOf(pairs);
    }

    /** The worst samples, those that name another class first. */
    public List<Worst> worst() {
        return List.copyOf(worst);
    }

    public Optional<Confusion> confusion() {
        return confusion;
    }

    /** Writes all of it, so that a comparison can be resumed. */
    public void write(DataOutput out) throws IOException {
        write(out, fixedPoint);
        write(out, secure);
        out.writeLong(offered);
        out.writeInt(pairs.size());
        for (Pair pair : pairs) {
            out.writeDouble(pair.reference());
            out.writeDouble(pair.secure());
        }
        out.writeInt(worst.size());
        for (Worst one : worst) {
            out.writeInt(one.sample());
            out.writeDouble(one.error());
            out.writeLong(one.reference());
            out.writeLong(one.secure());
            out.writeBoolean(one.label().isPresent());
            out.writeLong(one.label().orElse(0L));
        }
        out.writeInt(confusion.map(Confusion::classes).orElse(0));
        if (confusion.isPresent()) {
            out.writeBoolean(confusion.get().labelled());
            write(out, confusion.get().reference());
            write(out, confusion.get().secure());
        }
    }

    /** Reads what {@link #write} wrote. */
    public static OutputTally read(DataInput in) throws IOException {
        var tally = new OutputTally();
        read(in, tally.fixedPoint);
        read(in, tally.secure);
        tally.offered = in.readLong();
        tally.random = new SplittableRandom(SEED + tally.offered);
        for (int left = within(in.readInt(), MOST_KEPT_PAIRS); left > 0; left--) {
            tally.pairs.add(new Pair(in.readDouble(), in.readDouble()));
        }
        for (int left = within(in.readInt(), MOST_KEPT_PAIRS); left > 0; left--) {
            int sample = in.readInt();
            double error = in.readDouble();
            long reference = in.readLong();
            long secure = in.readLong();
            boolean labelled = in.readBoolean();
            long label = in.readLong();
            tally.worst.add(new Worst(sample, error, reference, secure, labelled ? Optional.of(label) : Optional.empty()));
        }
        int classes = within(in.readInt(), MOST_CLASSES);
        if (classes > 0) {
            var counts = new Confusion(classes, in.readBoolean(), new long[classes * classes], new long[classes * classes]);
            read(in, counts.reference());
            read(in, counts.secure());
            tally.confusion = Optional.of(counts);
        }
        return tally;
    }

    private static int within(int count, int most) throws IOException {
        if (count < 0 || count > most) {
            throw new IOException("a count of " + count + "; expected 0 to " + most);
        }
        return count;
    }

    private static void write(DataOutput out, long[] numbers) throws IOException {
        for (long number : numbers) {
            out.writeLong(number);
        }
    }

    private static void read(DataInput in, long[] numbers) throws IOException {
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = in.readLong();
        }
    }
}
