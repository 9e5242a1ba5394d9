package dev.sardonyx.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builds a {@link Graph} node by node in topological order; shapes are inferred and checked as nodes are added. Ids are those of the
 * built graph. Not for use by several threads at once.
 */
public final class GraphBuilder {
    /** A hostile model may ask for a huge result of small constants: what exceeds this stays a node, and so do all results in sum. */
    private static final int FOLDED_ELEMENTS = 1 << 24;

    private final List<Value> values = new ArrayList<>();
    private final List<ValueId> inputs = new ArrayList<>();
    private final Map<ValueId, Constant> constants = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Graph.Output> outputs = new ArrayList<>();
    private Node.Origin origin = new Node.Origin("graph", "");
    private int valuesOfOrigin;
    private int foldedElements;

    /** Declares a value that callers give. */
    public ValueId input(String name, ElementType type, Shape shape) {
        ValueId id = newValue(name, new TypedShape(type, shape));
        inputs.add(id);
        return id;
    }

    /** Adds a value that the model brings. */
    public ValueId constant(String name, Constant constant) {
        ValueId id = newValue(name, TypedShape.of(constant.tensor()));
        constants.put(id, constant);
        return id;
    }

    /** Nodes added from here on belong to this ONNX node. */
    public void origin(Node.Origin next) {
        origin = next;
        valuesOfOrigin = 0;
    }

    /**
     * Adds an operator with one output. If all inputs are public constants the result is computed at once: a public constant, and no
     * node; shape arithmetic is thereby done by the time a model is imported.
     *
     * @throws IllegalArgumentException if the inputs do not fit the operator
     */
    public ValueId add(Op op, ValueId... inputs) {
        List<ValueId> made = addAll(op, inputs);
        if (made.size() != 1) {
            throw new IllegalArgumentException(op + " has " + made.size() + " outputs; expected 1");
        }
        return made.getFirst();
    }

    /** As {@link #add}, for operators with any number of outputs. */
    public List<ValueId> addAll(Op op, ValueId... inputs) {
        var read = List.of(inputs);
        var made = new ArrayList<ValueId>();
        List<TypedShape> results = ShapeInference.infer(op, read.stream().map(id -> TypedShape.of(value(id))).toList());
        if (foldsAtOnce(read, results)) {
            List<Tensor> tensors = read.stream().map(id -> constants.get(id).tensor()).toList();
            return Evaluator.evaluate(op, tensors).stream().map(tensor -> constant(derivedName(op), Constant.open(tensor))).toList();
        }
        for (TypedShape result : results) {
            made.add(newValue(derivedName(op), result));
        }
        nodes.add(new Node(origin, op, read, made));
        return List.copyOf(made);
    }

    private boolean foldsAtOnce(List<ValueId> read, List<TypedShape> results) {
        long elements = results.stream().mapToLong(result -> result.shape().size()).sum();
        boolean folds = foldedElements + elements <= FOLDED_ELEMENTS
                && read.stream().allMatch(id -> constant(id).filter(constant -> !constant.isSecret()).isPresent());
        foldedElements += folds ? (int) elements : 0;
        return folds;
    }

    public Value value(ValueId id) {
        return values.get(id.index());
    }

    /** The constant behind a value, if it is one. */
    public Optional<Constant> constant(ValueId id) {
        return Optional.ofNullable(constants.get(id));
    }

    /** Gives a value the model's own name of it. */
    public void name(ValueId id, String name) {
        Value value = value(id);
        values.set(id.index(), new Value(id, name, value.type(), value.shape()));
    }

    /** Declares a value that callers get, after those declared before. */
    public void output(String name, ValueId id) {
        outputs.add(new Graph.Output(name, id));
    }

    public Graph build() {
        return new Graph(values, inputs, constants, nodes, outputs);
    }

    private String derivedName(Op op) {
        return origin.name() + "/" + op.getClass().getSimpleName() + "." + valuesOfOrigin++;
    }

    private ValueId newValue(String name, TypedShape typed) {
        var id = new ValueId(values.size());
        values.add(new Value(id, name, typed.type(), typed.shape()));
        return id;
    }
}
