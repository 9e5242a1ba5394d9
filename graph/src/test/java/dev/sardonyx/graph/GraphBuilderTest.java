package dev.sardonyx.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Op.Binary.Function;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {
    private static final Op ADD = new Op.Binary(Function.ADD);

    private final GraphBuilder builder = new GraphBuilder();

    private ValueId open(long... values) {
        return builder.constant("open", Constant.open(Tensor.vector(values)));
    }

    @Test
    void operatorsOnPublicConstantsAreDoneAtOnce() {
        ValueId sum = builder.add(ADD, open(1, 2), open(3, 4));
        List<ValueId> top = builder.addAll(new Op.TopK(0, 1, true), sum);
        assertTrue(builder.constant(top.get(0)).filter(constant -> !constant.isSecret()).isPresent());
        assertEquals(6, builder.constant(top.get(0)).orElseThrow().tensor().getLong(0));
        assertEquals(1, builder.constant(top.get(1)).orElseThrow().tensor().getLong(0));
        assertEquals(List.of(), builder.build().nodes());
    }

    @Test
    void operatorsThatReadASecretOrAnInputBecomeNodes() {
        ValueId secret = builder.constant("w", Constant.secret(Tensor.vector(1, 2)));
        ValueId input = builder.input("x", ElementType.INT64, Shape.of(2));
        ValueId first = builder.add(ADD, open(1, 2), secret);
        ValueId second = builder.add(ADD, open(1, 2), input);
        assertEquals(Optional.empty(), builder.constant(first));
        assertEquals(Optional.empty(), builder.constant(second));
        assertEquals(2, builder.build().nodes().size());
    }

    @Test
    void aHugeResultOfSmallConstantsIsNotMade() {
        ValueId huge = builder.add(new Op.Expand(Shape.of(1 << 15, 1 << 14)), open(1));
        assertEquals(Optional.empty(), builder.constant(huge));
        int folded = 0;
        for (int i = 0; i < 40; i++) {
            folded += builder.constant(builder.add(new Op.Expand(Shape.of(1 << 20)), open(1))).isPresent() ? 1 : 0;
        }
        assertEquals(16, folded);
    }

    @Test
    void namesOriginsAndOrderAreKept() {
        var origin = new Node.Origin("fc1", "Gemm");
        ValueId x = builder.input("x", ElementType.INT64, Shape.of(2));
        builder.origin(origin);
        ValueId sum = builder.add(ADD, x, x);
        ValueId twice = builder.add(ADD, sum, sum);
        builder.name(twice, "scores");
        builder.output("scores", twice);
        builder.output("again", twice);
        Graph graph = builder.build();
        assertEquals(List.of(origin, origin), graph.nodes().stream().map(Node::origin).toList());
        assertEquals(new Value(twice, "scores", ElementType.INT64, Shape.of(2)), graph.value(twice));
        assertTrue(graph.value(sum).name().startsWith("fc1/"), graph.value(sum).name());
        assertEquals(List.of("scores", "again"), graph.outputs().stream().map(Graph.Output::name).toList());
    }

    @Test
    void constantsKeepTheirOrder() {
        var names = new ArrayList<String>();
        for (int i = 0; i < 50; i++) {
            names.add("c" + i);
            builder.constant("c" + i, Constant.open(Tensor.vector(i)));
        }
        Graph graph = builder.build();
        assertEquals(names, graph.constants().keySet().stream().map(id -> graph.value(id).name()).toList());
    }

    @Test
    void graphsRefuseValuesOutOfOrder() {
        var value = new Value(new ValueId(0), "v", ElementType.INT64, Shape.SCALAR);
        var other = new Value(new ValueId(1), "w", ElementType.INT64, Shape.SCALAR);
        var node = new Node(new Node.Origin("n", "Relu"), new Op.Relu(), List.of(value.id()), List.of(other.id()));
        var early = assertThrows(IllegalArgumentException.class, () -> new Graph(List.of(value, other), List.of(), Map.of(), List.of(node), List.of()));
        assertEquals("node 'n' reads v before it is made", early.getMessage());
        var twice = assertThrows(IllegalArgumentException.class,
                () -> new Graph(List.of(value, other), List.of(value.id()), Map.of(), List.of(node, node), List.of()));
        assertEquals("node 'n' makes w, which is there already", twice.getMessage());
    }

    private Graph sample() {
        ValueId x = builder.input("x", ElementType.INT64, Shape.of(2));
        ValueId w = builder.constant("w", Constant.secret(Tensor.vector(10, 20)));
        ValueId sum = builder.add(ADD, x, w);
        ValueId clipped = builder.add(new Op.Clip(0, 21), sum);
        builder.output("y", clipped);
        builder.output("x", x);
        return builder.build();
    }

    @Test
    void everyValueOfARunIsHandedOutInOrder() {
        Graph graph = sample();
        Map<ValueId, Tensor> all = Evaluator.run(graph, Map.of("x", Tensor.vector(1, 2)));
        assertEquals(graph.values().stream().map(Value::id).toList(), List.copyOf(all.keySet()));
        assertEquals(21, all.get(graph.outputs().getFirst().value()).getLong(1));
        Map<String, Tensor> outputs = Evaluator.outputs(graph, Map.of("x", Tensor.vector(1, 2)));
        assertEquals(List.of("y", "x"), List.copyOf(outputs.keySet()));
        assertEquals(2, outputs.get("x").getLong(1));
    }

    @Test
    void runsRefuseWrongInputs() {
        Graph graph = sample();
        assertEquals("input 'x' is missing; expected INT64[2]", refusal(graph, Map.of()));
        assertEquals("input 'x' is INT64[3]; expected INT64[2]", refusal(graph, Map.of("x", Tensor.vector(1, 2, 3))));
        assertEquals("inputs [x, z]; expected [x]", refusal(graph, Map.of("x", Tensor.vector(1, 2), "z", Tensor.vector(1))));
    }

    private static String refusal(Graph graph, Map<String, Tensor> inputs) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> Evaluator.run(graph, inputs)).getMessage());
    }

    @Test
    void tensorsDoNotPrintTheirNumbers() {
        assertFalse(Tensor.vector(4711).toString().contains("4711"));
        assertFalse(Constant.secret(Tensor.vector(4711)).toString().contains("4711"));
    }
}
