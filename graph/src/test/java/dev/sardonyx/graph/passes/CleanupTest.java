package dev.sardonyx.graph.passes;

import static dev.sardonyx.graph.passes.Graphs.binary;
import static dev.sardonyx.graph.passes.Graphs.named;
import static dev.sardonyx.graph.passes.Graphs.open;
import static dev.sardonyx.graph.passes.Graphs.operators;
import static dev.sardonyx.graph.passes.Graphs.rewritten;
import static dev.sardonyx.graph.passes.Graphs.secret;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Constant;
import dev.sardonyx.graph.Draw;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CleanupTest {
    private final Draw draw = new Draw(7);

    @Test
    void operatorsOnSecretConstantsBecomeOneSecretConstant() {
        Graph graph = Graphs.of(Shape.of(3), (b, x) -> {
            ValueId deviation = b.add(new Op.Unary(Elementary.SQRT),
                    binary(b, Function.ADD, secret(b, draw.reals(Shape.of(3), 1, 2)), open(b, 1e-5)));
            return binary(b, Function.MUL, x, binary(b, Function.DIV, open(b, 1), deviation));
        });
        Graph folded = rewritten(named("constant-folding"), graph, draw);
        assertEquals(Map.of("Binary.MUL", 1), operators(folded));
        assertEquals(List.of(true), folded.constants().values().stream().map(Constant::isSecret).toList());
    }

    @Test
    void severalOutputsFoldTogether() {
        Graph graph = Graphs.of(Shape.of(2), (b, x) -> {
            List<ValueId> top = b.addAll(new Op.TopK(0, 2, true), secret(b, draw.reals(Shape.of(5))));
            return binary(b, Function.MUL, binary(b, Function.ADD, x, top.get(0)), b.add(new Op.Cast(ElementType.FLOAT64), top.get(1)));
        });
        assertEquals(Map.of("Binary.ADD", 1, "Binary.MUL", 1), operators(rewritten(named("constant-folding"), graph, draw)));
    }

    @Test
    void repeatedElementsOfAConstantAreNotWrittenOut() {
        Graph graph = Graphs.of(Shape.of(9, 3), (b, x) -> binary(b, Function.ADD, x,
                b.add(new Op.Expand(Shape.of(9, 3)), secret(b, draw.reals(Shape.of(3))))));
        assertEquals(Map.of("Expand", 1, "Binary.ADD", 1), operators(rewritten(named("constant-folding"), graph, draw)));
    }

    @Test
    void whatNoOutputNeedsIsDroppedAndInputsStay() {
        var b = new GraphBuilder();
        ValueId x = b.input("x", ElementType.FLOAT64, Shape.of(2));
        b.input("unused", ElementType.FLOAT64, Shape.of(1));
        binary(b, Function.MUL, b.add(new Op.Relu(), x), secret(b, draw.reals(Shape.of(2))));
        b.output("y", x);
        Graph graph = rewritten(named("dead-code"), b.build(), draw);
        assertEquals(List.of(), graph.nodes());
        assertEquals(Map.of(), graph.constants());
        assertEquals(List.of("x", "unused"), graph.inputs().stream().map(id -> graph.value(id).name()).toList());
    }

    @Test
    void anOperatorWithOneOutputNeededStays() {
        Graph graph = Graphs.of(Shape.of(5), (b, x) -> b.addAll(new Op.TopK(0, 2, false), x).getFirst());
        assertEquals(Map.of("TopK", 1), operators(rewritten(named("dead-code"), graph, draw)));
    }

    @Test
    void equalWorkOnEqualInputsIsDoneOnceWhateverTheOrderOfASum() {
        Graph graph = Graphs.of(Shape.of(2), (b, x) -> {
            ValueId one = binary(b, Function.ADD, b.add(new Op.Relu(), x), open(b, 3));
            ValueId other = binary(b, Function.ADD, open(b, 3), b.add(new Op.Relu(), x));
            return binary(b, Function.SUB, binary(b, Function.MUL, one, x), other);
        });
        assertEquals(Map.of("Relu", 1, "Binary.ADD", 1, "Binary.MUL", 1, "Binary.SUB", 1),
                operators(rewritten(named("common-subexpressions"), graph, draw)));
    }

    @Test
    void equalSecretConstantsAreNotRecognised() {
        var weights = draw.reals(Shape.of(2));
        Graph graph = Graphs.of(Shape.of(2), (b, x) -> binary(b, Function.SUB, binary(b, Function.MUL, x, secret(b, weights)),
                binary(b, Function.MUL, x, secret(b, weights))));
        assertEquals(2, operators(rewritten(named("common-subexpressions"), graph, draw)).get("Binary.MUL"));
    }

    @Test
    void differencesOfAPassAreCountedByOperator() {
        Graph graph = Graphs.of(Shape.of(2), (b, x) -> binary(b, Function.SUB, b.add(new Op.Relu(), x), b.add(new Op.Relu(), x)));
        GraphPasses.Effect effect = GraphPasses.apply(graph, Set.of()).effects().stream()
                .filter(e -> e.pass().name().equals("common-subexpressions")).findFirst().orElseThrow();
        assertTrue(effect.changed());
        assertEquals(3, effect.nodesBefore());
        assertEquals(2, effect.nodesAfter());
        assertEquals(Map.of("Relu", -1), effect.differences());
    }
}
