package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ShapeInference;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.TypedShape;
import dev.sardonyx.graph.Value;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A graph being rewritten. Nodes are added in any order and put into a topological one at the end; a node whose last reader goes,
 * goes too, and so do the constants that only it read. What nobody read from the beginning stays (that is another pass's work).
 */
final class Draft {
    private final Graph original;
    private final List<Value> values;
    private final Map<ValueId, Constant> constants;
    private final Map<ValueId, Node> producers = new LinkedHashMap<>();
    /** For each value the nodes that read it, by their first outputs. */
    private final Map<ValueId, Set<ValueId>> readers = new LinkedHashMap<>();
    private final List<Graph.Output> outputs;
    private boolean changed;

    Draft(Graph graph) {
        original = graph;
        values = new ArrayList<>(graph.values());
        constants = new LinkedHashMap<>(graph.constants());
        outputs = new ArrayList<>(graph.outputs());
        graph.nodes().forEach(this::link);
    }

    Value value(ValueId id) {
        return values.get(id.index());
    }

    Shape shape(ValueId id) {
        return value(id).shape();
    }

    Optional<Constant> constant(ValueId id) {
        return Optional.ofNullable(constants.get(id));
    }

    boolean isConstant(ValueId id) {
        return constants.containsKey(id);
    }

    /** The numbers of a constant that the plan shows to everybody. */
    Optional<Tensor> publicConstant(ValueId id) {
        return constant(id).filter(constant -> !constant.isSecret()).map(Constant::tensor);
    }

    /** True for a public constant all of whose elements are {@code number}. */
    boolean isPublicly(ValueId id, double number) {
        return publicConstant(id).filter(tensor -> Arrays.stream(tensor.toDoubles()).allMatch(element -> element == number)).isPresent();
    }

    /** The node that makes a value; empty for inputs and constants. */
    Optional<Node> producer(ValueId id) {
        return Optional.ofNullable(producers.get(id));
    }

    /** The node that makes a value if its operator is of this kind. */
    Optional<Node> producer(ValueId id, Class<? extends Op> kind) {
        return producer(id).filter(node -> kind.isInstance(node.op()));
    }

    /** True if one node reads the value, once, and the graph does not give it out. */
    boolean isSolelyRead(ValueId id) {
        return readers(id).size() == 1 && !isOutput(id)
                && producers.get(readers(id).iterator().next()).inputs().stream().filter(id::equals).count() == 1;
    }

    /** The only node that reads the value, once, if the graph does not give it out. */
    Optional<Node> soleReader(ValueId id) {
        return isSolelyRead(id) ? Optional.ofNullable(producers.get(readers(id).iterator().next())) : Optional.empty();
    }

    boolean isUnread(ValueId id) {
        return readers(id).isEmpty() && !isOutput(id);
    }

    /** The constants, in order. */
    List<ValueId> constants() {
        return List.copyOf(constants.keySet());
    }

    boolean isOutput(ValueId id) {
        return outputs.stream().anyMatch(output -> output.value().equals(id));
    }

    /** Adds an operator with one output; its place follows from its inputs. */
    ValueId add(Node.Origin origin, Op op, ValueId... inputs) {
        List<TypedShape> types = Arrays.stream(inputs).map(id -> TypedShape.of(value(id))).toList();
        ValueId made = newValue(origin, ShapeInference.infer(op, types).getFirst());
        link(new Node(origin, op, List.of(inputs), List.of(made)));
        return made;
    }

    /** A public constant of the type of {@code like}. */
    ValueId addPublic(Node.Origin origin, double number, ValueId like) {
        Tensor tensor = Tensor.ofDoubles(ElementType.FLOAT64, Shape.SCALAR, number).as(value(like).type());
        return addConstant(origin, Constant.open(tensor));
    }

    ValueId addConstant(Node.Origin origin, Constant constant) {
        ValueId made = newValue(origin, TypedShape.of(constant.tensor()));
        constants.put(made, constant);
        return made;
    }

    /** Evaluates an operator on constants at once; the result is secret if one of them is. */
    ValueId compute(Node.Origin origin, Op op, ValueId... inputs) {
        return computeAll(origin, op, List.of(inputs)).getFirst();
    }

    /** As {@link #compute}, for operators with several outputs. */
    List<ValueId> computeAll(Node.Origin origin, Op op, List<ValueId> inputs) {
        List<Constant> read = inputs.stream().map(id -> constant(id).orElseThrow()).toList();
        boolean secret = read.stream().anyMatch(Constant::isSecret);
        return Evaluator.evaluate(op, read.stream().map(Constant::tensor).toList()).stream()
                .map(result -> addConstant(origin, secret ? Constant.secret(result) : Constant.open(result))).toList();
    }

    /**
     * Lets all that read one value, outputs included, read another of the same type, shape and meaning. A value that was made for
     * this takes the old one's name.
     */
    void replace(ValueId old, ValueId other) {
        Value from = value(old);
        Value to = value(other);
        if (!TypedShape.of(from).equals(TypedShape.of(to))) {
            throw new IllegalArgumentException("'" + from.name() + "' is " + TypedShape.of(from) + ", its replacement " + TypedShape.of(to));
        }
        changed = true;
        if (other.index() >= original.values().size() && isUnread(other)) {
            values.set(other.index(), new Value(other, from.name(), to.type(), to.shape()));
        }
        for (ValueId reader : List.copyOf(readers(old))) {
            Node node = producers.get(reader);
            unlink(node);
            link(new Node(node.origin(), node.op(), node.inputs().stream().map(id -> id.equals(old) ? other : id).toList(), node.outputs()));
        }
        outputs.replaceAll(output -> output.value().equals(old) ? new Graph.Output(output.name(), other) : output);
        release(old);
    }

    /** Removes an unread value: a constant, or the node that makes it (if its other outputs are unread too) and what only it read. */
    void removeUnread(ValueId id) {
        changed = true;
        release(id);
    }

    /** Shows each node to a rule, in topological order, again and again until a round changes nothing. */
    void sweep(Consumer<Node> rule) {
        boolean again = true;
        while (again) {
            boolean before = changed;
            changed = false;
            for (Node node : ordered()) {
                Node current = producers.get(node.output());
                if (current != null) {
                    rule.accept(current);
                }
            }
            again = changed;
            changed |= before;
        }
    }

    Graph toGraph() {
        if (!changed) {
            return original;
        }
        var numbers = new LinkedHashMap<ValueId, ValueId>();
        var kept = new ArrayList<Value>();
        Consumer<ValueId> number = old -> {
            var id = new ValueId(kept.size());
            numbers.put(old, id);
            kept.add(new Value(id, value(old).name(), value(old).type(), value(old).shape()));
        };
        constants.keySet().removeIf(id -> id.index() >= original.values().size() && isUnread(id));
        List<Node> nodes = ordered();
        original.inputs().forEach(number);
        constants.keySet().forEach(number);
        nodes.forEach(node -> node.outputs().forEach(number));
        var renumbered = new LinkedHashMap<ValueId, Constant>();
        constants.forEach((id, constant) -> renumbered.put(numbers.get(id), constant));
        return new Graph(kept, renumber(original.inputs(), numbers), renumbered,
                nodes.stream().map(node -> new Node(node.origin(), node.op(), renumber(node.inputs(), numbers), renumber(node.outputs(), numbers)))
                        .toList(),
                outputs.stream().map(output -> new Graph.Output(output.name(), numbers.get(output.value()))).toList());
    }

    private static List<ValueId> renumber(List<ValueId> ids, Map<ValueId, ValueId> numbers) {
        return ids.stream().map(numbers::get).toList();
    }

    /** All nodes, each after those it reads; otherwise as they were added. */
    List<Node> ordered() {
        var done = new LinkedHashSet<ValueId>();
        var nodes = new ArrayList<Node>();
        for (Node start : producers.values()) {
            var open = new ArrayDeque<Node>(List.of(start));
            while (!open.isEmpty()) {
                Node node = open.getLast();
                Optional<Node> missing = node.inputs().stream().map(producers::get)
                        .filter(read -> read != null && !done.contains(read.output())).findFirst();
                if (missing.isPresent()) {
                    open.addLast(missing.get());
                    continue;
                }
                open.removeLast();
                if (done.add(node.output())) {
                    nodes.add(node);
                }
            }
        }
        return nodes;
    }

    private Collection<ValueId> readers(ValueId id) {
        return readers.getOrDefault(id, Set.of());
    }

    private ValueId newValue(Node.Origin origin, TypedShape typed) {
        var id = new ValueId(values.size());
        values.add(new Value(id, origin.name() + "/" + id.index(), typed.type(), typed.shape()));
        return id;
    }

    private void link(Node node) {
        node.outputs().forEach(id -> producers.put(id, node));
        node.inputs().forEach(id -> readers.computeIfAbsent(id, _ -> new LinkedHashSet<>()).add(node.output()));
    }

    private void unlink(Node node) {
        node.inputs().forEach(id -> readers(id).remove(node.output()));
    }

    private void release(ValueId id) {
        var open = new ArrayDeque<ValueId>(List.of(id));
        while (!open.isEmpty()) {
            ValueId next = open.removeFirst();
            if (!isUnread(next)) {
                continue;
            }
            constants.remove(next);
            Node node = producers.get(next);
            if (node != null && node.outputs().stream().allMatch(this::isUnread)) {
                unlink(node);
                node.outputs().forEach(producers::remove);
                open.addAll(node.inputs());
            }
        }
    }
}
