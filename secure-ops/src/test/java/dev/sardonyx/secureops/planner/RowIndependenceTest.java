package dev.sardonyx.secureops.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.GraphBuilder;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowIndependenceTest {

    /** x minus its mean over an axis: over the batch the rows depend on each other, though shapes do not show it. */
    private static Graph centred(int rows, int axis) {
        var b = new GraphBuilder();
        var x = b.input("x", ElementType.FLOAT32, Shape.of(rows, 4));
        var mean = b.add(new Op.Reduce(Op.Reduce.Function.MEAN, List.of(axis)), x);
        b.output("y", b.add(new Op.Binary(Op.Binary.Function.SUB), x, mean));
        return b.build();
    }

    @Test
    void rowsThatLookOnlyAtThemselvesAreIndependent() {
        assertTrue(RowIndependence.holds(rows -> centred(rows, 1), Map.of()));
    }

    @Test
    void rowsThatShareAMeanAreNot() {
        assertFalse(RowIndependence.holds(rows -> centred(rows, 0), Map.of()));
    }

    @Test
    void dependentRowsStayInOneLane() {
        PlanOptions options = PlanOptions.of(new Replicated3(), Map.of("x", Interval.UNIT));
        assertEquals(1, ModelPlanner.plan("centred", rows -> centred(rows, 0), 48, options).plans().lanes().size());
        assertEquals(3, ModelPlanner.plan("centred", rows -> centred(rows, 1), 48, options).plans().lanes().size());
    }
}
