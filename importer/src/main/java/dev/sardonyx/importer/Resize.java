package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Resizing by interpolation, axis after axis. Every place and weight is public: nearest-neighbour modes move elements, linear and
 * cubic ones multiply by a public matrix [output extent, input extent].
 */
final class Resize {
    private static final List<String> TRANSFORMATIONS = List.of("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel",
            "tf_half_pixel_for_nn", "tf_crop_and_resize", "half_pixel_symmetric");

    private final NodeContext node;
    private final GraphOps ops;
    private final String mode;
    private final String transformation;
    private final boolean simple;
    private final int[] axes;

    /** One axis: extents, and the factor as the model states it or as it follows from the sizes. */
    private record Axis(int axis, int in, int out, float scale, double roiStart, double roiEnd) {
        Axis between(double start, double end) {
            return new Axis(axis, in, out, scale, start, end);
        }
    }

    Resize(NodeContext node) {
        this.node = node;
        this.ops = node.ops();
        this.mode = node.text("mode", "nearest", List.of("nearest", "linear", "cubic", "bilinear", "trilinear"));
        // The first forms know only factors and coordinates that start at the corner.
        this.simple = node.opset() < 11;
        this.transformation = simple ? "asymmetric" : node.text("coordinate_transformation_mode", "half_pixel", TRANSFORMATIONS);
        int rank = node.shape(0).rank();
        this.axes = node.axes(node.integers("axes").orElse(IntStream.range(0, rank).toArray()), rank);
    }

    ValueId translate() {
        ValueId x = node.input(0);
        for (Axis axis : extents()) {
            x = resized(x, axis);
        }
        return x;
    }

    private Axis[] extents() {
        Shape shape = node.shape(0);
        double[] roi = !simple && node.has(1) ? node.open(1).toDoubles() : new double[0];
        boolean crop = transformation.equals("tf_crop_and_resize");
        if (crop && roi.length != 2 * axes.length) {
            throw node.invalid("roi has " + roi.length + " elements; expected " + 2 * axes.length);
        }
        int[] sizes = !simple && node.has(3) ? node.openInts(3) : new int[0];
        Axis[] axes = sizes.length > 0 ? bySizes(shape, sizes) : byScales(shape);
        for (int i = 0; i < axes.length; i++) {
            if (!(axes[i].scale > 0)) {
                throw node.invalid("scale " + axes[i].scale + "; expected more than 0");
            }
            axes[i] = crop ? axes[i].between(roi[i], roi[i + axes.length]) : axes[i];
        }
        return axes;
    }

    private Axis[] byScales(Shape shape) {
        double[] scales = scales();
        if (scales.length != axes.length) {
            throw node.invalid("scales has " + scales.length + " elements; expected " + axes.length);
        }
        return IntStream.range(0, axes.length).mapToObj(i -> {
            int in = shape.dim(axes[i]);
            return new Axis(axes[i], in, (int) Math.floor(in * (float) scales[i]), (float) scales[i], 0, 1);
        }).toArray(Axis[]::new);
    }

    private double[] scales() {
        if (node.hasAttribute("scales")) {
            return node.reals("scales").orElseThrow();
        }
        int position = simple ? 1 : 2;
        return node.has(position) ? node.open(position).toDoubles() : new double[0];
    }

    /** Where the aspect ratio is kept, every axis has the scale that one of them asks for, and not what its rounded extent would give. */
    private Axis[] bySizes(Shape shape, int[] sizes) {
        if (sizes.length != axes.length) {
            throw node.invalid("sizes has " + sizes.length + " elements; expected " + axes.length);
        }
        String policy = node.text("keep_aspect_ratio_policy", "stretch", List.of("stretch", "not_larger", "not_smaller"));
        var factors = IntStream.range(0, axes.length).mapToDouble(i -> (float) sizes[i] / shape.dim(axes[i]));
        double common = (policy.equals("not_smaller") ? factors.max() : factors.min()).orElse(1);
        return IntStream.range(0, axes.length).mapToObj(i -> {
            int in = shape.dim(axes[i]);
            return policy.equals("stretch") ? new Axis(axes[i], in, sizes[i], (float) sizes[i] / in, 0, 1)
                    : new Axis(axes[i], in, (int) Math.floor(common * in + 0.5), (float) common, 0, 1);
        }).toArray(Axis[]::new);
    }

    private ValueId resized(ValueId x, Axis axis) {
        boolean crop = transformation.equals("tf_crop_and_resize");
        if (axis.in == axis.out && axis.scale == 1 && !(crop && (axis.roiStart != 0 || axis.roiEnd != 1))) {
            return x;
        }
        if (axis.in == 0) {
            throw node.invalid("axis " + axis.axis + " of " + node.shape(0) + " is empty; expected elements to interpolate between");
        }
        double[] at = IntStream.range(0, axis.out).mapToDouble(i -> original(axis, i)).toArray();
        ValueId result;
        if (mode.equals("nearest")) {
            boolean down = axis.scale < 1;
            result = ops.pickAlong(x, axis.axis, Arrays.stream(at).mapToInt(position -> Math.clamp(nearest(position, down), 0, axis.in - 1)).toArray());
        } else {
            result = interpolated(x, axis, at);
        }
        return crop ? extrapolated(result, axis, at) : result;
    }

