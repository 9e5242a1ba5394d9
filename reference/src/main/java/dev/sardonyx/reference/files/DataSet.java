package dev.sardonyx.reference.files;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.ModelInput.Dimension;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The samples that files give to a model, in batches. */
public final class DataSet {
    private static final String NO_AXIS = "none";
    private static final String ONE = "one";

    private final Map<String, SampleSource> sources;
    private final int samples;
    private final int largestBatch;
    private final Optional<long[]> labels;

    /**
     * Some samples.
     *
     * @param from number of the first
     * @param size how many
     * @param inputs by the model's names, ready for one call
     * @param labels the right classes, one a sample, where known
     */
    public record Batch(int from, int size, Map<String, Tensor> inputs, Optional<List<Long>> labels) {
    }

    private DataSet(Map<String, SampleSource> sources, int samples, int largestBatch, Optional<long[]> labels) {
        this.sources = sources;
        this.samples = samples;
        this.largestBatch = largestBatch;
        this.labels = labels;
        if (labels.isPresent() && labels.get().length != samples) {
            throw new InputException(InputException.Kind.SHAPE, "'" + InputFiles.LABELS + "': " + labels.get().length + " labels; expected " + samples
                    + ", one a sample");
        }
    }

    /** Finds the axis along which the sources hold samples: the first one of every input, where the model's inputs have it in common. */
    static DataSet of(List<ModelInput> inputs, Map<String, SampleSource> sources, Optional<long[]> labels) {
        Set<String> axes = batchAxes(inputs);
        Set<Integer> counts = new HashSet<>();
        for (ModelInput input : inputs) {
            counts.add(sources.get(input.name()).count());
        }
        if (axes.size() == 1 && !axes.contains(NO_AXIS) && counts.size() == 1) {
            int count = counts.iterator().next();
            if (count == 0) {
                throw new InputException(InputException.Kind.SHAPE, "no samples: the batch axis has extent 0; expected at least 1");
            }
            return new DataSet(sources, count, axes.contains(ONE) ? 1 : count, labels);
        }
        for (ModelInput input : inputs) {
            int count = sources.get(input.name()).count();
            if (batchAxis(input).equals(ONE) && count != 1) {
                throw new InputException(InputException.Kind.SHAPE, "input '" + input.name() + "': " + count
                        + " rows, but not every input has as many; expected " + input.shapeText());
            }
        }
        return new DataSet(sources, 1, 1, labels.filter(all -> all.length == 1));
    }

    /** A name for the leading axis of each input; one and the same if they have it in common. */
    public static Set<String> batchAxes(List<ModelInput> inputs) {
        Set<String> axes = new HashSet<>();
        inputs.forEach(input -> axes.add(batchAxis(input)));
        return axes;
    }

    /** True if the inputs with these leading axes take any number of rows in one call. */
    public static boolean isFreeBatch(Set<String> axes) {
        return axes.size() == 1 && !axes.contains(NO_AXIS) && !axes.contains(ONE);
    }

    private static String batchAxis(ModelInput input) {
        if (!input.ranked() || input.dims().isEmpty()) {
            return NO_AXIS;
        }
        return switch (input.dims().getFirst()) {
            case Dimension.Known known -> known.extent() == 1 ? ONE : NO_AXIS;
            case Dimension.Symbolic symbolic -> "symbol " + symbolic.name();
            case Dimension.Unknown unknown -> "unknown";
        };
    }

    /** How many samples there are. */
    public int samples() {
        return samples;
    }

    /** How many samples one call may take: 1 where the model fixes its batch to 1, all where its inputs have no common batch axis. */
    public int largestBatch() {
        return largestBatch;
    }

    public boolean labelled() {
        return labels.isPresent();
    }

    /** Bounds of each input's numbers: those of pixels after scaling, or the data's own, rounded outward to powers of two. */
    public Map<String, Range> ranges() {
        Map<String, Range> ranges = new LinkedHashMap<>();
        sources.forEach((name, source) -> ranges.put(name, source.range()));
        return ranges;
    }

    /**
     * Samples {@code from} (inclusive) to {@code to} (exclusive).
     *
     * @throws InputException if a file that is only now read turns out to be bad
     */
    public Batch batch(int from, int to) {
        if (from < 0 || to > samples || from >= to) {
            throw new IllegalArgumentException("samples " + from + " to " + to + "; expected part of 0 to " + samples);
        }
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        sources.forEach((name, source) -> inputs.put(name, samples == 1 ? source.rows(0, source.count()) : source.rows(from, to)));
        return new Batch(from, to - from, inputs, labels.map(all -> Arrays.stream(all, from, to).boxed().toList()));
    }
}
