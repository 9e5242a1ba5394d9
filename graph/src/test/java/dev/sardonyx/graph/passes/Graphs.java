package dev.sardonyx.graph.passes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.graph.Close;
import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Draw;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** What the tests of passes share: small graphs, and the check that a rewritten one means the same. */
final class Graphs {
    private Graphs() {
    }

    /** A graph of one FLOAT64 input x and one output y. */
    static Graph of(Shape x, BiFunction<GraphBuilder, ValueId, ValueId> body) {
        var builder = new GraphBuilder();
        builder.origin(new Node.Origin("test", "Test"));
        builder.output("y", body.apply(builder, builder.input("x", ElementType.FLOAT64, x)));
        return builder.build();
    }

    static ValueId secret(GraphBuilder builder, Tensor tensor) {
        return builder.constant("secret", Constant.secret(tensor));
    }

    static ValueId open(GraphBuilder builder, double... numbers) {
        Shape shape = numbers.length == 1 ? Shape.SCALAR : Shape.of(numbers.length);
        return builder.constant("open", Constant.open(Tensor.ofDoubles(ElementType.FLOAT64, shape, numbers)));
    }

    static ValueId binary(GraphBuilder builder, Op.Binary.Function function, ValueId a, ValueId b) {
        return builder.add(new Op.Binary(function), a, b);
    }

    static Window window(int kernel, int stride, int pad) {
        return new Window(List.of(kernel, kernel), List.of(stride, stride), List.of(1, 1), List.of(pad, pad), List.of(pad, pad));
    }

    /** Applies a pass and checks that outputs keep names, types, shapes and, on random inputs, values. */
    static Graph rewritten(GraphPass pass, Graph graph, Draw draw) {
        Graph rewritten = pass.apply(graph);
        assertSameMeaning(graph, rewritten, draw);
        return rewritten;
    }

    static void assertSameMeaning(Graph graph, Graph rewritten, Draw draw) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        graph.inputs().stream().map(graph::value).forEach(input -> inputs.put(input.name(), draw.tensor(input.type(), input.shape())));
        Map<String, Tensor> expected = Evaluator.outputs(graph, inputs);
        Map<String, Tensor> actual = Evaluator.outputs(rewritten, inputs);
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
        expected.forEach((name, tensor) -> Close.assertClose(tensor, actual.get(name), 1e-9));
    }

    static Map<String, Integer> operators(Graph graph) {
        return GraphPasses.operators(graph);
    }

    static GraphPass named(String name) {
        return GraphPasses.ALL.stream().filter(pass -> pass.name().equals(name)).findFirst().orElseThrow();
    }
}
