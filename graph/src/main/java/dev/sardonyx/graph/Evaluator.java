package dev.sardonyx.graph;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;

/**
 * The exact plaintext meaning of every operator: floating types are reckoned in doubles and rounded once to the result's type,
 * integers wrap. Slow beside a tuned engine, and the measure that passes and secure kernels are held against.
 */
public final class Evaluator {
    private Evaluator() {
    }

    /** A function of one number, in doubles. */
    public static DoubleUnaryOperator function(ScalarFunction function) {
        return Elementwise.onDoubles(function);
    }

    /**
     * An operator's outputs. An output may share the array of an input.
     *
     * @throws IllegalArgumentException if the inputs do not fit the operator
     */
    public static List<Tensor> evaluate(Op op, List<Tensor> in) {
        List<TypedShape> expected = ShapeInference.infer(op, in.stream().map(TypedShape::of).toList());
        return switch (op) {
            case Op.Binary(var function) -> List.of(Elementwise.binary(function, in.get(0), in.get(1)));
            case Op.Compare(var relation) -> List.of(Elementwise.compare(relation, in.get(0), in.get(1)));
            case Op.Logic(var function) -> List.of(Elementwise.logic(function, in.get(0), in.get(1)));
            case Op.Not() -> List.of(Elementwise.not(in.getFirst()));
            case Op.Where() -> List.of(Elementwise.where(in.get(0), in.get(1), in.get(2)));
            case Op.Unary(var function) -> List.of(Elementwise.unary(function, in.getFirst()));
            case Op.Relu() -> List.of(Elementwise.relu(in.getFirst()));
            case Op.LeakyRelu(double slope) -> List.of(Elementwise.leakyRelu(slope, in.getFirst()));
            case Op.Clip(double low, double high) -> List.of(Elementwise.clip(in.getFirst(), low, high));
            case Op.Cast(var to) -> List.of(in.getFirst().as(to));
            case Op.MatMul() -> List.of(Linear.matMul(in.get(0), in.get(1)));
            case Op.Conv conv -> List.of(Linear.conv(conv, in.get(0), in.get(1)));
            case Op.MaxPool pool -> List.of(Pooling.max(pool, in.getFirst()));
            case Op.AveragePool pool -> List.of(Pooling.average(pool, in.getFirst()));
            case Op.Reduce reduce -> List.of(Reduction.reduce(reduce, in.getFirst()));
            case Op.ArgMax argMax -> List.of(Reduction.argMax(argMax, in.getFirst()));
            case Op.TopK topK -> Reduction.topK(topK, in.getFirst());
            case Op.Softmax(int axis) -> List.of(Reduction.softmax(axis, in.getFirst(), false));
            case Op.LogSoftmax(int axis) -> List.of(Reduction.softmax(axis, in.getFirst(), true));
            case Op.CumSum cumSum -> List.of(Reduction.cumSum(cumSum, in.getFirst()));
            case Op.Reshape(var shape) -> List.of(in.getFirst().reshaped(shape));
            case Op.Transpose(var permutation) -> List.of(Movement.transpose(permutation, in.getFirst()));
            case Op.Slice slice -> List.of(Movement.slice(slice, in.getFirst()));
            case Op.Concat(int axis) -> List.of(Movement.concat(axis, in));
            case Op.Expand _ -> List.of(Movement.expand(in.getFirst(), expected.getFirst().shape()));
            case Op.Pad pad -> List.of(Movement.pad(pad, in.getFirst()));
            case Op.Pick pick -> List.of(Movement.pick(pick, in.getFirst()));
            case Op.GatherSecret(int axis) -> List.of(Movement.gather(axis, in.get(0), in.get(1)));
            case Op.OneHot oneHot -> List.of(Movement.oneHot(oneHot, in.getFirst()));
        };
    }

    /**
     * All values of a graph.
     *
     * @param inputs a tensor for each of the graph's inputs, by name
     * @throws IllegalArgumentException if inputs are missing, unknown, or of another type or shape than the graph wants
     */
    public static Map<ValueId, Tensor> run(Graph graph, Map<String, Tensor> inputs) {
        var all = new LinkedHashMap<ValueId, Tensor>();
        run(graph, inputs, (value, tensor) -> all.put(value.id(), tensor));
        return all;
    }

    /** The graph's outputs by their names, in the model's order; inputs as for {@link #run(Graph, Map)}. */
    public static Map<String, Tensor> outputs(Graph graph, Map<String, Tensor> inputs) {
        Set<ValueId> ids = graph.outputs().stream().map(Graph.Output::value).collect(Collectors.toSet());
        var wanted = new HashMap<ValueId, Tensor>();
        run(graph, inputs, (value, tensor) -> {
            if (ids.contains(value.id())) {
                wanted.put(value.id(), tensor);
            }
        });
        var outputs = new LinkedHashMap<String, Tensor>();
        graph.outputs().forEach(output -> outputs.put(output.name(), wanted.get(output.value())));
        return outputs;
    }

    /**
     * Hands each value of a graph to a consumer as it is made (inputs and constants first) and forgets it after its last reader, so
     * that memory is bounded by the live values; inputs as for {@link #run(Graph, Map)}.
     */
    public static void run(Graph graph, Map<String, Tensor> inputs, BiConsumer<Value, Tensor> consumer) {
        Map<ValueId, Tensor> live = new HashMap<>(bind(graph, inputs));
        graph.inputs().forEach(id -> consumer.accept(graph.value(id), live.get(id)));
        graph.constants().forEach((id, constant) -> {
            live.put(id, constant.tensor());
            consumer.accept(graph.value(id), constant.tensor());
        });
        Map<ValueId, Integer> lastReader = new HashMap<>();
        for (int i = 0; i < graph.nodes().size(); i++) {
            for (ValueId read : graph.nodes().get(i).inputs()) {
                lastReader.put(read, i);
            }
        }
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node node = graph.nodes().get(i);
            List<Tensor> made = evaluate(node.op(), node.inputs().stream().map(live::get).toList());
            for (int o = 0; o < made.size(); o++) {
                ValueId id = node.outputs().get(o);
                consumer.accept(graph.value(id), made.get(o));
                if (lastReader.containsKey(id)) {
                    live.put(id, made.get(o));
                }
            }
            int reader = i;
            node.inputs().stream().filter(read -> lastReader.get(read) == reader).forEach(live::remove);
        }
    }

    private static Map<ValueId, Tensor> bind(Graph graph, Map<String, Tensor> inputs) {
        var bound = new HashMap<ValueId, Tensor>();
        var names = new TreeSet<String>();
        for (ValueId id : graph.inputs()) {
            Value wanted = graph.value(id);
            names.add(wanted.name());
            Tensor given = inputs.get(wanted.name());
            if (given == null || !TypedShape.of(given).equals(TypedShape.of(wanted))) {
                throw new IllegalArgumentException("input '" + wanted.name() + "' is " + (given == null ? "missing" : given.toString())
                        + "; expected " + TypedShape.of(wanted));
            }
            bound.put(id, given);
        }
        if (!names.containsAll(inputs.keySet())) {
            throw new IllegalArgumentException("inputs " + new TreeSet<>(inputs.keySet()) + "; expected " + names);
        }
        return bound;
    }
}
