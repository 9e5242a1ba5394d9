package dev.sardonyx.reference.files;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.ModelInput.Dimension;

/** Samples of an input that lie in one tensor: the first axis is the batch axis where the input has one. */
final class TensorSource implements SampleSource {
    private final Tensor tensor;
    private final Range range;

    /**
     * @param source where the tensor came from, for errors
     * @param splittable whether an input with a leading extent of 1 takes more rows, one a call
     * @throws InputException if type or shape are not the input's or a number is not finite
     */
    TensorSource(ModelInput input, Tensor tensor, String source, boolean splittable) {
        requireType(input, tensor, source);
        requireShape(input, tensor, source, splittable);
        requireFinite(input.name(), tensor);
        this.tensor = tensor;
        this.range = Range.around(tensor);
    }

    @Override
    public int count() {
        return tensor.shape().rank() == 0 ? 1 : tensor.shape().dim(0);
    }

    @Override
    public Tensor rows(int from, int to) {
        return from == 0 && to == count() ? tensor : Tensors.slice(tensor, from, to);
    }

    @Override
    public Range range() {
        return range;
    }

    /**
     * Refuses NaN and the infinities.
     *
     * @throws InputException naming the input and the index, not the number
     */
    static void requireFinite(String input, Tensor tensor) {
        if (!tensor.type().isFloating()) {
            return;
        }
        for (int i = 0; i < tensor.size(); i++) {
            if (!Double.isFinite(tensor.getDouble(i))) {
                throw new InputException(InputException.Kind.VALUE, "input '" + input + "': NaN or infinity at index "
                        + Tensors.indexText(tensor.shape(), i) + "; expected finite numbers");
            }
        }
    }

    static void requireType(ModelInput input, Tensor tensor, String source) {
        if (tensor.type() != input.type()) {
            String hint = tensor.type() == ElementType.STRING ? "" : " (convert it, in numpy with astype)";
            throw new InputException(InputException.Kind.TYPE, source + ": element type " + tensor.type() + " for input '" + input.name()
                    + "'; expected " + input.type() + hint);
        }
    }

    private static void requireShape(ModelInput input, Tensor tensor, String source, boolean splittable) {
        if (!input.ranked()) {
            return;
        }
        boolean fits = tensor.shape().rank() == input.dims().size();
        for (int axis = 0; fits && axis < input.dims().size(); axis++) {
            int extent = tensor.shape().dim(axis);
            fits = switch (input.dims().get(axis)) {
                case Dimension.Known known -> known.extent() == extent || axis == 0 && splittable && known.extent() == 1;
                case Dimension.Symbolic symbolic -> true;
                case Dimension.Unknown unknown -> true;
            };
        }
        if (!fits) {
            boolean one = splittable && !input.dims().isEmpty() && input.dims().getFirst().equals(new Dimension.Known(1));
            throw new InputException(InputException.Kind.SHAPE, source + ": shape " + tensor.shape() + " for input '" + input.name()
                    + "'; expected " + input.shapeText() + (one ? " or more rows, one a sample" : ""));
        }
    }
}
