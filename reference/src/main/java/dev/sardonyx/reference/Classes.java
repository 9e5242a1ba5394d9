package dev.sardonyx.reference;

import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.files.Tensors;
import java.util.Map;
import java.util.Optional;

/**
 * The class that a model's outputs name for each sample: the arg-max of the first output with at least two floating numbers a sample;
 * else the first output of one integer a sample; else the first of one floating number a sample, which says 1 above a threshold.
 */
public final class Classes {
    private final String output;
    private final Form form;
    private final int samples;

    private enum Form {
        SCORES, INDEX, PROBABILITY
    }

    private Classes(String output, Form form, int samples) {
        this.output = output;
        this.form = form;
        this.samples = samples;
    }

    /** How to read classes from outputs such as these, if they name any. */
    public static Optional<Classes> in(Map<String, Tensor> outputs, int samples) {
        return find(outputs, samples, Form.SCORES).or(() -> find(outputs, samples, Form.INDEX)).or(() -> find(outputs, samples, Form.PROBABILITY));
    }

    private static Optional<Classes> find(Map<String, Tensor> outputs, int samples, Form form) {
        return outputs.entrySet().stream().filter(output -> {
            Tensor tensor = output.getValue();
            boolean perSample = tensor.size() > 0 && tensor.size() % samples == 0 && (samples == 1 || tensor.shape().rank() > 0 && tensor.shape().dim(0) == samples);
            return perSample && switch (form) {
                case SCORES -> tensor.type().isFloating() && tensor.size() / samples >= 2;
                case INDEX -> tensor.type().isInteger() && tensor.size() == samples;
                case PROBABILITY -> tensor.type().isFloating() && tensor.size() == samples;
            };
        }).findFirst().map(entry -> new Classes(entry.getKey(), form, samples));
    }

    /** The output that is read. */
    public String output() {
        return output;
    }

    /** True if classes are an arg-max over scores. */
    public boolean byScores() {
        return form == Form.SCORES;
    }

    /** The class of one sample. */
    public long of(Map<String, Tensor> outputs, int sample) {
        Tensor tensor = tensor(outputs);
        int size = tensor.size() / samples;
        return switch (form) {
            case SCORES -> Tensors.argMax(tensor, sample * size, size);
            case INDEX -> tensor.getLong(sample);
            case PROBABILITY -> tensor.getDouble(sample) > 0.5 ? 1 : 0;
        };
    }

    /** The score of a class of a sample; of a probability, its distance above one half for class 1 and below it for class 0. */
    public double score(Map<String, Tensor> outputs, int sample, long index) {
        Tensor tensor = tensor(outputs);
        return switch (form) {
            case SCORES -> tensor.getDouble(sample * (tensor.size() / samples) + (int) index);
            case INDEX -> tensor.getLong(sample) == index ? 1 : 0;
            case PROBABILITY -> index == 1 ? tensor.getDouble(sample) - 0.5 : 0.5 - tensor.getDouble(sample);
        };
    }

    /** The number that decided on a sample's class: its score, the index itself, or the probability of class 1. */
    public double deciding(Map<String, Tensor> outputs, int sample) {
        return switch (form) {
            case SCORES -> score(outputs, sample, of(outputs, sample));
            case INDEX, PROBABILITY -> tensor(outputs).getDouble(sample);
        };
    }

    private Tensor tensor(Map<String, Tensor> outputs) {
        Tensor tensor = outputs.get(output);
        if (tensor == null) {
            throw new IllegalArgumentException("no output '" + output + "'");
        }
        return tensor;
    }
}