    /** Where an output element lies among the input's, computed in single precision as runtimes do. */
    private double original(Axis axis, int i) {
        float length = axis.in;
        return switch (transformation) {
            case "asymmetric" -> i / axis.scale;
            case "align_corners" -> axis.out == 1 ? 0 : i * (length - 1) / (axis.out - 1);
            case "pytorch_half_pixel" -> axis.out > 1 ? (i + 0.5f) / axis.scale - 0.5f : 0;
            case "tf_half_pixel_for_nn" -> (i + 0.5f) / axis.scale;
            case "tf_crop_and_resize" -> axis.out > 1
                    ? axis.roiStart * (length - 1) + i * (axis.roiEnd - axis.roiStart) * (length - 1) / (axis.out - 1)
                    : 0.5 * (axis.roiStart + axis.roiEnd) * (length - 1);
            case "half_pixel_symmetric" -> length / 2 * (1 - axis.out / (axis.scale * length)) + (i + 0.5f) / axis.scale - 0.5f;
            default -> (i + 0.5f) / axis.scale - 0.5f;
        };
    }

    private int nearest(double at, boolean down) {
        if (simple) {
            return (int) (down ? Math.ceil(at) : Math.floor(at));
        }
        return (int) switch (node.text("nearest_mode", "round_prefer_floor", List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"))) {
            case "round_prefer_floor" -> Math.ceil(at - 0.5);
            case "round_prefer_ceil" -> Math.floor(at + 0.5);
            case "floor" -> Math.floor(at);
            default -> Math.ceil(at);
        };
    }

    private ValueId interpolated(ValueId x, Axis axis, double[] at) {
        ElementType type = ops.type(x);
        double[] matrix = new double[axis.in * axis.out];
        for (int i = 0; i < axis.out; i++) {
            addWeights(matrix, i * axis.in, axis, at[i]);
        }
        // As [output, input] times x with the axis last but one and everything behind it flattened.
        ElementType real = type.isFloating() ? type : ElementType.FLOAT32;
        ValueId weights = ops.constant(real, Shape.of(axis.out, axis.in), matrix);
        Shape shape = ops.shape(x);
        ValueId rows = ops.reshape(ops.cast(x, real), shape.size(0, axis.axis), axis.in, shape.size(axis.axis + 1, shape.rank()));
        ValueId product = ops.reshape(ops.add(new Op.MatMul(), weights, rows), shape.with(axis.axis, axis.out));
        return ops.cast(product, type);
    }

    /** Adds the weight of each input element for an output element at {@code at}; places beyond the ends count for the end. */
    private void addWeights(double[] matrix, int row, Axis axis, double at) {
        boolean cubic = mode.equals("cubic");
        boolean excludeOutside = !simple && node.flag("exclude_outside", false);
        // Without anti-aliasing the kernel keeps its size when the output is smaller.
        double stretch = !simple && node.flag("antialias", false) ? Math.min(1, axis.scale) : 1;
        double reach = (cubic ? 2 : 1) / stretch;
        int first = (int) Math.floor(at - reach) + 1;
        int last = (int) Math.ceil(at + reach) - 1;
        double sum = 0;
        double[] weights = new double[last - first + 1];
        for (int i = first; i <= last; i++) {
            double distance = Math.abs((i - at) * stretch);
            double weight = cubic ? cubic(distance) : Math.max(0, 1 - distance);
            weights[i - first] = excludeOutside && (i < 0 || i >= axis.in) ? 0 : weight;
            sum += weights[i - first];
        }
        for (int i = first; i <= last; i++) {
            matrix[row + Math.clamp(i, 0, axis.in - 1)] += weights[i - first] / sum;
        }
    }

    /** Keys' cubic convolution kernel (IEEE Trans. ASSP 29(6), 1981) with a free coefficient. */
    private double cubic(double t) {
        return cubic(t, node.real("cubic_coeff_a", -0.75f));
    }

    static double cubic(double t, double a) {
        if (t <= 1) {
            return ((a + 2) * t - (a + 3)) * t * t + 1;
        }
        return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
    }

    private ValueId extrapolated(ValueId x, Axis axis, double[] at) {
        double[] inside = Arrays.stream(at).map(position -> position >= 0 && position <= axis.in - 1 ? 1 : 0).toArray();
        if (Arrays.stream(inside).allMatch(flag -> flag == 1)) {
            return x;
        }
        int[] dims = IntStream.range(0, ops.rank(x)).map(other -> other == axis.axis ? axis.out : 1).toArray();
        ValueId mask = ops.open(Tensor.ofLongs(ElementType.BOOL, Shape.of(dims), Arrays.stream(inside).mapToLong(flag -> (long) flag).toArray()));
        return ops.where(mask, x, ops.like(x, node.real("extrapolation_value", 0)));
    }
}
