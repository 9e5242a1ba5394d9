package dev.sardonyx.importer;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.ModelInput.Dimension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Checks the shapes and public values that a caller gives against what the model declares, and defines the inputs. */
final class InputBinding {
    private final List<ModelInput> inputs;
    private final ConstantRoles roles;
    private final Map<String, Shape> shapes;
    private final Map<String, Tensor> open;

    InputBinding(List<ModelInput> inputs, ConstantRoles roles, Map<String, Shape> shapes, Map<String, Tensor> open) {
        this.inputs = inputs;
        this.roles = roles;
        this.shapes = shapes;
        this.open = open;
    }

    void defineIn(GraphTranslator translator) {
        refuseUnknownNames();
        var bound = new HashMap<String, Integer>();
        for (ModelInput input : inputs) {
            Tensor tensor = open.get(input.name());
            if (tensor != null) {
                if (tensor.type() != input.type()) {
                    throw new ImportException(Kind.INPUT, "public input '" + input.name() + "' has type " + tensor.type() + "; expected "
                            + input.type());
                }
                check(input, tensor.shape(), bound);
                translator.define(input.name(), translator.builder().constant(input.name(), Constant.open(tensor)));
                continue;
            }
            if (roles.mustBePublic(input.name())) {
                throw new ImportException(Kind.INPUT, "input '" + input.name()
                        + "' decides the graph's structure (a shape, an axis, a count or the like); expected its value as a public input");
            }
            Shape shape = shapes.containsKey(input.name()) ? shapes.get(input.name()) : declared(input, bound);
            check(input, shape, bound);
            ValueId id = translator.builder().input(input.name(), input.type(), shape);
            translator.define(input.name(), id);
        }
    }

    private void refuseUnknownNames() {
        var unknown = new TreeSet<>(shapes.keySet());
        unknown.addAll(open.keySet());
        inputs.forEach(input -> unknown.remove(input.name()));
        if (!unknown.isEmpty()) {
            throw new ImportException(Kind.INPUT, "no graph input is named " + unknown + "; the model has "
                    + inputs.stream().map(ModelInput::name).toList());
        }
    }

    private static Shape declared(ModelInput input, Map<String, Integer> bound) {
        var dims = new ArrayList<Integer>();
        for (Dimension dim : input.dims()) {
            dims.add(switch (dim) {
                case Dimension.Known(int extent) -> extent;
                case Dimension.Symbolic(String name) when bound.containsKey(name) -> bound.get(name);
                case Dimension.Symbolic _, Dimension.Unknown _ -> throw needsShape(input);
            });
        }
        if (!input.ranked()) {
            throw needsShape(input);
        }
        return shape(input, dims);
    }

    private static Shape shape(ModelInput input, List<Integer> dims) {
        try {
            return new Shape(dims);
        } catch (IllegalArgumentException e) {
            throw new ImportException(Kind.SHAPE, "input '" + input.name() + "': " + e.getMessage(), e);
        }
    }

    private static ImportException needsShape(ModelInput input) {
        return new ImportException(Kind.SHAPE, "input '" + input.name() + "' is declared " + input.shapeText() + "; expected a shape for it");
    }

    private static void check(ModelInput input, Shape shape, Map<String, Integer> bound) {
        boolean fits = !input.ranked() || input.dims().size() == shape.rank();
        for (int axis = 0; fits && input.ranked() && axis < shape.rank(); axis++) {
            fits = switch (input.dims().get(axis)) {
                case Dimension.Known(int extent) -> extent == shape.dim(axis);
                case Dimension.Symbolic(String name) -> {
                    Integer other = bound.putIfAbsent(name, shape.dim(axis));
                    if (other != null && other != shape.dim(axis)) {
                        throw new ImportException(Kind.SHAPE, "input '" + input.name() + "' has shape " + shape + " where '" + name + "' is "
                                + shape.dim(axis) + ", but another input sets it to " + other);
                    }
                    yield true;
                }
                case Dimension.Unknown _ -> true;
            };
        }
        if (!fits) {
            throw new ImportException(Kind.SHAPE, "input '" + input.name() + "' has shape " + shape + "; expected " + input.shapeText());
        }
    }
}
